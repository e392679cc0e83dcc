"""Evidence on the console: tables, one readable run each, and one line where something cannot be done."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from mlflow.artifacts import load_text
from sklearn.metrics import roc_auc_score
from typer.testing import CliRunner

from alliance.config import Settings
from alliance.store import Store
from experiments import tracking
from experiments.cli import app
from experiments.datasets.store import store_dataset, store_panel
from experiments.foreseeable import BEST, against_best, best_foreseeable, numbers_of
from experiments.ladder.members import givers, without_member
from experiments.listing import Listing
from experiments.panel import LABEL
from experiments.training import Plan, training_history

PLAN = Plan(last=date(2023, 12, 31))


@pytest.fixture
def home(alliance: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ALLIANCE_HOME", str(alliance))
    for name in ("ALLIANCE_DATABASE_URL", "MLFLOW_TRACKING_URI", "ALLIANCE_DATA"):
        monkeypatch.delenv(name, raising=False)
    return alliance


def run(*words: object):
    return CliRunner().invoke(app, [str(word) for word in words])


def only_run(home: Path, group: str):
    found, _ = tracking.runs(Settings.from_environment({"ALLIANCE_HOME": str(home)}), group)
    (one,) = found
    return one


def test_the_ladder_of_a_store_lands_in_one_readable_run(home):
    made = run("ladder", "--to", "2023-12-31", "--members", 1, "--truth", home / "truth")
    assert made.exit_code == 0, made.output
    for word in ("financials only", "venture progress", "without hr-platform", "days since the last round",
                 "innovation points v1", "uplift shown", "simulated"):  # fmt: skip
        assert word in made.output
    kept = only_run(home, "ladder")
    assert {"ladder.all.auc", "ladder.all.auc_low", "ladder.all.partial_auc", "bayes_auc"} <= kept.data.metrics.keys()
    assert kept.data.metrics["ladder.all.auc"] < kept.data.metrics["bayes_auc"] + 0.05
    card = load_text(f"{kept.info.artifact_uri}/study.md")
    assert card.startswith("# ladder: store") and "| + technology |" in card and BEST in card
    assert kept.data.tags["mlflow.note.content"] == card[: tracking.MOST_DESCRIPTION]
    assert {Path(file).name for file in figures(home, kept)} == {"ladder.png", "left_out.png"}


def figures(home: Path, kept) -> list[str]:
    with tracking.tracked(Settings.from_environment({"ALLIANCE_HOME": str(home)})) as client:
        return [found.path for found in client.list_artifacts(kept.info.run_id, "figures")]


def test_a_flat_table_of_one_s_folder(home, tmp_path):
    draw = np.random.default_rng(1)
    age = draw.uniform(18, 70, 400)
    columns = {name: ["A"] * 400 for name in (
        "status_of_existing_checking_account", "credit_history", "purpose", "savings_account_and_bonds",
        "present_employment_since", "other_debtors_or_guarantors", "property", "other_installment_plans", "housing",
        "job")}  # fmt: skip
    numbers = {name: draw.integers(1, 5, 400).astype(str) for name in (
        "duration_in_month", "credit_amount", "installment_rate_in_percentage_of_disposable_income",
        "present_residence_since", "number_of_existing_credits_at_this_bank")}  # fmt: skip
    bad = draw.uniform(size=400) < 1 / (1 + np.exp((age - 40) / 20))
    told = {"age_in_years": age.astype(str), "creditability": np.where(bad, "bad", "good")}
    (tmp_path / "german_credit").mkdir()
    pl.DataFrame({**columns, **numbers, **told}).write_parquet(tmp_path / "german_credit/germancredit.parquet")
    probed = run("probe", "--dataset", "german_credit", "--data", tmp_path)
    assert probed.exit_code == 0, probed.output
    assert "No leak found" in probed.output and "age_in_years" in probed.output and "not decided" in probed.output
    assert only_run(home, "probe").data.params["dataset"] == "german_credit"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("peers", "--dataset", "mars"), "polish_bankruptcy"),
        (("peers", "--dataset", "sba_7a"), "--data"),
        (("ladder", "--examination", "by lot", "--to", "2023-12-31", "--members", 0), "out of time"),
        (("backtest", "--to", "2023-12-31", "--window", 20), "do not reach"),
        (("stability", "--outcome", "joy"), "closure"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(home, words, said):
    failed = run(*words)
    assert failed.exit_code == 1 and said in failed.output and "Traceback" not in failed.output


@pytest.mark.parametrize(
    ("last", "folder", "said"), [("2022-12-31", "truth", "too little"), ("2023-12-31", "x", "--truth")]
)
def test_a_truth_that_says_too_little_is_refused_before_the_work_begins(home, last, folder, said):
    failed = run("ladder", "--to", last, "--truth", home / folder)
    assert failed.exit_code == 1 and said in failed.output and "Traceback" not in failed.output


def test_without_a_member_the_rows_stay_and_its_word_is_gone(alliance):
    store = Store(f"sqlite:///{alliance / 'alliance.db'}")
    history, _ = training_history(store)
    made = store_panel(history, PLAN)
    assert len(givers(history, 3)) == 3
    silent = without_member(history, made, "patent-office")
    assert silent.frame.select("company_id", "as_of", LABEL).equals(made.frame.select("company_id", "as_of", LABEL))
    assert silent.frame.columns == made.frame.columns
    assert silent.frame["patents_in_force"].null_count() == made.frame.height
    assert made.frame["patents_in_force"].null_count() < made.frame.height
    assert silent.frame["cash_balance"].equals(made.frame["cash_balance"])
    rows = store_dataset(made, PLAN).examination("").tested
    best = best_foreseeable(numbers_of(store, rows["company_id"]), rows, alliance / "truth")
    store.close()
    known = ~np.isnan(best)
    sample = store_dataset(made, PLAN).examination("").sample
    found = against_best(sample, np.nan_to_num(best, nan=0.5), best)
    assert known.mean() > 0.9
    assert found[BEST].values["auc"].value == pytest.approx(roc_auc_score(sample.labels[known], best[known]))


def test_a_listing_reads_on_both_sides():
    made = Listing("t", ("name", "n"), (("a|b", "1"), ("", "")), ("n",))
    assert made.markdown() == "### t\n\n| name | n |\n| --- | ---: |\n| a\\|b | 1 |"
    assert made.rich().row_count == 2
