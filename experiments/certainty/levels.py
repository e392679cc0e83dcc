"""The level of next year: how far log-odds of default move from year to year, and intervals widened by it.

A calibration knows the years it was fitted to. The year that is foretold has a level of its own, and no number of
companies of past years tells it. Years are taken as draws around a common level (a random effect); few are ever seen,
so their spread is not put at a single value: all values count by how well they agree with the years seen, and where
years say little, what was assumed beforehand holds.
"""

import numpy as np
from scipy.special import expit, logit
from scipy.stats import norm

from experiments.certainty.rows import Floats, Rows
from experiments.certainty.steps import Steps

USUAL = 0.1
"""Scale of the half-normal prior of the spread, in log-odds: the odds of default of a score usually differ by some 15
per cent between two years. So they did on the average of thirty simulated worlds, none of which is reported on. The
half-normal's tail lets years that differ more speak; a lender of other markets should set its own.
Source of the form: Roever et al. (2021), "On weakly informative prior distributions for the heterogeneity parameter in
Bayesian random-effects meta-analysis"."""

SPREADS = (np.arange(500) + 0.5) / 500
MOVES = np.linspace(0, 3, 3_001)
"""Spreads of years and distances of the next that are considered, log-odds."""
TINY = 1e-9


def next_year(rows: Rows, level: float) -> float:
    """Log-odds by which the level of a year to come stays within the common one, up or down, with chance ``level``."""
    moved, variance = levels(rows)
    precision = 1 / (variance[None, :] + SPREADS[:, None] ** 2)
    common = (precision * moved).sum(axis=1) / precision.sum(axis=1)
    likelihood = (
        np.log(precision).sum(axis=1) / 2
        - np.log(precision.sum(axis=1)) / 2
        - (precision * (moved - common[:, None]) ** 2).sum(axis=1) / 2
    )
    chance = np.exp(likelihood - likelihood.max() - (SPREADS / USUAL) ** 2 / 2)
    within = (2 * norm.cdf(MOVES[:, None] / SPREADS) - 1) @ (chance / chance.sum())
    return float(np.interp(level, within, MOVES))


def levels(rows: Rows) -> tuple[Floats, Floats]:
    """By how much log-odds each year (y) lies above the calibration, to first order, and the variance of that (y).

    A company's rows of a year are one witness.
    """
    pd = rows.pd
    moved, variance = [], []
    for year in np.unique(rows.years):
        seen = rows.years == year
        surplus = np.bincount(rows.sample.companies[seen], weights=(rows.sample.labels - pd)[seen])
        weight = (pd * (1 - pd))[seen].sum()
        moved.append(surplus.sum() / weight)
        variance.append((surplus**2).sum() / weight**2)
    return np.array(moved), np.array(variance)


def widened(steps: Steps, rows: Rows, by: float) -> Steps:
    """Intervals that also allow for a level ``by`` log-odds away, independent of what they allow for already."""
    shown = expit(rows.calibration.apply(steps.middles(float(np.median(rows.raw)))))
    low, high = (np.clip(end, TINY, 1 - TINY) for end in (steps.low, steps.high))
    centre = logit(np.clip(shown, low, high))
    down, up = centre - logit(low), logit(high) - centre
    return Steps.of(steps.knots, expit(centre - np.hypot(down, by)), expit(centre + np.hypot(up, by)))
