"""A file of companies scored: the same bytes however it is cut or killed, and the same bits as the API."""

import csv
import hashlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from alliance.callers import Role, register
from alliance.errors import Conflict, InvalidInput, StoreError, UnreadableFile
from alliance.store import Store
from alliance.store.schema import decision
from scoring.api import create_app
from scoring.batch import Job, Summary, run
from scoring.batch import output as written
from scoring.decide import Scorer

AS_OF = date(2026, 6, 30)


def companies_csv(path: Path, rows: Sequence[tuple[str, ...]], header: tuple[str, ...] = ("company", "as_of")) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


@pytest.fixture
def source(tmp_path: Path, toy: Any) -> Path:
    """Every company, some under other names, on other days or twice; and four rows that cannot be scored."""
    rows = [(number, "") for number in toy.numbers]
    rows[3:3] = [("hr:c3", "2025-03-31"), ("nobody", ""), ("fund:r4", "2026-02-30"), ("", ""), ("hr:c3", "2027-01-01")]
    return companies_csv(tmp_path / "companies.csv", [*rows, (toy.numbers[0], "")])


@pytest.fixture
def job(tmp_path: Path, source: Path) -> Callable[[str], Job]:
    """The job that writes to a folder of this name."""
    return lambda name: Job(
        source=source, target=tmp_path / name / "scores.parquet", as_of=AS_OF, member="spd", purpose="research"
    )


def digests(summary: Summary) -> list[str]:
    files = (summary.scores, summary.rejects, summary.manifest)
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]


def decisions_in(store: Store) -> int:
    with store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(decision)) or 0


def test_writes_scores_rejects_and_a_manifest(toy: Any, job: Callable[[str], Job]) -> None:
    summary = run(toy.scorer(), job("out"))
    assert (summary.scored, summary.rejected, summary.resumed) == (62, 4, 0)
    assert summary.reject_rate == 4 / 66
    scores = pl.read_parquet(summary.scores)
    assert scores["row"].to_list() == [row for row in range(1, 67) if row not in (5, 6, 7, 8)]
    assert scores["as_of"].value_counts().sort("as_of").rows() == [(date(2025, 3, 31), 1), (AS_OF, 61)]
    points = pl.sum_horizontal(pl.col("^points_.*$")) + pl.col("base_points")
    assert scores.select((points - pl.col("points")).abs().max()).item() < 1e-9
    assert scores["raises"].dtype == scores["lowers"].dtype == pl.List(pl.Struct(
        {"feature": pl.String, "pillar": pl.String, "value": pl.Float64, "points": pl.Float64, "zh": pl.String,
         "en": pl.String, "disclosure": pl.String, "group": pl.String, "also": pl.List(pl.String)}
    ))  # fmt: skip
    rejects = pl.read_csv(summary.rejects, infer_schema=False).rows()
    assert [(row, code) for row, _, code, *_ in rejects] == [
        ("5", "not_found"), ("6", "input.invalid"), ("7", "input.invalid"), ("8", "input.invalid"),
    ]  # fmt: skip
    assert [reason for *_, reason, _ in rejects][1:] == [
        "2026-02-30 is not a day.", "The row names no company.", "2027-01-01 is in the future.",
    ]  # fmt: skip
    manifest = json.loads(summary.manifest.read_bytes())
    assert manifest["rows"] == {"read": 66, "scored": 62, "rejected": 4}
    assert manifest["files"] == dict(
        zip(["scores.parquet", "scores.parquet.rejects.csv"], digests(summary), strict=False)
    )
    assert (manifest["run"]["bundle_sha256"], manifest["run"]["watermark"]) == (
        toy.bundle.sha256,
        toy.store.watermark(),
    )
    assert sorted(path.name for path in summary.scores.parent.iterdir()) == [
        "scores.parquet", "scores.parquet.manifest.json", "scores.parquet.rejects.csv",
    ]  # fmt: skip


