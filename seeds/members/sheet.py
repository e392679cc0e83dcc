"""A member's file, declared once: from one declaration follow both the file's columns and its contract."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from alliance.contracts.contract import Role
from alliance.signals import Field, signal_named

Format = Literal["csv", "json", "jsonl", "parquet", "xlsx", "xml"]


@dataclass(frozen=True)
class Member:
    """A giver of data. ``number`` is unique among members; ``prefix`` begins its own company ids."""

    id: str
    role: Role
    number: int
    prefix: str


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A field of a record and the column it stands in.

    Attributes:
        field: the signal's field.
        column: the member's column; a dot means an object inside an object (JSON).
        source: the true frame's column, if not named like the field.
        dates: date pattern (``yyyy/MM/dd``); empty for ISO.
        scale: what the member's unit is worth in the signal's (10000 for 万元).
        words: the member's word for each of the signal's.
        currency: column that names the currency of an amount.
    """

    field: str
    column: str
    source: str = ""
    dates: str = ""
    scale: float = 1.0
    words: Mapping[str, str] = dataclasses.field(default_factory=dict)
    currency: str = ""

    @property
    def true(self) -> str:
        return self.source or self.field


@dataclass(frozen=True, kw_only=True)
class Record:
    """The cells of one signal; ``when`` are conditions in the contract's own words, ``ordered`` pairs left <= right."""

    signal: str
    cells: tuple[Cell, ...]
    when: tuple[Mapping[str, object], ...] = ()
    ordered: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A file of a member: how it is written, which company a row is about, when it was reported, what it says.

    Attributes:
        name: stem of the file and end of the contract's id.
        format, encoding, packed, header_row, rows_at: how the file is written; ``packed`` is gzip.
        code, client, company_name: columns of the registration number, the member's own id and the name, or empty.
        reported: column of the day of report; dates are in ``report_dates``.
        missing: the word for an empty cell.
        rates: yuan per unit of currency.
        marks: further columns that conditions look at, with the true column behind each.
    """

    name: str
    format: Format
    records: tuple[Record, ...]
    reported: str
    code: str = ""
    client: str = ""
    company_name: str = ""
    report_dates: str = ""
    encoding: str = "utf-8"
    packed: bool = False
    header_row: int = 1
    rows_at: str = ""
    missing: str = ""
    rates: Mapping[str, float] = dataclasses.field(default_factory=dict)
    marks: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def file_name(self) -> str:
        return f"{self.name}.{self.format}" + (".gz" if self.packed else "")

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every column once, as the first record that uses it has it."""
        by_column: dict[str, Cell] = {}
        for record in self.records:
            for cell in record.cells:
                by_column.setdefault(cell.column, cell)
        return tuple(by_column.values())

    @property
    def event(self) -> Cell:
        """The cell of the first record's event date."""
        signal = signal_named(self.records[0].signal)
        return next(cell for cell in self.records[0].cells if cell.field == signal.event)

    def field_of(self, cell: Cell) -> Field:
        """The signal's field that a cell fills."""
        signal = next(record.signal for record in self.records if cell in record.cells)
        return signal_named(signal).field(cell.field)


@dataclass(frozen=True)
class Submission:
    """What a member gives: true rows (``company``, ``reported_on`` and the cells' true columns) and their sheet."""

    member: Member
    sheet: Sheet
    rows: pl.DataFrame
