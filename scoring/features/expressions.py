"""The words features are written in: windows, latest and earlier values, counts, totals, ratios.

All of them are aggregations over one company's facts of one signal in order of time, or row by row where said so, and
all keep two promises. Unknown is not zero: a count or total is zero when facts are there and none qualifies, and null
when what it would count is unknown. The order of rows and the company of others change nothing: floats are never
summed, only picked, compared and divided. Nor is a column divided by a constant: Polars then multiplies a long column
by the inverse and divides a short one, which differ in the last bit. Multiply by the inverse instead.
"""

from functools import reduce
from operator import or_

import polars as pl

AGE = pl.col("age")

DAYS_TO_MONTHS = 12 / 365.25
"""Factor; a constant one, since a column must not be divided by a constant."""
QUARTER, HALF_YEAR, YEAR = 92, 183, 365
"""Days."""
YEAR_APART = 335
"""Days between two reports a year apart: a month of grace, for reports of one quarter vary by weeks."""
HALF_YEAR_APART = 150
"""Days between two reports half a year apart, with the same grace."""


def within(days: int, *, but_not: int = 0) -> pl.Expr:
    """Row by row: whether the fact is younger than so many days, and not younger than ``but_not`` days."""
    return pl.col("age") < days if not but_not else (pl.col("age") >= but_not) & (pl.col("age") < days)


def days_since(field: str) -> pl.Expr:
    """Row by row: whole days from a date field to the as-of day; negative for a day still to come."""
    return (pl.col("as_of") - pl.col(field)).dt.total_days()


def one_of(field: str, *values: str) -> pl.Expr:
    """Row by row: whether the field has one of the values; null where it is unknown."""
    return reduce(or_, [pl.col(field) == value for value in values])


def ratio(part: pl.Expr | str, whole: pl.Expr | str) -> pl.Expr:
    """Part by whole; null unless the whole is positive, for a ratio to nothing or to a loss says nothing."""
    part, whole = _column(part), _column(whole)
    return pl.when(whole > 0).then(part / whole)


def latest(value: pl.Expr | str, where: pl.Expr | None = None) -> pl.Expr:
    """The latest known value, of the facts that qualify."""
    return _among(_column(value), where).last(ignore_nulls=True)


def previous(value: pl.Expr | str, where: pl.Expr | None = None) -> pl.Expr:
    """The known value before the latest known one, of the facts that qualify."""
    return _among(_column(value), where).drop_nulls().get(-2, null_on_oob=True)


def before(value: pl.Expr | str, days: int = YEAR_APART) -> pl.Expr:
    """The latest value known at least so many days before the latest known value."""
    value = _column(value)
    youngest = pl.when(value.is_not_null()).then(AGE).min()
    return pl.when(youngest + days <= AGE).then(value).last(ignore_nulls=True)


def change(value: pl.Expr | str, days: int = YEAR_APART) -> pl.Expr:
    """Latest value less the one at least so many days before it."""
    return latest(value) - before(value, days)


def growth(value: pl.Expr | str, days: int = YEAR_APART) -> pl.Expr:
    """Relative change against the value at least so many days before; 0.25 means a quarter more."""
    return ratio(latest(value), before(value, days)) - 1


def number_of(condition: pl.Expr) -> pl.Expr:
    """How many facts meet a condition that is known of every fact: one on its age, its key, or a flag made so."""
    return condition.sum().cast(pl.Int64)


def number_known(condition: pl.Expr) -> pl.Expr:
    """How many facts are known to meet the condition; null when it is unknown for every one of them."""
    return pl.when(condition.count() > 0).then(number_of(condition))


def share_of(condition: pl.Expr, where: pl.Expr | None = None) -> pl.Expr:
    """Share meeting the condition, of the facts that qualify and for which it is known."""
    return _among(condition, where).mean()


def total(amount: pl.Expr | str, where: pl.Expr | None = None) -> pl.Expr:
    """Sum of an integer over the facts that qualify, as known; 0 if none qualifies, null if none is known."""
    known = _among(_column(amount), where)
    answered = known.count() > 0
    return pl.when(answered if where is None else answered | ~where.any()).then(known.sum())


def basis_points(share: str) -> pl.Expr:
    """Row by row: a share in hundredths of a per cent, as an integer, so that sums of it are exact; no number, null."""
    return (pl.col(share) * 10_000).round().cast(pl.Int64, strict=False)


def mean_share(points: str, where: pl.Expr) -> pl.Expr:
    """Mean share of the facts that qualify, from a column in basis points."""
    return _among(pl.col(points), where).mean() * 0.0001


def distinct(field: str) -> pl.Expr:
    """Number of different known values; null when none is known."""
    return pl.when(pl.col(field).count() > 0).then(pl.col(field).drop_nulls().n_unique())


def _column(value: pl.Expr | str) -> pl.Expr:
    return pl.col(value) if isinstance(value, str) else value


def _among(value: pl.Expr, where: pl.Expr | None) -> pl.Expr:
    return value if where is None else pl.when(where).then(value)
