"""What became of the companies scored on one day, once their horizon is over and the records of it are in.

An outcome that has come is recorded some time later (``hazard.lag``). A cohort is looked at only when at least
``SETTLED`` of the outcomes at the very end of its horizon are on record, and what was foretold is lowered to the part
that can be on record by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import beta, poisson

from experiments.hazard.lag import RecordingLag
from experiments.monitoring.expected import auc_with_error, expected_auc, expected_brier
from scoring.model import GRADES
from scoring.months import months_after

Floats = NDArray[np.float64]

FEWEST_OUTCOMES = 20
"""Fewer say nothing of a ranking; our own choice."""

LEVEL = 0.95
"""Of the intervals shown."""


@dataclass(frozen=True)
class GradeSeen:
    """A grade's companies on the cohort's day, and what became of them.

    Attributes:
        grade: the grade.
        companies, observed: how many, and how many of them had the outcome.
        expected: outcomes foretold that can be on record.
    """

    grade: str
    companies: int
    observed: int
    expected: float

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Jeffreys' interval of the rate: what a Beta(1/2, 1/2) prior and the counts leave likely.

        Source: Brown, Cai and DasGupta (2001), "Interval estimation for a binomial proportion", Statistical Science 16.
        """
        low, high = beta.ppf([(1 - level) / 2, (1 + level) / 2], self.observed + 0.5,
                             self.companies - self.observed + 0.5)  # fmt: skip
        return (0.0 if self.observed == 0 else float(low), 1.0 if self.observed == self.companies else float(high))

    def outside(self, level: float) -> bool:
        """Whether the mean PD is outside the interval of that level."""
        low, high = self.interval(level)
        return bool(self.companies) and not low <= self.expected / self.companies <= high


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """Companies scored on one day, and what became of them.

    Attributes:
        day: the day; ``known_on``: by which day's knowledge the outcomes are told.
        companies, observed: how many, and how many had the outcome.
        expected: outcomes foretold that can be on record; ``recorded``: that part of all foretold.
        grades: by grade, best first, those that have companies.
        auc, auc_error: realised area and its standard error; ``None`` with fewer than ``FEWEST_OUTCOMES``.
        expected_auc: what the PDs let expect.
        brier, expected_brier: mean squared error, realised and expected.
    """

    day: date
    known_on: date
    companies: int
    observed: int
    expected: float
    recorded: float
    grades: tuple[GradeSeen, ...]
    auc: float | None
    auc_error: float | None
    expected_auc: float | None
    brier: float
    expected_brier: float

    @property
    def ratio(self) -> float:
        """Observed over expected."""
        return self.observed / self.expected if self.expected else float("nan")

    def off_level(self, tolerated: float, chance: float) -> bool:
        """Whether outcomes are surely more than ``tolerated`` times, or fewer than a part of, those expected.

        Counts are held against a Poisson law with the tolerated mean, each side having half the chance. It spreads a
        little more than the sum of so many events with chances of their own, so it errs on the quiet side.
        """
        more = poisson.sf(self.observed - 1, self.expected * tolerated)
        fewer = poisson.cdf(self.observed, self.expected / tolerated)
        return bool(min(more, fewer) < chance / 2)

    def ranking_limit(self, tolerated: float, z: float) -> float | None:
        """A realised area below this is surely more than ``tolerated`` below the expected one; ``None`` if untold."""
        if self.auc is None or self.auc_error is None or self.expected_auc is None:
            return None
        return self.expected_auc - tolerated - z * self.auc_error


def cohort_of(
    day: date, pd: Floats, grades: Sequence[str], labels: NDArray[np.bool_], *, known_on: date, recorded: float = 1.0
) -> Cohort:  # fmt: skip
    """What became of the companies scored on a day.

    Args:
        pd, grades: PD and grade of each company (n).
        labels: whether each company had the outcome within the horizon, as known by ``known_on`` (n).
        recorded: share of the horizon's outcomes that can be on record by then.
    """
    came, given = labels.astype(np.float64), np.asarray(grades)
    seen = tuple(
        GradeSeen(grade, int(mine.sum()), int(came[mine].sum()), float(pd[mine].sum() * recorded))
        for grade in GRADES
        if (mine := given == grade).any()
    )
    told = auc_with_error(pd, came) if came.sum() >= FEWEST_OUTCOMES else None
    return Cohort(
        day=day,
        known_on=known_on,
        companies=len(pd),
        observed=int(came.sum()),
        expected=float(pd.sum() * recorded),
        recorded=recorded,
        grades=seen,
        auc=told[0] if told else None,
        auc_error=told[1] if told else None,
        expected_auc=expected_auc(pd),
        brier=float(((pd - came) ** 2).mean()),
        expected_brier=expected_brier(pd),
    )


def recorded_share(lag: RecordingLag, day: date, horizon_months: int, known_on: date) -> float:
    """Estimated share on record of outcomes that came evenly over the months after a day."""
    ends = [months_after(day, month) for month in range(1, horizon_months + 1)]
    return float(np.mean([lag.within((known_on - end).days) for end in ends]))


def befallen(companies: pl.Series, events: pl.DataFrame, day: date, until: date) -> NDArray[np.bool_]:
    """Whether each company (n) had an event after the day, not later than ``until``."""
    within = events.filter(pl.col("event_at") > day, pl.col("event_at") <= until)["company_id"]
    return companies.is_in(within.unique().implode()).to_numpy()
