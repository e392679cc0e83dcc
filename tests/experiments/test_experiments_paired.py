"""Forecasts of the same rows on the same draws; the partial area against scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from experiments.metrics import FEW_FLAGGED, Sample, auc_gains, measure, partial_areas
from experiments.paired import PARTIAL, Draws


def forecasts(seed: int, rows: int = 300) -> tuple[Sample, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    risk = draw.normal(size=rows)
    labels = draw.uniform(size=rows) < 1 / (1 + np.exp(1 - risk))
    sample = Sample.of(labels, draw.integers(60, size=rows).astype(str))
    near, far = (1 / (1 + np.exp(1 - risk + draw.normal(scale=noise, size=rows))) for noise in (0.3, 2.0))
    return sample, near, far


@given(seed=st.integers(0, 10_000), decimals=st.integers(1, 6), most=st.sampled_from([0.05, 0.2, 0.5, 0.99]))
@settings(max_examples=40, deadline=None)
def test_the_partial_area_is_mcclish_s(seed, decimals, most):
    sample, near, _ = forecasts(seed)
    told = near.round(decimals)
    expected = roc_auc_score(sample.labels, told, max_fpr=most)
    assert partial_areas(sample, told, 0, 0, most)[0] == pytest.approx(expected, abs=1e-12)


def test_perfect_is_one_and_constant_is_chance():
    sample, near, _ = forecasts(3)
    assert partial_areas(sample, sample.labels, 0)[0] == pytest.approx(1.0)
    assert partial_areas(sample, np.full_like(near, 0.3), 0)[0] == pytest.approx(0.5)


def test_gains_are_paired_and_agree_with_the_plain_measures():
    sample, near, far = forecasts(5)
    draws = Draws.of(sample, {"near": near, "far": far}, replicates=300, seed=4)
    found = draws.against("far")
    assert all(gain.value == gain.low == gain.high == 0.0 for gain in found["far"].gains.values())
    assert found["near"].values == measure(sample, near, replicates=300, seed=4)
    area, gain = auc_gains(sample, {"near": near, "far": far}, "far", replicates=300, seed=4)["near"]
    assert (found["near"].values["auc"], found["near"].gains["auc"]) == (area, gain)
    assert found["near"].gains["brier"].high < 0 < found["near"].gains["auc"].low
    wide, narrow = draws.one("near", "far", 0.99).gains["auc"], found["near"].gains["auc"]
    assert wide.low <= narrow.low <= narrow.high <= wide.high


def test_the_partial_area_is_of_some_rows_only():
    sample, near, far = forecasts(6)
    among = np.arange(300) % 2 == 0
    found = Draws.of(sample, {"near": near, "far": far}, among=among, replicates=50).against("far")
    expected = roc_auc_score(sample.labels[among], near[among], max_fpr=FEW_FLAGGED)
    assert found["near"].values[PARTIAL].value == pytest.approx(expected)
    nobody = Draws.of(sample, {"near": near}, among=np.zeros(300, dtype=bool), replicates=50).against("near")
    assert PARTIAL not in nobody["near"].values
