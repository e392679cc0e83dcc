"""Records in and out in bulk: typed frames on this side, rows with a JSON payload in the database."""

from collections.abc import Iterable, Sequence
from datetime import date

import polars as pl
from sqlalchemy import Connection, Select, bindparam, func, select

from alliance.ledger import RowsDigest
from alliance.plans import collected
from alliance.signals import SIGNALS, Signal, signal_named
from alliance.signals.claims import CLAIM_COLUMNS, FACT, ORDER, Claims, no_claims
from alliance.store.bulk import insert_rows
from alliance.store.merges import Merges
from alliance.store.schema import record

_COLUMNS = ("submission_no", "row", "subject_id", "signal", "key", "member", "event_at", "known_at", "payload")

_FETCH_ROWS = 50_000


def insert_records(
    connection: Connection, signal: Signal, claims: pl.DataFrame, fields: Sequence[str], written: RowsDigest
) -> None:
    """Append claims of one signal (``CLAIM_COLUMNS`` and its fields), by subject, for one subject in their order.

    So an index on subjects grows from end to end, and a company's claims lie together on the disk.

    Args:
        fields: those that are filled at all; a field that is not in a payload is unknown.
        written: takes in the rows as they are stored, in their order.
    """
    frame = claims.sort("subject_id", maintain_order=True).select(
        *CLAIM_COLUMNS,
        pl.lit(signal.name).alias("signal"),
        pl.struct(*fields).struct.json_encode().alias("payload"),
    )
    last = connection.scalar(select(func.max(record.c.seq))) or 0  # nobody else writes meanwhile
    frame = frame.select(_COLUMNS).with_columns(pl.col("event_at", "known_at").dt.to_string())
    for part in frame.with_row_index("seq", last + 1).iter_slices(_FETCH_ROWS):
        rows = part.rows()
        insert_rows(connection, record.name, part.columns, rows)
        written.add(rows)


def select_claims(
    connection: Connection, watermark: int, merges: Merges, subjects: Sequence[str] | None, known_by: date | None
) -> Claims:
    """Claims of the subjects (``None``: of all), of submissions up to the watermark, known by a day if one is given.

    Records of merged ids are claims about the company they mean.
    """
    columns = [record.c[name] for name in _COLUMNS]
    query = select(*columns).where(record.c.submission_no <= watermark)
    if known_by is not None:
        query = query.where(record.c.known_at <= known_by, record.c.event_at <= known_by)
    if subjects is None:
        return decode_claims(merges.followed(_fetch(connection, query), "subject_id"), watermark)
    query = query.where(record.c.subject_id.in_(bindparam("subjects", expanding=True)))
    parts = [_fetch(connection, query, subjects=list(part)) for part in _chunks(merges.ids(subjects))]
    return decode_claims(merges.followed(pl.concat(parts), "subject_id"), watermark)


def _chunks(subjects: Sequence[str], size: int = 10_000) -> Iterable[Sequence[str]]:
    """Parts of a list small enough for a database's limit on parameters; one empty part for an empty list."""
    return [subjects[start : start + size] for start in range(0, max(len(subjects), 1), size)]


_RAW_SCHEMA: dict[str, pl.DataType] = {**{name: CLAIM_COLUMNS.get(name, pl.String()) for name in _COLUMNS}}


def _fetch(connection: Connection, query: Select[tuple[object, ...]], **parameters: object) -> pl.DataFrame:
    result = connection.execution_options(stream_results=True).execute(query, parameters)
    parts = [
        pl.DataFrame([tuple(row) for row in rows], schema=_RAW_SCHEMA, orient="row")
        for rows in result.partitions(_FETCH_ROWS)
    ]
    return pl.concat([pl.DataFrame(schema=_RAW_SCHEMA), *parts])


def decode_claims(raw: pl.DataFrame, watermark: int) -> Claims:
    """Rows of the record table -> a typed frame for every signal, in the order of claims."""
    # All at once: a sort for each signal would cost more than all the rest when there is one company.
    ordered = raw.sort("signal", *ORDER).with_columns(pl.struct("signal", "subject_id", "key").rle_id().alias(FACT))
    by_signal = {str(name): part for (name,), part in ordered.partition_by("signal", as_dict=True).items()}
    frames: dict[str, pl.DataFrame] = {signal.name: no_claims(signal) for signal in SIGNALS}
    frames |= collected({name: _decoded(signal_named(name), part.lazy()) for name, part in by_signal.items()})
    return Claims(frames, watermark)


def _decoded(signal: Signal, raw: pl.LazyFrame) -> pl.LazyFrame:
    payload = pl.col("payload").str.json_decode(pl.Struct(signal.schema))
    return raw.select(FACT, *CLAIM_COLUMNS, payload).unnest("payload")
