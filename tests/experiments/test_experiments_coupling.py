""" "x" against "+": each wins on its own world; planted pairs and steps are found, and nothing where nothing is."""

from dataclasses import replace

import lightgbm as lgb
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlflow import MlflowClient
from scipy.special import expit
from typer.testing import CliRunner

from alliance.config import Settings
from alliance.errors import BundleError, InvalidInput, NotFound
from alliance.signals import Pillar
from experiments.cli import app
from experiments.coupling.composites import BENT, CES, GEOMETRIC, MEAN, ces, fit, fitted_rho, percentiles
from experiments.coupling.confined import by_feature, by_pillar, parts, pillars_of, refuse_mixed
from experiments.coupling.datasets import from_world
from experiments.coupling.drawn import Draws
from experiments.coupling.interactions import interacting, interaction_values
from experiments.coupling.kept import verdicts
from experiments.coupling.laboratory import LABORATORY, Effort, composites, contest, folds
from experiments.coupling.report import run_laboratory
from experiments.coupling.steps import find_steps
from experiments.coupling.verdict import Decision
from experiments.coupling.worlds import LAWS, PLANTED_PAIRS, PLANTED_STEPS, world
from experiments.metrics import Sample, log_loss_gain
from experiments.panel import LABEL
from experiments.train import grow, matrix
from scoring.model.shap import Explainer

QUICK = replace(LABORATORY, learning_rate=0.15, patience=15)

FEW = 19
"""Draws that just hold the level of 5 per cent."""


def sample_of(splits):
    labels = np.concatenate([split.test[LABEL].to_numpy() for split in splits])
    return Sample.of(labels, np.concatenate([split.test["company_id"].to_numpy() for split in splits]).tolist())


# worlds


@pytest.mark.parametrize("law", LAWS)
def test_a_world_is_what_it_says(law):
    made = world(law, 4_000, 3)
    assert made.pd.mean() == pytest.approx(0.2, abs=1e-6)
    assert made.panel.frame[LABEL].mean() == pytest.approx(0.2, abs=0.03)
    assert world(law, 4_000, 3).panel.sha256 == made.panel.sha256
    values = matrix(made.panel.frame, made.panel.names)
    assert np.quantile(values, [0.25, 0.5, 0.75]) == pytest.approx([0.25, 0.5, 0.75], abs=0.02)


def test_no_such_world():
    with pytest.raises(NotFound, match="weakest_link"):
        world("harmonic", 100, 1)


# (a)


@pytest.fixture(scope="module")
def pairs():
    made = world("pairs", 3_000, 2)
    return made, folds(made.panel)[0]


def test_confined_trees_look_at_one_pillar_each_and_free_ones_do_not(pairs):
    made, split = pairs
    groups = by_pillar(made.panel.features)
    assert pillars_of(made.panel.features) == [
        Pillar.TECHNOLOGY, Pillar.TEAM, Pillar.BUSINESS_MODEL, Pillar.VENTURE,
    ]  # fmt: skip
    confined = grow(split.fit, split.stop, made.panel.features, QUICK, groups=groups)
    splits = lgb.Booster(model_str=confined.model).trees_to_dataframe().dropna(subset=["split_feature"])
    pillar = splits["split_feature"].str.rsplit("_", n=1).str[0]
    assert (pillar.groupby(splits["tree_index"]).nunique() == 1).all() and pillar.nunique() == 4
    refuse_mixed(confined, groups)
    free = grow(split.fit, split.stop, made.panel.features, QUICK)
    with pytest.raises(BundleError, match="more than one group"):
        refuse_mixed(free, groups)


def test_what_a_pillar_does_is_the_same_whatever_the_others_are(pairs):
    made, split = pairs
    groups = by_pillar(made.panel.features)
    confined = grow(split.fit, split.stop, made.panel.features, QUICK, groups=groups)
    other = split.test.with_columns(pl.col(made.panel.names[3:]).reverse())
    before, after = parts(confined, split.test, groups), parts(confined, other, groups)
    assert after[:, 0].tolist() == before[:, 0].tolist()
    assert np.abs(after[:, 1:] - before[:, 1:]).max() > 0.1
    gap = confined.raw(split.test) - before.sum(axis=1)
    assert np.ptp(gap) < 1e-9, "log-odds are a sum of one part a pillar"


def test_confined_trees_win_where_pillars_add_up():
    made = world("additive", 16_000, 3)
    splits = folds(made.panel)
    assert contest(made.panel, splits, sample_of(splits)).high < 0


def test_free_trees_win_where_pillars_multiply():
    made = world("weakest_link", 9_000, 1)
    splits = folds(made.panel)[:1]
    assert contest(made.panel, splits, sample_of(splits), QUICK).low > 0


