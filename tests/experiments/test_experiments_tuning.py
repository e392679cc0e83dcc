"""Tuning: folds inside the past, the test never looked at, the same trials every time."""

from dataclasses import asdict, replace

import polars as pl
import pytest

from alliance.errors import InvalidInput
from experiments.datasets.dataset import Dataset
from experiments.train import RECIPE
from experiments.tuning import SEARCHED, STANDING, TUNED, inner_folds, run_tuning, tune
from scoring.months import months_after


@pytest.fixture(scope="module")
def data(strategic) -> Dataset:
    return strategic(150, team_best_exits=-3.0, round_last_age=3.0)


def test_inner_folds_know_no_outcome_before_its_time(data):
    (split,) = data.examination("").splits
    folds = inner_folds(split.taught, data.horizon_months)
    assert len(folds) >= 2
    for fold in folds:
        assert months_after(fold.fit["as_of"].max(), data.horizon_months) <= fold.judge["as_of"].min()
        assert fold.judge["as_of"].max() <= split.taught["as_of"].max() < split.test["as_of"].min()
    assert [fold.judge["as_of"].max() for fold in folds] == sorted(fold.judge["as_of"].max() for fold in folds)


def test_rows_of_one_day_are_folded_by_company(data):
    (split,) = data.examination("").splits
    one_day = split.taught.filter(pl.col("as_of") == split.taught["as_of"].max())
    for fold in inner_folds(one_day, 0):
        assert not set(fold.fit["company_id"]) & set(fold.judge["company_id"])
        assert fold.fit.height + fold.judge.height == one_day.height


def test_a_past_too_short_is_refused(data):
    (split,) = data.examination("").splits
    with pytest.raises(InvalidInput, match="one fold"):
        inner_folds(split.taught, 60)


def test_tuning_never_sees_the_test_and_never_does_worse_inside(data):
    pytest.importorskip("optuna", reason="needs the extra `evidence`")
    (split,) = data.examination("").splits
    seen: list[int] = []
    found = tune(split, data.columns, data.horizon_months, trials=7, seed=3, progress=seen.append)
    assert sum(seen) == found.trials.height == 7
    assert found.loss <= found.standing_loss
    turned = replace(split, test=split.test.with_columns(~pl.col("label"), round_last_age=0.5))
    again = tune(turned, data.columns, data.horizon_months, trials=7, seed=3)
    assert again.recipe == found.recipe and again.trials.equals(found.trials)
    assert found.trials.row(0, named=True)["learning_rate"] == RECIPE.learning_rate, "the standing recipe comes first"
    assert {name for name, told in asdict(found.recipe).items() if told != asdict(RECIPE)[name]} <= set(SEARCHED)


def test_the_study_tells_cost_and_gain(data):
    pytest.importorskip("optuna", reason="needs the extra `evidence`")
    study = run_tuning(data, data.examination(""), trials=2, seed=1)
    assert study.metrics["seconds"] > 0 and "auc_gain" in study.metrics
    assert study.metrics["inner_log_loss_tuned"] <= study.metrics["inner_log_loss_standing"]
    assert all(word in study.card() for word in (STANDING, TUNED, "learning_rate", "trials"))


def test_without_optuna_it_says_how_to_get_it(data, monkeypatch):
    monkeypatch.setattr("experiments.tuning.find_spec", lambda _: None)
    (split,) = data.examination("").splits
    with pytest.raises(InvalidInput, match="not installed") as refused:
        tune(split, data.columns, data.horizon_months, trials=2)
    assert "alliance-credit[evidence]" in str(refused.value)
