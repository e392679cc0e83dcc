"""The ladder climbed: a model a rung, all measured on the same test rows and the same draws of companies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from experiments.datasets.dataset import Dataset, Examination
from experiments.ladder.rungs import Rung, ladder_rungs, without_pillars
from experiments.metrics import Floats
from experiments.paired import Draws
from experiments.peers import BASELINES, LIGHTGBM, Lesson, Model
from experiments.peers.compare import foretold, freshly_financed

REPLICATES = 2_000
"""Draws of companies: verdicts rest on intervals wider than 95 per cent, so on fewer replicates in the tails."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Ladder:
    """Forecasts of the same rows by nested sets of columns.

    Attributes:
        examination: its name; ``how``: what it does.
        rows, companies, outcomes, fresh: of what was tested; ``fresh`` of them financed within three years.
        rungs: from the bottom up; ``without``: all but a pillar; ``members``: names of all but a member.
        baselines: names of what is no model.
        pd: forecasts (n) by name.
        draws: their measures.
        sizes: number of columns by name.
        skipped: baselines that are not there, and why.
    """

    examination: str
    how: str
    rows: int
    companies: int
    outcomes: int
    fresh: int
    rungs: tuple[Rung, ...]
    without: tuple[Rung, ...]
    members: tuple[str, ...]
    baselines: tuple[str, ...]
    pd: Mapping[str, Floats] = field(repr=False)
    draws: Draws = field(repr=False)
    sizes: Mapping[str, int]
    skipped: Mapping[str, str]

    @property
    def top(self) -> str:
        """Name of the rung that sees all."""
        return self.rungs[-1].name


def climb(
    dataset: Dataset,
    examination: Examination,
    *,
    members: Mapping[str, Examination] | None = None,
    fit: Callable[[Lesson], Model] = LIGHTGBM.fit,
    seed: int = 0,
    replicates: int = REPLICATES,
    progress: Callable[[int], None] = lambda _: None,
) -> Ladder:
    """Teach and examine a model for every rung, every pillar left out and every member left out, and the baselines.

    All are grown by one recipe and one seed. The intervals are of the test rows alone: that another seed would have
    grown other trees is the stability study's to say.

    Args:
        members: by member, the same examination with features that member told nothing of.
        fit: how a model of some columns is learnt.
        progress: called with 1 after each model.
    """
    rungs, without = ladder_rungs(dataset.columns), without_pillars(dataset.columns)
    asked = {f"without {member}": one for member, one in (members or {}).items()}
    told: dict[str, Floats] = {}
    for rung in (*rungs, *without):
        told[rung.name] = foretold(examination, rung.columns, fit, seed)
        progress(1)
    for name, without_member in asked.items():
        told[name] = foretold(without_member, dataset.columns, fit, seed)
        progress(1)
    skipped = {peer.name: reason for peer in BASELINES if (reason := peer.unfit(dataset.columns))}
    baselines = [peer for peer in BASELINES if peer.name not in skipped]
    for peer in baselines:
        told[peer.name] = foretold(examination, dataset.columns, peer.fit, seed)
        progress(1)
    tested, sample = examination.tested, examination.sample
    fresh = freshly_financed(tested)
    return Ladder(
        examination=examination.name,
        how=examination.how,
        rows=tested.height,
        companies=sample.count,
        outcomes=int(sample.labels.sum()),
        fresh=0 if fresh is None else int(np.sum(fresh)),
        rungs=rungs,
        without=without,
        members=tuple(asked),
        baselines=tuple(peer.name for peer in baselines),
        pd=told,
        draws=Draws.of(sample, told, among=fresh, replicates=replicates),
        sizes=_sizes((*rungs, *without)),
        skipped=skipped,
    )


def models(dataset: Dataset, members: int) -> int:
    """How many models and baselines a climb examines, for a progress bar."""
    return len(ladder_rungs(dataset.columns)) + len(without_pillars(dataset.columns)) + members + len(BASELINES)


def _sizes(rungs: Sequence[Rung]) -> dict[str, int]:
    return {rung.name: len(rung.columns) for rung in rungs}
