"""Spark: ready features against LightGBM's own contributions in ``mapInArrow``, and how cost grows.

    python -m bench.spark rows 10000 100000 1000000    # ready features: both engines, by rows
    python -m bench.spark pieces 100000                # the same rows in 1, 2, 4, 8 pieces, on one core and on two
    python -m bench.spark companies 10000 100000       # from a store: core-seconds of the driver and of workers

The comparison needs PySpark (``make spark``); without it that is said, and nothing compared.
"""

import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import lightgbm as lgb
import numpy as np
import pyarrow as pa
from sqlalchemy import func, select

from alliance.store import Store
from alliance.store.schema import record
from alliance.terminal import out, table
from bench.alliance import AS_OF as DAY
from bench.alliance import DATABASE, Measured, prepared
from bench.batch import AS_OF, REASONS, bundle, write_rows
from bench.measure import Comparison, compare
from experiments.own_study import OPERATOR_MEMBER
from experiments.streamed_panel import write_panel
from experiments.training import Plan
from scoring.batch import Job, run, run_features
from scoring.batch.elsewhere import FEATURES_ELSEWHERE, Elsewhere
from scoring.cli import cores_here
from scoring.decide import Scorer
from scoring.engines import Engine, Local, engine_named
from scoring.engines.engine import Piece, Work
from scoring.model import Bundle

ROWS, FEW, MANY = 40_000, 200, 3_000
"""Rows of ours; and of the peer's two runs, whose difference tells what a row costs it beside the cost of a job."""

AIM, CORES = 4.0, 2
_PEER = f"Spark mapInArrow + LightGBM pred_contrib, local[{CORES}], from {FEW} and {MANY:,} rows"


def on_spark(folder: Path) -> list[Comparison]:
    """One run scores and explains every row of a Parquet file, and writes another; ours also records it."""
    if find_spec("pyspark") is None:
        out.print("PySpark is not installed (make spark): nothing is compared with it.")
        return []
    model = bundle()
    source = write_rows(folder / "spark-rows.parquet", ROWS)
    few, many = (write_rows(folder / f"spark-{count}.parquet", count) for count in (FEW, MANY))
    with engine_named("spark", f"local[{CORES}]") as engine:
        peer = partial(_by_lightgbm, model.model, list(model.names))
        ours = {
            f"local[{CORES}]": partial(_score, model, source, folder, engine),
            "our local engine": partial(_score, model, source, folder, None),
        }

        def theirs(which: Path, number: int) -> None:
            _session().read.parquet(str(which)).mapInArrow(peer, _schema()).write.parquet(
                str(folder / f"{which.stem}-{number}-{time.monotonic_ns()}")
            )

        return [_compared(name, work, partial(theirs, few), partial(theirs, many)) for name, work in ours.items()]


def _compared(
    name: str, ours: Callable[[int], None], few: Callable[[int], None], many: Callable[[int], None]
) -> Comparison:
    """Ours on all rows, against what the peer would take for as many."""
    small = compare(name, ours, few, unit="", peer_name=_PEER, runs=2)
    large = compare(name, lambda _: None, many, unit="", peer_name=_PEER, runs=2)
    whole = tuple(
        short + (long - short) * (ROWS - FEW) / (MANY - FEW) for short, long in zip(small.peer, large.peer, strict=True)
    )
    return Comparison(
        f"batch, ready features: {name}", f"{ROWS:,} rows on {CORES} cores", small.ours, whole, _PEER, AIM
    )


def _session() -> Any:
    from pyspark.sql import SparkSession  # noqa: PLC0415

    return SparkSession.getActiveSession()


def _schema() -> str:
    sides = [
        f"{side}_{place + 1} string, {side}_{place + 1}_value double, {side}_{place + 1}_part double"
        for side in ("raises", "lowers")
        for place in range(REASONS)
    ]
    return ", ".join(["company string, pd double", *sides])


