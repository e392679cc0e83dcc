"""Rows of a member's file -> records of signals, by its contract. Vectorised: one pass of expressions a batch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from alliance.contracts.checks import Check, faults
from alliance.contracts.columns import checks, mapped_words, raw_column, read_from, typed_value
from alliance.contracts.contract import (
    Contract,
    FieldMapping,
    KnownAfterEvent,
    RecordMapping,
)
from alliance.contracts.rows import (
    REFERENCE_COLUMNS,
    chosen_rows,
    row_checks,
    with_contract_columns,
    with_references,
)
from alliance.formats import Batch, RowFault
from alliance.signals import Field, Grain, Signal

_KEY_GRAINS = {Grain.MONTH: "%Y-%m", Grain.YEAR: "%Y"}


@dataclass(frozen=True)
class MappedRecords:
    """Records of one signal: reference columns, ``key``, ``event_at``, ``known_at``, then the signal's fields."""

    signal: Signal
    frame: pl.DataFrame


@dataclass(frozen=True)
class MappedBatch:
    """What a batch became.

    Attributes:
        rows: rows of the batch, sound or not.
        records: records of the sound rows only.
        references: reference columns of the sound rows.
        faults: every fault of every other row.
        rejected: the rows with a fault, as read, for the quarantine.
    """

    rows: int
    records: tuple[MappedRecords, ...]
    references: pl.DataFrame
    faults: tuple[RowFault, ...]
    rejected: pl.DataFrame


def map_batch(contract: Contract, batch: Batch, today: date) -> MappedBatch:
    """The records a batch gives under a contract, and the faults of the rows that give none.

    Args:
        today: day of submission; nothing can be known later.

    Raises:
        UnreadableFile: a tabular file lacks a column that the contract names.
    """
    frame = with_contract_columns(contract, batch.frame)
    frame = with_references(contract, frame, today)
    found = [*batch.faults, *faults(frame, row_checks(contract, frame, today))]
    mapped = []
    for mapping in contract.records:
        records = _records(contract, mapping, chosen_rows(frame, mapping))
        found += faults(records, _record_checks(contract, mapping, today))
        mapped.append((mapping, records))
    bad = pl.DataFrame({"_row": sorted({fault.row for fault in found})}, schema={"_row": pl.Int64})
    return MappedBatch(
        rows=frame.height + len({fault.row for fault in batch.faults}),
        records=tuple(
            MappedRecords(mapping.signal, _payload(mapping, records.join(bad, on="_row", how="anti")))
            for mapping, records in mapped
        ),
        references=frame.join(bad, on="_row", how="anti").select(REFERENCE_COLUMNS),
        faults=tuple(found),
        rejected=batch.frame.join(bad, on="_row", how="semi"),
    )


def _records(contract: Contract, mapping: RecordMapping, rows: pl.DataFrame) -> pl.DataFrame:
    """Typed records beside the words they come from (``cell:`` as the member writes, ``text:`` as the signal says)."""
    fields = mapping.fields
    frame = rows.with_columns(raw_column(field).alias(f"cell:{field.field.name}") for field in fields)
    frame = frame.with_columns(
        mapped_words(pl.col(f"cell:{field.field.name}"), field.values).alias(f"text:{field.field.name}")
        for field in fields
    )
    frame = frame.with_columns(
        read_from(frame[f"text:{field.field.name}"], field).alias(f"read:{field.field.name}") for field in fields
    )
    values = (
        typed_value(pl.col(f"read:{field.field.name}"), field, contract.rates)
        .cast(field.field.dtype)
        .alias(f"value:{field.field.name}")
        for field in fields
    )
    frame = frame.lazy().with_columns(values).collect()  # which, unlike an eager query, works a part out only once
    event = pl.col(f"value:{mapping.signal.event}")
    known = pl.col("_known")
    if isinstance(contract.knowledge, KnownAfterEvent):
        known = event + pl.duration(days=contract.knowledge.lag_days)
    return frame.with_columns(event.alias("event_at"), known.alias("known_at"), key_text(mapping.signal).alias("key"))


def key_text(signal: Signal) -> pl.Expr:
    """The key as text, of columns ``value:<field>``: its parts, each at its grain, joined by ``|``.

    Empty for one fact a subject.
    """
    parts = [_key_part(signal.field(part.field), part.grain) for part in signal.key]
    return pl.concat_str(parts, separator="|") if parts else pl.lit("")


def _key_part(field: Field, grain: Grain) -> pl.Expr:
    value = pl.col(f"value:{field.name}")
    if grain is Grain.QUARTER:
        return pl.concat_str(value.dt.year(), pl.lit("-Q"), value.dt.quarter())
    if grain is Grain.EXACT:
        return value.cast(pl.String).str.replace_all("|", "/", literal=True)
    return value.dt.strftime(_KEY_GRAINS[grain])


def _record_checks(contract: Contract, mapping: RecordMapping, today: date) -> Iterator[Check]:
    signal = mapping.signal
    for field in mapping.fields:
        yield from checks(field, contract.rates, required=field.required or field.field.name in signal.required)
    columns = {field.field.name: field.column or field.field.name for field in mapping.fields}
    event, known, cell = pl.col("event_at"), pl.col("known_at"), f"cell:{signal.event}"
    column = columns[signal.event]
    yield Check(column, "event.future", "It cannot be known before it happened; correct the date.", event > known, cell)
    if isinstance(contract.knowledge, KnownAfterEvent):
        yield Check(column, "known.future", "It would be known only after today; submit it then.", known > today, cell)
    for rule in mapping.quality:
        broken = ~_compared(pl.col(f"value:{rule.left}"), rule.operator, pl.col(f"value:{rule.right}"))
        remedy = f"{rule.name}: {columns[rule.left]} {rule.operator} {columns[rule.right]}."
        yield Check(columns[rule.left], "quality", remedy, broken, f"cell:{rule.left}")


def _compared(left: pl.Expr, operator: str, right: pl.Expr) -> pl.Expr:
    match operator:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case "=":
            return left == right
        case ">=":
            return left >= right
        case _:
            return left > right


def _payload(mapping: RecordMapping, records: pl.DataFrame) -> pl.DataFrame:
    """The record columns proper, with every field of the signal, unmapped ones null."""
    mapped: Sequence[FieldMapping] = mapping.fields
    names = {field.field.name for field in mapped}
    fields = [
        pl.col(f"value:{field.name}").alias(field.name)
        if field.name in names
        else pl.lit(None, field.dtype).alias(field.name)
        for field in mapping.signal.fields
    ]
    return records.select(*REFERENCE_COLUMNS, "key", "event_at", "known_at", *fields)
