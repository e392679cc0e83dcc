"""Inductive Venn-Abers predictors: two probabilities a score, of which one is calibrated, whatever the law.

The company to be told about is added to the calibration rows, once as if the outcome had come to it and once as if not,
and isotonic regression is fitted each time. Of the two values at its score, p1 and p0, the one of its true outcome is
perfectly calibrated if rows are exchangeable. The two are as far apart as one row can move the fit, which says how
little is known near a score; it is no interval with a level.
Source: Vovk, Petej and Fedorova (2015), "Large-scale probabilistic predictors with and without guarantees of validity".
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from experiments.certainty.steps import Steps

Floats = NDArray[np.float64]


def venn_abers(raw: Floats, labels: Floats) -> Steps:
    """p0 and p1 by score, from calibration rows' scores (n) and labels (n, 0 or 1).

    Between two neighbouring scores of the calibration they are constant; at a score itself they may differ, and the
    wider of both is taken.
    """
    scores, place = np.unique(raw, return_inverse=True)
    weights: Floats = np.bincount(place).astype(np.float64)
    sums: Floats = np.bincount(place, weights=labels).astype(np.float64)
    low, high = np.ones(len(scores) + 1), np.zeros(len(scores) + 1)
    for region in range(len(scores) + 1):
        between = [_told(sums, weights, region, label) for label in (0.0, 1.0)]
        at = [_told_at(sums, weights, region - 1, label) for label in (0.0, 1.0)] if region else between
        low[region], high[region] = min(between[0], at[0]), max(between[1], at[1])
    return Steps.of(scores, low, high)


def _told(sums: Floats, weights: Floats, region: int, label: float) -> float:
    """The fit at a new score between two others."""
    means = np.insert(sums / weights, region, label)
    fitted = isotonic_regression(means, weights=np.insert(weights, region, 1.0)).x
    return float(fitted[region])


def _told_at(sums: Floats, weights: Floats, place: int, label: float) -> float:
    """The fit at a score that is there already."""
    more, heavier = sums.copy(), weights.copy()
    more[place] += label
    heavier[place] += 1
    return float(isotonic_regression(more / heavier, weights=heavier).x[place])
