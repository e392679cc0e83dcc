"""Strengths of pillars put together to one number: sums ("+") against composites in which a weak pillar counts ("x").

All composites enter the log-odds of default linearly, log-odds = level - slope x composite, and are fitted by maximum
likelihood. On percentiles a plain CES could win over the weighted mean by its curvature alone, without any coupling;
the bent sum has the same curvature and as many parameters, and does not couple. Only what CES wins over both speaks
for "x".
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, softmax

from experiments.metrics import Estimate, Sample, estimate

Floats = NDArray[np.float64]

RHO_RANGE = (-8.0, 3.0)
"""Below, CES is the least strength for all that percentiles can tell; above 1 a strong pillar excuses weak ones."""

RHO_START = 0.5
_NEAR_ZERO = 1e-3  # the limits at rho = 0 are met to this precision
_SMALL = 1e-5  # step of the one derivative taken by difference
_RIDGE = 1e-4  # of the weights' scores, which are told up to a constant only


def ces(strengths: Floats, weights: Floats, rho: float) -> Floats:
    """Composite (n) of strengths (n, p), each in (0, 1], with weights (p) that add up to 1.

    (sum of w s^rho)^(1 / rho). rho = 1 is the weighted mean ("+"): a loss in one is made up for at a constant rate.
    rho = 0 is the geometric mean ("x"). Towards minus infinity it is the least strength. The elasticity of
    substitution is 1 / (1 - rho). Source: Arrow, Chenery, Minhas and Solow (1961), "Capital-labor substitution and
    economic efficiency".
    """
    rho = _off_zero(rho)
    # The largest term is taken out first, so that no power overflows.
    terms = rho * np.log(strengths)
    most = terms.max(axis=1)
    return np.asarray(np.exp((most + np.log(np.exp(terms - most[:, None]) @ weights)) / rho))


def bent_sum(strengths: Floats, weights: Floats, rho: float) -> Floats:
    """Weighted sum (n) of (s^rho - 1) / rho, the logarithm at rho = 0: each part bends alone, none couples."""
    return np.asarray(((strengths ** _off_zero(rho) - 1) / _off_zero(rho)) @ weights)


def _off_zero(rho: float) -> float:
    return rho if abs(rho) >= _NEAR_ZERO else _NEAR_ZERO


@dataclass(frozen=True)
class Shape:
    """A way to put strengths together.

    Attributes:
        name: as shown.
        coupled: whether a pillar's effect depends on the others, unless rho is 1.
        rho: fixed; ``None`` where it is fitted.
    """

    name: str
    coupled: bool
    rho: float | None

    def value(self, strengths: Floats, weights: Floats, rho: float) -> Floats:
        """The composite (n) of strengths (n, p)."""
        return (ces if self.coupled else bent_sum)(strengths, weights, rho)

    def by_weights(self, strengths: Floats, weights: Floats, rho: float) -> Floats:
        """Derivatives of the composite by the weights (n, p)."""
        rho = _off_zero(rho)
        if not self.coupled:
            return np.asarray((strengths**rho - 1) / rho)
        whole = ces(strengths, weights, rho)[:, None]
        return np.asarray(whole * (strengths / whole) ** rho / rho)


MEAN, BENT = Shape("weighted mean", False, 1.0), Shape("bent sum", False, None)
GEOMETRIC, CES = Shape("geometric mean", True, 0.0), Shape("CES", True, None)
SHAPES = (MEAN, BENT, GEOMETRIC, CES)


@dataclass(frozen=True, eq=False)
class Composite:
    """A fitted composite: log-odds of default = ``level`` - ``slope`` x the shape's value.

    Attributes:
        weights: by pillar (p), none negative, 1 in all.
        rho: 1 for the mean, 0 for the geometric mean, fitted for the others.
    """

    shape: Shape
    level: float
    slope: float
    weights: Floats
    rho: float

    def log_odds(self, strengths: Floats) -> Floats:
        """Log-odds of default (n) of strengths (n, p)."""
        return self.level - self.slope * self.shape.value(strengths, self.weights, self.rho)


def fit(shape: Shape, strengths: Floats, labels: Floats, *, times: Floats | None = None,
        start: Composite | None = None) -> Composite:  # fmt: skip
    """The composite of a shape with the greatest likelihood.

    Args:
        strengths: of pillars (n, p), each in (0, 1].
        labels: 1 where the outcome came, else 0 (n).
        times: how often each row counts (n); once by default.
        start: where to begin; even weights by default.
    """
    pillars = strengths.shape[1]
    counted = np.ones(len(labels)) if times is None else times
    rate = float(np.clip((counted @ labels) / counted.sum(), 1e-6, 1 - 1e-6))
    begin = (
        np.array([np.log(rate / (1 - rate)) + 2.0, np.log(4.0), *np.zeros(pillars), shape.rho or RHO_START])
        if start is None
        else np.array([start.level, np.log(start.slope), *np.log(np.maximum(start.weights, 1e-6)), start.rho])
    )
    if shape.rho is not None:
        begin[-1] = shape.rho
    bounds = [(None, None), (-5.0, 5.0), *[(-8.0, 8.0)] * pillars, (begin[-1],) * 2 if shape.rho is not None
              else RHO_RANGE]  # fmt: skip
    found = minimize(_loss, begin, (shape, strengths, labels, counted), jac=True, method="L-BFGS-B", bounds=bounds).x
    return Composite(shape, float(found[0]), float(np.exp(found[1])), softmax(found[2:-1]), float(found[-1]))


def _loss(place: Floats, shape: Shape, strengths: Floats, labels: Floats, times: Floats) -> tuple[float, Floats]:
    """Mean negative log-likelihood, and its gradient by level, log slope, weights' scores and rho."""
    level, slope, scores, rho = place[0], np.exp(place[1]), place[2:-1], place[-1]
    weights = softmax(scores)
    value = shape.value(strengths, weights, rho)
    log_odds = level - slope * value
    loss = times @ (np.logaddexp(0, log_odds) - labels * log_odds) + _RIDGE * (scores @ scores)
    surplus = times * (expit(log_odds) - labels)
    by_weight = surplus @ shape.by_weights(strengths, weights, rho)
    by_rho = (
        (shape.value(strengths, weights, rho + _SMALL) - shape.value(strengths, weights, rho - _SMALL)) / 2 / _SMALL
    )
    by_scores = -slope * weights * (by_weight - weights @ by_weight) + 2 * _RIDGE * scores
    gradient = np.array([surplus.sum(), -slope * (surplus @ value), *by_scores, -slope * (surplus @ by_rho)])
    return float(loss / times.sum()), gradient / times.sum()


def fitted_rho(shape: Shape, strengths: Floats, sample: Sample, *, replicates: int, seed: int) -> Estimate:
    """The fitted rho, with the interval of refits to companies drawn with replacement."""
    whole = fit(shape, strengths, sample.labels)
    values = [whole.rho]
    for times in sample.draws(replicates, seed):
        values += [fit(shape, strengths, sample.labels, times=row[sample.companies], start=whole).rho for row in times]
    return estimate(np.array([values[0], *values[2:]]))  # the first draw takes each company once


def percentiles(risks: Floats, among: Floats) -> Floats:
    """Strengths (n, p) in (0, 1) by what pillars do to the log-odds (n, p): share of the rows ``among`` with more risk.

    1 is the strongest; ties count half, so that equal pillars are in the middle.
    """
    columns = []
    for risk, others in zip(risks.T, among.T, strict=True):
        ordered = np.sort(others)
        below = (np.searchsorted(ordered, risk, "left") + np.searchsorted(ordered, risk, "right")) / 2
        columns.append(1 - (below + 0.5) / (len(ordered) + 1))
    return np.column_stack(columns)