# (b)

strengths = st.lists(st.floats(0.01, 1), min_size=4, max_size=4)
EVEN = np.full(4, 0.25)


@settings(max_examples=100, deadline=None)
@given(strengths, st.floats(-8, 3))
def test_ces_lies_between_the_weakest_and_the_strongest_and_never_falls_with_rho(given_strengths, rho):
    one = np.array([given_strengths])
    value = ces(one, EVEN, rho)[0]
    assert min(given_strengths) - 1e-9 <= value <= max(given_strengths) + 1e-9
    assert ces(one, EVEN, rho - 0.5)[0] <= value + 1e-3
    assert ces(one, EVEN, 1.0)[0] == pytest.approx(np.mean(given_strengths))
    assert ces(one, EVEN, 0.0)[0] == pytest.approx(np.exp(np.log(given_strengths).mean()), rel=1e-2)


def test_one_pillar_at_nought_takes_a_product_with_it_and_costs_a_sum_its_weight():
    whole, failing = np.full((1, 4), 0.8), np.array([[1e-9, 0.8, 0.8, 0.8]])
    assert ces(failing, EVEN, 1.0)[0] == pytest.approx(ces(whole, EVEN, 1.0)[0] - 0.25 * 0.8)
    assert ces(failing, EVEN, 0.0)[0] < 0.01
    assert ces(failing, EVEN, -4.0)[0] < 1e-6


@pytest.mark.parametrize("rho", [1.0, 0.0, -3.0])
def test_rho_and_weights_are_recovered(rho):
    draw = np.random.default_rng(6)
    given_strengths, weights = draw.uniform(0.01, 1, (6_000, 3)), np.array([0.5, 0.3, 0.2])
    labels = (draw.random(6_000) < expit(3 - 9 * ces(given_strengths, weights, rho))).astype(float)
    found = fit(CES, given_strengths, labels)
    assert found.rho == pytest.approx(rho, abs=0.3 + 0.3 * abs(rho))
    assert found.weights == pytest.approx(weights, abs=0.1)


def test_rho_has_an_interval_over_companies():
    draw = np.random.default_rng(6)
    given_strengths = draw.uniform(0.01, 1, (2_000, 3))
    labels = (draw.random(2_000) < expit(3 - 9 * ces(given_strengths, np.full(3, 1 / 3), 0.0))).astype(float)
    found = fitted_rho(CES, given_strengths, Sample.of(labels), replicates=20, seed=1)
    assert found.low < found.value < found.high and found.low - 0.2 < 0 < found.high + 0.2


def told(law, companies=7_500, seed=2):
    made = world(law, companies, seed)
    splits = folds(made.panel)
    pd, _ = composites(made.panel, splits)
    sample = sample_of(splits)
    return {shape: log_loss_gain(sample, pd[shape], pd[MEAN]) for shape in pd} | {
        "over bent": log_loss_gain(sample, pd[CES], pd[BENT])
    }


def test_the_weighted_mean_wins_over_the_product_where_pillars_add_up():
    gain = told("additive")
    assert gain[GEOMETRIC].high < 0 and not gain[CES].low > 0


def test_a_product_wins_over_both_sums_where_pillars_multiply():
    gain = told("multiplicative")
    assert gain[GEOMETRIC].low > 0 and gain[CES].low > 0 and gain["over bent"].low > 0


def test_a_bent_sum_is_not_taken_for_a_product():
    gain = told("bent")
    assert gain[CES].low > 0, "on percentiles the curve alone makes CES win over the mean"
    assert gain["over bent"].high < 0


def test_percentiles_count_who_is_riskier():
    among = np.array([[1.0], [2.0], [3.0]])
    assert percentiles(np.array([[0.0], [2.0], [9.0]]), among)[:, 0].tolist() == [0.875, 0.5, 0.125]


# (c)


def test_interaction_values_add_up_to_contributions(pairs):
    made, split = pairs
    rows = split.test.head(30).with_columns(pl.lit(None, pl.Float64).alias("team_1"))
    booster = lgb.Booster(model_str=grow(split.fit, split.stop, made.panel.features, QUICK).model)
    values = interaction_values(booster, matrix(rows, made.panel.names))
    _, own = Explainer.of(booster).contributions(matrix(rows, made.panel.names))
    assert np.abs(values.sum(axis=2) - own).max() < 1e-9
    assert np.abs(values - values.transpose(0, 2, 1)).max() < 1e-9


