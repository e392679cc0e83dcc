"""Claims: records as members gave them, in typed frames."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import polars as pl

from alliance.signals.declaration import Signal

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

ORDER = ("subject_id", "key", "member", "known_at", "submission_no", "row")
"""How claims of a signal stand: by fact, in a fact by member, a member's from the first known to the last."""

FACT = "fact"
"""Column of a claim that is alike (UInt32) for claims of one fact, and differs from that of the fact before."""


@dataclass(frozen=True)
class Claims:
    """Records as given, by signal.

    Attributes:
        frames: for every signal its claims in ``ORDER``: ``FACT``, ``CLAIM_COLUMNS``, then the signal's fields.
        watermark: number of the last submission these claims can hold; later submissions are not in them.
    """

    frames: Mapping[str, pl.DataFrame]
    watermark: int


def claim_schema(signal: Signal) -> dict[str, pl.DataType]:
    return {FACT: pl.UInt32(), **CLAIM_COLUMNS, **signal.schema}


def ordered(signal: Signal, claims: pl.DataFrame) -> pl.DataFrame:
    """Claims of a signal in ``ORDER``, the facts numbered; whatever their order, and numbered or not."""
    return claims.sort(ORDER).select(
        pl.struct("subject_id", "key").rle_id().alias(FACT), *CLAIM_COLUMNS, *signal.schema
    )


@cache
def no_claims(signal: Signal) -> pl.DataFrame:
    """The empty frame of a signal's claims; made once, since most companies lack claims of most signals."""
    return pl.DataFrame(schema=claim_schema(signal))
