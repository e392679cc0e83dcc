"""Intervals as steps over the raw log-odds: what every method comes to, and what a bundle can keep."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

GRID = 200
"""Places at which an interval is told where it changes all along the scores."""


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

    def middles(self, only: float) -> Floats:
        """A raw value within each step (k + 1): between two knots their middle, beyond the outer ones these.

        Args:
            only: for a single step without knots.
        """
        if not len(self.knots):
            return np.array([only])
        return np.concatenate([self.knots[:1], (self.knots[1:] + self.knots[:-1]) / 2, self.knots[-1:]])


def grid(raw: Floats) -> tuple[Floats, Floats]:
    """Raw values the interval is told at (g), and the knots between them (g - 1)."""
    middles = np.unique(np.quantile(raw, (np.arange(GRID) + 0.5) / GRID))
    return middles, (middles[1:] + middles[:-1]) / 2
