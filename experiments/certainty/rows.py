"""Rows that intervals are made from."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from experiments.metrics import Sample
from scoring.model import Calibration
from scoring.model.scale import probability

Floats = NDArray[np.float64]
Years = NDArray[np.int64]


def years_back(days: pl.Series, horizon_months: int) -> Years:
    """How many whole horizons each day (n) lies before the last: rows of one number share most of their horizon."""
    months = days.dt.year().cast(int) * 12 + days.dt.month().cast(int)
    number: Years = months.to_numpy().astype(np.int64)
    return np.asarray((number.max() - number) // horizon_months)


@dataclass(frozen=True, eq=False)
class Rows:
    """Scored rows whose outcome is known, each by trees that its company taught nothing.

    Attributes:
        raw: raw log-odds (n).
        sample: labels and companies (n).
        calibration: as fitted to them.
        years: which span of one horizon each row's day is in (n); all 0 for rows of one day.
    """

    raw: Floats
    sample: Sample
    calibration: Calibration
    years: Years

    @classmethod
    def of(cls, raw: Floats, sample: Sample, years: Years | None = None) -> "Rows":
        """Rows under the calibration that fits them; of one year unless told otherwise.

        Raises:
            InvalidInput: the raw values do not rank the outcomes.
        """
        calibration = Calibration.fit(raw, sample.labels.astype(np.int64))
        return cls(raw, sample, calibration, np.zeros(len(raw), dtype=np.int64) if years is None else years)

    @property
    def pd(self) -> Floats:
        """Calibrated PD (n)."""
        return np.asarray(probability(self.calibration.apply(self.raw)))
