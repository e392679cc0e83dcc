"""Exact contributions of features to the raw log-odds of a tree model (Lundberg's TreeSHAP)."""

import lightgbm as lgb
import numpy as np

from alliance.errors import BundleError
from scoring.model.scale import FloatArray

ADDITIVITY_TOLERANCE = 1e-9
"""Largest difference between the raw log-odds and base plus contributions; rounding alone is near 1e-14."""


def raw_log_odds(booster: lgb.Booster, matrix: FloatArray, *, threads: int = 1) -> FloatArray:
    """Raw log-odds of default (n) of feature values (n, f), NaN for unknown.

    Each row is walked alone, tree by tree: the bits do not depend on the other rows or on ``threads``.
    """
    if not len(matrix):
        return np.empty(0)
    return np.asarray(booster.predict(matrix, raw_score=True, num_threads=threads), dtype=np.float64)


def contributions(booster: lgb.Booster, matrix: FloatArray, *, threads: int = 1) -> tuple[FloatArray, float]:
    """Contributions (n, f) of feature values (n, f), NaN for unknown, and the base they start from.

    Both are raw log-odds of default: a row's contributions and the base add up to its raw log-odds. The base is the
    mean over the training sample, as the trees' counts hold it.
    """
    rows = matrix if len(matrix) else np.full((1, matrix.shape[1]), np.nan)
    parts = np.asarray(booster.predict(rows, pred_contrib=True, num_threads=threads), dtype=np.float64)
    return np.ascontiguousarray(parts[: len(matrix), :-1]), float(parts[0, -1])


def check_additive(raw: FloatArray, parts: FloatArray, base: float) -> None:
    """Raise ``BundleError`` unless ``parts`` (n, f) and ``base`` add up to ``raw`` (n) within the tolerance."""
    gap = np.abs(parts.sum(axis=1) + base - raw).max(initial=0.0)
    if not gap <= ADDITIVITY_TOLERANCE:
        raise BundleError(
            f"Contributions miss the log-odds by {gap:.3g}, more than {ADDITIVITY_TOLERANCE}.",
            remedy="Do not use this model: its explanations would not add up. Train it again.",
        )
