"""A model monitored on a store: by what was known on each day, against the yardstick kept with it, in one run."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from mlflow.artifacts import load_text
from typer.testing import CliRunner

from alliance.config import Settings
from alliance.errors import InvalidInput
from alliance.signals.claims import Claims
from alliance.store import Store
from alliance.view import History
from experiments import tracking
from experiments.cli import app
from experiments.fairness.policy import policy_of
from experiments.fairness.run import examined_store
from experiments.monitoring.development import FILE
from experiments.monitoring.plan import shipped_plan
from experiments.monitoring.quarters import Monitored, cohorts
from experiments.monitoring.rates import Rate
from experiments.monitoring.reference import AGAIN, KEPT, reference_of
from experiments.monitoring.rule import alerts
from experiments.splits import out_of_time
from experiments.train import Trained, train
from experiments.training import Plan, panel_of, training_history
from scoring.bundle_source import DIGEST as BUNDLE_DIGEST
from scoring.model import Bundle

LAST = date(2022, 12, 31)
"""Last day the model is examined on; quarters follow, and so do outcomes."""

GROUP = "default-12m"
UNLIKE = "unlike those learned from"


@pytest.fixture(scope="module")
def history(alliance: Path) -> History:
    store = Store(f"sqlite:///{alliance / 'alliance.db'}")
    found, _ = training_history(store)
    store.close()
    return found


@pytest.fixture(scope="module")
def trained(history: History) -> Trained:
    made = panel_of(history, Plan(last=LAST))
    return train(made, out_of_time(made, 4), version="watched")


@pytest.fixture(scope="module")
def bundle(trained: Trained) -> Bundle:
    return trained.bundle


@pytest.fixture(scope="module")
def settings(alliance: Path, trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with a bundle where the service looks for it, and a run that keeps the bundle's yardstick."""
    home = tmp_path_factory.mktemp("monitored")
    found = Settings.from_environment(
        {"ALLIANCE_HOME": str(home), "ALLIANCE_DATABASE_URL": f"sqlite:///{alliance / 'alliance.db'}"}
    )
    trained.bundle.save(home / "bundle")
    with tracking.tracked(found) as client:
        group = client.create_experiment(GROUP, tracking.artifact_root(found))
        run = client.create_run(group, tags={BUNDLE_DIGEST: trained.bundle.sha256})
        client.log_text(run.info.run_id, trained.development.text(), FILE)
    return found


