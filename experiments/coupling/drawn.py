"""Outcomes drawn from a model: what data would look like if the model were the law."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from experiments.panel import LABEL


def with_labels_drawn(rows: pl.DataFrame, pd: NDArray[np.float64], seed: int, horizon_months: int) -> pl.DataFrame:
    """The rows with labels drawn anew, each with its PD.

    Labels of one company within one horizon look at nearly the same months. They are drawn together (one number a
    company and span of a horizon), so that what is drawn hangs together at least as much as what was seen.

    Args:
        rows: of a panel (n).
        pd: chance of each row's outcome (n).
        horizon_months: of the labels.
    """
    months = rows.select(pl.col("as_of").dt.year().cast(pl.Int64) * 12 + pl.col("as_of").dt.month()).to_series()
    spans = rows.select("company_id", pl.Series("span", (months - 1) // max(1, horizon_months)))
    codes = spans.select(pl.struct("company_id", "span").rank("dense") - 1).to_series().to_numpy()
    numbers = np.random.default_rng(seed).random(int(codes.max()) + 1)
    return rows.with_columns(pl.Series(LABEL, numbers[codes] < pd))
