"""What the alliance holds true, as known by a day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

import polars as pl

from alliance.rights.held import ALL_RAW, Rungs
from alliance.signals import SECTORS, SIGNALS, Signal

FACT_COLUMNS: dict[str, pl.DataType] = {
    "subject_id": pl.String(),
    "key": pl.String(),
    "event_at": pl.Date(),
    "known_at": pl.Date(),
    "members": pl.UInt32(),
    "agreement": pl.Float64(),
    "contested": pl.UInt32(),
}
"""What every fact carries beside its signal's own fields.

Attributes:
    event_at: the day of the event, as most agree.
    known_at: the day the last of its claims was known.
    members: independent members that claim it; one that copies another has no voice of its own.
    agreement: share of the members' weight that agrees, 0 to 1, averaged over the fields that two members fill; null
        where none is. Adding a claim that agrees never lowers it.
    contested: fields for which no weighted majority stands, as a set of bits (the first field's is 1); their values are
        null, unless ``Field.kept_contested`` says otherwise. ``contested_fields`` names them.
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
        in_time: whether every frame is by subject, day of the event and key; else it is by subject and key.
        rungs: for a company the values that may not be seen as they are, by ``signal.field``: how much of them may be
            seen, and under which grants. A score may rest on them all the same.
    """

    as_of: date
    companies: tuple[str, ...]
    frames: Mapping[str, pl.DataFrame]
    watermark: int
    in_time: bool = field(default=False, compare=False, repr=False)
    rungs: Rungs = field(default_factory=lambda: ALL_RAW, compare=False, repr=False)

    def contested(self) -> dict[str, list["Contested"]]:
        """What is contested, by company, that of its sector included; companies without are left out."""
        found: dict[str, list[Contested]] = {}
        for signal in SIGNALS:
            frame = self.frames[signal.name]
            if frame["contested"].max():
                for subject, key, bits in frame.filter(pl.col("contested") > 0).select(_CONTESTED).iter_rows():
                    found.setdefault(subject, []).append(Contested(signal.name, key, contested_fields(signal, bits)))
        sectors = {subject: found.pop(subject) for subject in SECTORS if subject in found}
        if sectors:
            for company, sector in self.frames["company_profile"].select("subject_id", "sector").iter_rows():
                if sector in sectors:
                    found.setdefault(company, []).extend(sectors[sector])
        return found


_CONTESTED = ("subject_id", "key", "contested")


@dataclass(frozen=True)
class Contested:
    """Fields of a fact for which no weighted majority of members stands; they are used as missing."""

    signal: str
    key: str
    fields: tuple[str, ...]


def contested_fields(signal: Signal, bits: int) -> tuple[str, ...]:
    """Names of the fields whose bits are set."""
    return tuple(field.name for place, field in enumerate(signal.fields) if bits >> place & 1)


def fact_schema(signal: Signal) -> dict[str, pl.DataType]:
    return {**FACT_COLUMNS, **signal.schema}


@cache
def no_facts(signal: Signal) -> pl.DataFrame:
    """The empty frame of a signal's facts; made once."""
    return pl.DataFrame(schema=fact_schema(signal))
