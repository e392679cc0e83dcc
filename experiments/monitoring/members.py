"""What each member tells, quarter by quarter, against what it told while the model was examined.

Looked at are claims as given, before corroboration: a member that changes a unit is out-voted, so that facts and
features may not move at all, and yet it is the first thing to ask about.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from scipy.stats import beta

from alliance.signals import SIGNALS, FieldType, Subject
from alliance.signals.claims import Claims
from experiments.monitoring.bins import Bins, Shift

FEWEST = 50
"""Companies on both sides for a member's values, or its coverage, to be judged; our own choice."""

_NUMBERS = (FieldType.INTEGER, FieldType.NUMBER, FieldType.SHARE, FieldType.MONEY)

_FIELDS = tuple(
    (signal.name, field.name)
    for signal in SIGNALS
    if signal.subject is Subject.COMPANY
    for field in signal.fields
    if field.type in _NUMBERS
)


@dataclass(frozen=True)
class Coverage:
    """Of how many companies a member tells in a quarter.

    Attributes:
        member: the member.
        then: share of the companies at risk it told of in that quarter of the development time in which it told least:
            some members tell of most companies once a year.
        told, companies: companies it told of in this quarter, and companies at risk.
    """

    member: str
    then: float
    told: int
    companies: int

    @property
    def kept(self) -> float:
        """Share told of now as a part of what it was."""
        return self.told / self.companies / self.then

    def surely_below(self, part: float, chance: float) -> bool:
        """Whether what it keeps is below ``part`` even at the upper end of Jeffreys' interval."""
        high = beta.ppf(1 - chance, self.told + 0.5, self.companies - self.told + 0.5)
        return bool(high < part * self.then)


@dataclass(frozen=True)
class Values:
    """A member's values of one field: how far they are from its own former ones."""

    member: str
    signal: str
    field: str
    shift: Shift


@dataclass(frozen=True)
class Told:
    """What members told in one quarter.

    Attributes:
        coverage: of every member judged.
        values: of every member and field judged.
    """

    coverage: tuple[Coverage, ...]
    values: tuple[Values, ...]


NOTHING_TOLD = Told((), ())


class Members:
    """What members told in development time, kept to hold later quarters against.

    Args:
        claims: all claims.
        quarters: quarters of the development time, each as its first and last day, in order.
        at_risk: companies at risk at the end of each.
    """

    def __init__(self, claims: Claims, quarters: list[tuple[date, date]], at_risk: Mapping[date, pl.Series]) -> None:
        self._claims = claims
        parts = [_told_of(claims, first, last, at_risk[last]) for first, last in quarters]
        sizes = [len(at_risk[last]) for _, last in quarters]
        self._then = {
            member: min(part[member] / size for part, size in zip(parts, sizes, strict=True))
            for member in sorted(parts[0])
            if min(part.get(member, 0) for part in parts) >= FEWEST
        }
        self._bins: dict[tuple[str, str], tuple[Bins, dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]]]] = {}
        for (signal, field), values in _values(claims, quarters[0][0], quarters[-1][1]):
            bins = Bins.of(values["value"].to_numpy())
            self._bins[signal, field] = bins, _counted(values, bins)

    def told(self, first: date, last: date, at_risk: pl.Series) -> Told:
        """What they told from ``first`` to ``last``, when ``at_risk`` were the companies."""
        now = _told_of(self._claims, first, last, at_risk)
        coverage = tuple(
            Coverage(member, then, now.get(member, 0), len(at_risk)) for member, then in self._then.items()
        )
        values = []
        for key, found in _values(self._claims, first, last):
            bins, then = self._bins.get(key, (None, {}))
            if bins is None:
                continue
            values += [
                Values(member, *key, Shift.between(then[member], counts))
                for member, counts in _counted(found, bins).items()
                if member in then
            ]
        return Told(coverage, tuple(values))


def _told_of(claims: Claims, first: date, last: date, at_risk: pl.Series) -> dict[str, int]:
    """By member, the companies at risk it told anything of that became known between two days."""
    parts = [
        frame.filter(pl.col("known_at").is_between(first, last)).select("member", "subject_id")
        for frame in claims.frames.values()
    ]
    told = pl.concat(parts).filter(pl.col("subject_id").is_in(at_risk.implode())).unique()
    return dict(told.group_by("member").len().sort("member").iter_rows())


def _values(claims: Claims, first: date, last: date) -> Iterator[tuple[tuple[str, str], pl.DataFrame]]:
    """By signal and field, the last value each member told of each company: ``member``, ``value`` (Float64)."""
    for signal, field in _FIELDS:
        frame = claims.frames[signal].filter(pl.col("known_at").is_between(first, last), pl.col(field).is_not_null())
        if frame.height < FEWEST:
            continue
        latest = frame.sort("event_at", "known_at", maintain_order=True).unique(
            ["member", "subject_id"], keep="last", maintain_order=True
        )
        yield (signal, field), latest.select("member", pl.col(field).cast(pl.Float64).alias("value"))


def _counted(values: pl.DataFrame, bins: Bins) -> dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Counts by bin of each member with enough values, sorted by name."""
    placed = values.with_columns(pl.Series("bin", bins.place(values["value"].to_numpy())))
    found = {}
    for (member,), mine in placed.sort("member").group_by("member", maintain_order=True):
        if mine.height >= FEWEST:
            found[str(member)] = np.bincount(mine["bin"].to_numpy(), minlength=len(bins.edges) + 2)
    return found
