"""Rows of a panel, each followed period by period until the outcome comes or nothing more can be known."""

from datetime import date

import polars as pl

from experiments.panel import LABEL
from scoring.months import months_after

PERIOD_MONTHS = 3
PERIODS = 12
HORIZONS = (6, 12, 18, 24, 36)
"""Months ahead PDs are told for; each a whole number of periods."""

PERIOD = "period"
"""Number of the period after the row's day, from 1; a feature of the model."""

FIRST_EVENT = "first_event"


def with_first_event(rows: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """The rows with ``first_event``: the day of the company's first outcome after the row's day, null for none.

    Args:
        rows: with ``company_id`` and ``as_of``.
        events: ``company_id`` and ``event_at`` of outcomes.
    """
    days = events.select("company_id", pl.col("event_at").alias(FIRST_EVENT)).unique().sort(FIRST_EVENT)
    placed = rows.with_row_index("_row").sort("as_of", maintain_order=True)
    met = placed.join_asof(
        days, left_on="as_of", right_on=FIRST_EVENT, by="company_id", strategy="forward",
        allow_exact_matches=False, check_sortedness=False, coalesce=False,
    )  # fmt: skip
    return met.sort("_row").drop("_row")


def person_periods(rows: pl.DataFrame, until: date, periods: int = PERIODS) -> pl.DataFrame:
    """One row for each period a row of a panel was followed through.

    A period counts only if it ended by ``until``, so that one cut short is neither an outcome nor a safe one (right
    censoring by exposure). After the outcome nothing follows. A company that leaves in another way stays in the table,
    safe: PDs are then chances that the outcome comes at all, as the label of a panel is (the risk set of Fine and Gray,
    1999, whose censoring by the end of the data is known for everyone).

    Args:
        rows: as ``with_first_event`` gives them.
        until: last day of which outcomes are known.

    Returns:
        The rows' columns, ``period`` (Float64, from 1) and ``label`` (Boolean: the outcome came in this period).
    """
    parts = []
    ends: dict[date, list[date]] = {
        day: [months_after(day, PERIOD_MONTHS * number) for number in range(periods + 1)]
        for day in rows["as_of"].unique().to_list()
    }
    for (day,), group in rows.group_by("as_of", maintain_order=True):
        for number in range(1, periods + 1):
            begin, end = ends[day][number - 1 : number + 1]
            if end > until:
                break
            event = pl.col(FIRST_EVENT)
            parts.append(
                group.filter(event.is_null() | (event > begin)).with_columns(
                    pl.lit(float(number)).alias(PERIOD), (event <= end).fill_null(False).alias(LABEL)
                )
            )
    nothing = rows.clear().with_columns(pl.lit(1.0).alias(PERIOD), pl.lit(False).alias(LABEL))
    return pl.concat([nothing, *parts])


def befallen(rows: pl.DataFrame, months: int) -> pl.Series:
    """Whether each row's outcome came within so many months of its day."""
    ends = {day: months_after(day, months) for day in rows["as_of"].unique().to_list()}
    end = rows["as_of"].replace_strict(list(ends), list(ends.values()), return_dtype=pl.Date)
    return (rows[FIRST_EVENT] <= end).fill_null(False)
