"""Binary numbers and times as text, the way a person would write them."""

import datetime as dt
from decimal import Decimal


def float_text(value: float) -> str:
    """Return the shortest decimal text that reads back as ``value``, without an exponent: ``0.1``, ``123.0``."""
    text = repr(value)
    return text if "e" not in text else format(Decimal(text), "f")


def time_text(value: dt.datetime | dt.date | dt.time) -> str:
    """Return ISO 8601; midnight of a day is the day, because a spreadsheet has no other way to hold a date."""
    if isinstance(value, dt.datetime) and value.time() == dt.time() and value.tzinfo is None:
        return value.date().isoformat()
    return value.isoformat()
