"""Claims as members gave them, and the facts they add up to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from alliance.signals import SIGNALS, Signal

CLAIM_COLUMNS: dict[str, pl.DataType] = {
    "subject_id": pl.String(),
    "key": pl.String(),
    "member": pl.String(),
    "event_at": pl.Date(),
    "known_at": pl.Date(),
    "submission_no": pl.Int64(),
    "row": pl.Int64(),
}
"""What every claim carries beside its signal's own fields."""

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
class Claims:
    """Records as given, by signal.

    Attributes:
        frames: for every signal of ``SIGNALS`` its claims: ``CLAIM_COLUMNS``, then the signal's fields.
        watermark: number of the last submission these claims can hold; later submissions are not in them.
    """

    frames: Mapping[str, pl.DataFrame]
    watermark: int


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


def claim_schema(signal: Signal) -> dict[str, pl.DataType]:
    return {**CLAIM_COLUMNS, **signal.schema}


def fact_schema(signal: Signal) -> dict[str, pl.DataType]:
    return {**FACT_COLUMNS, **signal.schema}


def empty_claims(watermark: int = 0) -> Claims:
    """Claims of no one about nothing."""
    return Claims({signal.name: pl.DataFrame(schema=claim_schema(signal)) for signal in SIGNALS}, watermark)
