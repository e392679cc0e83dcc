"""Measures of a group with their standard errors, when a company's rows are not many witnesses.

Each measure is near enough a sum of the rows' influences on it; those of one company are added before they are squared.
Ratios are taken in logarithms. Closed forms are used rather than a bootstrap, since a verdict that allows for a hundred
looks rests on tails that few replicates reach.

Source: Obuchowski (1997), "Nonparametric analysis of clustered ROC curve data", Biometrics 53; for means and ratios of
means the same linearisation (Cochran 1977, "Sampling techniques", chapters 6 and 9).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from experiments.metrics import Estimate

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Rough:
    """A value and the standard error of it, or of its logarithm.

    Attributes:
        value: the measure.
        error: standard error, of the logarithm for a ratio.
        ratio: whether it is one.
    """

    value: float
    error: float
    ratio: bool = False

    def interval(self, level: float) -> Estimate:
        """The value with its interval of that level."""
        reach = float(norm.isf((1 - level) / 2)) * self.error
        if self.ratio:
            return Estimate(self.value, self.value * float(np.exp(-reach)), self.value * float(np.exp(reach)))
        return Estimate(self.value, self.value - reach, self.value + reach)


@dataclass(frozen=True, eq=False)
class Rows:
    """What is examined, n rows.

    Attributes:
        pd: PD (n); ``labels``: whether the outcome came (n); ``approved``: whether the PD is below the cut (n).
        companies: number of each row's company (n).
    """

    pd: Floats
    labels: Flags
    approved: Flags
    companies: NDArray[np.intp]

    def count(self, among: Flags) -> int:
        """Companies with a row among some."""
        return len(np.unique(self.companies[among]))

    def error(self, influence: Floats) -> float:
        """Standard error of a sum of influences (n), those of a company added first; 0 for none, and for one."""
        sums = np.bincount(self.companies, weights=influence)
        touched = self.count(influence != 0)
        return float(np.sqrt((sums**2).sum() * touched / (touched - 1))) if touched > 1 else 0.0


def _mean(values: Floats, among: Flags) -> tuple[float, Floats]:
    """Mean of values (n) among some rows, and each row's influence on it (n)."""
    middle = float(values[among].mean())
    return middle, np.where(among, (values - middle) / among.sum(), 0.0)


def approval_ratio(rows: Rows, mine: Flags, highest: Flags) -> Rough | None:
    """Approval rate of a group over that of another; ``None`` where either approves nobody."""
    approved = rows.approved.astype(np.float64)
    (one, of_one), (other, of_other) = _mean(approved, mine), _mean(approved, highest)
    if not one or not other:
        return None
    return Rough(one / other, rows.error(of_one / one - of_other / other), ratio=True)


def share_gap(rows: Rows, of: Flags, among: Flags, mine: Flags) -> Rough:
    """Share of rows that are ``of``, among some of a group, less the same of all others (each n)."""
    values = of.astype(np.float64)
    (one, of_one), (other, of_other) = _mean(values, among & mine), _mean(values, among & ~mine)
    return Rough(one - other, rows.error(of_one - of_other))


def observed_to_expected(rows: Rows, mine: Flags) -> Rough:
    """Outcomes of a group over the sum of its PDs; it must have outcomes."""
    observed, expected = float(rows.labels[mine].sum()), float(rows.pd[mine].sum())
    influence = np.where(mine, rows.labels / observed - rows.pd / expected, 0.0)
    return Rough(observed / expected, rows.error(influence), ratio=True)


def auc_gap(rows: Rows, mine: Flags) -> Rough:
    """Area of a group less that of all others; each must have both outcomes."""
    (one, of_one), (other, of_other) = _area(rows, mine), _area(rows, ~mine)
    return Rough(one - other, rows.error(of_one - of_other))


def _area(rows: Rows, among: Flags) -> tuple[float, Floats]:
    """Area under the ROC curve among some rows, and each row's influence on it (n)."""
    bad, good = among & rows.labels, among & ~rows.labels
    ranked_bad, ranked_good = np.sort(rows.pd[bad]), np.sort(rows.pd[good])

    def below(ranked: Floats, values: Floats) -> Floats:
        both = np.searchsorted(ranked, values, "left") + np.searchsorted(ranked, values, "right")
        return np.asarray(both / (2 * len(ranked)))

    over, under = below(ranked_good, rows.pd[bad]), 1 - below(ranked_bad, rows.pd[good])
    area = float(over.mean())
    influence = np.zeros(len(rows.pd))
    influence[bad] = (over - area) / bad.sum()
    influence[good] = (under - area) / good.sum()
    return area, influence
