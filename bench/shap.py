"""Exact SHAP values, against LightGBM's own on the same model, one thread.

    python -m bench.shap    # prints medians, ranges and ratios of every comparison

Every model is trained here, on made-up rows: a score like the alliance's (60 features, some with unknown values, twelve
of them monotone), trees of depth 5, of depth 8, and of 31 leaves without a limit to their depth.
"""

import ctypes
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import lightgbm as lgb
import numpy as np
import shap

from alliance.terminal import out, table
from bench.measure import Comparison, compare
from scoring.model.scale import FloatArray
from scoring.model.shap import Explainer

FEATURES, TAUGHT, EXPLAINED, SHARE, ALONE = 60, 20_000, 20_000, 200, 400
BATCH_AIM, ROW_AIM = 20.0, 10.0
MOST = 1e-10
"""Largest difference of contributions for which a comparison counts."""

_RAISES, _LOWERS = 6, 6  # the first features, monotone
_COMMON = {
    "objective": "binary", "learning_rate": 0.05, "min_data_in_leaf": 20, "feature_fraction": 0.8, "seed": 1,
    "monotone_constraints": [1] * _RAISES + [-1] * _LOWERS + [0] * (FEATURES - _RAISES - _LOWERS),
    "deterministic": True, "num_threads": 1, "verbosity": -1,
}  # fmt: skip
MODELS: Mapping[str, tuple[Mapping[str, Any], int]] = {
    "depth 5": ({"max_depth": 5, "num_leaves": 32}, 300),
    "depth 8": ({"max_depth": 8, "num_leaves": 255}, 300),
    "31 leaves": ({"num_leaves": 31}, 400),
}
"""Settings and number of trees."""


