"""Days drawn within the quarter that a record belongs to, or some time after an event."""

import numpy as np
import polars as pl

from seeds.calendar import days_within
from seeds.state import Floats


def within(quarters: pl.Series, draw: np.random.Generator) -> pl.Series:
    """A day in each quarter."""
    return pl.Series(days_within(quarters.to_numpy(), draw), dtype=pl.Date)


def after(days: pl.Series, draw: np.random.Generator, shortest: int, longest: int) -> pl.Series:
    """Each day moved on by a number of days drawn evenly between the two, both included."""
    moved = days.to_numpy().astype("datetime64[D]") + draw.integers(shortest, longest + 1, len(days))
    return pl.Series(moved, dtype=pl.Date)


def repeated(frame: pl.DataFrame, rate: Floats, draw: np.random.Generator) -> pl.DataFrame:
    """Each row as often as a Poisson draw of its rate says."""
    counts = draw.poisson(rate)
    return frame[np.repeat(np.arange(len(frame)), counts)]
