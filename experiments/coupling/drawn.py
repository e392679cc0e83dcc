"""Outcomes drawn from a model: what data would look like if the model were the law."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Draws:
    """Labels for the rows of a panel, drawn so that they hang together at least as much as those that were seen.

    Labels of one company within one horizon look at nearly the same months, so they share one number; a label is told
    where its chance is above the number.

    Attributes:
        lots: number of each row's lot (n), one a company and span of a horizon.
    """

    lots: NDArray[np.int64]

    @classmethod
    def of(cls, rows: pl.DataFrame, horizon_months: int) -> "Draws":
        """For rows with ``company_id`` and ``as_of``, whose labels look so many months ahead."""
        month = pl.col("as_of").dt.year().cast(pl.Int64) * 12 + pl.col("as_of").dt.month() - 1
        lot = pl.struct("company_id", month // max(1, horizon_months)).rank("dense") - 1
        return cls(rows.select(lot.cast(pl.Int64)).to_series().to_numpy())

    def numbers(self, seed: int) -> NDArray[np.float64]:
        """A number in [0, 1) for each row (n), the same within a lot."""
        drawn: NDArray[np.float64] = np.random.default_rng(seed).random(int(self.lots.max()) + 1)[self.lots]
        return drawn
