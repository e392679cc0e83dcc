"""What a model's reasons are held against, and how often they hold.

The reference of a feature is where it speaks neither for nor against a company. It is chosen by what it is for: moved
to it, companies' log-odds shall move the way the reason says. Medians, of all companies or of sound ones, serve less
(on the seed alliance 79 and 77 in 100 reasons hold): contributions start from the trees' mean, not from a company in
the middle.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from scoring.model import Bundle
from scoring.model.selection import MIN_POINTS, moved, select
from scoring.model.shap import ADDITIVITY_TOLERANCE
from scoring.score import ScoreTable

Floats = NDArray[np.float64]

DIGITS = 2
"""Digits a reference is told to: no company's own value is in the bundle."""

SAMPLE = 1_500
"""Rows taught that references are chosen on."""

MOST_ROWS = 200
"""Of these, rows (or their reasons) tried for one feature."""

QUANTILES = np.linspace(0.05, 0.95, 19)
_SEED = 7


def reference_of(bundle: Bundle, taught: Floats) -> Mapping[str, float]:
    """By feature, the value its reasons are held against; a feature that is best moved to unknown is left out.

    First each feature alone gets the value at which most of its contributions hold, then the value at which most of the
    reasons that name it do, the others staying as they are.

    Args:
        bundle: the model; its own reference is passed over.
        taught: values of its features in the rows taught (m, f), NaN for unknown.
    """
    rows = taught[np.random.default_rng(_SEED).permutation(len(taught))[:SAMPLE]]
    candidates = [_candidates(column) for column in taught.T]
    first = replace(bundle, reference=_named(bundle, _alone(bundle, rows, candidates)))
    return _named(bundle, _in_reasons(first, rows, candidates))


def _alone(bundle: Bundle, rows: Floats, candidates: Sequence[Floats]) -> Floats:
    """The reference of each feature (f) by its own contributions to rows (n, f)."""
    raw, parts = bundle.explainer.contributions(rows)
    heavy = np.abs(bundle.scale.change(bundle.calibration.slope * parts)) >= MIN_POINTS
    found = np.empty(rows.shape[1])
    for column, tried in enumerate(candidates):
        some = np.flatnonzero(heavy[:, column])[:MOST_ROWS]
        held = _held(bundle, rows[some], column, tried, raw=raw[some], risk=np.sign(parts[some, column]))
        found[column] = tried[int(np.argmax(held))]
    return found


def _in_reasons(bundle: Bundle, rows: Floats, candidates: Sequence[Floats]) -> Floats:
    """The reference of each feature (f) by the reasons of rows (n, f), those of the bundle where none is better."""
    raw, parts = bundle.explainer.contributions(rows)
    chosen = select(bundle, rows, bundle.scale.change(bundle.calibration.slope * parts))
    changed, found = moved(bundle, rows[chosen.row], chosen.named), bundle.references.copy()
    risk = np.where(chosen.raises, 1.0, -1.0)
    for column, values in enumerate(candidates):
        naming = np.flatnonzero((chosen.named == column).any(axis=1))
        some, tried = naming[:MOST_ROWS], np.array([found[column], *values])
        held = _held(bundle, changed[some], column, tried, raw=raw[chosen.row[some]], risk=risk[some])
        found[column] = tried[int(np.argmax(held))]
        changed[naming, column] = found[column]
    return found


def _held(
    bundle: Bundle, rows: Floats, column: int, tried: Floats, *, raw: Floats, risk: Floats
) -> NDArray[np.int64]:  # fmt: skip
    """How many rows (n, f) fall below ``raw`` (n), or rise where ``risk`` is -1, with each value (c) in a column."""
    changed = np.repeat(rows[None], len(tried), axis=0)
    changed[:, :, column] = tried[:, None]
    told = bundle.explainer.raw(changed.reshape(-1, rows.shape[1])).reshape(len(tried), -1)
    return np.asarray((risk * (raw - told) > ADDITIVITY_TOLERANCE).sum(axis=1))


def _named(bundle: Bundle, reference: Floats) -> Mapping[str, float]:
    """By name, the references (f) that are known."""
    return {name: value for name, value in zip(bundle.names, reference.tolist(), strict=True) if not np.isnan(value)}


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
