"""MLflow: what is kept comes back, the champion is one, the served model gives the scores of the one function."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from datetime import date
from pathlib import Path

import mlflow
import numpy as np
import polars as pl
import pytest
from mlflow import MlflowClient
from typer.testing import CliRunner

from alliance.config import Settings
from alliance.errors import BundleError
from alliance.store import Store
from experiments.cli import app as cli
from experiments.experiment import DataUsed, experiment
from experiments.keep import keep
from experiments.monitoring.development import DIGEST, FILE, Development
from experiments.registry import CHAMPION_URI, champion_run, publish
from experiments.serving import OUTPUTS
from experiments.splits import out_of_time
from experiments.tracking import runs, tracked
from experiments.train import RECIPE
from scoring.bundle_source import load_bundle
from scoring.model import load
from scoring.score import score

ROOT = Path(__file__).parents[2]
ROWS = 20
PATIENCE_SECONDS = 120


@pytest.fixture(scope="module")
def found(panel):
    return experiment(panel, out_of_time(panel, 4), version="first")


@pytest.fixture(scope="module")
def kept(tmp_path_factory, panel, found):
    """Settings of a home of its own, and the experiment kept and registered there."""
    settings = Settings.from_environment({"ALLIANCE_HOME": str(tmp_path_factory.mktemp("home"))})
    data = DataUsed.of(panel, ["bank@1.0.0", "vc@2.1.0"], simulated=True, about="Made for a test.")
    store = Store(settings.database_url)
    yield settings, keep(settings, store, found, data, params={"why": "test"}, register=True)
    store.close()


@pytest.fixture(scope="module")
def expected(found):
    """Scores of some test rows, and the rows as a client would send them."""
    rows = found.split.test.select("company_id", *found.bundle.names).head(ROWS)
    return score(found.bundle, rows, as_of=date(2023, 1, 1), watermark=7), rows.drop("company_id")


def same(answers, scores):
    """Whether answers (mappings) say what the scores say, numbers to the bit."""
    for answer, one in zip(answers, scores, strict=True):
        plain = json.loads(json.dumps(one.as_dict()))
        told = [name for name in OUTPUTS if name != "reasons"]
        assert {name: answer[name] for name in told} == {name: plain[name] for name in told}
        assert json.loads(answer["reasons"]) == {"raises": plain["raises"], "lowers": plain["lowers"]}


def test_a_run_keeps_numbers_data_and_files(kept, found, panel):
    settings, where = kept
    client = MlflowClient(settings.tracking_uri)
    run = client.get_run(where.run_id)
    for name, estimate in found.metrics.items():
        for suffix, value in (("", estimate.value), ("_low", estimate.low), ("_high", estimate.high)):
            assert run.data.metrics[name + suffix] == value
    assert run.data.metrics["calibration_slope"] == found.calibration["slope"]
    told = run.data.params
    assert told["data_watermark"] == "7" and told["data_data_cut"] == "2023-06-30" and told["why"] == "test"
    assert told["data_panel_sha256"] == panel.sha256 and told["data_contracts"] == "2"
    assert told["seed"] == str(RECIPE.seed) and told["trees"] == str(found.trained.trees)
    assert run.data.tags["bundle_sha256"] == found.bundle.sha256 and run.data.tags["simulated"] == "true"
    files = {item.path for folder in ("", "figures", "bundle") for item in client.list_artifacts(where.run_id, folder)}
    assert files >= {"model_card.md", "contracts.txt", "figures/roc.png", "figures/shap_bar.png", "bundle/bundle.json"}


def test_the_contracts_are_a_list_of_their_own(kept):
    settings, where = kept
    with tracked(settings):
        told = mlflow.artifacts.load_text(f"runs:/{where.run_id}/contracts.txt")
    assert told.split() == ["bank@1.0.0", "vc@2.1.0"]


def test_the_yardstick_of_monitoring_is_kept_under_the_digest_the_bundle_names(kept, found):
    settings, where = kept
    with tracked(settings):
        told = Development.read(mlflow.artifacts.load_text(f"runs:/{where.run_id}/{FILE}"))
    assert told == found.trained.development
    assert told.sha256 == found.bundle.training[DIGEST]


def test_artifacts_are_at_home_and_none_is_pickled(kept):
    settings, _ = kept
    names = [path.name for path in (settings.home / "mlruns").rglob("*") if path.is_file()]
    assert "tracking_model.py" in names
    assert not [name for name in names if name.endswith((".pkl", ".pickle", ".joblib"))]
    assert os.environ["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] == "false"
    assert os.environ["DO_NOT_TRACK"] == "true"


def test_the_champion_is_the_registered_bundle_also_where_the_service_looks(kept, found):
    settings, where = kept
    assert where.champion == "1" and champion_run(settings) == where.run_id
    assert load_bundle(CHAMPION_URI, settings.tracking_uri).sha256 == found.bundle.sha256
    assert load(Path(settings.bundle)).sha256 == found.bundle.sha256


def test_another_model_put_in_its_place_is_refused(kept, found, panel):
    """The artifacts are changed, each file true to itself; the database still says what was registered."""
    settings, where = kept
    other = experiment(panel, found.split, version="not registered").bundle
    places = [path.parent for path in (settings.home / "mlruns").rglob("bundle.json")]
    assert len(places) == 2  # the run's and the model's
    for place in places:
        other.save(place)
    try:
        for uri in (CHAMPION_URI, "models:/alliance-credit/1", f"runs:/{where.run_id}/bundle"):
            with pytest.raises(BundleError, match=f"not {found.bundle.sha256}"):
                load_bundle(uri, settings.tracking_uri)
    finally:
        for place in places:
            found.bundle.save(place)
    for uri in (CHAMPION_URI, "models:/alliance-credit/1", f"runs:/{where.run_id}/bundle"):
        assert load_bundle(uri, settings.tracking_uri).sha256 == found.bundle.sha256


def test_a_model_without_a_recorded_digest_is_refused(kept):
    settings, where = kept
    with tracked(settings) as client:
        client.create_registered_model("by-hand")
        client.create_model_version("by-hand", f"runs:/{where.run_id}/bundle", run_id=where.run_id)
    for uri in ("models:/by-hand/1", where.model_uri):
        with pytest.raises(BundleError):
            load_bundle(uri, settings.tracking_uri)


def test_wherever_mlflow_is_entered_pickles_are_refused():
    rooms = [path for room in ("alliance", "scoring", "experiments", "seeds") for path in (ROOT / room).rglob("*.py")]
    entering = [
        path for path in rooms if re.search(r"^\s*(import|from) mlflow\b(?!\.entities)", path.read_text("utf-8"), re.M)
    ]
    told = {"scoring.mlflow_settings", "experiments.tracking"}  # the latter imports the former
    for path in entering:
        if path.name != "mlflow_settings.py":
            assert any(name in path.read_text("utf-8") for name in told), path
    assert len(entering) >= 4


def test_the_pages_are_bound_to_this_machine(monkeypatch):
    monkeypatch.setattr("os.execve", lambda _program, command, environment: ran.append((command, environment)))
    ran = []
    assert CliRunner().invoke(cli, ["ui"]).exit_code == 0
    [(command, environment)] = ran
    assert command[command.index("--host") + 1] == "127.0.0.1"
    assert environment["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] == "false"


def test_runs_are_listed(kept):
    settings, where = kept
    found, groups = runs(settings)
    assert [run.info.run_id for run in found] == [where.run_id]
    assert "default-6m" in groups.values()
    assert runs(settings, "no such experiment")[0] == []


def test_mlflow_is_left_as_it_was(kept):
    before = os.environ.get("MLFLOW_TRACKING_URI"), mlflow.get_tracking_uri()
    with tracked(kept[0]):
        assert mlflow.get_tracking_uri() == mlflow.get_registry_uri() == kept[0].tracking_uri
    assert (os.environ.get("MLFLOW_TRACKING_URI"), mlflow.get_tracking_uri()) == before


def test_without_a_champion_it_says_so(tmp_path_factory, kept):
    settings, _ = kept
    empty = replace(settings, tracking_uri=f"sqlite:///{tmp_path_factory.mktemp('x') / 'm.db'}", bundle="")
    with pytest.raises(BundleError, match="champion"):
        load_bundle(CHAMPION_URI, empty.tracking_uri)
    assert champion_run(empty) is None


def test_publishing_replaces_the_bundle_and_keeps_the_old(tmp_path, found, panel):
    settings = Settings.from_environment({"ALLIANCE_HOME": str(tmp_path)})
    found.bundle.save(tmp_path / "bundle")  # by hand
    other = experiment(panel, found.split, version="second").bundle
    for bundle in (found.bundle, other, other, found.bundle):
        assert load(publish(settings, bundle)).sha256 == load(Path(settings.bundle)).sha256 == bundle.sha256
    assert {path.name for path in (tmp_path / "bundles").iterdir()} >= {found.bundle.sha256, other.sha256}
    assert len(list((tmp_path / "bundles").glob("replaced-*"))) == 1


def test_the_loaded_model_scores_like_the_one_function(kept, expected):
    with tracked(kept[0]):
        model = mlflow.pyfunc.load_model(CHAMPION_URI)
    scores, rows = expected
    same(model.predict(rows.to_pandas()).to_dict("records"), scores)
    assert [column.name for column in model.metadata.get_input_schema()] == rows.columns
    assert len(model.input_example) == 3


@pytest.fixture(scope="module")
def served(kept):
    """Address of a real ``mlflow models serve``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    env = os.environ | {
        "MLFLOW_TRACKING_URI": kept[0].tracking_uri,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": str(ROOT),
    }
    command = ["-m", "mlflow", "models", "serve", "-m", CHAMPION_URI, "--env-manager", "local"]
    command += ["--host", "127.0.0.1", "--port", port, "--workers", "1"]
    server = subprocess.Popen([sys.executable, *command], env=env, stdout=-1, stderr=-2, text=True)
    try:
        yield wait_for(f"http://127.0.0.1:{port}", server)
    finally:
        server.terminate()
        server.communicate(timeout=30)


def wait_for(address, server):
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/ping", timeout=2)
            return address
        except OSError:
            time.sleep(0.2)
    server.terminate()
    pytest.fail(f"The server did not come up:\n{server.communicate()[0]}")


def test_the_served_model_scores_like_the_one_function(served, expected):
    scores, rows = expected
    assert rows["cash_runway"].null_count() > 0
    body = {"dataframe_split": {"columns": rows.columns, "data": [list(row) for row in rows.iter_rows()]}}
    request = urllib.request.Request(
        f"{served}/invocations", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        same(json.load(answer)["predictions"], scores)


def test_columns_may_come_in_any_order_and_too_few_are_refused(kept, expected):
    with tracked(kept[0]):
        model = mlflow.pyfunc.load_model(CHAMPION_URI)
    scores, rows = expected
    same(model.predict(rows[:, ::-1].to_pandas()).to_dict("records"), scores)
    with pytest.raises(mlflow.exceptions.MlflowException, match="missing"):
        model.predict(rows.drop("cash_runway").to_pandas())
    nothing = model.predict(pl.DataFrame({name: [None] for name in rows.columns}).cast(pl.Float64).to_pandas())
    assert np.isfinite(nothing["pd"]).all()
