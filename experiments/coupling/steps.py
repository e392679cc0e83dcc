"""Where risk jumps: thresholds of single features, each with an interval, told apart from slopes.

For every feature, log-odds = level + other features' part + a cubic of the feature's percentile + jump x (value below
threshold). The other features' part is that of an additive tree model; the cubic takes up what is smooth, so that a
slope is no step. A jump is looked for at every one of ``CANDIDATES`` percentiles by its score statistic; a feature's
step is found where the largest is beyond the largest of any feature in nearly all data drawn from the model without
jumps (``ALPHA`` over all features and thresholds). The interval holds the thresholds whose likelihood ratio to the best
is at most Hansen's critical value.
Source: Hansen (2000), "Sample splitting and threshold estimation", Econometrica 68; Rao's score test.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit

from alliance.errors import InvalidInput
from experiments.coupling.confined import by_feature, parts
from experiments.coupling.drawn import Draws
from experiments.metrics import log_likelihood, logistic
from experiments.panel import LABEL
from experiments.splits import Split
from experiments.train import Recipe, learn
from scoring.features import Feature

Floats = NDArray[np.float64]

ALPHA = 0.05
REPLICATES = 99
CANDIDATES = 60
SMALLEST_SIDE = 0.05
"""Share of the rows a threshold leaves on either side at least."""

LEAST_INFORMATION = 5.0
"""Variance of a jump's score that the smooth terms must leave it. With less, as where few outcomes are expected on one
side, the statistic does not follow its chi-square law. Cochran's rule for counts, "five expected", told of variance."""

COVERAGE = 0.95
HANSEN = float(-2 * np.log(1 - np.sqrt(COVERAGE)))
"""Likelihood ratios up to here are within the interval: 7.35."""

FEWEST_ROWS, FEWEST_VALUES = 200, 12
"""Of a feature less known than this, or with fewer values, a step and a cubic cannot be told apart."""

LEAST_OF_ITS_OWN = 0.01
"""Share of a jump's information that the smooth terms must leave it; with less, as where values are few or heaped, a
jump and a curve are the same thing."""

_NOTHING_NEW = 1e-6
"""A smooth term that differs from the others by less than this share, as heaped values make it, is left out."""


@dataclass(frozen=True)
class Step:
    """A feature's likeliest threshold.

    Attributes:
        feature: its name.
        threshold: risk jumps below this value; within ``low`` and ``high`` with ``COVERAGE`` if there is a jump.
        jump: log-odds that are added below.
        statistic: score statistic of the jump.
        limit: what it must be beyond.
        found: whether it is.
    """

    feature: str
    threshold: float
    low: float
    high: float
    jump: float
    statistic: float
    limit: float

    @property
    def found(self) -> bool:
        return self.statistic > self.limit


@dataclass(frozen=True, eq=False)
class _Case:
    """One feature's rows in order of its values: those where it is known.

    Attributes:
        rows: places in the taught rows (m), the lowest value first.
        values: of the feature (m).
        smooth: level, other features' part and the cubic (m, 5 or, where values are heaped, fewer), at right angles.
        thresholds: candidates (c).
        below: how many rows are below each (c), 1 or more.
    """

    name: str
    rows: NDArray[np.intp]
    values: Floats
    smooth: Floats
    thresholds: Floats
    below: NDArray[np.intp]


def find_steps(
    split: Split, features: Sequence[Feature], recipe: Recipe, horizon_months: int, *,
    replicates: int = REPLICATES, seed: int = 7,
) -> tuple[Step, ...]:  # fmt: skip
    """Every feature's likeliest step, most telling first; the test rows are not looked at.

    Raises:
        InvalidInput: too few replicates to hold ``ALPHA``.
    """
    if (replicates + 1) * ALPHA < 1:
        raise InvalidInput(f"{replicates} draws cannot hold {ALPHA}.", remedy=f"Take {round(1 / ALPHA) - 1} or more.")
    groups = by_feature(features)
    grown, _ = learn(split, features, recipe, groups=groups)
    taught = split.taught
    each = parts(grown, taught, groups)
    cases = [case for place, f in enumerate(features) if (case := _case(taught, f.name, each, place)) is not None]
    labels = taught[LABEL].to_numpy().astype(np.float64)
    observed = [_scores(case, labels) for case in cases]
    draws = Draws.of(taught, horizon_months)
    largest = np.sort(_largest(cases, labels, [draws.numbers(seed + number) for number in range(replicates)]))
    limit = float(largest[-int((replicates + 1) * ALPHA)]) if len(largest) else np.inf
    steps = [_step(case, labels, scores, limit) for case, scores in zip(cases, observed, strict=True)]
    return tuple(sorted(steps, key=lambda step: -step.statistic))


