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
from scoring.model.shap import ADDITIVITY_TOLERANCE, check_additive, contributions, raw_log_odds

FEATURE_COUNT = 7
number = st.one_of(st.just(np.nan), st.floats(-1e9, 1e9))
rows = arrays(np.float64, st.tuples(st.integers(1, 12), st.just(FEATURE_COUNT)), elements=number)


@settings(deadline=None)
@given(rows)
def test_contributions_add_up_to_the_log_odds(booster: lgb.Booster, matrix: Any) -> None:
    raw = raw_log_odds(booster, matrix)
    parts, base = contributions(booster, matrix)
    assert parts.shape == matrix.shape
    assert np.abs(parts.sum(axis=1) + base - raw).max() < ADDITIVITY_TOLERANCE
    check_additive(raw, parts, base)


@settings(deadline=None)
@given(rows, st.integers(1, 4))
def test_a_row_has_the_same_bits_alone_in_a_batch_and_with_threads(
    booster: lgb.Booster, matrix: Any, threads: int
) -> None:
    raw = raw_log_odds(booster, matrix, threads=threads)
    parts, base = contributions(booster, matrix, threads=threads)
    for place in range(len(matrix)):
        row = matrix[place : place + 1]
        alone, alone_base = contributions(booster, row)
        assert alone.tobytes() == parts[place].tobytes()
        assert raw_log_odds(booster, row).tobytes() == raw[place].tobytes()
        assert alone_base == base


def test_no_rows_have_a_base_all_the_same(booster: lgb.Booster) -> None:
    empty = np.empty((0, FEATURE_COUNT))
    parts, base = contributions(booster, empty)
    assert parts.shape == (0, FEATURE_COUNT)
    assert base == contributions(booster, np.zeros((1, FEATURE_COUNT)))[1]
    check_additive(raw_log_odds(booster, empty), parts, base)


def test_the_base_is_the_mean_of_the_training_sample(booster: lgb.Booster, sample: Any) -> None:
    _, base = contributions(booster, sample.values)
    assert base == pytest.approx(raw_log_odds(booster, sample.values).mean(), abs=1e-9)


@pytest.mark.parametrize("gap", [1e-8, np.nan])
def test_contributions_that_do_not_add_up_are_refused(gap: float) -> None:
    with pytest.raises(BundleError, match="miss"):
        check_additive(np.array([1.0, 2.0]), np.array([[0.5, 0.5], [1.0, 1.0 + gap]]), 0.0)


@settings(deadline=None)
@given(rows, st.floats(0, 1e9))
def test_risk_moves_the_declared_way(bundle: Bundle, matrix: Any, step: float) -> None:
    before = raw_log_odds(bundle.booster, matrix)
    for column, feature in enumerate(bundle.contract):
        if feature.direction is Direction.FREE:
            continue
        moved = matrix.copy()
        moved[:, column] += step
        change = raw_log_odds(bundle.booster, moved) - before
        assert (change * feature.direction.constraint >= 0).all()
