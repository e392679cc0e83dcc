"""Log-odds of default turned into points, a probability and a grade."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from alliance.errors import InvalidInput

BASE_POINTS = 600.0
BASE_ODDS = 50.0
POINTS_TO_DOUBLE = 20.0
"""600 points at 50 good to 1 bad, 20 points double the odds: common practice among scorecards."""

GRADES = ("AAA", "AA", "A", "BBB", "BB", "B", "CCC", "CC", "C")
BEST_GRADE_PD = 0.0025
"""The master scale, a convention of this project: AAA is a PD below 0.25%, and each grade's limit is twice the last.

The limits are 0.25, 0.5, 1, 2, 4, 8, 16 and 32%, so that start-up portfolios, which default at a few per cent a year,
lie in the middle. A PD on a limit has the lower grade. The letters are not those of any rating agency.
"""

FloatArray = NDArray[np.float64]
Floats = TypeVar("Floats", float, FloatArray)


def probability(log_odds: FloatArray) -> FloatArray:
    """Probabilities of default (n) from log-odds of default (n): 1 / (1 + exp(-x)), without overflow.

    Taken one by one with the C library's ``exp``: NumPy's vector instructions may round the last bit differently with
    the array's length, and a company's PD must be the same alone and in a batch.
    """
    return np.fromiter(map(_sigmoid, log_odds.tolist()), dtype=np.float64, count=len(log_odds))


def _sigmoid(x: float) -> float:
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    odds = math.exp(x)
    return odds / (1.0 + odds)


@dataclass(frozen=True, kw_only=True)
class ScoreScale:
    """How log-odds of default read as points and grades.

    Attributes:
        base_points: points at ``base_odds``.
        base_odds: odds good to bad at ``base_points``; positive.
        points_to_double: points that double the odds good to bad; positive, so more points are less risk.
        best_grade_pd: PD below which the grade is the best; the other limits double it.
    """

    base_points: float = BASE_POINTS
    base_odds: float = BASE_ODDS
    points_to_double: float = POINTS_TO_DOUBLE
    best_grade_pd: float = BEST_GRADE_PD

    def __post_init__(self) -> None:
        numbers = (self.base_points, self.base_odds, self.points_to_double, self.best_grade_pd)
        worst_limit = self.best_grade_pd * 2 ** (len(GRADES) - 2)
        positive = self.base_odds > 0 and self.points_to_double > 0 and self.best_grade_pd > 0
        if not all(map(math.isfinite, numbers)) or not positive or worst_limit >= 1:
            raise InvalidInput(
                f"The score scale {numbers} is not usable.",
                remedy="Give positive finite odds and points to double, and a best grade whose doublings stay below 1.",
            )

    @property
    def points_per_log_odds(self) -> float:
        """Points lost per unit of log-odds of default: points to double / ln 2."""
        return self.points_to_double / math.log(2)

    def points(self, log_odds: Floats) -> Floats:
        """Points of log-odds of default: of one, or of an array of any shape."""
        return self.base_points + self.change(log_odds + math.log(self.base_odds))

    def change(self, log_odds: Floats) -> Floats:
        """Points won (positive) or lost (negative) by parts of log-odds of default: one, or an array of any shape."""
        return -self.points_per_log_odds * log_odds

    @cached_property
    def limits(self) -> tuple[float, ...]:
        """Upper PD limit of every grade but the last, rising; a grade does not hold its own limit."""
        return tuple(self.best_grade_pd * 2**step for step in range(len(GRADES) - 1))

    def grades(self, pd: FloatArray) -> list[str]:
        """Grades (n) of probabilities of default (n)."""
        return [GRADES[place] for place in np.searchsorted(self.limits, pd, side="right").tolist()]
