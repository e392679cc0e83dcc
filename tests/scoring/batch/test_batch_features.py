"""A file of ready features scored: the same bytes however it is cut or killed, one entry in the ledger, no decision."""

import hashlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import func, select

from alliance.audit import audit
from alliance.batches import batches
from alliance.errors import Conflict, InvalidInput, StoreError, UnreadableFile
from alliance.store import Store
from alliance.store.schema import decision
from scoring.batch import Job, Summary, run_features
from scoring.batch import features as running
from scoring.batch.given import Given
from scoring.batch.ready import scored
from scoring.decide import Scorer
from scoring.model import Bundle

TODAY = date(2026, 6, 30)


@pytest.fixture
def scorer(store: Store, full: Bundle) -> Scorer:
    return Scorer(store, full, today=lambda: TODAY)


def digests(summary: Summary) -> list[str]:
    files = (summary.scores, summary.rejects, summary.manifest)
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]


def test_scores_rejects_a_manifest_and_one_entry(
    scorer: Scorer, full: Bundle, features: Path, features_job: Callable[..., Job]
) -> None:
    seen: list[tuple[int, int | None]] = []
    job = features_job("out")
    summary = run_features(scorer, job, chunk_size=20, progress=lambda done, rows: seen.append((done, rows)))
    assert (summary.scored, summary.rejected, summary.passed_over, summary.unknown) == (43, 2, (), ())
    assert seen == [(20, 45), (40, 45), (45, 45)]
    given = pl.read_parquet(features).with_row_index("row", offset=1).cast({"row": pl.Int64})
    rows = given.select("row", "company", pl.lit(job.as_of).alias("as_of"), *full.names)
    expected = scored(full, rows).filter(pl.col("code").is_null()).drop("code", "field", "reason", "remedy")
    assert pl.read_parquet(summary.scores).equals(expected)
    rejects = pl.read_csv(summary.rejects)
    assert rejects.columns == ["row", "company", "code", "field", "reason", "remedy"]
    assert rejects["row"].to_list() == [3, 30] and set(rejects["field"]) == {full.names[4]}
    manifest = json.loads(summary.manifest.read_bytes())
    assert manifest["rows"] == {"read": 45, "scored": 43, "rejected": 2}
    [made] = batches(scorer.store)
    assert (made.member, made.purpose, made.as_of, made.scored, made.rejected) == ("spd", "research", TODAY, 43, 2)
    assert (made.run_sha256, made.bundle_sha256) == (manifest["run"]["fingerprint"], full.sha256)
    assert made.input_sha256 == hashlib.sha256(features.read_bytes()).hexdigest()
    assert made.output_sha256 == manifest["files"]["scores.parquet"] == digests(summary)[0]
    assert (scorer.store.watermark(), scorer.store.ledger_size(), audit(scorer.store).faults) == (1, 1, 0)
    with scorer.store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(decision)) == 0
    assert sorted(path.name for path in summary.scores.parent.iterdir()) == [
        "scores.parquet", "scores.parquet.manifest.json", "scores.parquet.rejects.csv",
    ]  # fmt: skip


