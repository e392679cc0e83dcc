"""Measures against other libraries, intervals against the truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from alliance.errors import InvalidInput
from experiments.metrics import Sample, auc, auc_gains, calibration, measure, reliability


@st.composite
def labelled(draw):
    """Labels of both kinds, and PDs with ties."""
    labels = draw(st.lists(st.booleans(), min_size=2, max_size=60).filter(lambda found: 0 < sum(found) < len(found)))
    grid = st.integers(1, 19).map(lambda place: place / 20)
    return np.array(labels), np.array(draw(st.lists(grid, min_size=len(labels), max_size=len(labels))))


@settings(deadline=None)
@given(labelled())
def test_values_are_those_of_other_libraries(found):
    labels, pd = found
    made = measure(Sample.of(labels), pd, replicates=20)
    expected = {
        "auc": roc_auc_score(labels, pd),
        "ks": ks_2samp(pd[labels], pd[~labels]).statistic,
        "brier": brier_score_loss(labels, pd),
        "log_loss": log_loss(labels, pd),
    }
    assert {name: estimate.value for name, estimate in made.items()} == pytest.approx(expected)


def draw(generator, rows=300):
    """Scores whose area is Phi(1 / sqrt 2) = 0.7602."""
    labels = generator.random(rows) < 0.3
    return labels, generator.normal(labels.astype(float), 1.0)


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    generator = np.random.default_rng(1)
    held = 0
    for _ in range(100):
        labels, ranking = draw(generator)
        found = auc(Sample.of(labels), ranking, replicates=300)
        held += found.low <= 0.7602 <= found.high
    assert 88 <= held <= 100


def test_a_company_told_of_many_times_is_one_witness():
    labels, ranking = draw(np.random.default_rng(2))
    pd = 1 / (1 + np.exp(-ranking))
    once = measure(Sample.of(labels), pd)
    companies = [f"{place:04}" for place in range(len(labels))]
    often = measure(Sample.of(np.tile(labels, 4), companies * 4), np.tile(pd, 4))
    for name in once:
        assert vars(often[name]) == pytest.approx(vars(once[name]))
    assert auc(Sample.of(np.tile(labels, 4)), np.tile(pd, 4)).low > once["auc"].low


def test_the_same_seed_draws_the_same_and_parts_do_not_matter(monkeypatch):
    labels, ranking = draw(np.random.default_rng(3))
    sample = Sample.of(labels)
    assert auc(sample, ranking) == auc(sample, ranking) != auc(sample, ranking, seed=8)
    whole = np.concatenate(list(sample.draws(10, 1)))
    monkeypatch.setattr("experiments.metrics._CELLS", 3 * len(labels))
    parts = list(sample.draws(10, 1))
    assert [len(part) for part in parts] == [1, 3, 3, 3, 1]
    assert (np.concatenate(parts) == whole).all() and (whole.sum(axis=1) == len(labels)).all()


def test_a_gain_is_paired():
    labels, ranking = draw(np.random.default_rng(4), 2_000)
    noisy = ranking + np.random.default_rng(5).normal(0, 0.5, 2_000)
    sample = Sample.of(labels)
    found = auc_gains(sample, {"clear": ranking, "noisy": noisy, "same": ranking}, "noisy")
    area, gain = found["clear"]
    assert area == auc(sample, ranking) and found["noisy"][0] == auc(sample, noisy)
    assert gain.low > 0
    assert gain.value == pytest.approx(area.value - found["noisy"][0].value)
    assert gain.high - gain.low < area.high - area.low
    assert found["noisy"][1].high == found["noisy"][1].low == 0
    assert found["same"] == found["clear"]


def test_calibration_is_that_of_a_logistic_regression():
    labels, ranking = draw(np.random.default_rng(6), 4_000)
    pd = 1 / (1 + np.exp(-(2 * ranking - 1)))
    log_odds = np.log(pd / (1 - pd))
    fitted = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1_000).fit(log_odds[:, None], labels)
    found = calibration(Sample.of(labels), pd)
    assert found["slope"] == pytest.approx(fitted.coef_[0, 0], rel=1e-4)
    shifted = 1 / (1 + np.exp(-(log_odds + found["intercept"])))
    assert shifted.mean() == pytest.approx(labels.mean(), abs=1e-9)


def test_reliability_bins_hold_every_row_once():
    labels, ranking = draw(np.random.default_rng(7), 1_003)
    pd = 1 / (1 + np.exp(-ranking))
    bins = reliability(Sample.of(labels), pd)
    rows = bins["rows"].to_numpy()
    assert rows.sum() == 1_003 and rows.max() - rows.min() <= 1
    assert (bins["observed"].to_numpy() * rows).sum() == pytest.approx(labels.sum())
    assert (bins["foretold"].to_numpy() * rows).sum() == pytest.approx(pd.sum())
    assert bins["foretold"].is_sorted()
    assert ((bins["low"] <= bins["observed"]) & (bins["observed"] <= bins["high"])).all()


@pytest.mark.parametrize("labels", [[], [1, 1], [0, 0, 0], [0, 1, 2]])
def test_labels_that_cannot_be_measured_are_refused(labels):
    with pytest.raises(InvalidInput, match="both outcomes"):
        Sample.of(labels)
