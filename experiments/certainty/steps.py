"""Intervals as steps over the raw log-odds: what every method comes to, and what a bundle can keep."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Steps:
    """As in ``scoring.model.certainty.Certainty``.

    Attributes:
        knots: raw log-odds at which the interval changes (k), rising.
        low, high: the interval below the first knot, from each on to the next, from the last on (k + 1).
    """

    knots: Floats
    low: Floats
    high: Floats

    @classmethod
    def of(cls, knots: Floats, low: Floats, high: Floats) -> "Steps":
        """The same with knots left out at which nothing changes."""
        changes = (np.diff(low) != 0) | (np.diff(high) != 0)
        return cls(knots[changes], np.append(low[0], low[1:][changes]), np.append(high[0], high[1:][changes]))

    def at(self, raw: Floats) -> tuple[Floats, Floats]:
        """Low and high (n each) at raw log-odds (n)."""
        place = np.searchsorted(self.knots, raw, side="right")
        return self.low[place], self.high[place]
