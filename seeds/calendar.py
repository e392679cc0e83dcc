"""Quarters as whole numbers since the first quarter of 2012, and their days."""

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from seeds.parameters import FOUNDED_FROM, WINDOW_START

Days = NDArray[np.datetime64]


def quarter_of(day: date) -> int:
    """Number of the quarter a day lies in; 0 is the first of 2012."""
    return (day.year - FOUNDED_FROM) * 4 + (day.month - 1) // 3


def quarter_start(quarter: int) -> date:
    return date(FOUNDED_FROM + quarter // 4, quarter % 4 * 3 + 1, 1)


def quarter_end(quarter: int) -> date:
    """Last day of a quarter: the as-of day of the state it leaves."""
    return quarter_start(quarter + 1) - timedelta(days=1)


def window(years: int) -> range:
    """Quarters that are reported on, from 2019 on."""
    first = quarter_of(WINDOW_START)
    return range(first, first + 4 * years)


def days_within(quarters: NDArray[np.int64], draw: np.random.Generator) -> Days:
    """A day in each quarter, evenly drawn."""
    starts = np.array([quarter_start(q) for q in range(int(quarters.max(initial=0)) + 2)], dtype="datetime64[D]")
    length = (starts[quarters + 1] - starts[quarters]).astype(np.int64)
    return np.asarray(starts[quarters] + (draw.random(len(quarters)) * length).astype(np.int64))
