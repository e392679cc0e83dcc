"""The console commands, on a store filled through the write door."""

import csv
import random
from datetime import date, timedelta

import pytest
from typer.testing import CliRunner

from alliance.contracts import parse_contract
from alliance.intake import submit
from alliance.store import Store
from experiments.cli import app
from experiments.own_study import open_to_operator

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: test-bank
version: 1.0.0
servers: [{server: file, type: local, path: "*.csv", format: csv}]
customProperties:
  - {property: member, value: bank}
  - {property: memberRole, value: bank}
  - {property: companyId, value: {namespace: bank, column: id}}
  - {property: knowledge, value: {lagDays: 0}}
schema:
  - name: company_profile
    properties:
      - {name: founded_on, physicalName: founded}
      - {name: observed_on, physicalName: founded}
  - name: funding_round
    properties:
      - {name: stage, customProperties: [{property: constant, value: seed}]}
      - {name: announced_on, physicalName: funded}
      - {name: amount, physicalName: amount}
  - name: facility
    properties:
      - {name: facility_no, physicalName: id}
      - {name: opened_on, physicalName: opened}
  - name: credit_event
    customProperties: [{property: when, value: [{column: defaulted, present: true}]}]
    properties:
      - {name: kind, customProperties: [{property: constant, value: default}]}
      - {name: happened_on, physicalName: defaulted}
"""


def companies(count):
    """Companies that default the sooner, the less they raised."""
    draw = random.Random(5)
    for place in range(count):
        founded = date(2012, 1, 1) + timedelta(days=draw.randrange(900))
        funded = founded + timedelta(days=draw.randrange(300))
        opened = funded + timedelta(days=draw.randrange(300))
        amount = int(10 ** draw.uniform(5.5, 8.5))
        lasts = timedelta(days=int(draw.expovariate(1 / (900 * (amount / 1e6) ** 0.5))))
        defaulted = opened + lasts if opened + lasts < date(2021, 6, 30) else ""
        yield {"id": f"c{place}", "founded": founded, "funded": funded, "amount": amount, "opened": opened,
               "defaulted": defaulted}  # fmt: skip
    yield {"id": "last", "founded": date(2021, 6, 30), "funded": date(2021, 6, 30), "amount": 1,
           "opened": date(2021, 6, 30), "defaulted": ""}  # fmt: skip


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("ALLIANCE_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("ALLIANCE_DATABASE_URL", "MLFLOW_TRACKING_URI", "ALLIANCE_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_train_then_runs(home):
    file = home / "bank.csv"
    rows = list(companies(1_500))
    with file.open("w", newline="") as target:
        writer = csv.DictWriter(target, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    store = Store(f"sqlite:///{home / 'alliance.db'}")
    submit(store, parse_contract(CONTRACT), file)
    open_to_operator(store, "model_training")
    store.close()
    made = run("train", "--from", "2015-01-01", "--to", "2020-06-30", "--horizon", 6, "--companies-apart")
    assert made.exit_code == 0, made.output
    for word in ("AUC", "Brier", "95% interval", "fit", "stop", "test", "venture", "champion: version 1"):
        assert word in made.output
    assert (home / "bundle" / "bundle.json").is_file()
    for word in ("Most prudent", "independent", "asset correlation 12%"):
        assert word in run("low-default", "--help").output + run("low-default", "--to", "2020-06-30").output
    when = run("hazard", "--from", "2017-03-31", "--to", "2018-12-31")
    assert when.exit_code == 0, when.output
    for word in ("PD by horizon", "36", "slope", "Recording: 95%", "run "):
        assert word in when.output
    listed = run("runs")
    assert listed.exit_code == 0 and "default-6m-2021-06-30" in listed.output and "champion" in listed.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("train",), "no records"),
        (("train", "--outcome", "joy", "--from", "2020-01-01", "--to", "2021-01-01"), "closure"),
        (("train", "--from", "2020-01-02", "--to", "2020-01-03"), "no quarter's end"),
        (("hazard",), "no records"),
        (("low-default", "--to", "2020-12-31"), "no records"),
        (("coupling", "--to", "2020-12-31"), "no records"),
        (("certainty", "--bad-loan", 0), "costs"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(home, opened, words, said):
    opened(Store(f"sqlite:///{home / 'alliance.db'}")).close()
    failed = run(*words)
    assert failed.exit_code == 1
    assert said in failed.output and "Traceback" not in failed.output


def test_without_a_grant_nothing_is_taught(home):
    failed = run("train")
    assert failed.exit_code == 1
    assert "rights.refused" in failed.output and "model_training" in failed.output


def test_runs_of_an_empty_backend(home):
    assert run("runs").exit_code == 0
