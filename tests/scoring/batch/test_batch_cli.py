"""``scoring`` on the command line."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from alliance.errors import BundleError
from scoring.bundle_source import load_bundle
from scoring.cli import app
from scoring.decide import ScoreRequest


@pytest.fixture
def scoring(toy: Any, tmp_path: Path) -> Callable[..., Result]:
    """``scoring ...`` on the toy alliance."""
    toy.bundle.save(tmp_path / "bundle")
    environment = {
        "ALLIANCE_DATABASE_URL": str(toy.store.engine.url), "ALLIANCE_BUNDLE": str(tmp_path / "bundle"),
        "COLUMNS": "120",
    }  # fmt: skip
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words], env=environment)


def test_score_is_the_scorers(scoring: Callable[..., Result], toy: Any) -> None:
    done = scoring("score", toy.numbers[0], "--as-of", "2026-06-30", "--json")
    told = json.loads(done.stdout)
    request = ScoreRequest(company=toy.numbers[0], as_of=date(2026, 6, 30), member="x", purpose="research")
    assert told["score"] == toy.scorer().decide(request).result
    assert toy.store.decision(told["decision_id"]).purpose == "loan_origination"


@pytest.mark.parametrize(
    ("language", "word"), [("zh", "违约概率"), ("en", "What raises the risk"), ("both", "创投进展")]
)
def test_score_is_readable(scoring: Callable[..., Result], language: str, word: str) -> None:
    done = scoring("score", "hr:c1", "--as-of", "2026-06-30", "--language", language)
    assert done.exit_code == 0, done.output
    assert "星辰科技1号" in done.stdout and word in done.stdout and "dec_" in done.stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [(("score", "nobody"), "not_found"), (("score", "hr:c1", "--as-of", "2999-01-01"), "input.invalid")],
)
def test_errors_are_one_line(scoring: Callable[..., Result], words: tuple[str, ...], code: str) -> None:
    done = scoring(*words)
    assert done.exit_code == 1
    assert f"[{code}]" in done.stderr and "Traceback" not in done.output


@pytest.mark.parametrize(("rate", "code"), [("0.4", 3), ("0.5", 0)])
def test_too_many_rejects(scoring: Callable[..., Result], tmp_path: Path, rate: str, code: int) -> None:
    source, target = tmp_path / "list.csv", tmp_path / "scores.parquet"
    source.write_text("company\nhr:c1\nnobody\n", encoding="utf-8")
    done = scoring(
        "batch", "--in", source, "--as-of", "2026-06-30", "--out", target, "--max-reject-rate", rate, "--chunk-size", 1
    )
    assert done.exit_code == code, done.output
    assert "1 scored, 1 rejected (50.0%)" in done.stdout
    assert target.exists() and target.with_name("scores.parquet.manifest.json").exists()


def test_says_which_model_is_loaded(scoring: Callable[..., Result], toy: Any) -> None:
    done = scoring("model")
    assert (
        toy.bundle.sha256 in done.stdout and "cash_runway" in done.stdout and "default within 12 months" in done.stdout
    )


def test_no_bundle_is_one_line(toy: Any, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["model", "--bundle", str(tmp_path / "none")])
    assert done.exit_code == 1 and "[not_found]" in done.stderr and "experiments train" in done.stderr


def test_a_bundle_from_mlflow_artifacts(toy: Any, tmp_path: Path) -> None:
    toy.bundle.save(tmp_path / "model" / "artifacts" / "bundle")
    tracking = f"sqlite:///{tmp_path / 'mlflow.db'}"
    assert load_bundle((tmp_path / "model").as_uri(), tracking).sha256 == toy.bundle.sha256
    (tmp_path / "empty").mkdir()
    with pytest.raises(BundleError, match="0 bundles"):
        load_bundle((tmp_path / "empty").as_uri(), tracking)
    with pytest.raises(BundleError, match="MLflow does not give"):
        load_bundle((tmp_path / "absent").as_uri(), tracking)
