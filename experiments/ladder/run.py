"""A ladder from end to end, for any set of data; of a store also by member, and beside the simulator's truth."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from alliance.store import Store
from alliance.terminal import progress
from experiments.datasets.catalogue import STORE, Where, dataset
from experiments.datasets.dataset import Dataset, Examination
from experiments.datasets.store import store_dataset, store_panel
from experiments.foreseeable import against_best, best_foreseeable, numbers_of, told_enough
from experiments.ladder.climb import Ladder, climb, models
from experiments.ladder.members import givers, panels_without
from experiments.ladder.report import ladder_study
from experiments.metrics import Floats
from experiments.study import Study
from experiments.training import training_history


def run_ladder(
    where: Where, name: str, *, examination: str = "", members: int = 0, truth: Path | None = None, seed: int = 0
) -> Study:
    """Climb and report.

    Args:
        name: of the set of data.
        examination: one of its examinations; the first by default.
        members: of a store, how many of the members with most records to leave out, each in turn.
        truth: of a simulated store, its folder ``truth``.
    """
    if name != STORE:
        found = dataset(name, where)
        return ladder_study(found, _climbed(found, found.examination(examination), {}, seed), seed=seed)
    store = Store(where.database)
    try:
        history, _ = training_history(store)
        made = store_panel(history, where.plan)
        found = store_dataset(made, where.plan)
        examined = found.examination(examination)
        best = None if truth is None else _best(store, examined, truth)
        silent = panels_without(history, made, givers(history, members))
    finally:
        store.close()
    without = {one: store_dataset(panel, where.plan).examination(examination) for one, panel in silent.items()}
    climbed = _climbed(found, examined, without, seed)
    if best is None:
        return ladder_study(found, climbed, seed=seed)
    beside = against_best(examined.sample, climbed.pd[climbed.top], best)
    return ladder_study(found, climbed, seed=seed, best=beside, known=int(np.isfinite(best).sum()))


def _best(store: Store, examined: Examination, truth: Path) -> Floats:
    """The best forecast of the test rows, looked up before the long work begins."""
    rows = examined.tested
    best = best_foreseeable(numbers_of(store, rows["company_id"]), rows, truth)
    told_enough(examined.sample, best)
    return best


def _climbed(found: Dataset, examined: Examination, members: Mapping[str, Examination], seed: int) -> Ladder:
    with progress("models", models(found, len(members))) as bar:
        return climb(found, examined, members=members, seed=seed, progress=lambda n: bar.advance(bar.task_ids[0], n))