def test_same_bytes_whatever_the_chunks_and_threads(
    toy: Any, job: Callable[[str], Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(written, "ROW_GROUP", 20)  # so that row groups and chunks do not fall together
    made = [digests(run(toy.scorer(), job(str(size)), chunk_size=size)) for size in (7, 50, 1_000)]
    made.append(digests(run(toy.scorer(), job("threads"), threads=2)))
    assert made.count(made[0]) == 4


def test_the_same_bits_as_the_api(toy: Any, job: Callable[[str], Job]) -> None:
    scorer = toy.scorer()
    scores = pl.read_parquet(run(scorer, job("out")).scores)
    key = register.create(scorer.store, member="hr", roles=frozenset({Role.ANALYST}), by="a test").text
    client = TestClient(create_app(scorer), headers={"Authorization": f"Bearer {key}"})
    requests = [{"company": row["company"], "as_of": str(row["as_of"])} for row in scores.iter_rows(named=True)]
    answers = client.post("/v1/scores/batch", json={"requests": requests}).json()["results"]
    for row, answer in zip(scores.iter_rows(named=True), answers, strict=True):
        served = answer["decision"]["score"]
        for name in (
            "company_id",
            "pd",
            "log_odds",
            "points",
            "grade",
            "coverage",
            "raises",
            "lowers",
            "contested",
            "withheld",
            "data_watermark",
        ):
            assert row[name] == served[name], name
        assert {share["pillar"]: share["points"] for share in served["pillars"]} == {
            name.removeprefix("points_"): value for name, value in row.items() if name.startswith("points_")
        }


def test_every_score_is_a_decision_and_none_is_recorded_twice(
    store: Store, toy: Any, job: Callable[[str], Job]
) -> None:
    scorer = toy.scorer(toy.fill(store))
    first = run(scorer, job("one"))
    assert decisions_in(store) == 62
    again = run(scorer, job("two"), chunk_size=9)
    assert digests(again) == digests(first)
    assert decisions_in(store) == 62
    scores = pl.read_parquet(first.scores)
    for row in scores.head(3).iter_rows(named=True):
        replay = scorer.replay(row["decision_id"])
        assert replay.same and replay.score.pd == row["pd"]
        assert (replay.decision.member, replay.decision.purpose) == ("spd", "research")


class Killed(BaseException):
    """As sudden as a signal: nothing catches it."""


def test_goes_on_where_it_was_from_what_it_saw_then(
    store: Store, toy: Any, job: Callable[[str], Job], plant: Callable[[Store, str], None]
) -> None:
    scorer = toy.scorer(toy.fill(store))
    whole = run(scorer, job("whole"))

    def kill(done: int, _total: int) -> None:
        if done >= 21:
            raise Killed

    with pytest.raises(Killed):
        run(scorer, job("killed"), chunk_size=7, progress=kill)
    assert not job("killed").target.exists()
    plant(store, "2026-06-01")  # what comes in meanwhile is not for this run
    resumed = run(scorer, job("killed"), chunk_size=10)
    assert resumed.resumed == 21
    assert digests(resumed) == digests(whole)
    assert decisions_in(store) == 62
    fresh = run(scorer, job("later"))
    assert digests(fresh) != digests(whole)


def test_survives_a_real_kill(toy: Any, tmp_path: Path, job: Callable[[str], Job]) -> None:
    toy.bundle.save(tmp_path / "bundle")
    scorer = Scorer(toy.store, toy.bundle)  # by today's date, as the command line has it
    whole = run(scorer, job("whole"))
    target = job("killed").target
    command = [
        sys.executable, "-c", "from scoring.cli import app; app()", "batch", "--in", str(job("x").source),
        "--out", str(target), "--as-of", "2026-06-30", "--member", "spd", "--purpose", "research", "--chunk-size", "1",
        "--database", str(toy.store.engine.url), "--bundle", str(tmp_path / "bundle"), "--max-reject-rate", "0.1",
    ]  # fmt: skip
    parts = target.with_name("scores.parquet.parts")
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and len(list(parts.glob("part-*.parquet"))) < 5:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL and not target.exists()
    resumed = run(scorer, job("killed"))
    assert 5 <= resumed.resumed < 66
    assert digests(resumed) == digests(whole)


def test_another_run_in_the_way_is_not_mixed_in(toy: Any, job: Callable[[str], Job], source: Path) -> None:
    def kill(done: int, _total: int) -> None:
        if done >= 10:
            raise Killed

    with pytest.raises(Killed):
        run(toy.scorer(), job("out"), chunk_size=10, progress=kill)
    source.write_text(source.read_text(encoding="utf-8") + "hr:c9,\n", encoding="utf-8")
    with pytest.raises(Conflict, match="input_sha256"):
        run(toy.scorer(), job("out"))


def test_someone_elses_folder_is_left_alone(toy: Any, job: Callable[[str], Job]) -> None:
    folder = job("out").target.with_name("scores.parquet.parts")
    folder.mkdir(parents=True)
    (folder / "thesis.docx").write_text("years of work", encoding="utf-8")
    with pytest.raises(Conflict):
        run(toy.scorer(), job("out"))
    assert (folder / "thesis.docx").exists()


def test_what_cannot_be_recorded_is_not_written(
    toy: Any, job: Callable[[str], Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError("The store failed: disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr("alliance.store.recording.insert_decisions", full)
        with pytest.raises(StoreError):
            run(toy.scorer(), job("out"))
    assert not job("out").target.exists()
    assert run(toy.scorer(), job("out")).resumed == 0


@pytest.mark.parametrize("form", ["parquet", "first column", "xlsx"])
def test_reads_what_the_alliance_reads(toy: Any, tmp_path: Path, form: str) -> None:
    frame = pl.DataFrame({"company": toy.numbers[:9], "as_of": [date(2026, 1, day) for day in range(1, 10)]})
    path = tmp_path / "given.parquet"
    if form == "parquet":
        frame.write_parquet(path)
    elif form == "xlsx":
        from openpyxl import Workbook

        path, book = tmp_path / "given.xlsx", Workbook()
        for row in [frame.columns, *frame.rows()]:
            book.active.append(list(row))
        book.save(path)
    else:
        path = tmp_path / "given.csv"
        frame.select(pl.col("company").alias("统一社会信用代码"), "as_of").write_csv(path)
    job = Job(source=path, target=tmp_path / "scores.parquet", as_of=AS_OF, member="x", purpose="research")
    scores = pl.read_parquet(run(toy.scorer(), job).scores)
    assert scores["company"].to_list() == list(toy.numbers[:9])
    assert scores["as_of"].to_list() == frame["as_of"].to_list()


def test_an_empty_list_gives_empty_files(toy: Any, tmp_path: Path) -> None:
    job = Job(
        source=companies_csv(tmp_path / "none.csv", []), target=tmp_path / "scores.parquet", as_of=AS_OF,
        member="x", purpose="research",
    )  # fmt: skip
    summary = run(toy.scorer(), job)
    assert (summary.scored, summary.rejected, summary.reject_rate) == (0, 0, 0.0)
    assert pl.read_parquet(summary.scores).height == 0
    assert summary.rejects.read_text(encoding="utf-8") == "row,company,code,reason,remedy\n"


def test_refuses_at_once_what_would_reject_every_row(toy: Any, job: Callable[[str], Job], tmp_path: Path) -> None:
    good = job("out")
    for bad in (replace(good, as_of=date(2026, 7, 1)), replace(good, purpose="gossip"), replace(good, target=tmp_path)):
        with pytest.raises(InvalidInput):
            run(toy.scorer(), bad)
    with pytest.raises(InvalidInput):
        run(toy.scorer(), good, chunk_size=0)
    with pytest.raises(UnreadableFile):
        run(toy.scorer(), replace(good, source=tmp_path / "absent.csv"))
    assert [path.name for path in tmp_path.iterdir()] == ["companies.csv"]
