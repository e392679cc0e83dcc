"""Rows of a member's file -> records of signals, by its contract. Vectorised: one pass of expressions a batch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl
from stdnum.cn import uscc

from alliance.contracts.columns import Check, checks, mapped_words, raw_column, typed_value
from alliance.contracts.contract import (
    Above,
    Condition,
    Contract,
    FieldMapping,
    InList,
    KnownAfterEvent,
    KnownByColumn,
    Present,
    RecordMapping,
    Snapshot,
)
from alliance.contracts.dates import parsed_date
from alliance.errors import UnreadableFile
from alliance.formats import Batch, RowFault
from alliance.signals import Field, Grain, Signal, Subject

REFERENCE_COLUMNS = ("_row", "_registration", "_local", "_name")
"""The row, and what it says about which company it is of: registration number, the member's own id, name."""

_TABULAR = ("csv", "xlsx", "parquet")
"""Formats whose rows all have the same columns, so that a column missing is a file that does not fit."""

_GROUPING = r"[,，\s]"
"""What may stand between the digits of a number that a condition looks at."""

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
    frame = frame.with_columns(*_references(contract), _known(contract, today).alias("_known"))
    faults = list(batch.faults)
    faults += _faults(frame, _row_checks(contract, frame, today))
    mapped = []
    for mapping in contract.records:
        chosen = _chosen(frame, mapping)
        records = _records(contract, mapping, chosen)
        faults += _faults(records, _record_checks(contract, mapping, today))
        mapped.append((mapping, records))
    bad = pl.DataFrame({"_row": sorted({fault.row for fault in faults})}, schema={"_row": pl.Int64})
    return MappedBatch(
        rows=frame.height + len({fault.row for fault in batch.faults}),
        records=tuple(
            MappedRecords(mapping.signal, _payload(mapping, records.join(bad, on="_row", how="anti")))
            for mapping, records in mapped
        ),
        references=frame.join(bad, on="_row", how="anti").select(REFERENCE_COLUMNS),
        faults=tuple(faults),
        rejected=batch.frame.join(bad, on="_row", how="semi"),
    )


def reference_frame(contract: Contract, batch: Batch) -> pl.DataFrame:
    """Which company each row says it is of, sound or not: the reference columns."""
    frame = with_contract_columns(contract, batch.frame)
    return frame.with_columns(*_references(contract)).select(REFERENCE_COLUMNS)


def valid_registrations(numbers: pl.Series) -> pl.Series:
    """Those of the distinct numbers whose check character holds (GB 32100-2015)."""
    return pl.Series(numbers.name, [n for n in numbers.drop_nulls().unique() if uscc.is_valid(n)], pl.String)