def test_same_bytes_whatever_the_chunks_and_threads_recorded_once(
    toy: Any, full: Bundle, features_job: Callable[..., Job], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(running, "FEATURES_GROUP", 20)  # so that row groups and chunks do not fall together
    scorer = Scorer(Store(f"sqlite:///{tmp_path / 'own.db'}"), full, today=lambda: TODAY)
    cuts = [(7, 1), (7, 3), (50, 1), (3, 2), (None, 2)]
    made = [digests(run_features(scorer, features_job(str(cut)), chunk_size=cut[0], threads=cut[1])) for cut in cuts]
    assert made.count(made[0]) == len(cuts)
    assert len(batches(scorer.store)) == 1


class Killed(BaseException):
    """As sudden as a signal: nothing catches it."""


def kill_at(rows: int) -> Callable[[int, int | None], None]:
    def told(done: int, _rows: int | None) -> None:
        if done >= rows:
            raise Killed

    return told


@pytest.mark.parametrize("threads", [1, 3])
def test_goes_on_where_it_was(scorer: Scorer, features_job: Callable[..., Job], threads: int) -> None:
    whole = run_features(scorer, features_job("whole"))
    with pytest.raises(Killed):
        run_features(scorer, features_job("killed"), chunk_size=4, threads=threads, progress=kill_at(12))
    assert not features_job("killed").target.exists()
    resumed = run_features(scorer, features_job("killed"), chunk_size=10, threads=threads)
    assert 12 <= resumed.resumed < 45
    assert digests(resumed) == digests(whole)
    assert len(batches(scorer.store)) == 1


def test_survives_a_real_kill(
    full: Bundle, tmp_path: Path, ready: Callable[..., pl.DataFrame], features_job: Callable[..., Job]
) -> None:
    full.save(tmp_path / "bundle")
    url, source = f"sqlite:///{tmp_path / 'own.db'}", tmp_path / "many.parquet"
    ready(600).write_parquet(source, row_group_size=100)
    target = features_job("killed").target
    command = [
        sys.executable, "-c", "from scoring.cli import app; app()", "batch", "--features", "--in", str(source),
        "--out", str(target), "--as-of", "2026-06-30", "--member", "spd", "--purpose", "research", "--chunk-size", "5",
        "--threads", "2", "--database", url, "--bundle", str(tmp_path / "bundle"),
    ]  # fmt: skip
    parts = target.with_name("scores.parquet.parts")
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and len(list(parts.glob("part-*.parquet"))) < 5:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL and not target.exists()
    scorer = Scorer(Store(url), full)
    assert not batches(scorer.store)
    resumed = run_features(scorer, features_job("killed", source))
    assert 0 < resumed.resumed < 600
    assert digests(resumed) == digests(run_features(scorer, features_job("whole", source)))


def test_what_cannot_be_recorded_is_not_served(
    scorer: Scorer, features_job: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(*_: object) -> None:
        raise StoreError("The store failed: disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr("alliance.batches.insert_batch", full_disk)
        with pytest.raises(StoreError):
            run_features(scorer, features_job("out"))
    assert not features_job("out").target.exists() and not batches(scorer.store)
    assert run_features(scorer, features_job("out")).resumed == 45
    assert len(batches(scorer.store)) == 1


def test_other_scores_of_recorded_work_are_refused(
    scorer: Scorer, features_job: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_features(scorer, features_job("out"))
    monkeypatch.setattr(running, "FEATURES_GROUP", 9)
    with pytest.raises(Conflict, match="other scores"):
        run_features(scorer, features_job("again"))
    assert not features_job("again").target.exists()


def test_a_missing_feature_is_refused_or_counts_as_unknown(
    scorer: Scorer, full: Bundle, features: Path, features_job: Callable[..., Job], tmp_path: Path
) -> None:
    frame, name = pl.read_parquet(features), full.names[0]
    less, empty = tmp_path / "less.parquet", tmp_path / "empty.parquet"
    frame.drop(name).with_columns(pl.lit("?").alias("remark")).write_parquet(less)
    frame.with_columns(pl.lit(None, pl.Float64).alias(name)).write_parquet(empty)
    with pytest.raises(InvalidInput, match=name):
        run_features(scorer, features_job("out", less))
    assert not features_job("out", less).target.parent.exists()
    summary = run_features(scorer, features_job("out", less), missing_as_unknown=True)
    assert (summary.unknown, summary.passed_over) == ((name,), ("remark",))
    expected = run_features(scorer, features_job("expected", empty))
    assert digests(summary)[:2] == digests(expected)[:2]


def test_text_says_the_same_as_parquet(
    scorer: Scorer, features: Path, features_job: Callable[..., Job], tmp_path: Path
) -> None:
    """All columns are text then; a broken line is a reject, as is a day that is none or has not come."""
    frame = pl.read_parquet(features).with_columns(pl.lit("").alias("as_of"))
    days = {3: "2026-02-30", 4: "2026-05-31", 5: str(TODAY + timedelta(days=1))}
    rows = frame.with_columns(pl.Series("as_of", [days.get(place, "") for place in range(45)]))
    path = tmp_path / "features.csv"
    rows.write_csv(path)
    path.write_text(path.read_text(encoding="utf-8") + "co_x,1\n", encoding="utf-8")
    summary = run_features(scorer, features_job("text", path), chunk_size=8)
    typed = pl.read_parquet(run_features(scorer, features_job("typed")).scores)
    made = pl.read_parquet(summary.scores)
    kept = typed.filter(~pl.col("row").is_in([4, 6]))
    assert made.drop("as_of").equals(kept.drop("as_of"))
    assert made.filter(pl.col("as_of") != TODAY)["row"].to_list() == [5]
    rejects = pl.read_csv(summary.rejects)
    assert rejects["row"].to_list() == [3, 4, 6, 30, 46]
    assert rejects["field"].to_list()[1:3] == ["as_of", "as_of"]
    assert rejects["reason"].to_list()[1:3] == ["2026-02-30 is not a day.", "2026-07-01 is in the future."]


@pytest.mark.parametrize(("names", "expected"), [(["client", "company"], "B"), (["client", "remark"], "A"), ([], "1")])
def test_rows_go_by_company_or_else_the_first_other_column_or_their_number(
    full: Bundle, ready: Callable[..., pl.DataFrame], tmp_path: Path, names: list[str], expected: str
) -> None:
    others = [pl.lit(text).alias(name) for name, text in zip(names, "AB", strict=False)]
    path = tmp_path / "named.parquet"
    ready(3).drop("company").with_columns(others).write_parquet(path)
    [frame] = Given(path=path, bundle=full, as_of=TODAY, today=TODAY).frames()
    assert frame["company"][0] == expected and frame["row"].to_list() == [1, 2, 3]


def test_bad_input_is_refused_at_once(
    scorer: Scorer, features: Path, features_job: Callable[..., Job], tmp_path: Path
) -> None:
    good = features_job("out")
    for bad in (replace(good, as_of=TODAY + timedelta(days=1)), replace(good, purpose="gossip")):
        with pytest.raises(InvalidInput):
            run_features(scorer, bad)
    with pytest.raises(InvalidInput):
        run_features(scorer, good, chunk_size=0)
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(features.read_bytes()[:-9])
    for path in (broken, tmp_path / "absent.csv", tmp_path / "absent.parquet"):
        with pytest.raises(UnreadableFile):
            run_features(scorer, features_job("out", path))
    numbered = tmp_path / "numbered.parquet"
    pl.read_parquet(features).with_columns(pl.lit(1).alias("as_of")).write_parquet(numbered)
    with pytest.raises(InvalidInput, match="holds no days"):
        run_features(scorer, features_job("out", numbered))
    assert not good.target.parent.exists()


def test_an_empty_file_gives_empty_files(
    scorer: Scorer, ready: Callable[..., pl.DataFrame], features_job: Callable[..., Job], tmp_path: Path
) -> None:
    ready(1).clear().write_parquet(tmp_path / "none.parquet")
    summary = run_features(scorer, features_job("out", tmp_path / "none.parquet"))
    assert (summary.scored, summary.rejected, pl.read_parquet(summary.scores).height) == (0, 0, 0)
