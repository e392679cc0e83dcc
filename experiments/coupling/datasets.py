"""What the laboratory can be asked about: a store's panel, real start-ups, or a world of a known law."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from alliance.config import Settings
from alliance.errors import NotFound
from alliance.store import Store
from experiments.coupling.laboratory import folds
from experiments.coupling.worlds import LAWS, world
from experiments.crunchbase.cohort import cohort_2013, take_in
from experiments.crunchbase.report import ABOUT
from experiments.experiment import DataUsed
from experiments.panel import Panel
from experiments.splits import Split, out_of_time
from experiments.training import Plan, data_used, panel_from
from scoring.features import FEATURES

STORE, CRUNCHBASE = "store", "crunchbase"


@dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """A panel, how it is split, and what it is.

    Attributes:
        name: of the run.
        panel, splits: test rows of the splits do not overlap.
        params: what it was made by, besides ``data``.
        data: what it is, for the record; ``None`` for a world, which its parameters say all of.
    """

    name: str
    panel: Panel
    splits: Sequence[Split]
    params: Mapping[str, object] = field(default_factory=dict)
    data: DataUsed | None = None


def asked(name: str) -> None:
    """Raise ``NotFound`` unless there is a dataset of that name; the remedy lists them."""
    known = (STORE, CRUNCHBASE, *LAWS)
    if name not in known:
        raise NotFound(f"There is no dataset {name!r}.", remedy=f"Use one of {', '.join(known)}.", field="dataset")


def from_store(database: str, plan: Plan) -> Dataset:
    """A store's panel, tested out of time."""
    made, contracts = panel_from(database, plan)
    split = out_of_time(made, plan.test_quarters, companies_apart=plan.companies_apart)
    return Dataset(
        name=f"{plan.outcome}-{plan.horizon}m", panel=made, splits=[split], data=data_used(made, contracts, plan)
    )


def from_crunchbase(settings: Settings, data: Path, database: str | None = None) -> Dataset:
    """Real start-ups of October 2013 and their closure by the end of 2014, each company tested once.

    Place is left out: it is no feature of a score.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    store = Store(database or f"sqlite:///{settings.home / 'crunchbase.db'}")
    try:
        take_in(store, data)
        cohort = cohort_2013(store)
        used = DataUsed.of(cohort, store.contract_versions(cohort.watermark), simulated=False, about=ABOUT)
    finally:
        store.close()
    told = [feature for feature in FEATURES if cohort.frame[feature.name].n_unique() > 1]
    panel = Panel(
        frame=cohort.frame, features=tuple(told), outcome=cohort.outcome, horizon_months=cohort.horizon_months,
        data_cut=cohort.data_cut, watermark=cohort.watermark, access=cohort.access,
    )  # fmt: skip
    return Dataset(name="crunchbase-2013", panel=panel, splits=folds(panel), data=used)


def from_world(law: str, companies: int, seed: int) -> Dataset:
    """A world of a known law, each company tested once."""
    made = world(law, companies, seed)
    params = {"law": law, "companies": companies, "world_seed": seed}
    return Dataset(name=f"world-{law}", panel=made.panel, splits=folds(made.panel), params=params)
