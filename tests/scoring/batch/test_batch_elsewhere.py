"""A run whose work is done elsewhere: the same files to the byte, the same decisions, by the same rights."""

import hashlib
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from alliance import grants
from alliance.errors import InvalidInput
from alliance.rights import AccessRequest, Disclosure
from alliance.store import Decision, Store
from alliance.view import View
from scoring.batch import Job, Summary, run, run_features
from scoring.batch.elsewhere import Elsewhere
from scoring.cli import app
from scoring.decide import Scorer
from scoring.engines import Engine, Local
from scoring.engines.spark import EngineFailed, Spark
from scoring.told import features_of

AS_OF = date(2026, 6, 30)
PURPOSE = "research"


@pytest.fixture
def source(tmp_path: Path, toy: Any) -> Path:
    """Every company, some twice or on another day, and rows that cannot be scored."""
    rows = [(number, "") for number in toy.numbers[:40]]
    rows[3:3] = [("hr:c3", "2025-03-31"), ("nobody", ""), ("fund:r4", "2026-02-30"), ("", ""), ("hr:c3", "2027-01-01")]
    lines = [",".join(row) for row in [("company", "as_of"), *rows, (toy.numbers[0], "")]]
    path = tmp_path / "companies.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def job(tmp_path: Path, source: Path) -> Callable[[str], Job]:
    """The job that writes to a folder of this name."""
    return lambda name: Job(
        source=source, target=tmp_path / name / "scores.parquet", as_of=AS_OF, member="bank", purpose=PURPOSE
    )


@pytest.fixture
def lent(closed: Store, lend: Callable[..., str]) -> Store:
    """A store in which of one giver's values only scores may tell, and of the other's only of some companies."""
    lend("hr", Disclosure.SCORE_ONLY)
    lend("fund", Disclosure.BANDED, companies=tuple(closed.company_ids()[::2]))
    return closed


def bytes_of(summary: Summary) -> list[str]:
    return [
        hashlib.sha256(path.read_bytes()).hexdigest() for path in (summary.scores, summary.rejects, summary.manifest)
    ]


def decisions_of(store: Store, summary: Summary) -> list[Decision]:
    ids = pl.read_parquet(summary.scores)["decision_id"]
    return [replace(store.decision(one), decided_at=datetime.min) for one in ids]


def test_companies_of_a_store_are_scored_alike(
    lent: Store, toy: Any, job: Callable[[str], Job], tmp_path: Path
) -> None:
    scorer, folder = toy.scorer(lent), tmp_path / "work"
    here = run(scorer, job("here"))
    before = decisions_of(lent, here)
    there = run(scorer, job("there"), chunk_size=7, elsewhere=Elsewhere(engine=Local(), folder=folder))
    assert bytes_of(there) == bytes_of(here) and not folder.exists()
    assert decisions_of(lent, there) == before and {one.member for one in before} == {"bank"}
    scores = pl.read_parquet(here.scores)
    assert (scores["withheld"].list.len() > 0).any() and here.rejected == 4


@pytest.mark.spark
def test_spark_scores_companies_alike(
    toy: Any, job: Callable[[str], Job], tmp_path: Path, spark: Engine, lent_sqlite: Store
) -> None:
    scorer = toy.scorer(lent_sqlite)
    here = run(scorer, job("here"))
    there = run(scorer, job("there"), chunk_size=15, elsewhere=Elsewhere(engine=spark, folder=tmp_path / "work"))
    assert bytes_of(there) == bytes_of(here)


@pytest.fixture
def lent_sqlite(request: pytest.FixtureRequest, tmp_path: Path, toy: Any) -> Store:
    """As ``lent``, on SQLite alone: what Spark does has nothing to do with the database."""
    store = Store(f"sqlite:///{tmp_path / 'lent.db'}")
    request.addfinalizer(store.close)
    return toy.fill(store)


def test_a_killed_run_goes_on_elsewhere(lent: Store, toy: Any, job: Callable[[str], Job], tmp_path: Path) -> None:
    scorer, folder = toy.scorer(lent), tmp_path / "work"
    here = run(scorer, job("here"))

    class Killed(Exception):
        pass

    def kill(done: int, _: int | None) -> None:
        if done >= 20:
            raise Killed

    with pytest.raises(Killed):
        run(scorer, job("there"), chunk_size=9, progress=kill)
    there = run(scorer, job("there"), chunk_size=8, elsewhere=Elsewhere(engine=Local(), folder=folder))
    assert there.resumed == 27 and bytes_of(there) == bytes_of(here)


class Meddling(Local):
    """An engine during whose work something happens once."""

    def __init__(self, happens: Callable[[], object]) -> None:
        self.happens: Callable[[], object] | None = happens

    def mapped(self, work: Any, pieces: Any) -> Any:
        for place, made in enumerate(super().mapped(work, pieces)):
            if place == 2 and self.happens is not None:
                self.happens()
                self.happens = None
            yield made


def test_what_is_revoked_meanwhile_is_in_no_later_score(
    closed: Store, lend: Callable[..., str], toy: Any, job: Callable[[str], Job], tmp_path: Path
) -> None:
    lend("fund")
    lost = lend("hr")
    engine = Meddling(lambda: grants.revoke(closed, lost, author="hr", reason="over"))
    where = Elsewhere(engine=engine, folder=tmp_path / "work")
    made = decisions_of(closed, run(toy.scorer(closed), job("there"), chunk_size=10, elsewhere=where))
    by_lost = [lost in one.grants for one in made]
    assert any(by_lost) and not all(by_lost)
    assert by_lost == sorted(by_lost, reverse=True)  # from some row on, none rests on it


