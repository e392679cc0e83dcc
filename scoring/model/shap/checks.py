"""LightGBM's own answers, and what ours are held to."""

from typing import Any, Protocol

import numpy as np

from alliance.errors import BundleError
from scoring.model.scale import FloatArray
from scoring.model.shap.explainer import Explainer

ADDITIVITY_TOLERANCE = 1e-9
"""Largest difference between the raw log-odds and base plus contributions; rounding alone is near 1e-14."""

_DO_NOT_USE = "Do not use this model: its explanations would be wrong. Train it again."


class Predictor(Protocol):
    """What answers as LightGBM does: a ``Judge``, or a ``lightgbm.Booster``."""

    def predict(self, matrix: Any, /, *, raw_score: bool, pred_contrib: bool, num_threads: int) -> Any: ...


def raw_log_odds(model: Predictor, matrix: FloatArray, *, threads: int = 1) -> FloatArray:
    """LightGBM's raw log-odds of default (n) of feature values (n, f), NaN for unknown."""
    if not len(matrix):
        return np.empty(0)
    return np.asarray(model.predict(matrix, raw_score=True, pred_contrib=False, num_threads=threads), dtype=np.float64)


def check_additive(raw: FloatArray, parts: FloatArray, base: float) -> None:
    """Raise ``BundleError`` unless ``parts`` (n, f) and ``base`` add up to ``raw`` (n) within the tolerance."""
    gap = np.abs(parts.sum(axis=1) + base - raw).max(initial=0.0)
    if not gap <= ADDITIVITY_TOLERANCE:
        raise BundleError(
            f"Contributions miss the log-odds by {gap:.3g}, more than {ADDITIVITY_TOLERANCE}.", remedy=_DO_NOT_USE
        )


def check_against_lightgbm(explainer: Explainer, model: Predictor, rows: FloatArray) -> None:
    """Raise ``BundleError`` unless an explainer says of rows (n, f) what LightGBM says.

    The raw log-odds must be the same to the bit, contributions and base within the tolerance.
    """
    raw, parts = explainer.contributions(rows)
    theirs = np.asarray(model.predict(rows, raw_score=False, pred_contrib=True, num_threads=1))
    gap = np.abs(np.column_stack([parts, np.full(len(parts), explainer.base)]) - theirs).max(initial=0.0)
    alike = np.array_equal(raw, raw_log_odds(model, rows)) and np.array_equal(raw, explainer.raw(rows))
    if not alike or not gap <= ADDITIVITY_TOLERANCE:
        raise BundleError(f"Contributions differ from LightGBM's own by {gap:.3g}.", remedy=_DO_NOT_USE)
