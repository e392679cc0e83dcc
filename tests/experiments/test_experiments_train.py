"""Training: the same again, monotone, calibrated, stopped early; and what is told of it."""

from dataclasses import replace

import lightgbm as lgb
import numpy as np
import polars as pl
import pytest

from alliance.errors import InvalidInput
from experiments.card import SIMULATED, model_card
from experiments.experiment import DataUsed, experiment
from experiments.plots import explanation, figures, pillar_importance
from experiments.splits import out_of_time
from experiments.train import RECIPE, grow, train
from scoring.score import score_arrays


@pytest.fixture(scope="module")
def split(panel):
    return out_of_time(panel, 4)


@pytest.fixture(scope="module")
def found(panel, split):
    return experiment(panel, split, version="test")


def test_the_relation_is_found_and_the_level_holds(found, split):
    assert found.metrics["auc"].low > 0.7
    assert 0.8 < found.calibration["slope"] < 1.25
    assert abs(found.calibration["intercept"]) < 0.3
    assert found.scored.pd.mean() == pytest.approx(split.test["label"].mean(), abs=0.03)


def test_the_same_rows_give_the_same_bundle(panel, split, found):
    again = train(panel, split, version="test")
    assert again.bundle.sha256 == found.bundle.sha256
    assert again.bundle.model == found.bundle.model


def test_another_seed_gives_another_model(panel, split, found):
    other = train(panel, split, version="test", recipe=replace(RECIPE, seed=1))
    assert other.bundle.sha256 != found.bundle.sha256


def test_the_test_rows_teach_nothing(panel, split, found):
    flipped = replace(split, test=split.test.with_columns(~pl.col("label")))
    assert train(panel, flipped, version="test").bundle.model == found.bundle.model


def test_growing_ends_where_the_stop_rows_are_foretold_best(found):
    losses = found.trained.losses
    assert found.trained.trees == int(np.argmin(losses)) + 1
    assert len(losses) == found.trained.trees + RECIPE.patience
    assert found.bundle.booster.num_trees() == found.trained.trees


def test_directions_are_held(panel, found):
    generator = np.random.default_rng(0)
    frame = panel.frame.select("company_id", *found.bundle.names)[generator.integers(panel.frame.height, size=200)]
    for feature in found.bundle.contract:
        if feature.direction.constraint:
            steps = np.linspace(panel.frame[feature.name].min(), panel.frame[feature.name].max(), 25)
            risks = np.stack(
                [score_arrays(found.bundle, frame.with_columns(pl.lit(x).alias(feature.name))).log_odds for x in steps]
            )
            assert (np.diff(risks, axis=0) * feature.direction.constraint >= -1e-9).all(), feature.name


def test_trees_are_shallow(found):
    assert found.trained.parameters["max_depth"] <= 5
    assert found.bundle.booster.trees_to_dataframe()["node_depth"].max() <= found.trained.parameters["max_depth"] + 1


def test_the_bundle_says_how_it_was_made(panel, split, found):
    told = found.bundle.training
    assert told["panel_sha256"] == panel.sha256
    assert told["test"] == {
        "rows": split.test.height, "companies": 400, "outcomes": int(split.test["label"].sum()),
        "first": "2022-03-31", "last": "2022-12-31",
    }  # fmt: skip


def test_nothing_can_be_learnt_from_one_outcome(panel, split):
    good = split.fit.filter(~pl.col("label"))
    with pytest.raises(InvalidInput):
        train(panel, replace(split, stop=good), version="test")


def test_values_not_known_are_learnt_as_such(panel, split):
    unknown = split.fit.with_columns(cash_runway=pl.lit(None, pl.Float64))
    assert grow(unknown, split.stop, panel.features).trees > 0


def test_a_value_never_unknown_in_training_is_not_read_as_nought_when_scoring(panel, split):
    known = [rows.with_columns(pl.col(panel.names).fill_null(1)) for rows in (split.fit, split.stop)]
    model = lgb.Booster(model_str=grow(*known, panel.features).model)
    splits = model.trees_to_dataframe().query("split_feature.notna()")
    assert not splits.empty
    assert set(splits["missing_type"]) == {"NaN"}


def test_figures_are_made_of_exact_contributions(found):
    made = figures(found)
    assert list(made) == ["reliability", "roc", "shap_beeswarm", "shap_bar", "pillars"]
    shown = explanation(found.scored)
    sums = shown.values.sum(axis=1) + shown.base_values
    assert sums == pytest.approx(found.scored.log_odds[: len(sums)], abs=1e-9)
    for figure in made.values():
        figure.canvas.draw()


def test_pillars_share_all_there_is(found):
    shares = pillar_importance(found)
    assert shares["contribution"].sum() == pytest.approx(1)
    assert shares["gain"].sum() == pytest.approx(1)
    assert shares["pillar"][0] == "venture progress"


@pytest.mark.parametrize("simulated", [True, False])
def test_the_card_tells_what_it_must(panel, found, simulated):
    data = DataUsed.of(panel, ["bank@1.0.0"], simulated=simulated, about="Made for a test.")
    card = model_card(found, data)
    for part in (found.bundle.sha256, panel.sha256, "`bank@1.0.0`", "number 7", "2023-06-30", "Not advice", "| AUC |"):
        assert part in card
    assert (SIMULATED in card) is simulated
    assert str(round(found.metrics["auc"].low, 4)) in card
