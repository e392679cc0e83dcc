"""The model's raw log-odds brought to the observed level of default, without bending them."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from alliance.errors import InvalidInput
from scoring.model.scale import FloatArray

_MAX_STEPS = 100
_MAX_HALVINGS = 40
_GRADIENT_TOLERANCE = 1e-12  # per observation


@dataclass(frozen=True)
class Calibration:
    """Log-odds of default = ``slope`` x raw log-odds + ``intercept``.

    Affine in log-odds, so contributions keep adding up: a part of the raw log-odds counts ``slope`` times. The slope is
    positive, so the ranking is the model's.
    """

    slope: float = 1.0
    intercept: float = 0.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.slope) and math.isfinite(self.intercept) and self.slope > 0):
            raise InvalidInput(
                f"A calibration with slope {self.slope} and intercept {self.intercept} does not keep the ranking.",
                remedy="Check that outcomes are 1 for default, and that the model ranks the calibration sample at all.",
            )

    def apply(self, raw_log_odds: FloatArray) -> FloatArray:
        """Calibrated log-odds of default, same shape."""
        return self.slope * raw_log_odds + self.intercept

    @classmethod
    def fit(cls, raw_log_odds: FloatArray, outcomes: NDArray[np.bool_] | NDArray[np.integer]) -> Self:
        """Platt's maximum likelihood fit on a sample the model has not seen.

        Targets are drawn in from 0 and 1 by Platt's smoothing, so a sample that separates perfectly still gives a
        finite slope. When every raw value is the same, the slope is 1 and only the level is fitted.

        Args:
            raw_log_odds: the model's raw log-odds of default (n), finite.
            outcomes: 1 for default, 0 for none (n); both must occur.

        Raises:
            InvalidInput: shapes differ, values are not finite, one outcome only, or risk falls as the raw value rises.

        Source:
            Platt (1999), "Probabilistic outputs for support vector machines"; targets (N1 + 1) / (N1 + 2) and
            1 / (N0 + 2). Newton's method with backtracking as in Lin, Lin and Weng (2007), "A note on Platt's
            probabilistic outputs".
        """
        raw = np.asarray(raw_log_odds, dtype=np.float64)
        bad = np.asarray(outcomes, dtype=np.float64)
        if raw.ndim != 1 or raw.shape != bad.shape or not np.isfinite(raw).all() or set(np.unique(bad)) != {0.0, 1.0}:
            raise InvalidInput(
                "Calibration needs finite raw log-odds and as many outcomes, with both 0 and 1 among them.",
                remedy="Give a calibration sample with defaults and non-defaults.",
            )
        targets = np.where(bad == 1, (bad.sum() + 1) / (bad.sum() + 2), 1 / (len(bad) - bad.sum() + 2))
        level = math.log(targets.mean() / (1 - targets.mean()))
        centre = float(raw.mean())
        if np.ptp(raw) == 0:
            return cls(1.0, level - float(raw[0]))
        slope, at_centre = _newton(raw - centre, targets, level)
        return cls(slope, at_centre - slope * centre)


def _newton(x: FloatArray, targets: FloatArray, level: float) -> tuple[float, float]:
    """Slope and intercept that maximise the likelihood of ``targets`` (n, between 0 and 1) given ``x`` (n)."""
    design = np.column_stack([x, np.ones_like(x)])
    place = np.array([0.0, level])
    loss = _loss(design @ place, targets)
    for _ in range(_MAX_STEPS):
        fitted = 0.5 * (1 + np.tanh(design @ place / 2))
        gradient = design.T @ (fitted - targets)
        if np.abs(gradient).max() <= _GRADIENT_TOLERANCE * len(x):
            break
        hessian = design.T @ (design * (fitted * (1 - fitted))[:, None])
        step = np.linalg.lstsq(hessian, gradient)[0]
        for _ in range(_MAX_HALVINGS):
            trial = _loss(design @ (place - step), targets)
            if trial <= loss:
                break
            step = step / 2
        else:
            break  # no way down left: the optimum, to rounding
        place, loss = place - step, trial
    return float(place[0]), float(place[1])


def _loss(log_odds: FloatArray, targets: FloatArray) -> float:
    """Negative log-likelihood."""
    return float((np.logaddexp(0, log_odds) - targets * log_odds).sum())
