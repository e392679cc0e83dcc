"""Contributions against their definition's bounds: they add up, and a row's bits are its own."""

from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alliance.errors import BundleError
from scoring.features.declaration import Direction
from scoring.model import Bundle
from scoring.model.shap import ADDITIVITY_TOLERANCE, Explainer, check_additive, check_against_lightgbm, raw_log_odds

FEATURE_COUNT = 7
number = st.one_of(st.just(np.nan), st.floats(-1e9, 1e9))
rows = arrays(np.float64, st.tuples(st.integers(1, 20), st.just(FEATURE_COUNT)), elements=number)


@settings(deadline=None)
@given(rows)
def test_contributions_add_up_to_the_log_odds(bundle: Bundle, matrix: Any) -> None:
    raw, parts = bundle.explainer.contributions(matrix)
    assert parts.shape == matrix.shape
    assert np.abs(parts.sum(axis=1) + bundle.explainer.base - raw).max() < ADDITIVITY_TOLERANCE
    check_additive(raw, parts, bundle.explainer.base)


@settings(deadline=None)
@given(rows, st.integers(1, 4))
def test_a_row_has_the_same_bits_alone_in_a_batch_and_with_threads(bundle: Bundle, matrix: Any, threads: int) -> None:
    batch = bundle.explainer.contributions(matrix, threads=threads)
    assert raw_log_odds(bundle.booster, matrix).tobytes() == batch.raw.tobytes()
    for place in range(len(matrix)):
        alone = bundle.explainer.contributions(matrix[place : place + 1])
        assert alone.parts.tobytes() == batch.parts[place].tobytes()
        assert alone.raw.tobytes() == batch.raw[place].tobytes()


def test_no_rows_have_no_contributions(bundle: Bundle) -> None:
    raw, parts = bundle.explainer.contributions(np.empty((0, FEATURE_COUNT)))
    assert (raw.shape, parts.shape) == ((0,), (0, FEATURE_COUNT))
    check_additive(raw, parts, bundle.explainer.base)


def test_the_base_is_the_mean_of_the_training_sample(bundle: Bundle, sample: Any) -> None:
    assert bundle.explainer.base == pytest.approx(raw_log_odds(bundle.booster, sample.values).mean(), abs=1e-9)


@pytest.mark.parametrize("gap", [1e-8, np.nan])
def test_contributions_that_do_not_add_up_are_refused(gap: float) -> None:
    with pytest.raises(BundleError, match="miss"):
        check_additive(np.array([1.0, 2.0]), np.array([[0.5, 0.5], [1.0, 1.0 + gap]]), 0.0)


def test_an_explainer_of_another_model_is_refused(bundle: Bundle, booster: lgb.Booster, sample: Any) -> None:
    check_against_lightgbm(bundle.explainer, booster, sample.values[:32])
    first, *_ = [line for line in bundle.model.splitlines() if line.startswith("leaf_count=")]
    counts = first.partition("=")[2].split()
    other = Explainer.read(bundle.model.replace(first, f"leaf_count={' '.join([*counts[1:], counts[0]])}", 1))
    with pytest.raises(BundleError, match="differ from LightGBM's"):
        check_against_lightgbm(other, booster, sample.values[:32])


@settings(deadline=None)
@given(rows, st.floats(0, 1e9))
def test_risk_moves_the_declared_way(bundle: Bundle, matrix: Any, step: float) -> None:
    before = bundle.explainer.contributions(matrix).raw
    for column, feature in enumerate(bundle.contract):
        if feature.direction is Direction.FREE:
            continue
        moved = matrix.copy()
        moved[:, column] += step
        change = bundle.explainer.contributions(moved).raw - before
        assert (change * feature.direction.constraint >= 0).all()
