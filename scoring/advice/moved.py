"""A company as it would be after some changes: every feature that a change reaches is moved with it."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from scoring.advice.changes import Change
from scoring.advice.policy import BOUND, SHARE, Terms
from scoring.features import FEATURES, FEATURES_BY_NAME
from scoring.features.catalogue import inputs
from scoring.features.declaration import Feature, Unit
from scoring.model.scale import FloatArray

Steps = NDArray[np.int64]
"""Steps taken of each change (n, c), 0 for none."""


def targets(change: Change, terms: Terms, value: float) -> list[float]:
    """The feature's value after 1, 2, ... steps from today's, as far as the terms allow; none where none can be taken.

    Values are round, away from today's, so that what is told is what was scored.
    """
    sign = 1.0 if change.rises else -1.0
    bound = terms.highest if change.rises else terms.lowest
    if np.isnan(value) or sign * (bound - value) <= 0 or (terms.kind == SHARE and value <= 0):
        return []
    if terms.kind == BOUND:
        return [bound]
    size = terms.step * value if terms.kind == SHARE else terms.step
    found = [_round(change, value + sign * size * step) for step in range(1, terms.most + 1)]
    within = [one for one in found if terms.lowest <= one <= terms.highest]
    return list(dict.fromkeys(within))


def _round(change: Change, value: float) -> float:
    """The value on the grid of its unit: ten thousand yuan, a tenth of a per cent; else as it is."""
    grid = {Unit.CNY: 10_000.0, Unit.SHARE: 0.001}.get(FEATURES_BY_NAME[change.feature].unit)
    if grid is None:
        return value
    places = value / grid
    whole = np.ceil(places - 1e-6) if change.rises else np.floor(places + 1e-6)
    return float(round(whole * grid, 3))


def touched(change: Change) -> frozenset[str]:
    """Names of the features that a change moves, derived ones among them."""
    return _with_derived(frozenset({change.feature, *change.follows}))


@cache
def _with_derived(names: frozenset[str]) -> frozenset[str]:
    found = set(names)
    for feature in FEATURES:
        if found.intersection(inputs(feature)):
            found.add(feature.name)
    return frozenset(found)


def moved(today: pl.DataFrame, changes: Sequence[Change], values: Sequence[FloatArray], steps: Steps) -> pl.DataFrame:
    """The company after sets of changes, one row a set.

    Args:
        today: its features, one row, with every feature of ``FEATURES`` (Float64, null for unknown).
        changes: those that can be made, in the order they are.
        values: by change, its feature's value after 0, 1, 2, ... steps.
        steps: how many steps of each change (n, c).

    Returns:
        the columns of ``today`` (n rows). What is unknown today stays unknown.
    """
    frame = pl.concat([today] * len(steps)) if len(steps) > 1 else today.clear(n=0) if not len(steps) else today
    reached: frozenset[str] = frozenset()
    for place, change in enumerate(changes):
        taken = steps[:, place]
        if taken.any():
            frame = _changed(frame, change, values[place][taken], taken > 0)
            reached |= touched(change)
    for feature in FEATURES:
        if feature.signal is None and feature.name in reached:
            frame = frame.with_columns(_derived(feature))
    return frame


def _changed(frame: pl.DataFrame, change: Change, to: FloatArray, made: NDArray[np.bool_]) -> pl.DataFrame:
    """The frame with a change made in some rows; all that moves with it is worked out from the values before."""
    old = frame[change.feature]
    told = frame.with_columns(to=pl.Series(to), made=pl.Series(made)).with_columns(by=pl.col("to") - old)
    news = {change.feature: pl.col("to"), **change.follows}
    known = {name: pl.col("made") & pl.col(name).is_not_null() for name in news}
    values = [pl.when(known[name]).then(new).otherwise(pl.col(name)).alias(name) for name, new in news.items()]
    return told.with_columns(values).drop("to", "by", "made")


def _derived(feature: Feature) -> pl.Expr:
    """A derived feature by its own expression, as ``feature_frame`` has it."""
    value = feature.expr.cast(pl.Float64)
    return pl.when(value.is_finite()).then(value).alias(feature.name)
