"""The panel bucket by bucket: the same table to the bit, and the same file to the byte, on any engine."""

import shutil
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from typer.testing import CliRunner

from alliance import grants
from alliance.errors import InvalidInput
from alliance.promotions import GrantsLost
from alliance.rights import Disclosure, Grant
from alliance.store import Store
from experiments.cli import app
from experiments.own_study import OPERATOR_MEMBER
from experiments.panel import Panel, table_sha256
from experiments.streamed_panel import WrittenPanel, write_panel
from experiments.training import Plan, panel_of, training_history
from scoring.engines import Engine, Local

PLAN = Plan(outcome="closure", horizon=12)


@pytest.fixture(scope="module")
def store(alliance: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The seed alliance, where one giver of funding rounds gives no amounts, and rounds of some companies alone."""
    path = tmp_path_factory.mktemp("masked") / "alliance.db"
    shutil.copy(alliance / "alliance.db", path)
    opened = Store(f"sqlite:///{path}")
    giver = opened.claims().frames["funding_round"]["member"].value_counts(sort=True)["member"][0]
    [old] = [one for one in opened.rights().grants if one.giver == giver and one.purposes == ("model_training",)]
    grants.revoke(opened, old.grant_id, author=giver, reason="too much")
    terms = {"receiver": old.receiver, "purposes": old.purposes, "companies": tuple(opened.company_ids()[::3])}
    rounds = [
        Grant(giver=giver, fields=("funding_round.stage",), **terms),
        Grant(giver=giver, fields=("funding_round.amount",), disclosure=Disclosure.SCORE_ONLY, **terms),
    ]
    grants.give(opened, rounds, author=giver)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def expected(store: Store) -> Panel:
    return panel_of(training_history(store)[0], PLAN)


@pytest.fixture(scope="module")
def local(store: Store, tmp_path_factory: pytest.TempPathFactory) -> WrittenPanel:
    folder = tmp_path_factory.mktemp("local")
    return write_panel(store, PLAN, folder / "panel.parquet", Local(), work=folder / "work", size=61)


def test_the_file_is_the_panel(local: WrittenPanel, expected: Panel) -> None:
    frame = pl.read_parquet(local.path)
    assert_frame_equal(frame, expected.frame)
    assert table_sha256(frame) == expected.sha256
    assert (local.asked.data_cut, local.watermark) == (expected.data_cut, expected.watermark)
    assert not (local.path.parent / "work").exists()


def test_something_is_withheld(expected: Panel, alliance: Path) -> None:
    whole = Store(f"sqlite:///{alliance / 'alliance.db'}")
    assert panel_of(training_history(whole)[0], PLAN).sha256 != expected.sha256
    whole.close()


def test_it_is_counted_by_day(local: WrittenPanel, expected: Panel) -> None:
    counted = expected.frame.group_by("as_of").agg(pl.len().cast(pl.Int64), pl.col("label").sum().cast(pl.Int64))
    assert local.by_day.rows() == counted.sort("as_of").rows()


def test_the_size_of_a_bucket_changes_no_byte(store: Store, local: WrittenPanel, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    whole = write_panel(
        store, PLAN, tmp_path / "panel.parquet", Local(), work=tmp_path / "work", size=10_000,
        progress=lambda *one: told.append(one),
    )  # fmt: skip
    assert whole.sha256 == local.sha256
    assert told == [("export", whole.companies, whole.companies), ("panel", whole.companies, whole.companies)]


@pytest.mark.spark
def test_spark_writes_the_same_bytes(store: Store, local: WrittenPanel, spark: Engine, tmp_path: Path) -> None:
    made = write_panel(store, PLAN, tmp_path / "panel.parquet", spark, work=tmp_path / "work", size=61)
    assert made.path.read_bytes() == local.path.read_bytes()
    assert not (tmp_path / "work").exists()


def test_a_plan_beyond_the_data_is_refused_before_any_work(store: Store, tmp_path: Path) -> None:
    late = Plan(outcome="closure", horizon=12, first=date(2023, 1, 1), last=date(2040, 1, 1))
    with pytest.raises(InvalidInput, match="ends after the data"):
        write_panel(store, late, tmp_path / "panel.parquet", Local(), work=tmp_path / "work")
    assert not list(tmp_path.iterdir())


def test_what_is_revoked_meanwhile_is_in_no_file(alliance: Path, tmp_path: Path) -> None:
    shutil.copy(alliance / "alliance.db", tmp_path)
    other = Store(f"sqlite:///{tmp_path / 'alliance.db'}")
    grant = next(one for one in other.rights().grants if one.revoked_at is None)

    def revoke(what: str, done: int, total: int) -> None:
        if (what, done) == ("panel", total):
            grants.revoke(other, grant.grant_id, author=grant.giver, reason="over")

    with pytest.raises(GrantsLost):
        write_panel(other, PLAN, tmp_path / "panel.parquet", Local(), work=tmp_path / "work", progress=revoke)
    assert not (tmp_path / "panel.parquet").exists() and not (tmp_path / "work").exists()
    other.close()


def test_on_the_console(store: Store, local: WrittenPanel, tmp_path: Path) -> None:
    words = ["panel", "--out", tmp_path / "panel.parquet", "--outcome", "closure", "--keep-export"]
    done = CliRunner().invoke(app, [*map(str, words), "--database", str(store.engine.url)], env={"COLUMNS": "120"})
    assert done.exit_code == 0, done.output
    assert local.sha256 in done.output and "outcomes" in done.output
    assert (tmp_path / "panel.parquet.export" / "manifest.json").exists()
    assert OPERATOR_MEMBER in (tmp_path / "panel.parquet.export" / "manifest.json").read_text()


@pytest.mark.parametrize(
    ("engine", "said"),
    [("flink", "[not_found] There is no engine"), ("spark", "[input.invalid] The engine 'spark' needs PySpark")],
)
def test_a_missing_engine_is_one_line(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str, said: str
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)  # as where the extra is not installed
    words = ("panel", "--out", tmp_path / "panel.parquet", "--engine", engine, "--database", store.engine.url)
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 1 and said in done.stderr
    assert "Traceback" not in done.output and not list(tmp_path.iterdir())
