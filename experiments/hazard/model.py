"""One model of the hazard over features and period; PDs of all horizons are made of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from alliance.errors import InvalidInput
from alliance.signals import Pillar
from experiments.hazard.periods import PERIOD, PERIOD_MONTHS, PERIODS
from experiments.panel import LABEL
from experiments.splits import company_folds
from experiments.train import RECIPE, Grown, Recipe, grow
from scoring.features import Feature, Unit

Floats = NDArray[np.float64]

STOP_FOLDS = 4
"""One in so many companies stops the growing and carries the calibration; it teaches nothing else."""

YEAR = 4
"""Periods that share a level of calibration."""

SHRINKAGE = 5.0
"""Pull of each year's level to the common one: as of some five outcomes, so that a year without any keeps to it."""

PERIOD_FEATURE = Feature(
    name=PERIOD, pillar=Pillar.OUTCOME, signal=None, expr=pl.col(PERIOD), zh="预测期序号", en="number of the period",
    unit=Unit.COUNT,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class HazardModel:
    """Hazards by feature and period.

    Attributes:
        grown: trees over the features and the period.
        slope: of the calibration, positive.
        levels: of the calibration, by year of periods.
        periods: longest period the trees have learned from; later ones are taken to be like it.
    """

    grown: Grown
    slope: float
    levels: Floats
    periods: int

    def hazards(self, rows: pl.DataFrame) -> Floats:
        """Chance of the outcome in each period given none before (n, ``PERIODS``), for rows with the features."""
        columns = []
        for number in range(1, PERIODS + 1):
            raw = self.grown.raw(rows.with_columns(pl.lit(float(min(number, self.periods))).alias(PERIOD)))
            columns.append(_sigmoid(self.slope * raw + self.levels[_year(number)]))
        return np.column_stack(columns)

    def pd(self, rows: pl.DataFrame, months: Sequence[int]) -> Floats:
        """Chance of the outcome within each of some months (n, m): 1 minus the product of 1 minus the hazards.

        Raises:
            InvalidInput: months that are not whole periods, or beyond the last.
        """
        odd = [month for month in months if month % PERIOD_MONTHS or not 0 < month <= PERIODS * PERIOD_MONTHS]
        if odd:
            raise InvalidInput(
                f"There is no PD of {odd[0]} months.",
                remedy=f"Ask for multiples of {PERIOD_MONTHS} up to {PERIODS * PERIOD_MONTHS}.",
            )
        return pds(self.hazards(rows))[:, [month // PERIOD_MONTHS - 1 for month in months]]


def pds(hazards: Floats) -> Floats:
    """Chance that the outcome has come by the end of each period (n, k), of hazards (n, k); never falls with time."""
    return np.asarray(1 - np.cumprod(1 - hazards, axis=1))


def learn_hazard(periods: pl.DataFrame, features: Sequence[Feature], recipe: Recipe = RECIPE) -> HazardModel:
    """Learn from a table of ``person_periods``.

    Raises:
        InvalidInput: no period, or the companies that teach or those that calibrate lack either outcome.
    """
    if periods.is_empty() or periods[LABEL].n_unique() < 2:
        raise InvalidInput("No outcome was followed.", remedy="Let the panel begin earlier, or take more companies.")
    stopping = company_folds(periods["company_id"], STOP_FOLDS) == 0
    fit, stop = periods.filter(~stopping), periods.filter(stopping)
    if fit[LABEL].n_unique() < 2 or stop[LABEL].n_unique() < 2:
        raise InvalidInput("Too few outcomes were followed.", remedy="Take more companies, or more days.")
    grown = grow(fit, stop, [*features, PERIOD_FEATURE], recipe)
    years = np.array([_year(int(number)) for number in stop[PERIOD].to_list()])
    slope, levels = _calibrated(grown.raw(stop), years, stop[LABEL].to_numpy().astype(np.float64))
    longest = periods[PERIOD].to_numpy().max()
    return HazardModel(grown, slope, levels, int(longest))


def _year(number: int) -> int:
    return (number - 1) // YEAR


def _calibrated(raw: Floats, years: NDArray[np.int64], labels: Floats) -> tuple[float, Floats]:
    """Slope and levels by year that maximise the likelihood, levels pulled to their common one.

    Raises:
        InvalidInput: risk falls as the raw value rises.
    """
    count = _year(PERIODS) + 1
    design = np.column_stack([raw, np.ones_like(raw), *(years == year for year in range(count))]).astype(np.float64)
    pull = np.diag([0.0, 0.0, *[SHRINKAGE] * count])
    place = np.array([1.0, 0.0, *[0.0] * count])
    for _ in range(100):
        fitted = _sigmoid(design @ place)
        hessian = design.T @ (design * (fitted * (1 - fitted))[:, None]) + pull
        step = np.linalg.lstsq(hessian, design.T @ (labels - fitted) - pull @ place)[0]
        place = place + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-10:
            break
    if not place[0] > 0:
        raise InvalidInput("The hazards do not rank the companies that calibrate them.", remedy="Take more companies.")
    return float(place[0]), place[1] + place[2:]


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(x / 2)))
