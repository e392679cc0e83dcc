"""What a challenger said in the shadow of decisions, held against what the champion said of the same facts.

Told of many companies together, never of one; outcomes are read as models' panels are, for the training of models.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from scipy.stats import spearmanr

from alliance import grants
from alliance.errors import Refused
from alliance.store import Decision, Store
from alliance.store.shadows import ShadowScore, select_shadows
from alliance.view import History
from experiments.gates.moved import mean, moves, psi
from experiments.listing import Listing, gain, interval, listing, value
from experiments.metrics import Estimate, Sample
from experiments.outcome import outcome_named
from experiments.paired import Draws
from experiments.panel import LABEL, events_of, last_known
from experiments.training import training_history
from scoring.model import Bundle
from scoring.months import months_after

Pair = tuple[Decision, ShadowScore]


@dataclass(frozen=True)
class Pairs:
    """Decisions with the shadow's scores.

    Attributes:
        kept: those whose grants all hold, and which the same model made as the latest one.
        revoked: how many rest on a grant revoked since, and are left out: what was revoked is not read again.
        others: how many another champion made, and are left out.
    """

    kept: tuple[Pair, ...]
    revoked: int
    others: int

    @property
    def sample(self) -> Sample:
        """The decisions, unlabelled, by company."""
        codes = np.unique([made.company_id for made, _ in self.kept], return_inverse=True)[1]
        return Sample(np.zeros(len(self.kept)), codes)


def pairs_of(store: Store, bundle: Bundle, since: datetime | None) -> Pairs:
    """What a challenger said beside decisions of the champion of the latest of them."""
    with store.reading() as connection:
        found = select_shadows(connection, bundle.sha256, since)
    gone = set(grants.revoked(store))
    held = [pair for pair in found if gone.isdisjoint(pair[0].grants)]
    champion = held[-1][0].bundle_sha256 if held else ""
    kept = tuple(pair for pair in held if pair[0].bundle_sha256 == champion)
    return Pairs(kept, revoked=len(found) - len(held), others=len(held) - len(kept))


def shadow_report(store: Store, bundle: Bundle, since: datetime | None) -> list[Listing | str]:
    """Agreement, grades moved, outcomes where they are known; nothing of fewer companies than an aggregate needs."""
    pairs = pairs_of(store, bundle, since)
    sample, least = pairs.sample, store.policy.rights.k
    companies = len(np.unique(sample.companies))
    said = (
        f"{len(pairs.kept):,} decisions on {companies:,} companies have a score of {bundle.version}"
        f" ({bundle.sha256[:12]}) in their shadow. Left out: {pairs.revoked:,} under grants revoked since,"
        f" {pairs.others:,} by an earlier champion."
    )
    if companies < least:
        return [said, f"Fewer than {least} companies: nothing is told of them."]
    return [said, agreement_listing(pairs), *_outcomes(store, bundle, pairs, least)]


def agreement_listing(pairs: Pairs) -> Listing:
    """How far both agree, with intervals over companies."""
    sample = pairs.sample
    points = [np.array(side) for side in _told(pairs.kept, "points")]
    grades = list(_told(pairs.kept, "grade"))
    steps = moves(sample, *grades)
    rows: list[tuple[str, Estimate]] = [
        ("the same grade", mean(sample, np.array([one == other for one, other in zip(*grades, strict=True)], float))),
        ("another grade", steps[1]),
        ("two grades or more", steps[2]),
        ("PSI of the points", psi(sample, *points)),
        ("points, challenger less champion", mean(sample, points[1] - points[0])),
    ]
    listed = [(what, value(found), interval(found, 4)) for what, found in rows]
    if len(np.unique(points[0])) > 1 and len(np.unique(points[1])) > 1:
        listed.append(("rank correlation", f"{spearmanr(*points).statistic:.4f}", ""))
    return listing("champion and challenger on the same facts", "what|value|95% interval", listed, "value|95% interval")


def _told(pairs: Sequence[Pair], name: str) -> tuple[list[Any], list[Any]]:
    """What both said, by a name of the score: the champion's, the challenger's."""
    return [made.result[name] for made, _ in pairs], [getattr(shadow, name) for _, shadow in pairs]


def _outcomes(store: Store, bundle: Bundle, pairs: Pairs, least: int) -> list[Listing | str]:
    """Both held against what came, of decisions whose horizon is over."""
    try:
        history, _ = training_history(store)
    except Refused:
        return ["Outcomes may not be read."]
    known, labels = known_outcomes(history, bundle, pairs.kept)
    companies = len({made.company_id for made, _ in known})
    if companies < least or len(set(labels)) < 2:
        said = (
            f"Outcomes: known of {len(known):,} decisions on {companies:,} companies, {sum(labels):,} with the outcome"
        )
        return [f"{said}: too few to compare."]
    sample = Sample.of(labels, [made.company_id for made, _ in known])
    champion, challenger = (np.array(side) for side in _told(known, "pd"))
    drawn = Draws.of(sample, {"champion": champion, "challenger": challenger}).against("champion")
    rows = [
        (name, measure, value(one.values[measure]), interval(one.values[measure], 4),
         gain(one.gains[measure], 4) if name == "challenger" else "")
        for measure in ("auc", "brier", "log_loss") for name, one in drawn.items()
    ]  # fmt: skip
    title = f"outcomes known of {len(known):,} decisions, {sum(labels):,} with the outcome"
    return [listing(title, "model|measure|value|95% interval|gain", rows, "value|95% interval|gain")]


def known_outcomes(history: History, bundle: Bundle, pairs: Sequence[Pair]) -> tuple[list[Pair], list[bool]]:
    """Those of some decisions whose horizon ended by the last day anything became known; whether the outcome came."""
    cut, horizon = last_known(history), bundle.outcome.horizon_months
    events = events_of(history.facts(cut), outcome_named(bundle.outcome.name))
    known = [pair for pair in pairs if months_after(pair[0].as_of, horizon) <= cut]
    asked = pl.DataFrame(
        {
            "place": range(len(known)),
            "company_id": [made.company_id for made, _ in known],
            "as_of": [made.as_of for made, _ in known],
            "until": [months_after(made.as_of, horizon) for made, _ in known],
        },
        schema={"place": pl.Int64, "company_id": pl.String, "as_of": pl.Date, "until": pl.Date},
    )
    came = asked.join(events, on="company_id").filter(
        pl.col("event_at") > pl.col("as_of"), pl.col("event_at") <= pl.col("until")
    )
    labelled = asked.with_columns(pl.col("place").is_in(came["place"].implode()).alias(LABEL))
    return known, labelled[LABEL].to_list()