def with_contract_columns(contract: Contract, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every column the contract names, and the contract's words for "no value" made null."""
    absent = [name for name in _columns(contract) if name not in frame.columns]
    if absent and (contract.options.format in _TABULAR):
        raise UnreadableFile(
            f"The file has no column {', '.join(map(repr, absent))}; it has {', '.join(frame.columns[1:])}.",
            remedy="Send the file the contract describes, or correct the contract.",
        )
    frame = frame.with_columns(pl.lit(None, pl.String).alias(name) for name in absent)
    if contract.missing:
        words = list(contract.missing)
        cells = pl.col(pl.String)
        frame = frame.with_columns(pl.when(~cells.is_in(words)).then(cells).name.keep())
    return frame


def _columns(contract: Contract) -> list[str]:
    """Every column the contract names, in order, once."""
    company, knowledge = contract.company, contract.knowledge
    named = [company.registration_column, company.id_column, company.name_column]
    named += [knowledge.column] if isinstance(knowledge, KnownByColumn) else []
    for record in contract.records:
        named += [condition.column for condition in record.when]
        named += [record.explode.column] if record.explode else []
        for mapping in record.fields:
            named += [mapping.column, mapping.currency.column if mapping.currency else None]
    return list(dict.fromkeys(name for name in named if name is not None))


def _references(contract: Contract) -> list[pl.Expr]:
    company = contract.company
    local = _column_or_null(company.id_column)
    if company.id_extract:
        local = local.str.extract(company.id_extract, 1)
    return [
        _column_or_null(company.registration_column).str.normalize("NFKC").str.to_uppercase().alias("_registration"),
        local.alias("_local"),
        _column_or_null(company.name_column).alias("_name"),
    ]


def _column_or_null(name: str | None) -> pl.Expr:
    return pl.lit(None, pl.String) if name is None else pl.col(name)


def _known(contract: Contract, today: date) -> pl.Expr:
    match contract.knowledge:
        case KnownByColumn(column, lag_days, formats):
            return parsed_date(pl.col(column).str.normalize("NFKC"), formats) + pl.duration(days=lag_days)
        case Snapshot(on):
            return pl.lit(on, pl.Date)
        case KnownAfterEvent():
            return pl.lit(None, pl.Date)  # follows from each record's own event
        case _:
            return pl.lit(today, pl.Date)


def _row_checks(contract: Contract, frame: pl.DataFrame, today: date) -> Iterator[Check]:
    company = contract.company
    number = pl.col("_registration")
    if any(record.signal.subject is Subject.COMPANY for record in contract.records):
        named = company.registration_column or company.id_column or "a company column"
        nameless = number.is_null() & pl.col("_local").is_null()
        yield Check(named, "identity.missing", "Give a registration number or the member's own id.", nameless, named)
    if company.registration_column:
        valid = valid_registrations(frame["_registration"])
        remedy = "Correct the unified social credit code; its check character does not hold."
        wrong = ~number.is_in(valid.implode())
        yield Check(company.registration_column, "identity.registration", remedy, wrong, company.registration_column)
    if isinstance(contract.knowledge, KnownByColumn):
        column, known = contract.knowledge.column, pl.col("_known")
        yield Check(
            column, "known.date", "Write the date the row was reported, in the contract's pattern.", known.is_null()
        )
        yield Check(column, "known.future", "Nothing can be known after the day of submission.", known > today)


def _chosen(frame: pl.DataFrame, mapping: RecordMapping) -> pl.DataFrame:
    """The rows, or parts of rows, that give a record."""
    for condition in mapping.when:
        frame = frame.filter(_holds(condition))
    if mapping.explode is None:
        return frame
    parts = pl.col(mapping.explode.column).str.split(mapping.explode.separator)
    exploded = frame.with_columns(parts).explode(mapping.explode.column)
    part = pl.col(mapping.explode.column).str.strip_chars()
    return exploded.with_columns(pl.when(part != "").then(part).alias(mapping.explode.column)).drop_nulls(
        mapping.explode.column
    )


def _holds(condition: Condition) -> pl.Expr:
    cell = pl.col(condition.column)
    match condition:
        case InList(words=words, negated=False):
            return cell.is_in(list(words))
        case InList(words=words):
            return cell.is_null() | ~cell.is_in(list(words))
        case Present(wanted=wanted):
            return cell.is_not_null() if wanted else cell.is_null()
        case Above(bound=bound):
            return cell.str.replace_all(_GROUPING, "").cast(pl.Float64, strict=False) > bound


def _records(contract: Contract, mapping: RecordMapping, rows: pl.DataFrame) -> pl.DataFrame:
    """Typed records beside the words they come from (``cell:`` as the member writes, ``text:`` as the signal says)."""
    fields = mapping.fields
    frame = rows.with_columns(raw_column(field).alias(f"cell:{field.field.name}") for field in fields)
    frame = frame.with_columns(
        mapped_words(pl.col(f"cell:{field.field.name}"), field.values).alias(f"text:{field.field.name}")
        for field in fields
    )
    frame = frame.with_columns(
        typed_value(pl.col(f"text:{field.field.name}"), field, contract.rates)
        .cast(field.field.dtype)
        .alias(f"value:{field.field.name}")
        for field in fields
    )
    event = pl.col(f"value:{mapping.signal.event}")
    known = pl.col("_known")
    if isinstance(contract.knowledge, KnownAfterEvent):
        known = event + pl.duration(days=contract.knowledge.lag_days)
    return frame.with_columns(event.alias("event_at"), known.alias("known_at"), _key(mapping.signal).alias("key"))


def _key(signal: Signal) -> pl.Expr:
    """The key as text: its parts, each at its grain, joined by ``|``; empty for one fact a subject."""
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


def _faults(frame: pl.DataFrame, found: Iterator[Check]) -> list[RowFault]:
    """One fault for every row and check that is true there; null counts as sound."""
    every = list(found)
    if not every or frame.is_empty():
        return []
    truth = frame.select(check.bad.fill_null(False).alias(str(i)) for i, check in enumerate(every))
    faults = []
    for i, check in enumerate(every):
        bad = truth[str(i)]
        if bad.any():
            cells = frame[check.cell] if check.cell in frame.columns else pl.Series([None] * frame.height)
            pairs = zip(frame["_row"].filter(bad), cells.filter(bad), strict=True)
            faults += [RowFault(row, check.field, check.rule, check.remedy, _shown(cell)) for row, cell in pairs]
    return faults


def _shown(cell: str | None) -> str:
    """The cell as a message shows it, cut to a length a table can hold."""
    return "" if cell is None else cell if len(cell) <= 60 else cell[:57] + "..."


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
