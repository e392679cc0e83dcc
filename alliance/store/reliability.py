"""Reliabilities as learned: appended by the entry that learned them, read up to a watermark."""

import polars as pl
from sqlalchemy import Connection, bindparam, func, insert, select

from alliance.corroboration.reliability import RELIABILITY_SCHEMA
from alliance.store.schema import reliability

_COLUMNS = tuple(RELIABILITY_SCHEMA)


def insert_reliability(connection: Connection, no: int, learned: pl.DataFrame) -> None:
    """Append what an entry learned (``RELIABILITY_SCHEMA``; its ``no`` is not looked at)."""
    rows = learned.with_columns(pl.lit(no, pl.Int64).alias("no")).to_dicts()
    if rows:
        connection.execute(insert(reliability), rows)


_LAST = select(func.max(reliability.c.no)).where(reliability.c.no <= bindparam("watermark"))  # made once


def last_learned(connection: Connection, watermark: int) -> int:
    """Number of the last entry that learned anything, up to the watermark; 0 if none did."""
    return connection.scalar(_LAST, {"watermark": watermark}) or 0


def select_reliability(connection: Connection, watermark: int) -> pl.DataFrame:
    """All that was learned up to the watermark (``RELIABILITY_SCHEMA``)."""
    columns = [reliability.c[name] for name in _COLUMNS]
    rows = connection.execute(select(*columns).where(reliability.c.no <= watermark))
    return pl.DataFrame([tuple(row) for row in rows], schema=RELIABILITY_SCHEMA, orient="row")
