"""Trees grown on a cluster: from a panel's file, on Dask workers where it is installed, as good as those grown here."""

from dataclasses import replace
from datetime import date

import lightgbm as lgb
import numpy as np
import polars as pl
import pytest
from mlflow import MlflowClient
from typer.testing import CliRunner

from alliance.config import Settings
from alliance.errors import InvalidInput, NotFound
from alliance.store import Store
from experiments.cli import app
from experiments.distributed.cluster import cluster
from experiments.distributed.equal import DASK, LOCAL, SLOPE, side_by_side
from experiments.distributed.growing import DaskEngine, best_of, losses_of, read_part
from experiments.distributed.panel_file import PanelFile, write_panel_file
from experiments.distributed.run import held
from experiments.experiment import experiment
from experiments.metrics import Sample, calibration
from experiments.panel import LABEL
from experiments.splits import out_of_time
from experiments.streamed_panel import write_panel
from experiments.train import BIN_SAMPLE, NOTHING_KNOWN_WEIGHT, RECIPE, grow, matrix, unknown_rows
from experiments.training import Plan, panel_of, training_history
from scoring.engines import engine_named

QUICK = replace(RECIPE, learning_rate=0.1, patience=20)


@pytest.fixture(scope="module")
def file(panel, tmp_path_factory):
    """The panel on disk, in sixteen row groups."""
    return write_panel_file(panel, ["bank@1.0.0"], tmp_path_factory.mktemp("panel") / "panel.parquet", row_group=500)


# a panel's file


def test_a_panel_comes_back_from_its_file(panel, file):
    made = PanelFile.open(file.path).held(panel.access)
    assert made.frame.equals(panel.frame) and made.sha256 == panel.sha256
    for name in ("features", "outcome", "horizon_months", "data_cut", "watermark"):
        assert getattr(made, name) == getattr(panel, name)
    assert made.access == panel.access and file.contracts == ("bank@1.0.0",)


def test_a_panel_written_bucket_by_bucket_says_what_it_is_of(alliance, tmp_path):
    store = Store(f"sqlite:///{alliance / 'alliance.db'}")
    plan = Plan(first=date(2021, 3, 31), last=date(2021, 6, 30))
    with engine_named("local", "") as here:
        write_panel(store, plan, tmp_path / "panel.parquet", here, work=tmp_path / "work")
    file = PanelFile.open(tmp_path / "panel.parquet")
    history, contracts = training_history(store)
    expected = panel_of(history, plan)
    made = held(store, file)
    store.close()
    assert made.frame.equals(expected.frame) and made.features == expected.features
    assert (made.data_cut, made.watermark, made.access) == (expected.data_cut, expected.watermark, expected.access)
    assert list(file.contracts) == contracts


def test_of_a_large_file_whole_companies_are_held(panel, file):
    held = file.held(panel.access, most=2_000).frame
    assert 1_000 < held.height < 3_000
    assert (held.group_by("company_id").len()["len"] == 20).all(), "all days of each"
    assert held.equals(panel.frame.filter(pl.col("company_id").is_in(held["company_id"].unique().implode())))


def test_what_is_no_panel_is_refused(panel, tmp_path):
    with pytest.raises(NotFound, match="experiments panel"):
        PanelFile.open(tmp_path / "none.parquet")
    panel.frame.write_parquet(tmp_path / "bare.parquet")
    (tmp_path / "text.parquet").write_text("company_id,as_of\n")
    for name in ("bare", "text"):
        with pytest.raises(InvalidInput, match="does not say"):
            PanelFile.open(tmp_path / f"{name}.parquet")


@pytest.mark.parametrize("apart", [False, True])
def test_the_parts_hold_each_row_of_the_days_once(panel, file, apart):
    days = out_of_time(panel, 4).fit["as_of"].unique()
    split = out_of_time(panel, 4, companies_apart=apart)
    groups = file.parts(3)
    assert sorted(one for part in groups for one in part) == list(range(16)) and len(file.parts(99)) == 16
    names = list(panel.names)
    parts = [read_part(file.path, names, tuple(days), one, companies_apart=apart, parts=len(groups)) for one in groups]
    rows = np.vstack([part[part["weight"] == 1.0][[*names, LABEL]].to_numpy() for part in parts])
    expected = np.column_stack([matrix(split.fit, names), split.fit[LABEL].to_numpy()])
    assert sorted(map(str, rows.tolist())) == sorted(map(str, expected.tolist()))
    unknown = [part[part["weight"] < 1.0] for part in parts]
    assert all(one[names].isna().to_numpy().all() and len(one) == 1 for one in unknown)
    assert sum(one["weight"].sum() for one in unknown) == pytest.approx(NOTHING_KNOWN_WEIGHT)
    with pytest.raises(InvalidInput, match="fewer workers"):
        read_part(file.path, names, (date(1999, 1, 1),), groups[0], companies_apart=apart, parts=3)


# how it is taught


def test_rows_of_which_nothing_is_known_are_met_in_any_sample_of_bins():
    assert unknown_rows(BIN_SAMPLE - 1).rows == 1
    for rows in (BIN_SAMPLE, 10 * BIN_SAMPLE, 100 * BIN_SAMPLE):
        many = unknown_rows(rows)
        assert many.rows * many.weight == pytest.approx(NOTHING_KNOWN_WEIGHT)
        assert (1 - BIN_SAMPLE / (rows + many.rows)) ** many.rows < 1e-9 and many.rows < rows / 1_000


