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


@dataclass(frozen=True)
class Claims:
    """Records as given, by signal.

    Attributes:
        frames: for every signal its claims: ``CLAIM_COLUMNS``, then the signal's fields.
        watermark: number of the last submission these claims can hold; later submissions are not in them.
    """

    frames: Mapping[str, pl.DataFrame]
    watermark: int


def claim_schema(signal: Signal) -> dict[str, pl.DataType]:
    return {**CLAIM_COLUMNS, **signal.schema}


@cache
def no_claims(signal: Signal) -> pl.DataFrame:
    """The empty frame of a signal's claims; made once, since most companies lack claims of most signals."""
    return pl.DataFrame(schema=claim_schema(signal))
