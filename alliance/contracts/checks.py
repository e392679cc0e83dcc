"""A rule over a column of a batch, and the faults of the rows that break it."""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from alliance.formats import RowFault

_LONGEST_SHOWN = 60


@dataclass(frozen=True)
class Check:
    """A fault a row may have: where ``bad`` is true, the member's column ``field`` breaks ``rule``.

    ``cell`` is the frame's column that holds the member's word.
    """

    field: str
    rule: str
    remedy: str
    bad: pl.Expr
    cell: str


def faults(frame: pl.DataFrame, checks: Iterable[Check]) -> list[RowFault]:
    """One fault for every row and check that is true there; null counts as sound."""
    every = list(checks)
    if not every or frame.is_empty():
        return []
    truth = frame.select(check.bad.fill_null(False).alias(str(i)) for i, check in enumerate(every))
    found = []
    for i, check in enumerate(every):
        bad = truth[str(i)]
        if bad.any():
            cells = frame[check.cell] if check.cell in frame.columns else pl.Series([None] * frame.height)
            pairs = zip(frame["_row"].filter(bad), cells.filter(bad), strict=True)
            found += [RowFault(row, check.field, check.rule, check.remedy, _shown(cell)) for row, cell in pairs]
    return found


def _shown(cell: str | None) -> str:
    """The cell as a message shows it, cut to a length a table can hold."""
    return "" if cell is None else cell if len(cell) <= _LONGEST_SHOWN else cell[: _LONGEST_SHOWN - 3] + "..."
