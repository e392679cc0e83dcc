"""What goes wrong when a member writes its rows: things any of its clerks could have done, at the rates stated."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from alliance.signals import FieldType
from seeds.imperfections import Imperfections
from seeds.members.sheet import Member, Sheet
from seeds.registration import ALPHABET
from seeds.traces.days import after

UNKNOWN_WORD = "？"
EARLY_BY = (-400, -20)  # days from the event to a report that cannot be
_CHECKS = list(ALPHABET)
_WRONG_CHECKS = _CHECKS[7:] + _CHECKS[:7]


def too_early(rows: pl.DataFrame, sheet: Sheet, faults: Imperfections, draw: np.random.Generator) -> pl.DataFrame:
    """True rows, some of them reported before they happened."""
    early = pl.Series(draw.random(len(rows)) < faults.too_early)
    moved = after(rows[sheet.event.true], draw, *EARLY_BY)
    return rows.with_columns(pl.when(early).then(moved).otherwise(pl.col("reported_on")).alias("reported_on"))


def damaged(
    frame: pl.DataFrame, member: Member, sheet: Sheet, faults: Imperfections, draw: np.random.Generator
) -> pl.DataFrame:
    """The member's columns with bad codes, impossible days, negative counts, unknown words, and rows given twice."""
    changes = list(_codes(frame, member, sheet, faults, draw))
    rates = (faults.bad_date, faults.negative, faults.unknown_word)
    for flaws, rate in zip(_flaws(sheet), rates, strict=True):
        hit = draw.random(len(frame)) < rate
        which = draw.integers(0, max(len(flaws), 1), len(frame))
        for place, (column, wrong) in enumerate(flaws):
            at = pl.Series(hit & (which == place)) & frame[column].is_not_null()
            changes.append(pl.when(at).then(wrong).otherwise(pl.col(column)).alias(column))
    frame = frame.with_columns(changes)
    return pl.concat([frame, frame.filter(pl.Series(draw.random(len(frame)) < faults.duplicate))])


Flaws = list[tuple[str, pl.Expr]]


def _flaws(sheet: Sheet) -> tuple[Flaws, Flaws, Flaws]:
    """Columns that can be wrong and what then stands in them: days, counts and amounts, words."""
    days: Flaws = []
    counts: Flaws = []
    words: Flaws = []
    for cell in sheet.cells:
        field = sheet.field_of(cell)
        if field.type is FieldType.DATE and sheet.format != "parquet":
            days.append((cell.column, pl.lit(impossible_day(cell.dates))))
        elif field.type in (FieldType.INTEGER, FieldType.MONEY) and field.minimum is not None:
            counts.append((cell.column, -pl.col(cell.column).abs() - 1))
        elif field.type is FieldType.CATEGORY and cell.words:
            words.append((cell.column, pl.lit(UNKNOWN_WORD)))
    return days, counts, words


def impossible_day(pattern: str) -> str:
    """30 February 2023, in the pattern."""
    text = (pattern or "yyyy-MM-dd").replace("yyyy", "2023").replace("MM", "02").replace("dd", "30")
    return text.replace("M", "2").replace("d", "30")


def _codes(
    frame: pl.DataFrame, member: Member, sheet: Sheet, faults: Imperfections, draw: np.random.Generator
) -> Iterator[pl.Expr]:
    if not sheet.code:
        return
    code = pl.col(sheet.code)
    wrong = code.str.slice(0, 17) + code.str.slice(17).replace_strict(_CHECKS, _WRONG_CHECKS, default=None)
    broken = pl.Series(draw.random(len(frame)) < faults.broken_code)
    missing = pl.Series(draw.random(len(frame)) < faults.missing_code.get(member.role, 0.0))
    yield pl.when(missing).then(None).when(broken).then(wrong).otherwise(code).alias(sheet.code)
