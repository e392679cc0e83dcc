"""Frozen bins, and how far a distribution has shifted from the one they were made of.

The population stability index of shares p then and q now is sum((q - p) ln(q / p)). Its usual limits, 0.10 and 0.25,
are about populations. What is measured of samples is larger by chance alone: with n and m companies and B bins in use,
PSI x n m / (n + m) follows about a chi-square law of B - 1 degrees of freedom when nothing has shifted, and a
noncentral one with noncentrality (n m / (n + m)) x d when the populations' own index is d. So a limit d is held to have
been passed only where the measured index is above what d itself would yield by chance.

Source: Yurdakul and Naranjo (2020), "Statistical properties of the population stability index", Journal of Risk Model
Validation 14(4), for the central law; that the index is to second order Pearson's distance gives the noncentral one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.stats import ncx2

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

MOST_BINS = 10
"""Usual for the index; more bins see less with the same companies."""

SMALLEST_SHARE = 0.05
SMALLEST_COUNT = 20
"""A bin has at least this share of the known rows, and at least so many: no bin tells of a few companies."""

DIGITS = 3
"""Significant digits of an edge. Edges are quantiles; the least and the greatest value are none."""

HALF = 0.5
"""Added to every bin on both sides, so that an empty one does not make the index infinite (Jeffreys' prior)."""

_NO_SHIFT = 1e-12


@dataclass(frozen=True)
class Bins:
    """Ranges of one number, and how many rows were in each when they were made.

    Attributes:
        edges: upper ends of all ranges but the last (k), rising; a range holds its upper end.
        counts: rows by range (k + 1), then the rows whose value was unknown.
        moved: how far a single day of those the bins were made of was from the others at most, beyond chance: what
            rises and falls with the season, say. No more than that is no shift.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    moved: float = 0.0

    @classmethod
    def of(cls, values: Floats, days: Counts | None = None) -> Self:
        """Bins of about equal numbers of rows, NaN for unknown; fewer where many rows share a value.

        Args:
            values: (n).
            days: number of each row's day, 0 to d - 1 (n); a company has one row a day.
        """
        known = np.sort(values[~np.isnan(values)])
        least = max(SMALLEST_COUNT, int(np.ceil(SMALLEST_SHARE * len(known))))
        edges: list[float] = []
        if len(known):
            places = np.arange(1, MOST_BINS) / MOST_BINS
            wanted = np.unique([_rounded(float(one)) for one in np.quantile(known, places, method="lower")])
            below = np.searchsorted(known, wanted, side="right")
            taken = 0
            for edge, count in zip(wanted.tolist(), below.tolist(), strict=True):
                if count - taken >= least and len(known) - count >= least:
                    edges.append(edge)
                    taken = count
        empty = cls(tuple(edges), (0,) * (len(edges) + 2))
        placed = empty.place(values)
        size = len(edges) + 2
        day = np.zeros(len(values), dtype=np.int64) if days is None else days
        table = np.bincount(day * size + placed, minlength=(int(day.max(initial=0)) + 1) * size).reshape(-1, size)
        return cls(tuple(edges), tuple(table.sum(axis=0).tolist()), _moved(table))

    def place(self, values: Floats) -> NDArray[np.int64]:
        """Number of each value's bin (n); that of unknown values is the last."""
        found = np.searchsorted(np.array(self.edges), values, side="left")
        return np.where(np.isnan(values), len(self.edges) + 1, found).astype(np.int64)

    def count(self, values: Floats) -> Counts:
        """How many values (n) fall into each bin."""
        return np.bincount(self.place(values), minlength=len(self.edges) + 2).astype(np.int64)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """What ``dataclasses.asdict`` made of one, also after a walk through JSON."""
        return cls(tuple(plain["edges"]), tuple(plain["counts"]), plain["moved"])


def _moved(table: Counts) -> float:
    """How far a day's counts (d, b) are from those of the others at most, less what chance yields on the average."""
    whole, largest = table.sum(axis=0), 0.0
    for day in table if len(table) > 1 else ():
        shift = Shift.between(whole - day, day, int(whole.sum()) // len(table))
        largest = max(largest, shift.psi - shift.freedom / shift.weight if shift.freedom else 0.0)
    return largest


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


@dataclass(frozen=True)
class Shift:
    """How far shares have moved.

    Attributes:
        psi: the index as measured.
        freedom: bins in use, less one.
        weight: n m / (n + m) of the companies on both sides.
        companies: companies now, m.
        moved: index by which the populations differ without a shift, such as by the season (``Bins.moved``).
    """

    psi: float
    freedom: int
    weight: float
    companies: int
    moved: float = 0.0

    @classmethod
    def between(cls, then: Counts, now: Counts, companies_then: int | None = None, moved: float = 0.0) -> Self:
        """From counts by bin (b) on both sides.

        Args:
            companies_then: companies behind the counts then, if a company was counted several times: rows of one
                company are not many witnesses.
        """
        m = int(now.sum())
        n = min(int(then.sum()), companies_then or int(then.sum()))
        used = (then > 0) | (now > 0)
        if not m or not n or used.sum() < 2:
            return cls(0.0, 0, 0.0, m, moved)
        p = then[used] / then.sum() * n + HALF
        q = now[used] + HALF
        p, q = p / p.sum(), q / q.sum()
        return cls(float(((q - p) * np.log(q / p)).sum()), int(used.sum()) - 1, n * m / (n + m), m, moved)

    def limit(self, tolerated: float, chance: float) -> float:
        """What is measured is above this with no more than ``chance`` while the populations' index is ``tolerated``.

        Or while it is ``moved``, if that is more.
        """
        if not self.freedom:
            return float("inf")
        true = max(tolerated, self.moved) * self.weight
        return float(ncx2.isf(chance, self.freedom, max(true, _NO_SHIFT)) / self.weight)

    def passes(self, tolerated: float, chance: float) -> bool:
        """Whether the populations have surely moved by more than is tolerated."""
        return self.psi > self.limit(tolerated, chance)

    @property
    def chance(self) -> float:
        """How often as much is measured when nothing has moved."""
        return float(ncx2.sf(self.psi * self.weight, self.freedom, _NO_SHIFT)) if self.freedom else 1.0