def test_planted_pairs_are_found_and_no_others(pairs):
    made, split = pairs
    found = interacting(
        split, made.panel.features, by_feature(made.panel.features), made.panel.names, recipe=QUICK,
        horizon_months=12, replicates=FEW,
    )  # fmt: skip
    assert len(found) == 12 * 11 / 2 and all(pair.low < pair.excess < pair.high for pair in found)
    assert {frozenset((pair.one, pair.other)) for pair in found if pair.found} == set(map(frozenset, PLANTED_PAIRS))


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_found_where_nothing_acts_together(seed):
    made = world("additive", 2_400, seed)
    names = [str(pillar) for pillar in pillars_of(made.panel.features)]
    found = interacting(
        folds(made.panel)[0], made.panel.features, by_pillar(made.panel.features), names,
        recipe=QUICK, horizon_months=12, replicates=FEW,
    )  # fmt: skip
    assert len(found) == 6 and not any(pair.found for pair in found)


@pytest.mark.parametrize("search", ["pairs", "steps"])
def test_too_few_draws_to_hold_the_level_are_refused(pairs, search):
    made, split = pairs
    with pytest.raises(InvalidInput, match="19 or more"):
        if search == "steps":
            find_steps(split, made.panel.features, QUICK, 12, replicates=10)
        else:
            groups = by_feature(made.panel.features)
            interacting(split, made.panel.features, groups, made.panel.names, recipe=QUICK, horizon_months=12,
                        replicates=10)  # fmt: skip


def test_planted_steps_are_found_where_they_are():
    made = world("steps", 12_000, 1)
    found = {
        step.feature: step
        for step in find_steps(folds(made.panel)[0], made.panel.features, QUICK, 12, replicates=FEW)
        if step.found
    }
    assert set(found) == set(PLANTED_STEPS)
    for name, threshold in PLANTED_STEPS.items():
        assert found[name].low - 0.02 <= threshold <= found[name].high + 0.02
        assert found[name].high - found[name].low < 0.2 and found[name].jump > 0.5


@pytest.mark.parametrize(("law", "seed"), [("additive", 1), ("additive", 2), ("bent", 1), ("bent", 2)])
def test_a_slope_is_no_step(law, seed):
    made = world(law, 6_000, seed)
    found = find_steps(folds(made.panel)[0], made.panel.features, QUICK, 12, replicates=FEW)
    assert len(found) == 12 and not any(step.found for step in found)


def test_labels_of_one_company_and_horizon_are_drawn_together():
    days = pl.Series("as_of", ["2020-03-31", "2020-12-31", "2021-03-31", "2020-03-31"]).str.to_date()
    numbers = Draws.of(pl.DataFrame({"company_id": ["a", "a", "a", "b"], "as_of": days}), 12).numbers(1)
    assert numbers[0] == numbers[1] and len({*numbers.tolist()}) == 3


# the whole


@pytest.fixture(scope="module")
def investigated(tmp_path_factory):
    home = Settings.from_environment({"ALLIANCE_HOME": str(tmp_path_factory.mktemp("laboratory"))})
    given_world = from_world("weakest_link", 4_000, 1)
    asked = replace(given_world, splits=given_world.splits[:1])
    effort = Effort(maps=FEW, steps=FEW, refits=8)
    return home, run_laboratory(home, asked, recipe=QUICK, effort=effort)


def test_the_laboratory_says_x_of_a_weakest_link_and_keeps_it(investigated):
    settings_, verdict = investigated
    assert verdict.decision is Decision.TIMES
    client = MlflowClient(settings_.tracking_uri)
    (run,) = client.search_runs([client.get_experiment_by_name("coupling").experiment_id])
    assert run.data.params["verdict"] == "x" and run.data.params["law"] == "weakest_link"
    assert run.data.metrics["gain.free_trees_low"] > 0 and run.data.metrics["rho"] < 0.5
    assert [item.path for item in client.list_artifacts(run.info.run_id)] == ["study.md"]


def test_the_latest_verdicts_are_listed_from_what_was_kept(investigated, monkeypatch):
    settings_, verdict = investigated
    client = MlflowClient(settings_.tracking_uri)
    (run,) = client.search_runs([client.get_experiment_by_name("coupling").experiment_id])
    (row,) = verdicts([run, run]).rows
    assert row[0] == "weakest_link" and row[-1] == str(verdict.decision)
    assert row[1].startswith(f"{run.data.metrics['gain.free_trees']:+.4f}")
    monkeypatch.setenv("ALLIANCE_HOME", str(settings_.home))
    answer = CliRunner().invoke(app, ["coupling", "--kept"])
    assert answer.exit_code == 0 and "weakest_link" in answer.output


def test_a_dataset_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("ALLIANCE_HOME", str(tmp_path))
    answer = CliRunner().invoke(app, ["coupling", "--dataset", "mars"])
    assert answer.exit_code == 1 and "weakest_link" in answer.output and "Traceback" not in answer.output
