"""Rolling origins and seeds: each origin knows its past only, and the spread is what it says."""

import numpy as np
import pytest

from alliance.errors import InvalidInput
from experiments.backtest import backtest, backtest_study, origins
from experiments.peers import LIGHTGBM
from experiments.peers.compare import foretold
from experiments.stability import stability, stability_study
from scoring.months import months_after


@pytest.fixture(scope="module")
def data(strategic):
    return strategic(150, team_best_exits=-3.0, round_last_age=3.0)


def test_windows_follow_each_other_and_know_their_past_only(data):
    splits = origins(data, 1, 4)
    assert len(splits) == 4
    days = [split.test["as_of"].unique().to_list() for split in splits]
    assert all(len(window) == 1 for window in days) and days == sorted(days)
    assert days[-1] == [data.frame["as_of"].max()]
    for split in splits:
        assert months_after(split.taught["as_of"].max(), data.horizon_months) <= split.test["as_of"].min()


def test_as_many_windows_as_can_be_taught_for(data):
    assert 1 < len(origins(data, 2, 99)) < 5
    with pytest.raises(InvalidInput, match="do not reach"):
        origins(data, 10, 3)


def test_each_origin_is_examined_by_its_own_model(data):
    splits = origins(data, 2, 2)
    found = backtest(data, splits)
    assert [(one.first, one.last, one.rows) for one in found] == [
        (split.test["as_of"].min(), split.test["as_of"].max(), split.test.height) for split in splits
    ]
    assert all(one.model.values["auc"].value > 0.65 for one in found)
    study = backtest_study(data, found)
    assert study.metrics["auc_lowest"] == min(one.model.values["auc"].value for one in found)
    assert all(str(one.first) in study.card() for one in found)


def test_seeds_move_companies_and_the_spread_says_by_how_much(data):
    one = data.examination("")
    found = stability(data, one, (0, 1, 2))
    told = np.stack([foretold(one, data.columns, LIGHTGBM.fit, seed) for seed in (0, 1, 2)])
    points = -20 / np.log(2) * np.log(told / (1 - told))
    assert found.points_spread == pytest.approx(points.std(axis=0, ddof=1))
    assert 0 < found.measures["auc"].std() < 0.03 and 0.8 < found.agreement < 1.0
    assert 0 <= found.regraded < 1
    assert "3 seeds" in stability_study(data, found).card()
    same = stability(data, one, (4, 4))
    assert same.points_spread.max() == 0.0 and same.regraded == 0.0 and same.agreement == pytest.approx(1.0)
