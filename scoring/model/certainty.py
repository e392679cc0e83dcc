"""How sure a PD is: an interval, a flag for companies unlike those learned from, and whom a person should look at.

Plain numbers only: a few steps and two ranges a feature, so that it is kept as JSON and evaluated in microseconds.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from alliance.errors import InvalidInput
from scoring.model.scale import FloatArray


class Advice(StrEnum):
    """What the PD and its certainty suggest; people decide."""

    APPROVE = "approve"
    REFER = "refer"
    DECLINE = "decline"


@dataclass(frozen=True)
class Band:
    """PDs between approve and decline, where a person must look.

    Attributes:
        approve_below: PD below which approving is suggested.
        decline_from: PD from which on declining is suggested; not below ``approve_below``.
    """

    approve_below: float
    decline_from: float

    def __post_init__(self) -> None:
        if not 0 <= self.approve_below <= self.decline_from <= 1:
            raise InvalidInput(
                f"A band from {self.approve_below} to {self.decline_from} is none.",
                remedy="Give two PDs between 0 and 1, the one to approve below not above the one to decline from.",
            )

    @classmethod
    def by_cost(cls, *, bad_loan: float, lost_good: float, review: float) -> Self:
        """The band with the least expected cost, where a review finds the truth.

        Approving costs PD x ``bad_loan``, declining (1 - PD) x ``lost_good``, referring ``review``; whatever costs
        least is suggested. Is a review never the cheapest, the band is empty, at lost_good / (bad_loan + lost_good).
        Source: Chow (1970), "On optimum recognition error and reject tradeoff".

        Args:
            bad_loan, lost_good: what a default of an approved, and declining a sound company costs; positive.
            review: what a person's look costs; not negative.
        """
        if not (bad_loan > 0 and lost_good > 0 and review >= 0):
            raise InvalidInput(
                f"Costs of {bad_loan}, {lost_good} and {review} leave nothing to weigh.",
                remedy="Give positive costs of a bad loan and of a lost good one, and a cost of review from 0 on.",
            )
        approve, decline = review / bad_loan, 1 - review / lost_good
        if approve >= decline:
            approve = decline = lost_good / (bad_loan + lost_good)
        return cls(approve, decline)

    def advise(self, pd: FloatArray, unlike: NDArray[np.bool_] | None = None) -> list[Advice]:
        """What is suggested for PDs (n); companies unlike those learned from (n) are referred whatever their PD."""
        words = np.select(
            [np.zeros(len(pd), dtype=np.bool_) if unlike is None else unlike, pd < self.approve_below,
             pd >= self.decline_from],
            [Advice.REFER, Advice.APPROVE, Advice.DECLINE],
            Advice.REFER,
        )  # fmt: skip
        return [Advice(word) for word in words.tolist()]


@dataclass(frozen=True)
class Support:
    """What the companies learned from were like, feature by feature.

    Attributes:
        low, high: the range nearly all of them were in (f); a feature never known has ``low`` above ``high``.
        always_known: whether the feature was known of all of them (f).
        most: number of features out of place up to which a company still counts as like them.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    always_known: tuple[bool, ...]
    most: int

    def out_of_place(self, values: FloatArray) -> NDArray[np.int64]:
        """How many features of each company (n) are out of range, or unknown though it never was so.

        Args:
            values: feature values (n, f), NaN for unknown.
        """
        unknown = np.isnan(values)
        with np.errstate(invalid="ignore"):
            outside = ~unknown & ((values < np.array(self.low)) | (values > np.array(self.high)))
        return np.asarray((outside | (unknown & np.array(self.always_known))).sum(axis=1))

    def unlike(self, values: FloatArray) -> NDArray[np.bool_]:
        """Companies (n) the model has not learned from the like of; values as of ``out_of_place``."""
        return np.asarray(self.out_of_place(values) > self.most)


@dataclass(frozen=True)
class Certainty:
    """Intervals of PDs by the model's raw log-odds, the support, and the band.

    Attributes:
        method: how the intervals were made.
        level: share of companies whose interval is to hold the mean PD of companies scored like them.
        knots: raw log-odds at which the interval changes (k), rising.
        low, high: the interval below the first knot, from each knot on to the next, and from the last on (k + 1).
        support, band: see there.
    """

    method: str
    level: float
    knots: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    support: Support
    band: Band

    def __post_init__(self) -> None:
        rising = all(one < other for one, other in pairwise(self.knots))
        fitting = len(self.low) == len(self.high) == len(self.knots) + 1
        if not rising or not fitting or not all(0 <= a <= b <= 1 for a, b in zip(self.low, self.high, strict=True)):
            raise InvalidInput(
                "The steps of the intervals are not usable.",
                remedy="Give rising knots, and one interval between 0 and 1 more than knots.",
            )

    def interval(self, raw_log_odds: FloatArray, pd: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Low and high (n each) for raw log-odds (n) and the PDs shown (n), which every interval holds."""
        place = np.searchsorted(np.array(self.knots), raw_log_odds, side="right")
        return np.minimum(np.array(self.low)[place], pd), np.maximum(np.array(self.high)[place], pd)

    def refer(self, pd: FloatArray, values: FloatArray) -> list[Advice]:
        """Approve, refer or decline, for PDs (n) of companies with feature values (n, f)."""
        return self.band.advise(pd, self.support.unlike(values))

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """What ``as_dict`` wrote, also after a walk through JSON.

        Raises:
            InvalidInput, TypeError, KeyError: it did not.
        """
        told = plain["support"]
        support = Support(tuple(told["low"]), tuple(told["high"]), tuple(told["always_known"]), told["most"])
        steps = {name: tuple(plain[name]) for name in ("knots", "low", "high")}
        return cls(**{**plain, **steps, "support": support, "band": Band(**plain["band"])})
