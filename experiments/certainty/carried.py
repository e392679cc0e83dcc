"""Bins carried along the calibration: in form what the calibration says, in level what each part of the scores shows.

Scores are parted into ``PARTS`` of equal size. In each, the observed share and its interval tell by how much log-odds
there are above or below the calibration; by so much the calibration is moved, score by score. So an interval follows
the PD within a part, and a part may be wide, and sure, without being crude.
"""

import numpy as np
from scipy.special import expit
from scipy.stats import beta

from experiments.certainty.rows import Floats, Rows
from experiments.certainty.steps import Steps, grid

PARTS = 10
"""Fewest with which intervals hold the mean PD of those scored alike as often as they say on worlds of known truth
(``experiments certainty``): with fewer the form of the calibration is trusted too far, with more each part is less sure
than it could be."""

MOVES = np.linspace(-8.0, 8.0, 801)
"""Log-odds a part may be above or below its calibration."""

SPREAD = np.linspace(0.002, 0.998, 250)
"""Quantiles that stand for the scores of a part."""


def carried(rows: Rows, level: float) -> Steps:
    """Intervals from ``rows``; the share's is Jeffreys', of as many independent rows as ``witnesses`` says."""
    middles, knots = grid(rows.raw)
    bounds = np.unique(np.quantile(rows.raw, np.linspace(0, 1, PARTS + 1)[1:-1]))
    part, of_middle = (np.searchsorted(bounds, raw, side="right") for raw in (rows.raw, middles))
    worth = witnesses(rows)
    low, high = np.empty(len(middles)), np.empty(len(middles))
    told = rows.calibration.apply(rows.raw)
    for number in np.unique(of_middle):
        seen, here = part == number, of_middle == number
        moves = _moves(told[seen], rows.sample.labels[seen], worth, level)
        low[here], high[here] = (expit(rows.calibration.apply(middles[here]) + move) for move in moves)
    return Steps.of(knots, low, high)


def witnesses(rows: Rows) -> float:
    """How many independent rows each row is worth, from 0 to 1: one over the design effect of companies.

    A company's rows of several days, and outcomes whose horizons overlap, are not as many witnesses as rows. The
    variance of the whole surplus of outcomes over PDs, company by company, over what independent rows would have.
    Source: Kish (1965), "Survey Sampling"; intervals from an effective size after Korn and Graubard (1998).
    """
    pd = rows.pd
    surplus = np.bincount(rows.sample.companies, weights=rows.sample.labels - pd)
    return float(min(1.0, (pd * (1 - pd)).sum() / (surplus**2).sum()))


def _moves(told: Floats, labels: Floats, worth: float, level: float) -> tuple[float, float]:
    """Least and greatest log-odds to move the calibrated log-odds (n) of a part by.

    Source: Brown, Cai and DasGupta (2001), "Interval estimation for a binomial proportion".
    """
    bad, good = worth * labels.sum(), worth * (len(labels) - labels.sum())
    tail = (1 - level) / 2
    share = beta.ppf([tail, 1 - tail], bad + 0.5, good + 0.5)
    means = expit(np.quantile(told, SPREAD)[None, :] + MOVES[:, None]).mean(axis=1)
    low, high = np.interp(share, means, MOVES)
    return float(low), float(high)
