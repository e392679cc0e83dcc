"""The house as its users run it: the demo on a small seed alliance, then the API and the batch job on its store."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from alliance.callers import Role, register
from alliance.store import Store
from alliance.store.decisions import decisions_where
from alliance.store.schema import decision
from experiments.replay import replayed
from experiments.training import training_history
from scoring.api import create_app
from scoring.batch import Job, run
from scoring.decide import Scorer
from scoring.model import load
from seeds.demo import app as demo
from seeds.trust.report import AIMS, trust

COMPANIES = 800
AS_OF = date(2024, 12, 31)
HOUSE = ("ALLIANCE_", "MLFLOW_")
"""How variables begin that would lead the demo elsewhere than to the home of its own."""


def run_demo(home: Path) -> str:
    """What a demo in its own home prints; fails with its output if it does not end well."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(HOUSE)}
    command = [sys.executable, "-m", "seeds.demo", "--companies", str(COMPANIES)]
    ended = subprocess.run(
        command, env={**kept, "ALLIANCE_HOME": str(home)}, capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def printed(home: Path) -> str:
    return run_demo(home)


@pytest.fixture(scope="module")
def scorer(home: Path, printed: str) -> Iterator[Scorer]:
    store = Store(f"sqlite:///{home / 'alliance.db'}")
    yield Scorer(store, load(home / "bundle"))
    store.close()


def test_the_demo_shows_what_a_newcomer_came_for(printed: str) -> None:
    for shown in (
        "quarantined",
        "linkage of members' own ids",
        "Bayes-optimal AUC",
        "the five safest and the five riskiest",
        "提高风险的因素",
        "What raises the risk",
        "GET /v1/decisions/dec_",
        "grants by one document",
        "make serve",
        "An analyst's key of bank-01, for 7 days: alc_",
        "no evidence about the world",
    ):
        assert shown in printed


def test_facts_can_be_trusted(home: Path, scorer: Scorer) -> None:
    history, _ = training_history(scorer.store)
    found = trust(scorer.store, history, home / f"seeds-{COMPANIES}-7", AS_OF)
    for links in (found.unsettled, found.all_ids):
        assert links.precision >= AIMS[0] and links.recall >= AIMS[1]
    assert found.ids.passes == 10 and found.ids.merged > 500
    assert (found.ids.changed, found.ids.lost) == (0, 0)
    assert found.liar.found and found.alone.found and found.copies
    assert found.liar.reliability <= found.alone.reliability + 0.01, "a copy does not lift what it copies"
    assert found.since is not None and found.quarters is not None
    consensus, *plain, best = found.errors
    assert consensus.given > 0.98
    for rule in plain:
        assert rule.consensus < rule.mean and rule.consensus_wrong < rule.wrong, rule.rule
    assert best.consensus < 1.2 * best.mean, "whoever comes nearest the truth, on its own facts alone"
    nearer, members = found.nearer
    assert nearer < members / 5


def test_the_demo_can_be_run_again(home: Path, scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, which has imported already what a new one would have to."""
    before = scorer.store.watermark()
    for name in [name for name in os.environ if name.startswith(HOUSE)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ALLIANCE_HOME", str(home))
    again = CliRunner().invoke(demo, ["--companies", str(COMPANIES)])
    assert again.exit_code == 0, again.output
    assert scorer.store.watermark() == before, "nothing is new in the store"
    assert (home / "challenger" / "bundle.json").is_file() and load(home / "bundle").sha256 == scorer.bundle.sha256


def test_the_portfolio_made_again_by_its_own_model_is_the_same_to_the_bit(scorer: Scorer) -> None:
    with scorer.store.reading() as connection:
        made = decisions_where(connection, decision.c.bundle_sha256 == scorer.bundle.sha256)
    assert len(made) > 20
    assert all(one.points == 0 for one in replayed(scorer.store, scorer.bundle, made[0].decided_at).again)


@pytest.fixture(scope="module")
def eight_hundred(scorer: Scorer) -> list[str]:
    """Companies of the alliance, with facilities or without, well known or hardly."""
    known = scorer.store.company_ids()
    assert len(known) >= 800
    return known[:800]


def batch(scorer: Scorer, companies: list[str], folder: Path, chunk_size: int) -> Path:
    source = folder / "companies.csv"
    pl.DataFrame({"company": companies}).write_csv(source)
    job = Job(
        source=source,
        target=folder / f"scores-{chunk_size}.parquet",
        as_of=AS_OF,
        member="bank-01",
        purpose="portfolio_monitoring",
    )
    return run(scorer, job, chunk_size=chunk_size).scores


def test_api_and_batch_give_the_same_scores_to_the_bit(
    scorer: Scorer, eight_hundred: list[str], tmp_path: Path
) -> None:
    asked = [
        {"company": company, "as_of": AS_OF.isoformat(), "purpose": "portfolio_monitoring"} for company in eight_hundred
    ]
    key = register.create(scorer.store, member="bank-01", roles=frozenset({Role.ANALYST}), by="a test").text
    answer = TestClient(create_app(scorer)).post(
        "/v1/scores/batch", json={"requests": asked}, headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.status_code == 200
    by_api = [result["decision"]["score"] for result in answer.json()["results"]]
    rows = pl.read_parquet(batch(scorer, eight_hundred, tmp_path, 333))
    for row, told in zip(rows.iter_rows(named=True), by_api, strict=True):
        assert plain(row) == {name: told[name] for name in plain(row)}


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """What both say of a company."""
    names = ("company_id", "pd", "log_odds", "points", "base_points", "grade", "coverage", "raises", "lowers")
    return {name: row[name] for name in names}


def test_the_same_bytes_whatever_the_chunks(scorer: Scorer, eight_hundred: list[str], tmp_path: Path) -> None:
    first, second = (batch(scorer, eight_hundred, tmp_path, size) for size in (800, 77))
    assert first.read_bytes() == second.read_bytes()
