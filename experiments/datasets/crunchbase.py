"""The Crunchbase cohort of October 2013, taken in by contracts as a member's files are."""

from pathlib import Path

import polars as pl

from alliance.config import Settings
from alliance.store import Store
from experiments.crunchbase.cohort import HORIZON_MONTHS, OCTOBER_2013, cohort_2013, take_in
from experiments.crunchbase.study import LATER_VINTAGE
from experiments.datasets.dataset import Column, Dataset, Examination
from experiments.datasets.flat import in_folds
from experiments.panel import VINTAGE, Panel
from experiments.splits import by_company
from scoring.features import FEATURES

ABOUT = (
    "Crunchbase, October 2013 (CC BY at the time; attribution to Crunchbase): US companies operating on 2013-10-01, and"
    " whether they had closed by the end of 2014. Closures are recorded late and by the batch, so part of what is"
    " foretold is the keeping of the records. Place is left out."
)


def crunchbase(settings: Settings, data: Path) -> Dataset:
    """The cohort, from its own store at home, filled at need."""
    settings.home.mkdir(parents=True, exist_ok=True)
    store = Store(f"sqlite:///{settings.home / 'crunchbase.db'}")
    try:
        take_in(store, data)
        return cohort_dataset(cohort_2013(store))
    finally:
        store.close()


def cohort_dataset(panel: Panel) -> Dataset:
    """The cohort examined in folds by company, and on later vintages."""
    frame = panel.frame
    known = [feature for feature in FEATURES if frame[feature.name].null_count() < frame.height]
    funded = frame.filter(pl.col(VINTAGE).is_not_null())
    later = Examination(
        name="out of vintage",
        how=f"companies first funded from {LATER_VINTAGE} on, by those before; both as of {OCTOBER_2013}",
        splits=(by_company(funded, (funded[VINTAGE] >= LATER_VINTAGE).to_numpy()),),
    )
    return Dataset(
        name="crunchbase",
        about=ABOUT,
        frame=frame,
        columns=tuple(map(Column.of, known)),
        horizon_months=HORIZON_MONTHS,
        examinations=(in_folds(frame), later),
    )
