"""The disclosure ladder: how much of a value a reader may see, and the bands that blur it."""

from datetime import date
from enum import IntEnum
from math import floor, log10

from alliance.errors import InvalidInput
from alliance.signals import Field, FieldType


class Disclosure(IntEnum):
    """How much of a value may be seen, from nothing to all; what one rung allows, every higher one allows."""

    NONE = 0
    """Not to be used at all."""
    SCORE_ONLY = 1
    """A score may be computed from it; of the value itself nothing is seen."""
    AGGREGATE = 2
    """It may enter figures over a cohort (``alliance.rights.cohort``)."""
    BANDED = 3
    """Its band may be seen (``banded``)."""
    RAW = 4
    """The value as it is."""

    @property
    def code(self) -> str:
        """Its name in documents: ``score_only``."""
        return self.name.lower()

    @classmethod
    def coded(cls, code: str) -> "Disclosure":
        """The rung of a code; ``InvalidInput`` if there is none."""
        for rung in cls:
            if rung.code == code:
                return rung
        codes = ", ".join(rung.code for rung in cls)
        raise InvalidInput(f"There is no rung {code!r}.", remedy=f"Use one of {codes}.", field="disclosure")


DISCLOSURE_NAMES: dict[Disclosure, tuple[str, str]] = {
    Disclosure.NONE: ("不披露", "nothing"),
    Disclosure.SCORE_ONLY: ("仅用于评分", "for scores only"),
    Disclosure.AGGREGATE: ("仅汇总", "in aggregates only"),
    Disclosure.BANDED: ("区间值", "its band"),
    Disclosure.RAW: ("原值", "as it is"),
}
"""Chinese and English name of each rung, as shown to people."""

STEPS = (1, 2, 5)
"""Bounds of bands within a power of ten: the preferred numbers of ISO 3, so that a band is 2 to 2.5 times as wide."""

_NARROWEST = {FieldType.INTEGER: 5, FieldType.MONEY: 10_000, FieldType.NUMBER: 0.1}
"""What is smaller, by size, is all in one band: narrower ones would name a small count or amount outright."""


def banded(field: Field, value: object) -> str | None:
    """The band a value lies in, lower bound first, without unit; ``None`` where the field's type has no bands.

    Money, counts and numbers lie between bounds of 1, 2 or 5 times a power of ten, shares between tenths, dates within
    a quarter. Categories, flags and texts are seen as they are or not at all.
    """
    match field.type, value:
        case FieldType.DATE, date():
            return f"{value.year}-Q{(value.month + 2) // 3}"
        case FieldType.SHARE, int() | float():
            tenth = min(floor(round(value * 10, 9)), 9)
            return f"{tenth * 10}% – {tenth * 10 + 10}%"
        case ((FieldType.INTEGER | FieldType.MONEY | FieldType.NUMBER), int() | float()):
            return _sized(field, value)
    return None


def band_ends(kind: FieldType, value: float) -> tuple[float, float]:
    """The bounds of the band an amount, count or number lies in: low <= value < high; a negative one's mirrored."""
    narrowest = _NARROWEST[kind]
    low, high = (0, narrowest) if abs(value) < narrowest else _bounds(abs(value))
    return (low, high) if value >= 0 else (-high, -low)


def _sized(field: Field, value: float) -> str:
    """The band of a number by its size; a negative one's is the mirror image."""
    narrowest = _NARROWEST[field.type]
    last = 1 if field.type is FieldType.INTEGER else 0  # counts are told inclusively: 10 to 19
    if abs(value) < narrowest:
        low = 0 if field.minimum is not None and field.minimum >= 0 else last - narrowest
        return f"{low:,} – {narrowest - last:,}"
    low, high = _bounds(abs(value))
    return f"{low:,} – {high - last:,}" if value > 0 else f"{last - high:,} – {-low:,}"


def _bounds(size: float) -> tuple[float, float]:
    """The bounds next to a positive number: low <= size < high."""
    power = floor(log10(size))
    bounds = [_bound(step, exponent) for exponent in (power - 1, power, power + 1) for step in STEPS]
    place = max(place for place, bound in enumerate(bounds) if bound <= size)
    return bounds[place], bounds[place + 1]


def _bound(step: int, exponent: int) -> float:
    """A bound, exact: whole from 1 on, and the number as written below."""
    return step * 10**exponent if exponent >= 0 else float(f"{step}e{exponent}")