def test_rights_that_end_with_the_clock_end_elsewhere_too(
    closed: Store, lend: Callable[..., str], toy: Any, job: Callable[[str], Job], tmp_path: Path
) -> None:
    moment = datetime.now(UTC)
    closed.clock = lambda: moment
    lend("fund")
    ends = lend("hr", valid_until=moment + timedelta(days=1))

    def later() -> None:
        closed.clock = lambda: moment + timedelta(days=2)

    where = Elsewhere(engine=Meddling(later), folder=tmp_path / "work")
    made = decisions_of(closed, run(toy.scorer(closed), job("there"), chunk_size=10, elsewhere=where))
    assert 0 < sum(ends in one.grants for one in made) < len(made)


@pytest.fixture
def features(toy: Any, tmp_path: Path) -> Job:
    """A Parquet file of ready features, one of them infinite."""
    facts = View(toy.store, AccessRequest("spd", PURPOSE)).facts(toy.store.company_ids(), AS_OF)
    frame = features_of(toy.bundle, facts)
    rows = pl.concat([frame.rename({"company_id": "company"})] * 4).with_row_index("at")
    broken = rows.with_columns(
        pl.when(pl.col("at") == 17).then(float("inf")).otherwise(pl.col("cash_runway")).alias("cash_runway")
    ).drop("at")
    broken.write_parquet(tmp_path / "features.parquet", row_group_size=64)
    return Job(
        source=tmp_path / "features.parquet", target=tmp_path / "here.parquet", as_of=AS_OF, member="spd",
        purpose=PURPOSE,
    )  # fmt: skip


def scored_twice(scorer: Scorer, features: Job, engine: Engine, folder: Path, size: int) -> tuple[Summary, Summary]:
    """A file scored here and there, under the same name since the manifest tells it."""
    (there := folder / "there").mkdir()
    here = run_features(scorer, features)
    where = Elsewhere(engine=engine, folder=folder / "work")
    job = replace(features, target=there / features.target.name)
    return here, run_features(scorer, job, chunk_size=size, elsewhere=where)


@pytest.mark.parametrize("size", [7, 100, 10_000])
def test_ready_features_are_scored_alike(toy: Any, features: Job, tmp_path: Path, size: int) -> None:
    here, there = scored_twice(toy.scorer(), features, Local(), tmp_path, size)
    assert bytes_of(there) == bytes_of(here) and here.rejected == 1
    assert not (tmp_path / "work").exists()


@pytest.mark.spark
def test_spark_scores_ready_features_alike(toy: Any, features: Job, tmp_path: Path, spark: Engine) -> None:
    here, there = scored_twice(toy.scorer(), features, spark, tmp_path, 90)
    assert bytes_of(there) == bytes_of(here)


def test_text_cannot_be_read_in_pieces(toy: Any, features: Job, tmp_path: Path) -> None:
    path = tmp_path / "features.csv"
    pl.read_parquet(features.source).write_csv(path)
    where = Elsewhere(engine=Local(), folder=tmp_path / "work")
    with pytest.raises(InvalidInput, match="Parquet"):
        run_features(toy.scorer(), replace(features, source=path), elsewhere=where)


@pytest.mark.spark
def test_a_worker_that_fails_is_one_error(spark: Engine) -> None:
    as_bytes = partial(int.to_bytes, length=1, byteorder="big")
    assert list(spark.mapped(as_bytes, [])) == []
    assert b"".join(spark.mapped(as_bytes, range(20))) == bytes(range(20))
    with pytest.raises(EngineFailed, match=r"A worker failed: OverflowError: can't convert negative int"):
        list(spark.mapped(as_bytes, [1, -1]))


@pytest.mark.spark
@pytest.mark.parametrize(("master", "said"), [
    ("spark://127.0.0.1:1", "No Spark master answers"), ("spark://nobody", "No Spark master answers"),
    ("nonsense", "no URL of a Spark master"),
])  # fmt: skip
def test_a_master_that_is_none_is_one_error(
    spark: Engine, master: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pyspark.sql import SparkSession

    monkeypatch.setattr(SparkSession, "getActiveSession", lambda: None)
    with pytest.raises(InvalidInput, match=said):
        Spark(master)


def batch_by(features: Job, toy: Any, target: Path, *words: str) -> Result:
    """``scoring batch --features`` on the console."""
    if not (bundle := target.with_name("bundle")).exists():
        toy.bundle.save(bundle)
    own = [
        "batch", "--features", "--in", features.source, "--out", target, "--as-of", AS_OF, "--member", "spd",
        "--purpose", PURPOSE, "--database", f"sqlite:///{target.with_name('alliance.db')}", "--bundle", bundle,
    ]  # fmt: skip
    return CliRunner().invoke(app, [str(word) for word in (*own, *words)])


@pytest.mark.spark
def test_on_the_console_by_spark(toy: Any, features: Job, spark: Engine, tmp_path: Path) -> None:
    here, there = tmp_path / "here.parquet", tmp_path / "there.parquet"
    for target, words in ((here, ()), (there, ("--engine", "spark", "--master", "local[2]"))):
        done = batch_by(features, toy, target, *words)
        assert done.exit_code == 0 and "1 rejected" in done.output, done.output
    assert there.read_bytes() == here.read_bytes()
    assert list(spark.mapped(partial(int.to_bytes, length=1, byteorder="big"), [1])) == [b"\1"]  # it was left running


def test_without_the_extra_it_is_one_line(
    toy: Any, features: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    done = batch_by(features, toy, tmp_path / "there.parquet", "--engine", "spark")
    assert done.exit_code == 1 and "[input.invalid] The engine 'spark' needs PySpark" in done.stderr
    assert "alliance-credit[spark]" in done.stderr and "Traceback" not in done.output
