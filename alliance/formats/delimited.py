"""CSV, TSV and their kin, by any of the four usual delimiters."""

import csv
import io
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, BinaryIO

from alliance.errors import UnreadableFile

from .batch import Batch, Fault, Options, Table, header
from .encoding import MARK, blocks, encoding_of
from .limits import MAX_CELL, MAX_LINE
from .plain import plain_cells
from .source import Source

if TYPE_CHECKING:
    from _csv import Reader

_DELIMITERS = ",;\t|"
_SAMPLE_LINES = 100
_SAMPLE_CHARS = 64 * 1024
_TRIED = 10  # rows after which a majority of undecodable ones means that the encoding is wrong, not the rows


def read_delimited(source: Source, options: Options) -> Iterator[Batch]:
    """Yield the rows of a delimited text file.

    A row with another number of cells than the header, with a misplaced quote, or with bytes that are not text in the
    file's encoding is a RowFault. Blank lines are no rows. Raises UnreadableFile, HostileFile.
    """
    encoding = encoding_of(source, options.encoding)
    csv.field_size_limit(MAX_CELL)  # the csv module keeps one limit for the whole process
    with source.open() as stream:
        lines = _Lines(source, stream, encoding)
        yield from _rows(source, options, lines)


class _Lines:
    """The lines of a text with their ends, CR, LF and CRLF alike; never more than MAX_LINE of it held.

    Whoever has come to the end of a block (``between``) may take the next one whole (``take``).

    Attributes:
        damaged: whether any of it could not be decoded.
    """

    def __init__(self, source: Source, stream: BinaryIO, encoding: str) -> None:
        self.encoding = encoding
        self.damaged = False
        self._source = source
        self._blocks = self._whole(blocks(stream, encoding))
        self._block = ""  # the next
        self._within = io.StringIO()  # the one whose lines are being given
        self._end = 0
        self._chars = 0

    def taken(self) -> int:
        """Characters taken from the file since this was asked last."""
        chars, self._chars = self._chars, 0
        return chars

    @property
    def between(self) -> bool:
        """Whether every line of the blocks begun has been given."""
        return self._within.tell() == self._end

    @property
    def block(self) -> str:
        """The next block: whole lines; empty at the end of the text."""
        self._block = self._block or next(self._blocks, "")
        return self._block

    def take(self) -> None:
        """Pass over the next block: it has been read."""
        self._block = ""

    def __iter__(self) -> Iterator[str]:
        while block := self.block:
            self._within, self._end = io.StringIO(block, newline=""), len(block)
            self.take()
            yield from self._within

    def _whole(self, parts: Iterator[str]) -> Iterator[str]:
        """The text cut at ends of lines."""
        held = ""
        for block in parts:
            self._chars += len(block)
            self.damaged = self.damaged or MARK in block
            text = held + block
            # A CR that ends the text may be the first half of a CRLF.
            cut = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1
            held = text[cut:]
            if len(held) > MAX_LINE:
                raise self._source.hostile(f"A line is longer than {MAX_LINE} characters.", "Send one row per line.")
            if cut:
                yield text[:cut]
        if held:
            yield held


def _rows(source: Source, options: Options, lines: _Lines) -> Iterator[Batch]:
    every = iter(lines)
    for _ in islice(every, options.header_row - 1):
        pass
    sample = deque(_sample(every))
    delimiter = options.delimiter or _sniff(list(sample))
    reader = csv.reader(chain(_drained(sample), every), delimiter=delimiter, strict=True)
    table = Table(source, columns := _header(source, options, lines, reader))
    for cells in _parse(source, lines, reader, columns, table):
        if isinstance(cells, Fault):
            table.fault(cells)
        else:
            table.add(cells)
        table.weigh(lines.taken())
        if table.full:
            yield table.take()
        while not sample and lines.between and (plain := plain_cells(lines.block, columns, delimiter)) is not None:
            lines.take()
            table.weigh(lines.taken())
            yield from table.add_all(plain)
    yield from table.rest()


def _drained(lines: deque[str]) -> Iterator[str]:
    while lines:
        yield lines.popleft()


def _header(source: Source, options: Options, lines: _Lines, reader: "Reader") -> list[str]:
    try:
        cells = next(reader, [])
    except csv.Error as error:
        raise source.unreadable(f"The header cannot be read: {error}.", "Mend it.", row=options.header_row) from None
    if any(MARK in cell for cell in cells):
        raise _wrong_encoding(source, lines)
    return header(source, cells, row=options.header_row)


def _parse(
    source: Source, lines: _Lines, reader: "Reader", columns: Sequence[str], table: Table
) -> Iterator[list[str] | Fault]:
    """Yield each row, or what is wrong with it; ``table`` knows how many came before."""
    undecodable = 0
    while True:
        began = reader.line_num + 1
        try:
            for cells in reader:
                if lines.damaged and (damaged := _damaged(cells, columns)):
                    undecodable += 1
                    if table.row >= _TRIED and undecodable * 2 > table.row:
                        raise _wrong_encoding(source, lines)
                    yield damaged
                elif len(cells) == len(columns):
                    yield cells
                elif len(cells) > 1 or (cells and cells[0].strip()):
                    yield Fault(
                        "csv.cells",
                        f"Give the row {len(columns)} cells, as the header has; quote a cell that holds the delimiter.",
                        value=f"{len(cells)} cells",
                    )
                began = reader.line_num + 1
            return
        except csv.Error as error:
            yield _quote_fault(source, str(error), began, reader.line_num, table.row + 1)


def _quote_fault(source: Source, error: str, began: int, ended: int, row: int) -> Fault:
    if error.startswith("unexpected end") or ("field limit" in error and ended > began):
        raise source.unreadable("A quote is opened and never closed.", "Close the quote.", row=row)
    if "field limit" in error:
        raise source.hostile(f"A cell is longer than {MAX_CELL} characters.", "Shorten it.", row=row)
    return Fault(
        "csv.quote",
        "Double the quotes inside a quoted cell, and close it before the delimiter.",
        value=f"{ended - began + 1} lines",
    )


def _damaged(cells: Sequence[str], columns: Sequence[str]) -> Fault | None:
    for place, cell in enumerate(cells):
        if MARK in cell:
            return Fault(
                "csv.encoding",
                "Write the row in the encoding of the file.",
                field=columns[place] if place < len(columns) else "",
                value=cell.replace(MARK, "\ufffd"),
            )
    return None


def _wrong_encoding(source: Source, lines: _Lines) -> UnreadableFile:
    return source.unreadable(
        f"The file is not in the encoding {lines.encoding}.", "Name its encoding, or none to have it detected."
    )


def _sample(lines: Iterator[str]) -> Iterator[str]:
    chars = 0
    for line in islice(lines, _SAMPLE_LINES):
        yield line
        chars += len(line)
        if chars > _SAMPLE_CHARS:
            return


def _sniff(sample: list[str]) -> str:
    """Return the delimiter by which most rows have as many cells as the header, and it has most."""

    def fit(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(cells) for cells in csv.reader(sample, delimiter=delimiter) if cells]
        except csv.Error:
            return (0, 0)
        if not widths or widths[0] == 1:
            return (0, 0)
        return (widths.count(widths[0]) / len(widths), widths[0])

    return max(_DELIMITERS, key=fit)
