"""True rows -> a member's columns, in its words, units and date patterns."""

import numpy as np
import polars as pl

from alliance.signals import FieldType
from seeds.imperfections import Imperfections
from seeds.members.damage import damaged, too_early
from seeds.members.sheet import Cell, Member, Sheet

_LETTERS = (("yyyy", "%Y"), ("MM", "%m"), ("dd", "%d"), ("M", "%-m"), ("d", "%-d"))


def written_day(column: pl.Expr, pattern: str) -> pl.Expr:
    """A day as text in a pattern of ``yyyy MM M dd d``; ISO for none."""
    code = pattern
    for letters, directive in _LETTERS:
        if f"%{letters}" not in code:
            code = code.replace(letters, directive)
    return column.dt.strftime(code or "%Y-%m-%d")


def rendered(
    rows: pl.DataFrame, member: Member, sheet: Sheet, faults: Imperfections, draw: np.random.Generator
) -> pl.DataFrame:
    """The member's columns, with its errors.

    Args:
        rows: ``code``, ``client``, ``written_name`` (of company sheets), ``reported_on`` and the cells' true columns.
    """
    rows = too_early(rows, sheet, faults, draw)
    typed = sheet.format == "parquet"
    reported = pl.col("reported_on") if typed else written_day(pl.col("reported_on"), sheet.report_dates)
    identity = {sheet.code: "code", sheet.client: "client", sheet.company_name: "written_name"}
    columns = {name: pl.col(true) for name, true in identity.items() if name}
    for cell in sheet.cells:
        columns.setdefault(cell.column, _written(cell, sheet.field_of(cell).type, typed))
    columns |= {name: pl.col(true) for name, true in sheet.marks.items()}
    columns |= {cell.currency: pl.col("currency") for cell in sheet.cells if cell.currency}
    columns[sheet.reported] = reported
    return damaged(rows.select(value.alias(name) for name, value in columns.items()), member, sheet, faults, draw)


def _written(cell: Cell, kind: FieldType, typed: bool) -> pl.Expr:
    true = pl.col(cell.true)
    if cell.words:
        ours, theirs = list(cell.words), list(cell.words.values())
        return true.cast(pl.String).replace_strict(ours, theirs, default=None, return_dtype=pl.String)
    if kind is FieldType.DATE and not typed:
        return written_day(true, cell.dates)
    if cell.currency:
        return (true / pl.col("currency_rate")).round(2)
    if cell.scale != 1.0:
        return (true / cell.scale).round(2 if kind is FieldType.MONEY else 4)
    return true
