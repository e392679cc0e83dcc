"""What a reader may know of the numbers that limits are made of: exactly, by its band, or not at all.

Whatever the aid tells is computed from what is told here, never from a value behind it: so no limit, and no answer on
whether an amount is within it, gives away more than the band that the reader may see anyway.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from alliance.rights import Disclosure, Held
from alliance.rights.ladder import band_ends
from scoring.disclosed import FIELD_TYPES, rung_of
from scoring.features import feature_named

ROUND, ROUND_AGE, RUNWAY, BURN = "round_last_amount", "round_last_age", "cash_runway", "cash_burn"
INPUTS = (ROUND, ROUND_AGE, RUNWAY, BURN)
"""Features that limits are made of: amount and age (days) of the last round, months the cash lasts, burn a month."""


@dataclass(frozen=True)
class Span:
    """A number as far as it is known: from low to high; both the same where it is known exactly."""

    low: float
    high: float

    @property
    def exact(self) -> bool:
        return self.low == self.high

    def moved(self, by: float, *, least: float = 0.0) -> "Span":
        """The same, moved by a number; neither end below the least."""
        return Span(max(self.low + by, least), max(self.high + by, least))


class Standing(StrEnum):
    """How a number stands to its reader."""

    GIVEN = "given"
    BANDED = "banded"
    WITHHELD = "withheld"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Told:
    """An input as its reader may know it.

    Attributes:
        feature: its feature.
        standing: whether it is given, given as its band, withheld, or known to nobody.
        span: the number; ``None`` where it is withheld or unknown.
        grants: the grants that hold it back, if any do.
    """

    feature: str
    standing: Standing
    span: Span | None
    grants: tuple[str, ...] = ()


def told(values: Mapping[str, float | None], held: Mapping[str, Held]) -> dict[str, Told]:
    """The inputs as a reader may know them, by feature.

    Args:
        values: of each of ``INPUTS``; ``None`` for unknown.
        held: by ``signal.field`` what is held below raw (``Facts.rungs``).
    """
    return {name: _told(name, values[name], held) for name in INPUTS}


def _told(name: str, value: float | None, held: Mapping[str, Held]) -> Told:
    feature = feature_named(name)
    found = rung_of(feature, held)
    if found.rung is Disclosure.RAW:
        standing = Standing.UNKNOWN if value is None else Standing.GIVEN
        return Told(name, standing, None if value is None else Span(value, value))
    if found.rung is not Disclosure.BANDED or value is None:
        return Told(name, Standing.WITHHELD, None, found.grants)
    # Bands are of whole numbers, so what rounds to an end is in it.
    low, high = band_ends(FIELD_TYPES[feature.unit], round(value))
    return Told(name, Standing.BANDED, Span(low - 0.5, high - 0.5), found.grants)