@pytest.fixture
def console(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    for name in ("MLFLOW_TRACKING_URI", "ALLIANCE_DATA", "ALLIANCE_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALLIANCE_HOME", str(settings.home))
    monkeypatch.setenv("ALLIANCE_DATABASE_URL", settings.database_url)
    return CliRunner()


def test_the_yardstick_is_found_by_the_bundle_and_made_again_alike(settings, history, bundle, tmp_path):
    kept = reference_of(settings, history, bundle)
    assert kept.origin == KEPT
    elsewhere = Settings.from_environment({"ALLIANCE_HOME": str(tmp_path)})
    again = reference_of(elsewhere, history, bundle)
    assert again.origin == AGAIN and again.made == kept.made


def test_a_yardstick_that_was_moved_is_not_taken(settings, history, bundle, tmp_path):
    with tracking.tracked(settings) as client:
        (run, *_), _ = tracking.runs(settings, GROUP)
        text = load_text(f"{run.info.artifact_uri}/{FILE}")
        moved = text.replace('"rows":', '"rows":1')
        assert moved != text
        client.log_text(run.info.run_id, moved, FILE)
        try:
            assert reference_of(settings, history, bundle).origin == AGAIN
        finally:
            client.log_text(run.info.run_id, text, FILE)


def test_a_reading_is_what_could_have_been_read_at_the_time(settings, history, bundle):
    made = reference_of(settings, history, bundle).made
    early = Monitored(history, bundle, made, date(2023, 6, 30)).readings()
    late = Monitored(history, bundle, made, date(2024, 3, 31)).readings()
    assert [one.day for one in early] == [date(2023, 3, 31), date(2023, 6, 30)]
    assert late[:2] == early and len(late) == 5
    assert [rate.name for rate in late[0].rates] == ["refer, as advised", "decline, as advised", UNLIKE]
    assert all(rate.of == one.companies >= rate.count for one in late for rate in one.rates)
    seen = cohorts(late)
    assert len({one.day for one in seen}) == len(seen) >= 2
    for one in seen:
        assert one.day.replace(year=one.day.year + 1) <= one.known_on
        assert sum(grade.observed for grade in one.grades) == one.observed <= one.companies
        assert sum(grade.expected for grade in one.grades) == pytest.approx(one.expected)


def test_what_people_do_is_told_beside_it_in_its_own_quarter(settings, history, bundle):
    made = reference_of(settings, history, bundle).made
    given = [Rate("overridden", date(2023, 3, 31), 40, 50, 0.1), Rate("overridden", date(2023, 6, 30), 5, 50, 0.1)]
    first, second = Monitored(history, bundle, made, date(2023, 6, 30), rates=given).readings()
    assert given[0] in first.rates and given[1] in second.rates and given[1] not in first.rates
    told = [(one.rule.name, one.about) for one in alerts(shipped_plan(), first, made.weights)]
    assert ("rate", "overridden") in told
    assert ("rate", "overridden") not in [
        (one.rule.name, one.about) for one in alerts(shipped_plan(), second, made.weights)
    ]


def test_what_comes_later_changes_no_reading(settings, history, bundle):
    made = reference_of(settings, history, bundle).made
    until = date(2023, 6, 30)
    known = {name: frame.filter(pl.col("known_at") <= until) for name, frame in history.claims.frames.items()}
    then = _told(history, known)
    assert Monitored(then, bundle, made, until).readings() == Monitored(history, bundle, made, until).readings()


def _told(history: History, frames: dict[str, pl.DataFrame]) -> History:
    claims = Claims(frames, history.claims.watermark)
    return History(claims, history.access, history.companies, history.reliabilities, rulings=history.rulings)


def test_a_member_that_changes_its_unit_and_one_that_falls_silent_are_named(settings, history, bundle):
    made, since = reference_of(settings, history, bundle).made, date(2023, 1, 1)
    frames = dict(history.claims.frames)
    late = pl.col("known_at") >= since
    frames["headcount"] = frames["headcount"].with_columns(
        pl.when(late & (pl.col("member") == "hr-platform"))
        .then(pl.col("employees") * 1000)
        .otherwise(pl.col("employees"))
        .alias("employees")
    )
    (sound,) = Monitored(history, bundle, made, date(2023, 3, 31)).readings()
    silent = next(one.member for one in sound.told.coverage if one.member != "hr-platform")
    frames = {
        name: frame.filter(~(late & (pl.col("member") == silent))) if name != "headcount" else frame
        for name, frame in frames.items()
    }
    (reading,) = Monitored(_told(history, frames), bundle, made, date(2023, 3, 31)).readings()
    found = {(one.rule.name, one.about) for one in alerts(shipped_plan(), reading, made.weights)}
    assert ("member_values", "hr-platform: headcount.employees") in found
    assert ("member_coverage", silent) in found
    rules = {one.rule.name for one in alerts(shipped_plan(), sound, made.weights)}
    assert not rules & {"member_values", "member_coverage"}


def test_monitoring_lands_in_one_readable_run(settings, console, bundle):
    made = console.invoke(app, ["monitor", "--to", "2024-03-31"])
    assert made.exit_code == 0, made.output
    for word in ("scores by quarter", "Jeffreys", "monitoring plan", "hallenger", "simulated", KEPT):
        assert word in made.output
    (run,), _ = tracking.runs(settings, "monitor")
    assert run.data.params["bundle_sha256"] == bundle.sha256
    assert {"score_psi", "expected_auc", "observed_to_expected", "proposed"} <= run.data.metrics.keys()
    assert "| 2024-03-31 |" in load_text(f"{run.info.artifact_uri}/study.md")


def test_how_often_the_rule_is_wrong_is_one_run_too(settings, console, bundle):
    words = ["alarms", "--years", "20", "--companies", "100"]
    made = console.invoke(app, words)
    assert made.exit_code == 0, made.output
    assert "stable" in made.output and "odds of the outcome x 2" in made.output and "kept" in made.output
    assert len(tracking.runs(settings, "alarms")[0]) == 1


def test_without_a_quarter_since_there_is_nothing_to_monitor(settings, console, history, bundle):
    made = reference_of(settings, history, bundle).made
    with pytest.raises(InvalidInput, match="No quarter has ended"):
        Monitored(history, bundle, made, date(2023, 2, 1))
    failed = console.invoke(app, ["monitor", "--to", "2023-02-01"])
    assert failed.exit_code == 1 and "Traceback" not in failed.output


def test_groups_of_a_store_are_those_known_on_the_row_s_day(history, bundle):
    policy = policy_of("CN")
    given = examined_store(history, bundle, policy)
    assert {*given.groups} == {"region", "stage", "sector", "size"}
    assert all(len(values) == len(given.pd) for values in given.groups.values())
    assert {"micro", "small"} & {*given.groups["size"]} and "seed" in given.groups["stage"]
    first = history.facts(date(2022, 3, 31)).frames["company_profile"]
    region = dict(first.select("subject_id", "region").iter_rows())
    rows = sum(1 for one in given.companies if one == given.companies[0])
    assert rows >= 1 and given.groups["region"][0] == region[given.companies[0]]


def test_fairness_of_a_store_lands_in_one_readable_run(settings, console, bundle):
    made = console.invoke(app, ["fairness", "--jurisdiction", "eu"])
    assert made.exit_code == 0, made.output
    for word in ("insufficient evidence", "2003/361/EC", "region", "approval rate", "simulated"):
        assert word in made.output.replace("\n", " ")
    (run,), _ = tracking.runs(settings, "fairness")
    assert run.data.params["jurisdiction"] == "EU" and run.data.params["bundle_sha256"] == bundle.sha256
    refused = console.invoke(app, ["fairness", "--jurisdiction", "mars"])
    assert refused.exit_code == 1 and "CN, EU, US" in refused.output
