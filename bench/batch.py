"""A file of ready features, Parquet in and Parquet out, against what a pandas user would write on the same model.

    python -m bench.batch 10000000    # makes a file of so many rows and scores it by the command line

Model and rows are made here: 60 features of the catalogue, twelve of them monotone, some of them unknown at times; 400
trees of 31 leaves.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import shap

from alliance.store import Store
from alliance.terminal import out
from bench.measure import Comparison, Limit, compare
from bench.shap import FEATURES as COLUMNS
from bench.shap import sample
from scoring.batch import Job, run_features
from scoring.cli import cores_here
from scoring.decide import Scorer
from scoring.features import FEATURES
from scoring.features.declaration import Direction, Feature, Unit
from scoring.model import Bundle, Calibration, Outcome, ScoreScale, contract_of
from scoring.model.groups import groups_of

ROWS, SHARE, AT_ONCE, MEASURED = 60_000, 2_000, 100_000, 300_000
"""Rows of the comparison, of the peer's part, made at a time, and of the run whose memory is measured."""

AIM, MEMORY = 10.0, 1.5
"""The ratio wanted, and GiB."""

REASONS = 4
AS_OF = date(2025, 12, 31)
_TAUGHT, _TREES = 60_000, 400
_PEER = f"pandas + LightGBM + shap.TreeExplainer, all cores, from {SHARE:,} rows, nothing recorded"
_BOUND = "the walk over the trees, the words of reasons, and Parquet; more cores"
_SETTINGS = {
    "objective": "binary", "learning_rate": 0.05, "num_leaves": 31, "min_data_in_leaf": 200, "feature_fraction": 0.8,
    "monotone_constraints_method": "intermediate", "deterministic": True, "seed": 1, "verbosity": -1,
}  # fmt: skip
_MEASURED = """
import atexit, re, sys
from pathlib import Path
from scoring.cli import app
target = Path(sys.argv[sys.argv.index("--out") + 1] + ".memory")
atexit.register(lambda: target.write_text(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]))
app()
"""
# Not by what the parent is told of it (ru_maxrss): a child inherits that from its parent, which may be larger.
_SIZE = {Unit.CNY: 1e7, Unit.PEOPLE: 50.0, Unit.DAYS: 100.0, Unit.MONTHS: 12.0, Unit.COUNT: 5.0}
"""What the made-up numbers of a feature are multiplied by, so that its words look like those of real ones."""


def _chosen() -> list[Feature]:
    """Six features that raise the risk, six that lower it, and others: as ``sample`` has their effects."""
    by = {direction: [one for one in FEATURES if one.direction is direction] for direction in Direction}
    return [*by[Direction.RAISES_RISK][:6], *by[Direction.LOWERS_RISK][:6], *by[Direction.FREE][: COLUMNS - 12]]


CHOSEN = _chosen()
_SIZES = np.array([_SIZE.get(one.unit, 1.0) for one in CHOSEN])


def bundle() -> Bundle:
    """The model, trained anew."""
    values, outcome = sample(_TAUGHT, 0)
    names = [one.name for one in CHOSEN]
    settings = {**_SETTINGS, "monotone_constraints": [one.direction.constraint for one in CHOSEN]}
    booster = lgb.train(settings, lgb.Dataset(values * _SIZES, outcome, feature_name=names), _TREES)
    contract = contract_of(CHOSEN)
    return Bundle(
        model=booster.model_to_string(), calibration=Calibration(), scale=ScoreScale(), contract=contract,
        outcome=Outcome("default", 12), base_rate=float(outcome.mean()), training={"data": "made up"}, version="bench",
        reference=dict(zip(names, np.nanmedian(values * _SIZES, axis=0).tolist(), strict=True)),
        groups=groups_of(contract),
    )  # fmt: skip


def write_rows(path: Path, rows: int) -> Path:
    """A Parquet file of so many rows: a company id and the features."""
    writer = None
    for start, frame in _frames(rows):
        company = pl.format("co_{}", pl.int_range(start, start + len(frame)))
        table = frame.select(company.alias("company"), pl.all())
        writer = writer or pq.ParquetWriter(path, table.to_arrow().schema)
        writer.write_table(table.to_arrow())
    if writer is not None:
        writer.close()
    return path


