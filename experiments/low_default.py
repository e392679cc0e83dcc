"""PD of grades in which hardly anybody defaults: upper bounds, never a zero.

The most prudent estimate of Pluto and Tasche. Grades are ordered, so a grade is at most as risky as any worse one. The
PD of a grade may then be as high as if it and all worse grades shared one PD; the highest such PD under which so few
defaults would still be seen with a chance of 1 - confidence is its upper bound.

Source: Pluto and Tasche (2005), "Estimating probabilities of default for low default portfolios", arXiv
cond-mat/0411699; the one-factor model of their section on correlated defaults is Vasicek's (2002), "Loan portfolio
value".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rich.table import Table
from scipy.optimize import brentq
from scipy.stats import beta, binom, norm

from alliance.errors import InvalidInput
from alliance.terminal import table
from experiments.experiment import examined
from experiments.panel import LABEL, Panel
from experiments.splits import out_of_time
from experiments.train import train
from scoring.model import GRADES

Floats = NDArray[np.float64]

CONFIDENCES = (0.5, 0.75, 0.9, 0.95, 0.99)
"""Levels shown. Which of them a lender lives by is policy; 0.5 is the median, 0.75 and more are prudent."""

ASSET_CORRELATION = 0.12
"""Correlation of obligors' assets, as in the paper's tables: the least that Basel's risk weights of firms assume."""

ALONE = 0.9
"""Level of the bound that a grade's own counts give."""

_NODES = 1_000  # equally likely values of the common factor, by which the mean over it is taken
_LEAST, _MOST = 1e-9, 1 - 1e-9


@dataclass(frozen=True)
class GradeCount:
    """A grade's obligors at the beginning of a period, and how many of them defaulted in it."""

    grade: str
    obligors: int
    defaults: int

    def __post_init__(self) -> None:
        if not 0 <= self.defaults <= self.obligors:
            raise InvalidInput(
                f"Grade {self.grade} has {self.defaults} defaults among {self.obligors} obligors.",
                remedy="Count obligors at the beginning of the period, and those among them that defaulted.",
                field="defaults",
            )


def upper_bounds(grades: Sequence[GradeCount], confidence: float, *, correlation: float = 0.0) -> list[float]:
    """Most prudent PD of each grade, best grade first, never falling towards the worse.

    Args:
        grades: best first; each counted over the same period.
        confidence: between 0 and 1; the PD is refuted by what was seen at this level if it is any higher.
        correlation: of the obligors' assets, 0 (independent defaults) up to but not 1.

    Raises:
        InvalidInput: no obligor in the worst grade, or a level or correlation out of its range.
    """
    if not 0 < confidence < 1 or not 0 <= correlation < 1:
        raise InvalidInput(
            f"A confidence of {confidence} with an asset correlation of {correlation} is no level to test at.",
            remedy="Give a confidence between 0 and 1, and a correlation from 0 to below 1.",
        )
    obligors = np.cumsum([grade.obligors for grade in reversed(grades)])[::-1]
    defaults = np.cumsum([grade.defaults for grade in reversed(grades)])[::-1]
    if len(grades) == 0 or obligors[-1] == 0:
        raise InvalidInput("There is no obligor in the worst grade.", remedy="Leave out empty grades at the end.")
    bounds = [_bound(int(n), int(k), confidence, correlation) for n, k in zip(obligors, defaults, strict=True)]
    # Where a better grade had more defaults than a worse one, the pooled bounds can fall: the order of grades stands.
    return list(accumulate(bounds, max))


def _bound(obligors: int, defaults: int, confidence: float, correlation: float) -> float:
    """The PD at which ``defaults`` or fewer among ``obligors`` has the chance 1 - confidence."""
    if defaults == obligors:
        return 1.0
    if correlation == 0:
        return float(beta.ppf(confidence, defaults + 1, obligors - defaults))  # Clopper and Pearson (1934)

    def excess(pd: float) -> float:
        return chance_of_so_few(pd, obligors, defaults, correlation) - (1 - confidence)

    return float(brentq(excess, _LEAST, _MOST, xtol=1e-10)) if excess(_MOST) < 0 else 1.0


def chance_of_so_few(pd: float, obligors: int, defaults: int, correlation: float) -> float:
    """Chance of at most ``defaults`` defaults among ``obligors`` of one PD, whose assets move together.

    Given the common factor x the defaults are independent, each with chance
    Phi((Phi^-1(pd) - sqrt(correlation) x) / sqrt(1 - correlation)); the chance is the mean over the factor.
    """
    if correlation == 0:
        return float(binom.cdf(defaults, obligors, pd))
    factor = norm.ppf((np.arange(_NODES) + 0.5) / _NODES)
    given = norm.cdf((norm.ppf(pd) - np.sqrt(correlation) * factor) / np.sqrt(1 - correlation))
    return float(binom.cdf(defaults, obligors, given).mean())


def by_grade(grades: Sequence[str], defaults: NDArray[np.bool_], order: Sequence[str]) -> list[GradeCount]:
    """Counts of a cohort, grade by grade in the order given; empty grades worse than any obligor's are left out.

    Args:
        grades: grade of each obligor at the beginning of the period (n).
        defaults: whether it defaulted within the period (n).
        order: all grades, best first.
    """
    given = np.asarray(grades)
    counts = [GradeCount(g, int((given == g).sum()), int(defaults[given == g].sum())) for g in order]
    worst = max((place for place, count in enumerate(counts) if count.obligors), default=-1)
    return counts[: worst + 1]


def bounds_table(title: str, counts: Sequence[GradeCount], correlation: float) -> Table:
    """Obligors, defaults, the observed rate and the most prudent PD at each of ``CONFIDENCES``, by grade.

    Where worse grades have many defaults, pooling with them says little of a good grade; what the grade alone would
    say (``ALONE``) stands beside, without the order of grades behind it.
    """
    levels = [f"{confidence:.0%}" for confidence in CONFIDENCES]
    numbers = ("obligors", "defaults", "observed", f"alone {ALONE:.0%}", *levels)
    listing = table(title, "grade", *numbers, right=numbers)
    columns = [upper_bounds(counts, confidence, correlation=correlation) for confidence in CONFIDENCES]
    for count, *bounds in zip(counts, *columns, strict=True):
        own = f"{_bound(count.obligors, count.defaults, ALONE, correlation):.2%}" if count.obligors else ""
        observed = f"{count.defaults / count.obligors:.2%}" if count.obligors else ""
        listing.add_row(
            count.grade,
            f"{count.obligors:,}",
            f"{count.defaults:,}",
            observed,
            own,
            *(f"{bound:.2%}" for bound in bounds),
        )
    return listing


def bounds_of_test(made: Panel, test_quarters: int, correlation: float) -> list[Table]:
    """Bounds of the last test day's companies by the grade a model gave them then, without and with correlation.

    One day only, so that a company counts once and its outcome is that of one period.
    """
    split = out_of_time(made, test_quarters)
    last = split.test.filter(pl.col("as_of") == pl.col("as_of").max())
    found = examined(made, split, train(made, split, version="graded"), last)
    counts = by_grade(found.scored.grades, last[LABEL].to_numpy(), GRADES)
    title = f"PD by grade as of {last['as_of'][0]}, {made.horizon_months} months"
    return [
        bounds_table(f"{title}; {said}", counts, assumed)
        for said, assumed in (("independent", 0.0), (f"asset correlation {correlation:.0%}", correlation))
    ]
