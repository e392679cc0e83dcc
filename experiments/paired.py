"""Many forecasts of the same rows, measured on the same draws of companies."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.metrics import (
    LEVEL,
    METRICS,
    REPLICATES,
    SEED,
    Estimate,
    Floats,
    Sample,
    estimate,
    partial_areas,
    replicated,
)

PARTIAL = "partial_auc"
"""Partial AUC (``metrics.partial_areas``) among rows of a kind."""

MEASURES = (*METRICS, PARTIAL)

LESS_IS_BETTER = ("brier", "log_loss")


@dataclass(frozen=True)
class Measured:
    """One forecast.

    Attributes:
        values: by measure, with its interval.
        gains: by measure, the value less that of the forecast compared with, paired: from the same draws.
    """

    values: Mapping[str, Estimate]
    gains: Mapping[str, Estimate]


@dataclass(frozen=True, eq=False)
class Draws:
    """Every measure of some forecasts on the rows as they are and on each replicate.

    Attributes:
        values: by forecast and measure, the value on the rows, then on each replicate (1 + r).
    """

    values: Mapping[str, Mapping[str, Floats]]

    @classmethod
    def of(
        cls,
        sample: Sample,
        told: Mapping[str, Floats],
        *,
        among: NDArray[np.bool_] | None = None,
        replicates: int = REPLICATES,
        seed: int = SEED,
    ) -> "Draws":
        """Measure forecasts.

        Args:
            told: PD (n) by name.
            among: rows on which the partial AUC is measured (n); without them, or with one outcome among them, there
                is none.
        """
        some = _part(sample, among)
        values: dict[str, dict[str, Floats]] = {}
        for name, pd in told.items():
            values[name] = replicated(sample, pd, replicates, seed)
            if some is not None:
                values[name][PARTIAL] = partial_areas(some, pd[among], replicates, seed)
        return cls(values)

    def against(self, over: str, level: float = LEVEL) -> dict[str, Measured]:
        """Each forecast with its gains over the one named ``over``."""
        return {name: self.one(name, over, level) for name in self.values}

    def one(self, name: str, over: str, level: float = LEVEL) -> Measured:
        """One forecast with its gains over another; intervals hold ``level`` of the replicates."""
        mine, other = self.values[name], self.values[over]
        return Measured(
            values={measure: estimate(found, level) for measure, found in mine.items()},
            gains={measure: estimate(found - other[measure], level) for measure, found in mine.items()},
        )


def _part(sample: Sample, among: NDArray[np.bool_] | None) -> Sample | None:
    if among is None or len(np.unique(sample.labels[among])) < 2:
        return None
    return Sample.of(sample.labels[among], sample.companies[among])
