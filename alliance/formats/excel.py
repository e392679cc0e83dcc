"""Excel workbooks (.xlsx): one sheet, cells as text. Nothing in a workbook is ever evaluated."""

import datetime as dt
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

import openpyxl

from .batch import Batch, Fault, Options, Table, header
from .numbers import float_text, time_text
from .source import Source
from .zip_guard import check_zip

_MAX_ROWS = 1_048_576
_MAX_OVERLONG = 1_000  # rows past the header's width, each of which may cost a whole sheet's width
_DAMAGE = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    ParseError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


def read_excel(source: Source, options: Options) -> Iterator[Batch]:
    """Yield the rows of a sheet.

    A row with a formula, an error value, or more cells than the header is a RowFault; rows without any value are no
    rows. Raises UnreadableFile, HostileFile.
    """
    with source.seekable() as stream:
        check_zip(source, stream)
        sheet = _sheet(source, stream, options)
        rows = _rows(source, sheet, options.header_row)
        table = Table(source, columns := _header(source, next(rows, ()), options.header_row))
        overlong = 0
        for cells in rows:
            try:
                values = _values(cells, columns)
                if values is None:
                    continue
                table.add(values)
                table.weigh(sum(len(value) for value in values if value))
            except Fault as fault:
                table.fault(fault)
                overlong += fault.rule == "excel.cells"
                if overlong > _MAX_OVERLONG:
                    raise source.unreadable("The rows run past the header.", "Name every column.") from None
            if table.full:
                yield table.take()
        yield from table.rest()


def _sheet(source: Source, stream: BinaryIO, options: Options) -> Any:
    try:
        # data_only=False shows a formula as a formula, instead of the value some program last gave it.
        book = openpyxl.load_workbook(stream, read_only=True, data_only=False, keep_links=False)
        sheets: dict[str, Any] = {sheet.title: sheet for sheet in book.worksheets}
    except _DAMAGE as error:
        raise source.unreadable(f"The file is not an Excel workbook: {error}.", "Save it again as .xlsx.") from None
    name = options.sheet or next(iter(sheets), "")
    if name not in sheets:
        raise source.unreadable(f"There is no sheet {name!r}.", f"Name one of: {', '.join(sheets)}.", sheet=name)
    sheet = sheets[name]
    sheet.reset_dimensions()  # what a file says about its size may be wrong
    return sheet


def _header(source: Source, cells: Sequence[Any], row: int) -> list[str]:
    if any(cell.data_type == "f" for cell in cells):
        raise source.unreadable("The header holds a formula.", "Replace it by its value.", row=row)
    names = [_text(cell) or "" for cell in cells]
    while names and not names[-1].strip():
        names.pop()  # formatted cells beside the table
    return header(source, names, row=row)


def _rows(source: Source, sheet: Any, first: int) -> Iterator[Sequence[Any]]:
    row = first - 1
    try:
        for cells in sheet.iter_rows(min_row=first, max_row=_MAX_ROWS):
            row += 1
            yield cells
    except _DAMAGE as error:
        raise source.unreadable(f"The sheet is damaged: {error}.", "Save it again as .xlsx.", row=row + 1) from None


def _values(cells: Sequence[Any], columns: Sequence[str]) -> list[str | None] | None:
    """Return the text of a row's cells, None if there is none at all; raises Fault."""
    values: list[str | None] = []
    for place, cell in enumerate(cells):
        if cell.value is None:
            values.append(None)
            continue
        name = columns[place] if place < len(columns) else ""
        if cell.data_type == "f":
            raise Fault("excel.formula", "Replace the formula by its value.", field=name, value=_formula(cell.value))
        if cell.data_type == "e":
            raise Fault("excel.error", "Replace the error by a value, or nothing.", field=name, value=str(cell.value))
        values.append(_text(cell))
    if any(values[len(columns) :]):
        raise Fault("excel.cells", f"Give the row {len(columns)} cells, as the header has.")
    if not any(values):
        return None
    return (values + [None] * (len(columns) - len(values)))[: len(columns)]


def _formula(value: object) -> str:
    return str(getattr(value, "text", None) or value)


def _text(cell: Any) -> str | None:
    """Return a cell as text: dates ISO 8601, whole numbers without a fraction, booleans true and false."""
    match cell.value:
        case None:
            return None
        case bool() as value:
            return str(value).lower()
        case float() as value:
            return str(int(value)) if value.is_integer() else float_text(value)
        case dt.date() | dt.time() as value:
            return time_text(value)
        case value:
            return str(value)