def _by_lightgbm(model: str, names: list[str], batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The peer on a worker: PD, and what raised and lowered it most, as a LightGBM user would write it."""
    booster, words = lgb.Booster(model_str=model), np.array(names)
    for batch in batches:
        values = np.column_stack([batch.column(name).to_numpy(zero_copy_only=False) for name in names])
        told = np.asarray(booster.predict(values, pred_contrib=True, num_threads=1))
        made: dict[str, Any] = {"company": batch.column("company"), "pd": 1 / (1 + np.exp(-told.sum(axis=1)))}
        parts, row = told[:, :-1], np.arange(len(values))
        for side, order in (("raises", np.argsort(-parts, axis=1)), ("lowers", np.argsort(parts, axis=1))):
            for place in range(REASONS):
                column = order[:, place]
                made[f"{side}_{place + 1}"] = words[column]
                made[f"{side}_{place + 1}_value"] = values[row, column]
                made[f"{side}_{place + 1}_part"] = parts[row, column]
        yield pa.RecordBatch.from_pydict({name: pa.array(one) for name, one in made.items()})


def _score(
    model: Bundle, source: Path, folder: Path, engine: Engine | None, number: int = 0, *, size: int | None = None
) -> None:
    """A file of ready features by an engine, or by the threads of this process."""
    target = folder / f"{source.stem}-ours-{number}-{time.monotonic_ns()}.parquet"
    elsewhere = None if engine is None else Elsewhere(engine=engine, folder=target.with_suffix(".work"))
    job = Job(source=source, target=target, as_of=AS_OF, member="bench", purpose="portfolio_monitoring")
    with closing(Store(f"sqlite:///{folder / 'spark.db'}")) as store:
        rows = size or (None if engine is None else FEATURES_ELSEWHERE)
        run_features(Scorer(store, model), job, chunk_size=rows, threads=cores_here(), elsewhere=elsewhere)
    target.unlink()


def rows(folder: Path, counts: list[int]) -> None:
    """Seconds and core-seconds by number of rows; the first Spark run, in which workers start, is told by itself."""
    model = bundle()
    numbers = ("rows", "local", f"local[{CORES}]", "core-seconds: local", f"core-seconds: local[{CORES}]")
    listing = table("ready features, seconds", *numbers, right=numbers)
    with engine_named("spark", f"local[{CORES}]") as engine:
        first = Cost.of(partial(_score, model, write_rows(folder / "first.parquet", 1_000), folder, engine))
        for count in counts:
            source = write_rows(folder / f"rows-{count}.parquet", count)
            here, there = (Cost.of(partial(_score, model, source, folder, one)) for one in (None, engine))
            told = (here.seconds, there.seconds, here.cores, there.cores)
            listing.add_row(f"{count:,}", *(f"{one:.1f}" for one in told))
    out.print(listing)
    timed, before = Timed(), time.process_time()
    _score(model, source, folder, timed)
    driver = time.process_time() - before - timed.work
    each = [1000 * one / counts[-1] for one in (driver, timed.work)]
    out.print(f"of a row the driver does {each[0]:.3f} core-ms, a worker {each[1]:.3f}")
    out.print(f"the first 1,000 rows, for which workers start: {first.seconds:.1f} s, {first.cores:.1f} core-seconds")


def pieces(folder: Path, count: int) -> None:
    """Seconds and core-seconds of the same rows cut in more and more pieces."""
    model, source = bundle(), write_rows(folder / "pieces.parquet", count)
    cuts = (1, 2, 4, 8)
    heads = [f"{cut} pieces" for cut in cuts]
    listing = table(f"{count:,} rows of ready features, seconds (core-seconds)", "master", *heads, right=tuple(heads))
    for cores in range(1, CORES + 1):
        with engine_named("spark", f"local[{cores}]") as engine:
            _score(model, source, folder, engine, size=-(-count // 8))  # workers start
            told = [Cost.of(partial(_score, model, source, folder, engine, size=-(-count // cut))) for cut in cuts]
        listing.add_row(f"local[{cores}]", *(f"{one.seconds:.1f} ({one.cores:.1f})" for one in told))
    out.print(listing)


@dataclass(frozen=True)
class Cost:
    """Seconds, and core-seconds of this process, Spark's and the workers'."""

    seconds: float
    cores: float

    @classmethod
    def of(cls, work: Callable[[], object]) -> "Cost":
        started, before = time.perf_counter(), _cores_used()
        work()
        return cls(time.perf_counter() - started, _cores_used() - before)


def _cores_used() -> float:
    """Core-seconds this process and all that descend from it have used, as Linux tells."""
    ticks, parents = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            fields = path.read_text().rpartition(")")[2].split()
            pid = int(path.parent.name)
            parents[pid], ticks[pid] = int(fields[1]), int(fields[11]) + int(fields[12])
    return sum(used for pid, used in ticks.items() if _descends(pid, parents)) / os.sysconf("SC_CLK_TCK")


def _descends(pid: int, parents: dict[int, int]) -> bool:
    while pid and pid != os.getpid():
        pid = parents.get(pid, 0)
    return bool(pid)


class Timed(Local):
    """The engine of this process; core-seconds of the work, which on a cluster its cores share."""

    def __init__(self) -> None:
        self.work = 0.0

    def mapped(self, work: Work[Piece], pieces: Iterable[Piece]) -> Iterator[bytes]:
        for piece in pieces:
            before = time.process_time()
            made = work(piece)
            self.work += time.process_time() - before
            yield made


def companies(folder: Path, counts: list[int]) -> None:
    """Core-seconds of the driver and of the work, by number of companies; what is exported, by company."""
    measured = prepared(folder)
    names = ("driver", "work", "driver, ms each", "work, ms each")
    listing = table("from a store, core-seconds", "companies", "what", *names, right=("companies", *names))
    for count in counts:
        store = grown(folder, count)
        for what, do in (("batch", _batch), ("panel, 12 quarters", _panel)):
            engine, before = Timed(), time.process_time()
            do(store, measured, folder / f"{what[:5]}-{count}", engine)
            driver = time.process_time() - before - engine.work
            each = (f"{1000 * one / count:.2f}" for one in (driver, engine.work))
            listing.add_row(f"{count:,}", what, f"{driver:.1f}", f"{engine.work:.1f}", *each)
        store.close()
    out.print(listing)


def _batch(store: Store, measured: Measured, folder: Path, engine: Engine) -> None:
    folder.mkdir()
    source = folder / "companies.csv"
    source.write_text("\n".join(["company", *store.company_ids()]) + "\n", encoding="utf-8")
    job = Job(
        source=source, target=folder / "scores.parquet", as_of=DAY, member=OPERATOR_MEMBER,
        purpose="portfolio_monitoring",
    )  # fmt: skip
    where = Elsewhere(engine=engine, folder=folder / "work")
    run(Scorer(store, measured.scorer.bundle), job, chunk_size=2_000, elsewhere=where)


def _panel(store: Store, _: Measured, folder: Path, engine: Engine) -> None:
    folder.mkdir()
    plan = Plan(first=date(2021, 1, 1), last=date(2023, 12, 31))
    write_panel(store, plan, folder / "panel.parquet", engine, work=folder / "work", keep=True)
    written = sum(path.stat().st_size for path in (folder / "work").rglob("*") if path.is_file())
    size, count = (folder / "panel.parquet").stat().st_size, len(store.company_ids())
    with store.reading() as connection:
        records = connection.scalar(select(func.count()).select_from(record)) or 0
    out.print(
        f"{count:,} companies: {records / count:.0f} records, {written / count:,.0f} bytes exported and"
        f" {size / count:,.0f} of panel, each"
    )


def grown(folder: Path, count: int) -> Store:
    """A copy of the small alliance's store in which each company stands so often that there are at least so many."""
    path, columns = folder / f"grown-{count}.db", ", ".join(one.name for one in record.c if one.name not in _OWN)
    with closing(sqlite3.connect(folder / DATABASE)) as small:
        small.execute("VACUUM INTO ?", (str(path),))
        [there] = small.execute("SELECT count(*) FROM company").fetchone()
    with closing(sqlite3.connect(path)) as made:
        made.execute("PRAGMA synchronous = OFF")
        made.execute("ATTACH ? AS small", (str(folder / DATABASE),))
        for copy in range(1, -(-count // there)):
            new, of_company = f"_{copy}", "subject_id IN (SELECT company_id FROM small.company)"
            made.execute("INSERT INTO company SELECT company_id || ?, submission_no FROM small.company", (new,))
            made.execute(
                f"INSERT INTO record (subject_id, {columns}) SELECT subject_id || ?, {columns}"
                f" FROM small.record WHERE {of_company}",
                (new,),
            )
        made.commit()
    return Store(f"sqlite:///{path}")


_OWN = ("seq", "subject_id")


def main(what: str, *counts: str) -> None:
    with TemporaryDirectory(prefix="bench-") as name:
        numbers = [int(one) for one in counts]
        if what == "pieces":
            pieces(Path(name), numbers[0])
        else:
            {"rows": rows, "companies": companies}[what](Path(name), numbers)


if __name__ == "__main__":
    main(*sys.argv[1:])