def test_stopping_after_the_fact_is_stopping_on_the_way(panel):
    split = out_of_time(panel, 4)
    grown = grow(split.fit, split.stop, panel.features, QUICK)
    further = grow(split.fit, split.stop, panel.features, replace(QUICK, patience=200))
    assert best_of(further.losses, QUICK.patience) == (grown.trees, len(grown.losses))
    kept = lgb.Booster(model_str=grown.model)
    again = losses_of(kept, matrix(split.stop, panel.names), split.stop[LABEL].to_numpy().astype(float))
    assert again == pytest.approx(grown.losses[: grown.trees], abs=1e-9)


def test_differences_are_paired_and_those_of_a_bolder_forecast_are_seen():
    draw = np.random.default_rng(1)
    log_odds = draw.normal(size=1_500)
    sample = Sample.of((draw.uniform(size=1_500) < 1 / (1 + np.exp(-log_odds))).astype(float))
    told = {LOCAL: 1 / (1 + np.exp(-log_odds)), DASK: 1 / (1 + np.exp(-2 * log_odds))}
    found = side_by_side(sample, told, replicates=60)[DASK]
    assert found.values[SLOPE].value == pytest.approx(calibration(sample, told[DASK])["slope"])
    assert found.gains[SLOPE].high < -0.3 and found.gains["brier"].low > 0 and abs(found.gains["auc"].value) < 1e-9
    same = side_by_side(sample, {LOCAL: told[LOCAL], DASK: told[LOCAL]}, replicates=60)[DASK]
    assert (same.gains[SLOPE].low, same.gains[SLOPE].high) == (0, 0)


# on workers


@pytest.fixture(scope="module")
def client(needs_dask):
    with cluster(workers=2) as found:
        yield found


@pytest.fixture(scope="module")
def grown(client, file, panel):
    split = out_of_time(panel, 4)
    return [
        experiment(panel, split, version="far", recipe=QUICK, engine=DaskEngine(client=client, file=file))
        for _ in range(2)
    ]


def test_the_same_file_and_workers_give_the_same_bundle(grown):
    one, other = (found.bundle for found in grown)
    assert one.sha256 == other.sha256
    assert one.training["engine"] == "dask" and one.training["parts"] == 2
    assert "127.0.0.1" not in one.model


def test_trees_keep_to_the_recipe_and_know_unknown(grown, panel):
    booster = lgb.Booster(model_str=grown[0].bundle.model)
    assert booster.feature_name() == panel.names
    splits = booster.trees_to_dataframe().dropna(subset=["split_feature"])
    assert set(splits["missing_type"]) == {"NaN"}, "also of features that are never unknown among the rows taught"
    lows = np.nanquantile(matrix(panel.frame, panel.names), 0.5, axis=0)
    for place, feature in enumerate(panel.features):
        if feature.direction.constraint:
            rows = np.tile(lows, (200, 1))
            rows[:, place] = np.linspace(0, 2 * lows[place], 200)
            steps = np.diff(booster.predict(rows, raw_score=True)) * feature.direction.constraint
            assert (steps >= -1e-12).all(), feature.name


def test_it_foretells_as_well_as_trees_grown_here(grown, panel):
    far = grown[0]
    near = experiment(panel, far.split, version="near", recipe=QUICK)
    found = side_by_side(near.sample, {LOCAL: near.scored.pd, DASK: far.scored.pd}, replicates=200)[DASK]
    assert found.gains["auc"].low > -0.01 and found.gains["brier"].high < 0.002
    assert abs(found.gains[SLOPE].value) < 0.1


def test_both_engines_of_a_store_land_in_one_readable_run(client, alliance, monkeypatch, tmp_path):
    monkeypatch.setenv("ALLIANCE_HOME", str(tmp_path))
    monkeypatch.setenv("ALLIANCE_DATABASE_URL", f"sqlite:///{alliance / 'alliance.db'}")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    made = CliRunner().invoke(app, ["engines", "--to", "2023-12-31", "--dask", client.scheduler.address])
    assert made.exit_code == 0, made.output
    assert "difference, paired" in made.output and "calibration_slope" in made.output
    settings = Settings.from_environment()
    mlflow = MlflowClient(settings.tracking_uri)
    (run,) = mlflow.search_runs([mlflow.get_experiment_by_name("engines").experiment_id])
    assert {"local.auc", "dask.brier", "difference.auc_low", "difference.calibration_slope_high"} <= set(
        run.data.metrics
    )


# what cannot be done


def test_without_dask_it_is_said_how_to_have_it(monkeypatch):
    monkeypatch.setattr("experiments.distributed.cluster.installed", lambda: False)
    with pytest.raises(InvalidInput) as refused, cluster():
        pass
    assert "make dask" in str(refused.value.remedy)


def test_a_scheduler_that_does_not_answer_is_named(needs_dask, monkeypatch):
    monkeypatch.setattr("experiments.distributed.cluster.CONNECT_SECONDS", 1)
    with pytest.raises(InvalidInput, match=r"127\.0\.0\.1:9"), cluster("tcp://127.0.0.1:9"):
        pass