def sample(rows: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Feature values (rows, 60), one in five of every fourth feature unknown, and outcomes (rows), one in ten."""
    generator = np.random.default_rng(seed)
    values: FloatArray = generator.normal(size=(rows, FEATURES))
    effect = values[:, :_RAISES].sum(axis=1) - values[:, _RAISES : _RAISES + _LOWERS].sum(axis=1)
    effect += 2 * np.sin(2 * values[:, 12]) * values[:, 13] + (values[:, 14] > 0) * values[:, 15]
    effect += 0.3 * values[:, 16:40].sum(axis=1)
    outcome = (effect + generator.logistic(size=rows) > np.quantile(effect, 0.9)).astype(np.float64)
    unknown = generator.random(values.shape) < 0.2
    unknown[:, np.arange(FEATURES) % 4 != 0] = False
    values[unknown] = np.nan
    return values, outcome


def contributions(models: Sequence[str] = tuple(MODELS), runs: int = 7) -> list[Comparison]:
    """Each model in a batch and row by row."""
    rows, (taught, outcome) = sample(EXPLAINED, 1)[0], sample(TAUGHT, 0)
    found = []
    for name in models:
        settings, trees = MODELS[name]
        booster = lgb.train({**_COMMON, **settings}, lgb.Dataset(taught, outcome), trees)
        found += [
            _batch(name, booster, rows, runs),
            _row_by_row(name, booster, rows, runs),
            _shap_library(name, booster, rows, runs),
        ]
    return found


def _batch(name: str, booster: lgb.Booster, rows: FloatArray, runs: int) -> Comparison:
    """One run explains every row; LightGBM some of them, and its seconds are taken so many times more."""
    explainer, share = Explainer.of(booster), rows[:SHARE]
    _agree(explainer, booster, share)
    measured = compare(
        f"SHAP, {name}, batch",
        lambda _: explainer.contributions(rows),
        lambda _: booster.predict(share, pred_contrib=True, num_threads=1),
        unit=f"{len(rows):,} rows",
        peer_name=f"LightGBM pred_contrib, from {SHARE} rows",
        aim=BATCH_AIM,
        runs=runs,
    )
    return _scaled(measured, len(rows) / len(share))


def _row_by_row(name: str, booster: lgb.Booster, rows: FloatArray, runs: int) -> Comparison:
    """One run explains rows one by one, without any of Python's wrapping on LightGBM's side."""
    explainer, alone = Explainer.of(booster), [rows[place : place + 1] for place in range(ALONE)]
    theirs = FastContributions(booster)
    if np.abs(theirs(alone[0])[:-1] - explainer.contributions(alone[0]).parts[0]).max() > MOST:
        raise ValueError("LightGBM's single row and ours differ")
    return compare(
        f"SHAP, {name}, row by row",
        lambda _: [explainer.contributions(row) for row in alone],
        lambda _: [theirs(row) for row in alone],
        unit=f"{ALONE} rows",
        peer_name="LightGBM's C API, LGBM_BoosterPredictForMatSingleRowFast",
        aim=ROW_AIM,
        runs=runs,
    )


def _shap_library(name: str, booster: lgb.Booster, rows: FloatArray, runs: int) -> Comparison:
    """One run makes an explanation of rows for the plots."""
    explainer, theirs, some = Explainer.of(booster), shap.TreeExplainer(booster), rows[:ALONE]
    return compare(
        f"SHAP, {name}, shap.Explanation",
        lambda _: explainer(some),
        lambda _: theirs(some),
        unit=f"{ALONE} rows",
        peer_name="shap.TreeExplainer",
        runs=runs,
    )


def _agree(explainer: Explainer, booster: lgb.Booster, rows: FloatArray) -> None:
    theirs = np.asarray(booster.predict(rows, pred_contrib=True, num_threads=1))[:, :-1]
    gap = np.abs(explainer.contributions(rows).parts - theirs).max()
    if gap > MOST:
        raise ValueError(f"contributions differ by {gap}")


def _scaled(one: Comparison, times: float) -> Comparison:
    return Comparison(one.name, one.unit, one.ours, tuple(times * each for each in one.peer), one.peer_name, one.aim)


class FastContributions:
    """LightGBM's quickest way to explain one row: everything that can be is set up beforehand."""

    def __init__(self, booster: lgb.Booster) -> None:
        folder = Path(lgb.__file__).parent
        self._library = ctypes.CDLL(str(next(folder.rglob("lib_lightgbm.*"))))
        self._handle, self._call, made = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_int()
        model, features = booster.model_to_string().encode(), booster.num_feature()
        self._done(self._library.LGBM_BoosterLoadModelFromString(model, ctypes.byref(made), ctypes.byref(self._handle)))
        contributions_of_all_trees_in_doubles = (ctypes.c_int(3), ctypes.c_int(0), ctypes.c_int(-1), ctypes.c_int(1))
        self._done(
            self._library.LGBM_BoosterPredictForMatSingleRowFastInit(
                self._handle, *contributions_of_all_trees_in_doubles, ctypes.c_int32(features), b"num_threads=1",
                ctypes.byref(self._call),
            )
        )  # fmt: skip
        self._parts, self._count = np.empty(features + 1), ctypes.c_int64()
        self._predict: Callable[..., int] = self._library.LGBM_BoosterPredictForMatSingleRowFast
        self._target = ctypes.c_void_p(self._parts.ctypes.data)

    def __call__(self, row: FloatArray) -> FloatArray:
        """Contributions and base (f + 1) of a row (1, f); overwritten by the next call."""
        source = ctypes.c_void_p(row.ctypes.data)
        self._done(self._predict(self._call, source, ctypes.byref(self._count), self._target))
        return self._parts

    def _done(self, code: int) -> None:
        if code:
            raise OSError("LightGBM's C API refused the call")


def main() -> None:
    numbers = ("ours", "peer", "ratio", "range", "aim")
    listing = table("peer's time by ours: above 1 we are faster", "comparison", *numbers, "against", right=numbers)
    for one in contributions():
        ours, theirs, (low, *_, high) = median(one.ours), median(one.peer), one.ratios
        listing.add_row(
            f"{one.name} ({one.unit})", f"{ours:.3g} s", f"{theirs:.3g} s", f"{one.ratio:.1f}",
            f"{low:.1f} to {high:.1f}", "" if one.aim is None else f"{one.aim:g}", one.peer_name,
        )  # fmt: skip
    out.print(listing)


if __name__ == "__main__":
    main()
