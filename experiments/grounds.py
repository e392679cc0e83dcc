"""What a model's reasons are held against, and how often they hold.

The reference of a feature is where it speaks neither for nor against a company. It is chosen by what it is for: moved
to it alone, companies' log-odds shall move the way the feature's contribution says. Medians, of all companies or of
sound ones, serve less: contributions start from the trees' mean, not from a company in the middle.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from scoring.model.scale import ScoreScale
from scoring.model.selection import MIN_POINTS
from scoring.model.shap import ADDITIVITY_TOLERANCE, Explainer
from scoring.score import ScoreTable

Floats = NDArray[np.float64]

DIGITS = 2
"""Digits a reference is told to: no company's own value is in the bundle."""

SAMPLE = 1_500
"""Rows taught that references are chosen on."""

MOST_ROWS = 120
"""Of these, rows tried for one feature."""

QUANTILES = np.linspace(0.05, 0.95, 19)
_SEED = 7


def reference_of(names: Sequence[str], taught: Floats, explainer: Explainer, slope: float) -> Mapping[str, float]:
    """By feature, the value at which most of its contributions hold, of equal ones that nearest the middle.

    A feature best moved to unknown is left out.

    Args:
        names: the features (f).
        taught: their values in the rows taught (m, f), NaN for unknown.
        explainer: of the model.
        slope: of the calibration.
    """
    generator = np.random.default_rng(_SEED)
    rows = taught[generator.permutation(len(taught))[:SAMPLE]]
    raw, parts = explainer.contributions(rows)
    heavy = np.abs(ScoreScale().change(slope * parts)) >= MIN_POINTS
    found = {}
    for column, name in enumerate(names):
        tried = np.flatnonzero(heavy[:, column])[:MOST_ROWS]
        candidates = _candidates(taught[:, column])
        changed = np.repeat(rows[tried][None], len(candidates), axis=0)
        changed[:, :, column] = candidates[:, None]
        told = explainer.contributions(changed.reshape(-1, len(names))).raw.reshape(len(candidates), -1)
        held = np.sign(parts[tried, column]) * (raw[tried] - told) > ADDITIVITY_TOLERANCE
        value = float(candidates[int(np.argmax(held.sum(axis=1)))])
        if not np.isnan(value):
            found[name] = value
    return found


def _candidates(column: Floats) -> Floats:
    """Quantiles of the known values (c), from the middle outward, then unknown."""
    known = column[~np.isnan(column)]
    if not len(known):
        return np.array([np.nan])
    told = [float(f"{value:.{DIGITS}g}") for value in np.quantile(known, sorted(QUANTILES, key=lambda q: abs(q - 0.5)))]
    return np.array([*dict.fromkeys(told), np.nan])


def reasons_hold(scored: ScoreTable) -> float:
    """Share of the reasons selected for rows that hold when tested, before those that do not are dropped, 0 to 1.

    1 where no reason is selected. What a gate before promotion asks; 0.99 is aimed at.
    """
    held = scored.held
    return float(held.mean()) if len(held) else 1.0
