"""What the alliance holds true, as known by a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import polars as pl

from alliance.signals import Signal

FACT_COLUMNS: dict[str, pl.DataType] = {
    "subject_id": pl.String(),
    "key": pl.String(),
    "event_at": pl.Date(),
    "known_at": pl.Date(),
    "members": pl.UInt32(),
}
"""What every fact carries beside its signal's own fields.

``event_at`` and ``known_at`` are those of the latest claim; ``members`` counts the members that claim the fact.
"""


@dataclass(frozen=True)
class Facts:
    """What the alliance holds true of some companies, as known by the end of a day.

    Attributes:
        as_of: the day; nothing known, and nothing that happened, after it is in here.
        companies: the company ids asked for, sorted; a company without facts is listed all the same.
        frames: for every signal of ``SIGNALS`` its facts, one row each: ``FACT_COLUMNS``, then the signal's fields.
            Facts of sector signals are of the sectors (``subject_id`` is the sector's name).
        watermark: number of the last submission seen.
    """

    as_of: date
    companies: tuple[str, ...]
    frames: Mapping[str, pl.DataFrame]
    watermark: int


def fact_schema(signal: Signal) -> dict[str, pl.DataType]:
    return {**FACT_COLUMNS, **signal.schema}


@cache
def no_facts(signal: Signal) -> pl.DataFrame:
    """The empty frame of a signal's facts; made once."""
    return pl.DataFrame(schema=fact_schema(signal))
