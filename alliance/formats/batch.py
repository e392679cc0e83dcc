"""What a reader is told, what it gives, and how rows are gathered into batches of bounded memory."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import polars as pl

from alliance.errors import InvalidInput

from .limits import BATCH_CELLS, BATCH_CHARS, BATCH_ROWS, MAX_COLUMNS
from .source import Source

ROW = "_row"
SHOWN = 100  # characters of a faulty value that a fault repeats


@dataclass(frozen=True)
class Options:
    """What a contract may say about a file; None leaves it to the file itself.

    Attributes:
        format: csv, json, jsonl, parquet, xlsx or xml; None = by extension, after stripping ``.gz``.
        encoding: name of the text encoding; None = detect.
        delimiter: the one character between CSV cells; None = whichever of ``, ; tab |`` fits.
        header_row: 1-based line (CSV) or row (Excel) of the header; what stands before it is skipped.
        sheet: name of the Excel sheet; None = the first.
        rows_at: JSON: dotted path to the array of rows (``data.items``); XML: path of the row element
            (``registry/company``). None = the whole document, or every child of the root.
        continued: columns that a row leaves empty, all of them, where it continues the row above; see ``continued``.
    """

    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header_row: int = 1
    sheet: str | None = None
    rows_at: str | None = None
    continued: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.header_row < 1:
            raise InvalidInput("The header row is counted from 1.", field="header_row", value=self.header_row)
        if self.delimiter is not None and (len(self.delimiter) != 1 or self.delimiter in '"\r\n'):
            raise InvalidInput(
                "The delimiter must be one character, neither a quote nor a line end.",
                field="delimiter",
                value=self.delimiter,
            )


@dataclass(frozen=True)
class RowFault:
    """One row that could not be read: where (row, field), which rule, what to do, and the start of what was found."""

    row: int
    field: str
    rule: str
    remedy: str
    value: str = ""


class Fault(Exception):
    """Raised while one row is read; the reader turns it into a RowFault and goes on with the next row."""

    def __init__(self, rule: str, remedy: str, *, field: str = "", value: str = "") -> None:
        super().__init__(rule)
        self.rule, self.remedy, self.field, self.value = rule, remedy, field, value

    def at(self, row: int) -> RowFault:
        """Return the fault with its place."""
        return RowFault(row, self.field, self.rule, self.remedy, self.value[:SHOWN])


@dataclass(frozen=True)
class Batch:
    """Some rows of a file.

    Attributes:
        frame: ``_row`` (Int64, the 1-based number of the data row in the file) and, all String, the columns.
            Cells are stripped of surrounding white space; an absent or empty cell is null.
        faults: rows that could not be read. No row is both in ``frame`` and here.
    """

    frame: pl.DataFrame
    faults: tuple[RowFault, ...] = ()

    @classmethod
    def of(cls, cells: pl.DataFrame, rows: Sequence[int], faults: Iterable[RowFault] = ()) -> "Batch":
        """Make a batch of raw String columns, ``rows`` being their row numbers."""
        frame = cells.select(pl.all().str.strip_chars())
        frame = frame.select(pl.when(pl.all() != "").then(pl.all()))
        frame = frame.insert_column(0, pl.Series(ROW, rows, dtype=pl.Int64))
        return _without_zero_characters(frame, tuple(faults))


_TEXT = pl.col(pl.String)


def _without_zero_characters(frame: pl.DataFrame, faults: tuple[RowFault, ...]) -> Batch:
    # U+0000 is the one character that databases and C programs will not carry: it means damage, never data.
    if frame.width == 1:
        return Batch(frame, faults)
    damaged = frame.select(pl.any_horizontal(_TEXT.str.contains("\0", literal=True).fill_null(False))).to_series()
    if not damaged.any():
        return Batch(frame, faults)
    fault = Fault("text.zero", "Remove the zero characters (U+0000).")
    found = tuple(fault.at(row) for row in frame[ROW].filter(damaged))
    return Batch(frame.filter(~damaged), faults + found)


R = TypeVar("R")


class _Gather(Generic[R]):
    """Numbers rows as they are read, and holds them until a batch is full."""

    def __init__(self, source: Source, columns: Iterable[str] = ()) -> None:
        self._source = source
        self._columns = dict.fromkeys(columns)
        self._cells: list[R] = []
        self._rows: list[int] = []
        self._faults: list[RowFault] = []
        self._chars = 0
        self._empty = True
        self.row = 0  # number of the last row read

    def fault(self, fault: Fault) -> None:
        """Count one row that could not be read."""
        self.row += 1
        self._faults.append(fault.at(self.row))

    def weigh(self, chars: int) -> None:
        """Count text that the rows gathered hold."""
        self._chars += chars

    @property
    def full(self) -> bool:
        """True when the batch should be taken before more is added."""
        rows = len(self._rows)
        return (
            rows + len(self._faults) >= BATCH_ROWS
            or rows * len(self._columns) >= BATCH_CELLS
            or self._chars >= BATCH_CHARS
        )

    @property
    def _room(self) -> int:
        """Rows that may be added before the batch should be taken; at least one."""
        rows = min(BATCH_ROWS - len(self._faults), -(-BATCH_CELLS // len(self._columns)))
        return max(rows - len(self._rows), 1)

    def take(self) -> Batch:
        """Return what was gathered and start anew."""
        batch = Batch.of(self._frame(), self._rows, self._faults)
        self._cells, self._rows, self._faults = [], [], []
        self._chars = 0
        self._empty = False
        return batch

    def rest(self) -> Iterator[Batch]:
        """Yield the last batch: always one if the file held no row, so that its columns are known."""
        if self._rows or self._faults or self._empty:
            yield self.take()

    def _frame(self) -> pl.DataFrame:
        raise NotImplementedError


class Table(_Gather[Sequence[str | None]]):
    """Gathers rows of a table: as many cells as there are columns."""

    def __init__(self, source: Source, columns: Iterable[str]) -> None:
        super().__init__(source, columns)
        self._parts: list[pl.DataFrame] = []

    def add(self, cells: Sequence[str | None]) -> None:
        self.row += 1
        self._rows.append(self.row)
        self._cells.append(cells)

    def add_all(self, cells: pl.DataFrame) -> Iterator[Batch]:
        """Add rows that come as columns; yields the batches that this fills."""
        while not cells.is_empty():
            part, cells = cells.head(self._room), cells.slice(self._room)
            self._parts += [self._gathered(), part]
            self._rows += range(self.row + 1, self.row + part.height + 1)
            self.row += part.height
            if self.full:
                yield self.take()

    def _frame(self) -> pl.DataFrame:
        parts, self._parts = [*self._parts, self._gathered()], []
        return pl.concat(parts)

    def _gathered(self) -> pl.DataFrame:
        """The rows added one by one since this was asked last."""
        values = zip(*self._cells, strict=True) if self._cells else ((),) * len(self._columns)
        self._cells = []
        return pl.DataFrame([pl.Series(n, v, dtype=pl.String) for n, v in zip(self._columns, values, strict=True)])


class Records(_Gather[Mapping[str, str | None]]):
    """Gathers rows that name their own columns; each batch has the columns its rows name, in order of appearance."""

    def add(self, cells: Mapping[str, str | None]) -> None:
        """Add one row; raises UnreadableFile for a column named ``_row``, HostileFile for too many columns."""
        self.row += 1
        self._rows.append(self.row)
        self._cells.append(cells)
        if not cells.keys() <= self._columns.keys():
            self._columns.update(dict.fromkeys(cells))
            check_columns(self._source, list(self._columns), row=self.row)

    def take(self) -> Batch:
        batch = super().take()
        self._columns = {}
        return batch

    def _frame(self) -> pl.DataFrame:
        return pl.DataFrame(
            [pl.Series(name, [row.get(name) for row in self._cells], dtype=pl.String) for name in self._columns]
        )


def check_columns(source: Source, names: Sequence[str], *, row: int) -> None:
    """Raise UnreadableFile unless ``names`` are distinct and leave ``_row`` free; HostileFile if absurdly many."""
    if len(names) > MAX_COLUMNS:
        raise source.hostile(f"The file has more than {MAX_COLUMNS} columns.", "Send one row per record.", row=row)
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise source.unreadable(
                f"Two columns are named {name!r}.", "Give every column its own name.", row=row, field=name
            )
        seen.add(name)
    if ROW in seen:
        raise source.unreadable(f"The name {ROW!r} is kept for row numbers.", "Rename the column.", row=row, field=ROW)


def header(source: Source, cells: Sequence[str], *, row: int) -> list[str]:
    """Return the column names of a header; a blank one is named by its place, ``column_3``.

    Raises UnreadableFile if all are blank or two are alike.
    """
    names = [cell.strip("\ufeff \t\u3000").strip() for cell in cells]
    if not any(names):
        raise source.unreadable("There is no header.", "Name the columns, and say in which row.", row=row)
    names = [name or f"column_{place}" for place, name in enumerate(names, start=1)]
    check_columns(source, names, row=row)
    return names
