"""The two exports taken in by their contracts, and the companies of each as the study sees them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl

from alliance.contracts import Contract, load_contract
from alliance.errors import NotFound
from alliance.intake import submit
from alliance.rights import AccessRequest
from alliance.signals import Pillar
from alliance.signals.claims import Claims
from alliance.store import Receipt, Store
from alliance.view import History, View
from experiments.outcome import outcome_named
from experiments.own_study import OPERATOR_MEMBER, open_to_operator
from experiments.panel import Panel, panel
from scoring.features import FEATURES, Feature, Unit
from scoring.features.expressions import latest, one_of

OCTOBER_2013, END_OF_2014 = date(2013, 10, 1), date(2015, 1, 1)
"""The days of the two exports; all of an export became known on its day."""

HORIZON_MONTHS = 15
"""From one export to the other."""

CONTRACTS = ("companies_2013", "rounds_2013", "status_2013", "status_2014", "companies_2014")
"""Contracts of this folder, in the order their files are taken in."""

STATUS_MEMBER, MEMBER_2014 = "crunchbase-status", "crunchbase-2014"

NAMESPACE = "crunchbase"

REQUEST = AccessRequest(OPERATOR_MEMBER, "research")

_place = partial(Feature, pillar=Pillar.COMPANY, signal="company_profile", unit=Unit.FLAG)

# Place is no feature of a score; the study wants to know what it would tell, and no bundle takes these in.
PLACE: tuple[Feature, ...] = (
    _place(name="place_california", expr=latest(one_of("region", "CA")), zh="位于加利福尼亚州", en="is in California"),
    _place(name="place_new_york", expr=latest(one_of("region", "NY")), zh="位于纽约州", en="is in New York"),
    _place(name="place_massachusetts", expr=latest(one_of("region", "MA")), zh="位于马萨诸塞州",
           en="is in Massachusetts"),
)  # fmt: skip


def take_in(store: Store, data: Path, progress: Callable[[int], None] | None = None) -> list[Receipt]:
    """Submit the study's files, and open them to the study; those taken in before stay as they are.

    Args:
        data: folder with ``raw``, ``cb_links`` and ``cb_2014``.
        progress: called with the number of rows read.

    Raises:
        NotFound: a file is not in the folder.
    """
    receipts = [submit(store, contract, file, progress=progress) for contract, file in _files(data)]
    open_to_operator(store, REQUEST.purpose)
    return receipts


def _files(data: Path) -> Iterator[tuple[Contract, Path]]:
    for name in CONTRACTS:
        contract = load_contract(Path(__file__).with_name(f"{name}.contract.yaml"))
        if not (data / contract.path).is_file():
            raise NotFound(
                f"There is no {contract.path}.",
                remedy="Name the folder of the data sets: --data DIR.",
                folder=str(data),
            )
        yield contract, data / contract.path


def cohort_2013(store: Store) -> Panel:
    """Companies operating in October 2013 whose status at the end of 2014 is told; the label is closure by then.

    That a status is told decides who is in the panel, as it must: a company the later export does not know has no
    label. It decides nothing else. Features see what was known in October 2013.
    """
    history = View(store, REQUEST).history()
    made = panel(
        history,
        [OCTOBER_2013],
        outcome_named("closure"),
        HORIZON_MONTHS,
        features=(*FEATURES, *PLACE),
        data_cut=END_OF_2014,
    )
    told = history.claims.frames["company_profile"].filter(
        pl.col("member") == STATUS_MEMBER, pl.col("known_at") == END_OF_2014
    )
    return replace(made, frame=made.frame.join(told, left_on="company_id", right_on="subject_id", how="semi"))


def history_2014(store: Store) -> History:
    """What the export of 2014 alone tells.

    The exports cut financing differently (round by round; sums by kind), so that one company's rounds from both would
    count twice. Each cohort is therefore read from its own export.
    """
    everything = View(store, REQUEST).history()
    frames = {name: frame.filter(pl.col("member") == MEMBER_2014) for name, frame in everything.claims.frames.items()}
    companies = frames["company_profile"]["subject_id"].unique().sort().to_list()
    return History(Claims(frames, everything.claims.watermark), everything.access, companies)