def _frames(rows: int) -> Iterator[tuple[int, pl.DataFrame]]:
    for start in range(0, rows, AT_ONCE):
        values, _ = sample(min(AT_ONCE, rows - start), 1 + start)
        frame = pl.DataFrame(values * _SIZES, schema=[one.name for one in CHOSEN])
        yield start, frame.with_columns(pl.all().fill_nan(None))


def ready(folder: Path, *, quick: bool = False) -> tuple[Comparison, Limit]:
    """One run scores and explains every row of a file and writes another; ours also records it.

    The peer scores the first rows, and its seconds are taken so many times more.
    """
    model, rows, many = bundle(), ROWS // 6 if quick else ROWS, MEASURED // 10 if quick else MEASURED
    source, head = write_rows(folder / "ready-rows.parquet", rows), folder / "ready-head.parquet"
    pl.read_parquet(source, n_rows=SHARE).write_parquet(head)
    scorer = Scorer(Store(f"sqlite:///{folder / 'ready.db'}"), model)
    peer = Peer(model)

    def ours(number: int) -> None:
        job = Job(
            source=source, target=folder / f"ready-ours-{number}.parquet", as_of=AS_OF, member="bench",
            purpose="portfolio_monitoring",
        )  # fmt: skip
        run_features(scorer, job, threads=cores_here())

    def theirs(number: int) -> None:
        table = pd.read_parquet(head)
        peer(table).to_parquet(folder / f"ready-peer-{number}.parquet")

    found = compare(
        "batch, ready features", ours, theirs, unit=f"{rows:,} rows", peer_name=_PEER, aim=AIM,
        runs=2 if quick else 3, bound=_BOUND,
    )  # fmt: skip
    scaled = replace(found, peer=tuple(rows / SHARE * each for each in found.peer))
    measured = by_command(model, write_rows(folder / "ready-many.parquet", many), folder, "--features")
    name = f"batch, {many:,} rows of ready features: peak memory of the process"
    return scaled, Limit(name, measured.peak, "GiB", MEMORY)


class Peer:
    """PD, and what raised and lowered it most with their contributions, as a pandas user would write it."""

    def __init__(self, model: Bundle) -> None:
        self._booster = lgb.Booster(model_str=model.model)
        self._explainer = shap.TreeExplainer(self._booster)
        self._names = np.array(model.names)

    def __call__(self, table: pd.DataFrame) -> pd.DataFrame:
        rows = table[self._names]
        values = np.asarray(self._explainer.shap_values(rows))
        scored = pd.DataFrame({"company": table["company"], "pd": self._booster.predict(rows)})
        for side, order in (("raises", np.argsort(-values, axis=1)), ("lowers", np.argsort(values, axis=1))):
            for place in range(REASONS):
                column = order[:, place]
                scored[f"{side}_{place + 1}"] = self._names[column]
                scored[f"{side}_{place + 1}_value"] = rows.to_numpy()[np.arange(len(rows)), column]
                scored[f"{side}_{place + 1}_part"] = values[np.arange(len(rows)), column]
        return scored


@dataclass(frozen=True)
class Run:
    """A run of the command line: seconds, and peak memory of its process in GiB."""

    seconds: float
    peak: float


def by_command(model: Bundle, source: Path, folder: Path, *more: str) -> Run:
    """Score a file by ``scoring batch`` in a process of its own, on all cores."""
    model.save(folder / "bundle")
    words = [
        "batch", "--in", source, "--out", folder / "command.parquet", "--as-of", str(AS_OF), "--bundle",
        folder / "bundle", "--database", f"sqlite:///{folder / 'command.db'}", *more,
    ]  # fmt: skip
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", _MEASURED, *map(str, words)], check=True)
    told = (folder / "command.parquet.memory").read_text(encoding="utf-8")
    return Run(time.perf_counter() - started, int(told) / 2**20)


def main(rows: Any) -> None:
    with TemporaryDirectory(prefix="bench-") as name:
        folder, count = Path(name), int(rows)
        source = write_rows(folder / "rows.parquet", count)
        measured = by_command(bundle(), source, folder, "--features")
        size = (folder / "command.parquet").stat().st_size
        out.print(
            f"{count:,} rows in {measured.seconds:,.0f} s on {cores_here()} cores: {count / measured.seconds:,.0f} a"
            f" second, peak {measured.peak:.2f} GiB, {size / count:.0f} bytes a row written"
        )


if __name__ == "__main__":
    main(sys.argv[1])
