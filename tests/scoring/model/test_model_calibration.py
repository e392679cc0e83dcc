import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from alliance.errors import InvalidInput
from scoring.model.calibration import Calibration
from scoring.model.scale import probability


@settings(deadline=None, max_examples=15)
@given(st.floats(0.3, 3), st.floats(-3, 1), st.integers(0, 10_000))
def test_recovers_what_distorted_the_log_odds(slope: float, intercept: float, seed: int) -> None:
    generator = np.random.default_rng(seed)
    raw = generator.normal(0, 1.5, 30_000)
    outcomes = generator.random(len(raw)) < probability(slope * raw + intercept)
    fitted = Calibration.fit(raw, outcomes)
    assert fitted.slope == pytest.approx(slope, rel=0.15, abs=0.05)
    assert fitted.intercept == pytest.approx(intercept, abs=0.2)


def test_is_the_logistic_regression_on_smoothed_targets() -> None:
    generator = np.random.default_rng(3)
    raw = generator.normal(100, 2, 500)
    bad = generator.random(500) < probability(0.7 * (raw - 100) - 1)
    high, low = (bad.sum() + 1) / (bad.sum() + 2), 1 / ((~bad).sum() + 2)
    targets = np.where(bad, high, low)
    oracle = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10_000).fit(
        np.tile(raw - 100, 2)[:, None], np.repeat([1, 0], 500), np.concatenate([targets, 1 - targets])
    )
    fitted = Calibration.fit(raw, bad)
    assert fitted.slope == pytest.approx(oracle.coef_[0, 0], abs=1e-5)
    assert fitted.intercept + 100 * fitted.slope == pytest.approx(oracle.intercept_[0], abs=1e-5)


def test_brings_the_mean_to_the_observed_level() -> None:
    generator = np.random.default_rng(5)
    raw = generator.normal(0, 1, 5000)
    bad = generator.random(5000) < 0.1
    bad |= (raw > 1) & (generator.random(5000) < 0.3)
    assert probability(Calibration.fit(raw, bad).apply(raw)).mean() == pytest.approx(bad.mean(), abs=1e-3)


def test_perfect_separation_stays_finite() -> None:
    raw = np.linspace(-1, 1, 100)
    fitted = Calibration.fit(raw, raw > 0)
    assert 0 < fitted.slope < 1000


def test_a_constant_model_gets_the_level_only() -> None:
    fitted = Calibration.fit(np.full(1000, 0.7), np.arange(1000) < 100)
    assert fitted.slope == 1
    assert probability(fitted.apply(np.array([0.7])))[0] == pytest.approx(0.1, abs=2e-3)


@pytest.mark.parametrize(
    ("raw", "outcomes"),
    [
        ([0.0, 1.0, 2.0, 3.0], [1, 1, 0, 0]),
        ([0.0, 1.0], [1, 1]),
        ([0.0, 1.0], [0, 2]),
        ([0.0, np.nan], [0, 1]),
        ([0.0, 1.0, 2.0], [0, 1]),
        ([], []),
    ],
)
def test_samples_that_cannot_calibrate_are_refused(raw: list[float], outcomes: list[int]) -> None:
    with pytest.raises(InvalidInput):
        Calibration.fit(np.array(raw), np.array(outcomes))


@pytest.mark.parametrize("slope", [0.0, -1.0, np.inf, np.nan])
def test_a_slope_that_breaks_the_ranking_is_refused(slope: float) -> None:
    with pytest.raises(InvalidInput):
        Calibration(slope, 0.0)
