"""How far scores of the same rows by two models lie apart."""

from collections.abc import Sequence

import numpy as np

from experiments.metrics import REPLICATES, SEED, Estimate, Floats, Sample, estimate
from scoring.model import GRADES

BINS = 10


def psi(sample: Sample, before: Floats, after: Floats, *, replicates: int = REPLICATES, seed: int = SEED) -> Estimate:
    """Population stability index of scores (n) against others of the same rows (n), over draws of companies.

    Sum over bins of (a - b) ln(a / b), b and a the shares of the rows that fall in a bin by the earlier and by the
    later scores; the bins are tenths of the earlier scores. Half a row is added to each bin, so that an empty one
    counts as nearly empty.
    """
    cuts = np.unique(np.quantile(before, np.arange(1, BINS) / BINS))
    held = [
        sample.sums(np.eye(len(cuts) + 1)[np.searchsorted(cuts, scores, side="right")]) for scores in (before, after)
    ]
    found = []
    for times in sample.draws(replicates, seed):
        b, a = ((times @ sums + 0.5) / (times @ sums + 0.5).sum(axis=1, keepdims=True) for sums in held)
        found.append(((a - b) * np.log(a / b)).sum(axis=1))
    return estimate(np.concatenate(found))


def moves(sample: Sample, before: Sequence[str], after: Sequence[str]) -> dict[int, Estimate]:
    """Share of rows (n) that move by at least so many grades, by number of grades, over draws of companies."""
    places = {grade: place for place, grade in enumerate(GRADES)}
    steps = np.array([abs(places[one] - places[other]) for one, other in zip(before, after, strict=True)])
    return {far: mean(sample, (steps >= far).astype(np.float64)) for far in (1, 2, 3)}


def mean(sample: Sample, values: Floats, *, replicates: int = REPLICATES, seed: int = SEED) -> Estimate:
    """Mean of values by row (n), over draws of companies."""
    sums = sample.sums(np.column_stack([values, np.ones_like(values)]))
    drawn = np.concatenate([times @ sums for times in sample.draws(replicates, seed)])
    return estimate(drawn[:, 0] / drawn[:, 1])
