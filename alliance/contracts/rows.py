"""What a row says as a whole: which company it is of, when it was known, and which records it gives."""

from collections.abc import Iterator
from datetime import date

import polars as pl
from stdnum.cn import uscc

from alliance.contracts.checks import Check
from alliance.contracts.contract import (
    Above,
    Condition,
    Contract,
    InList,
    KnownAfterEvent,
    KnownByColumn,
    Present,
    RecordMapping,
    Snapshot,
)
from alliance.contracts.dates import parsed_date
from alliance.errors import UnreadableFile
from alliance.signals import Subject

REFERENCE_COLUMNS = ("_row", "_registration", "_local", "_name")
"""The row, and what it says about which company it is of: registration number, the member's own id, name."""

_TABULAR = ("csv", "tsv", "txt", "xlsx", "parquet")
"""Formats whose rows all have the same columns, so that a column missing is a file that does not fit."""

_GROUPING = r"[,\s]"
"""What may stand between the digits of a number that a condition looks at."""

_SEPARATORS = r"[\s\p{Pd}]"
"""What may stand between the characters of a registration number: white space, dashes."""

_NUMBER_LENGTH = 18

LONGEST_ID = 200
"""Characters a member's own id of a company may have; longer is something else."""


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


def with_references(contract: Contract, frame: pl.DataFrame, today: date) -> pl.DataFrame:
    """The frame with its reference columns, and ``_known``: the day each row was known (null: follows its events)."""
    company = contract.company
    local = _column_or_null(company.id_column)
    if company.id_extract:
        local = local.str.extract(company.id_extract, 1)
    return frame.with_columns(
        _registration(company.registration_column).alias("_registration"),
        local.alias("_local"),
        _column_or_null(company.name_column).alias("_name"),
        _known(contract, today).alias("_known"),
    )


def _registration(name: str | None) -> pl.Expr:
    """Registration numbers as they are kept: half-width, upper case, without separators."""
    return _column_or_null(name).str.normalize("NFKC").str.replace_all(_SEPARATORS, "").str.to_uppercase()


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


def row_checks(contract: Contract, frame: pl.DataFrame, today: date) -> Iterator[Check]:
    """What can be wrong with a row before any record is made of it."""
    company = contract.company
    number = pl.col("_registration")
    if any(record.signal.subject is Subject.COMPANY for record in contract.records):
        named = company.registration_column or company.id_column or "a company column"
        nameless = number.is_null() & pl.col("_local").is_null()
        yield Check(named, "identity.missing", "Give a registration number or the member's own id.", nameless, named)
    if company.registration_column:
        valid = _valid_registrations(frame["_registration"])
        remedy = "Correct the unified social credit code; its check character does not hold."
        wrong = ~number.is_in(valid.implode())
        yield Check(company.registration_column, "identity.registration", remedy, wrong, company.registration_column)
    if company.id_column:
        remedy = f"Keep it under {LONGEST_ID} characters."
        long = pl.col("_local").str.len_chars() > LONGEST_ID
        yield Check(company.id_column, "identity.length", remedy, long, company.id_column)
    yield from _known_checks(contract, today)


def _known_checks(contract: Contract, today: date) -> Iterator[Check]:
    """What can be wrong with the day a row was known, where it does not follow from an event."""
    known, column = pl.col("_known"), "knowledge"
    if isinstance(contract.knowledge, KnownByColumn):
        column = contract.knowledge.column
        remedy = "Write the date the row was reported, in the contract's pattern."
        yield Check(column, "known.date", remedy, known.is_null(), column)
    yield Check(column, "known.future", "Nothing can be known after the day of submission.", known > today, column)


def _valid_registrations(numbers: pl.Series) -> pl.Series:
    """Those of the distinct numbers whose check character holds (GB 32100-2015)."""
    valid = [n for n in numbers.drop_nulls().unique() if len(n) == _NUMBER_LENGTH and uscc.is_valid(n)]
    return pl.Series(numbers.name, valid, pl.String)


def chosen_rows(frame: pl.DataFrame, mapping: RecordMapping) -> pl.DataFrame:
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
            return cell.str.normalize("NFKC").str.replace_all(_GROUPING, "").cast(pl.Float64, strict=False) > bound
