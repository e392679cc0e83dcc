"""The console commands, on a store filled through the write door."""

import csv
import random
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from typer.testing import CliRunner

from alliance.audit import audit
from alliance.config import Settings
from alliance.contracts import parse_contract
from alliance.intake import submit
from alliance.promotions import champions
from alliance.store import Store
from experiments.cli import app
from experiments.gates.examined import in_the_way
from experiments.own_study import open_to_operator
from experiments.registry import candidate, champion_run

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


@contextmanager
def at(folder):
    """The console at home in a folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ALLIANCE_HOME", str(folder))
        patch.setenv("COLUMNS", "200")
        for name in ("ALLIANCE_DATABASE_URL", "MLFLOW_TRACKING_URI", "ALLIANCE_BUNDLE", "ALLIANCE_SHADOW"):
            patch.delenv(name, raising=False)
        yield folder


@pytest.fixture
def home(tmp_path):
    with at(tmp_path) as folder:
        yield folder


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def said(*words):
    """What a command that ends well prints."""
    made = run(*words)
    assert made.exit_code == 0, made.output
    return made.output


TRAIN = ("train", "--from", "2015-01-01", "--to", "2020-06-30", "--horizon", 6)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A home with a bank's file and a first model, and what its training printed."""
    with at(tmp_path_factory.mktemp("trained")) as folder:
        file, rows = folder / "bank.csv", list(companies(1_500))
        with file.open("w", newline="") as target:
            writer = csv.DictWriter(target, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
        store = Store(f"sqlite:///{folder / 'alliance.db'}")
        submit(store, parse_contract(CONTRACT), file)
        open_to_operator(store, "model_training")
        store.close()
        yield folder, said(*TRAIN, "--companies-apart")


def test_train_then_runs(trained):
    folder, printed = trained
    for word in ("AUC", "Brier", "95% interval", "fit", "stop", "test", "venture", "champion: version 1"):
        assert word in printed
    assert (folder / "bundle" / "bundle.json").is_file()
    for word in ("Most prudent", "independent", "asset correlation 12%"):
        assert word in run("low-default", "--help").output + run("low-default", "--to", "2020-06-30").output
    when = said("hazard", "--from", "2017-03-31", "--to", "2018-12-31")
    for word in ("PD by horizon", "36", "slope", "Recording: 95%", "run "):
        assert word in when
    listed = said("runs")
    assert "default-6m-2021-06-30" in listed and "champion" in listed


def test_from_challenger_to_champion_and_back(trained):
    """The second model waits; the gates are asked, one is excepted by name, and the first comes back at once."""
    folder, _ = trained
    first = (folder / "bundle").resolve()
    assert "challenger: version 2" in said(*TRAIN, "--name", "second")
    assert (folder / "bundle").resolve() == first != (folder / "challenger").resolve()
    shut = run("promote", "challenger", "--author", "kim", "--reason", "Newer.")
    assert shut.exit_code == 1 and "experiments gates 2" in " ".join(shut.output.split())
    told = said("gates")
    for word in ("uplift", "calibration", "stability", "reasons", "fairness", "leakage", "neither model was taught"):
        assert word in told
    shut = run("promote", "2", "--author", "kim", "--reason", "Newer.", "--despite", "uplift")
    assert shut.exit_code == 1 and "fairness" in shut.output
    store = Store(f"sqlite:///{folder / 'alliance.db'}")
    gated = candidate(Settings.from_environment(), "2").gated
    excepted = [word for gate in in_the_way(gated) for word in ("--despite", gate)]
    assert "fairness" in excepted and "uplift" not in excepted
    assert "champion: version 2, second" in said("promote", "2", "--author", "kim", "--reason", "Newer.", *excepted)
    assert (folder / "bundle").resolve() == (folder / "challenger").resolve()
    [_, made] = champions(store)
    assert (made.author, made.reason, made.gates, made.despite) == ("kim", "Newer.", gated, tuple(excepted[1::2]))
    before = store.watermark()
    said("promote", "2", "--author", "kim", "--reason", "Again.")
    assert store.watermark() == before, "who is champion does not become it again"
    assert "is the champion" in run("gates", "2").output
    assert "champion again: version 1" in said("rollback", "--author", "lee", "--reason", "Complaints.")
    assert (folder / "bundle").resolve() == first and champions(store)[-1].version == "default-6m-2021-06-30"
    assert champion_run(Settings.from_environment()) == candidate(Settings.from_environment(), "champion").run_id
    assert run("rollback", "--author", "lee", "--reason", "Further.").exit_code == 1
    assert audit(store).findings == []
    store.close()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("train",), "no records"),
        (("train", "--outcome", "joy", "--from", "2020-01-01", "--to", "2021-01-01"), "closure"),
        (("train", "--from", "2020-01-02", "--to", "2020-01-03"), "no quarter's end"),
        (("hazard",), "no records"),
        (("low-default", "--to", "2020-12-31"), "no records"),
        (("coupling", "--to", "2020-12-31"), "no records"),
        (("certainty", "--bad-loan", 0), "costs"),
        (("gates",), "has no challenger"),
        (("rollback", "--author", "kim", "--reason", "x"), "no champion to go back to"),
        (("replay", "--since", "2020-01-01"), "no model at"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(home, opened, words, why):
    opened(Store(f"sqlite:///{home / 'alliance.db'}")).close()
    failed = run(*words)
    assert failed.exit_code == 1
    assert why in failed.output and "Traceback" not in failed.output


def test_without_a_grant_nothing_is_taught(home):
    failed = run("train")
    assert failed.exit_code == 1
    assert "rights.refused" in failed.output and "model_training" in failed.output


def test_runs_of_an_empty_backend(home):
    assert run("runs").exit_code == 0