def _case(taught: pl.DataFrame, name: str, each: Floats, place: int) -> _Case | None:
    """A feature's rows and candidates; ``None`` where too little is known of it to tell a step from a slope."""
    values = taught[name].to_numpy()
    rows = np.argsort(values, kind="stable")[: int((~np.isnan(values)).sum())]  # unknown values come last
    known = values[rows]
    if len(rows) < FEWEST_ROWS or len(np.unique(known)) < FEWEST_VALUES:
        return None
    ranks = np.searchsorted(known, known, "right") / len(known) - 0.5
    others = each[rows].sum(axis=1) - each[rows, place]
    thresholds, below = _candidates(known)
    if not len(thresholds):
        return None
    smooth = _at_right_angles(np.column_stack([np.ones_like(ranks), others, ranks, ranks**2, ranks**3]))
    return _Case(name, rows, known, smooth, thresholds, below)


def _candidates(known: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """Thresholds (c) among values in order (m), and how many rows are below each.

    A quantile that falls on a heap of equal values cuts below all of it, so both sides are counted anew.
    """
    thresholds = np.unique(np.quantile(known, np.linspace(SMALLEST_SIDE, 1 - SMALLEST_SIDE, CANDIDATES)))
    below = np.searchsorted(known, thresholds, "left")
    least = SMALLEST_SIDE * len(known)
    enough = (below >= least) & (len(known) - below >= least)
    return thresholds[enough], below[enough]


def _at_right_angles(terms: Floats) -> Floats:
    """Uncorrelated columns (m, k or fewer) of mean square 1 that span the terms (m, k); fits on them run nowhere."""
    size = np.sqrt((terms**2).mean(axis=0))
    among, spread, _ = np.linalg.svd(terms / np.where(size > 0, size, 1.0), full_matrices=False)
    return np.asarray(among[:, spread > _NOTHING_NEW * spread[0]] * np.sqrt(len(terms)))


def _scores(case: _Case, labels: Floats) -> Floats:
    """Score statistic of a jump at each candidate (c), in the model without jumps fitted to the labels."""
    told = labels[case.rows]
    fitted = _fitted(case, told)
    weight = fitted * (1 - fitted)
    # Sums over the rows below a candidate are running sums, since the rows are in order.
    sums = np.cumsum(np.column_stack([told - fitted, weight, case.smooth * weight[:, None]]), axis=0)[case.below - 1]
    slope, spread, shared = sums[:, 0], sums[:, 1], sums[:, 2:]
    among = case.smooth.T @ (case.smooth * weight[:, None])
    taken = np.linalg.lstsq(among, shared.T)[0].T
    own = spread - np.einsum("ci,ci->c", shared, taken)
    # What the smooth fit left undone, where it came to no end, is no jump's.
    slope = slope - taken @ (case.smooth.T @ (told - fitted))
    told_apart = own > np.maximum(LEAST_OF_ITS_OWN * spread, LEAST_INFORMATION)
    return np.asarray(np.where(told_apart, slope**2 / np.where(told_apart, own, 1.0), 0.0))


def _fitted(case: _Case, told: Floats) -> Floats:
    """PD of the case's rows (m) in the model without jumps, fitted to their labels (m)."""
    return np.asarray(expit(case.smooth @ logistic(case.smooth, np.zeros(len(told)), told)))


def _largest(cases: Sequence[_Case], labels: Floats, numbers: Sequence[Floats]) -> Floats:
    """The largest statistic of any feature and threshold in data drawn without jumps (r).

    Each feature is drawn from its own smooth model, all by the same numbers (r times n), so that features hang
    together.
    """
    largest = np.zeros(len(numbers))
    for case in cases:
        law = np.zeros(len(labels))
        law[case.rows] = _fitted(case, labels[case.rows])
        for place, drawn in enumerate(numbers):
            scores = _scores(case, (drawn < law).astype(np.float64))
            largest[place] = max(largest[place], scores.max(initial=0.0))
    return largest


def _step(case: _Case, labels: Floats, scores: Floats, limit: float) -> Step:
    """The best threshold by the full likelihood, and those that are not much worse."""
    told = labels[case.rows]
    place, likelihood, jumps = int(scores.argmax()), np.full(len(scores), -np.inf), np.zeros(len(scores))
    if scores[place] > limit:
        for candidate in np.flatnonzero(scores):
            design = np.column_stack([case.smooth, np.arange(len(told)) < case.below[candidate]])
            fit = logistic(design, np.zeros(len(told)), told)
            likelihood[candidate] = log_likelihood(design @ fit, told)
            jumps[candidate] = fit[-1]
        place = int(likelihood.argmax())
        within = case.thresholds[2 * (likelihood[place] - likelihood) <= HANSEN]
    else:
        within = case.thresholds
    return Step(
        feature=case.name,
        threshold=float(case.thresholds[place]),
        low=float(within.min()),
        high=float(within.max()),
        jump=float(jumps[place]),
        statistic=float(scores.max()),
        limit=limit,
    )
