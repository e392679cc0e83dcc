"""Trees grown on a cluster, by the recipe of ``experiments.train``."""

import logging
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lightgbm as lgb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow.parquet as pq

from alliance.errors import InvalidInput
from experiments.certainty.rows import Rows
from experiments.distributed.panel_file import PanelFile
from experiments.panel import LABEL
from experiments.ranges import coarse
from experiments.splits import Split, company_folds, of_test
from experiments.train import (
    CROSSED,
    MAX_TREES,
    Floats,
    Grown,
    Input,
    Recipe,
    crossed,
    matrix,
    parameters_of,
    told_by,
    unknown_rows,
)

if TYPE_CHECKING:
    from distributed import Client

WEIGHT = "weight"

FIRST_TREES = 250
"""Trees of the first try; twice as many each time the stop rows could be foretold still better."""

_OF_THE_RUN = ("machines", "local_listen_port", "num_machines", "time_out")
"""Parameters LightGBM writes into a model that say on which machines it grew."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DaskEngine:
    """Trees grown by all workers of a cluster on the rows of a file; an ``experiments.train.Engine``.

    Attributes:
        client: of the cluster.
        file: the panel; the split that is learned from gives the days, and rows come from here.
        companies_apart: whether the test's companies teach nothing, as ``splits.out_of_time`` was told.
        progress: called with the number of trees grown since the last call.
    """

    client: "Client"
    file: PanelFile
    companies_apart: bool = False
    progress: Callable[[int], None] = field(default=lambda _: None)

    @property
    def workers(self) -> list[str]:
        """Addresses of the workers, in order; their ranks follow."""
        return sorted(self.client.scheduler_info(n_workers=-1)["workers"])

    @property
    def told(self) -> Mapping[str, Any]:
        """What a bundle says of it."""
        return {"engine": "dask", "parts": len(self.file.parts(len(self.workers))), "panel_rows": self.file.rows}

    def learn(self, split: Split, features: Sequence[Input], recipe: Recipe) -> tuple[Grown, Grown]:
        """Trees grown on the days of ``fit`` until ``stop`` is foretold no better; as many, on those of ``taught``."""
        names = [feature.name for feature in features]
        with _Rows(self, names, split.fit) as rows:
            chosen = self._chosen(rows, split.stop, features, recipe)
        with _Rows(self, names, split.taught) as rows:
            model, parameters = self._grown(rows, features, recipe, chosen.trees)
        return chosen, Grown(model, names, chosen.trees, chosen.losses, parameters)

    def witnesses(
        self, chosen: Grown, split: Split, features: Sequence[Input], horizon_months: int, recipe: Recipe
    ) -> Rows:
        """As ``train.witnesses``: of the split's rows, by trees grown on those of the file."""

        def without(fold: int) -> Grown:
            with _Rows(self, chosen.names, split.taught, without=fold) as rows:
                model, parameters = self._grown(rows, features, recipe, chosen.trees)
            return replace(chosen, model=model, parameters=parameters)

        return told_by(crossed(split.taught, without), split.taught, horizon_months)

    def _chosen(self, rows: "_Rows", stop: pl.DataFrame, features: Sequence[Input], recipe: Recipe) -> Grown:
        """Early stopping after the fact: a worker that stopped on its own would leave the others waiting."""
        trees = FIRST_TREES
        while True:
            model, parameters = self._grown(rows, features, recipe, trees)
            booster = lgb.Booster(model_str=model)
            losses = losses_of(booster, matrix(stop, rows.names), stop[LABEL].to_numpy().astype(np.float64))
            best, looked_at = best_of(losses, recipe.patience)
            if looked_at < len(losses) or trees >= MAX_TREES:
                break
            trees = min(2 * trees, MAX_TREES)
        kept = _plain(booster.model_to_string(num_iteration=best))
        return Grown(kept, rows.names, best, tuple(losses[:looked_at]), parameters)

    def _grown(
        self, rows: "_Rows", features: Sequence[Input], recipe: Recipe, trees: int
    ) -> tuple[str, Mapping[str, Any]]:
        parameters = parameters_of(rows.count, features, recipe) | {
            "tree_learner": "data", "monotone_constraints_method": "basic",
        }  # fmt: skip
        told = {name: value for name, value in parameters.items() if name != "num_threads"}  # those of the workers
        # Not the classifier, which codes the labels by those that a worker has: one label alone would become 0.
        growing = lgb.DaskLGBMRegressor(client=rows.in_place, n_estimators=trees, **told)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Parameter n_jobs will be ignored")
            growing.fit(rows.frame[rows.names], rows.frame[LABEL], sample_weight=rows.frame[WEIGHT])
        self.progress(trees)
        return _plain(growing.booster_.model_to_string()), parameters


class _Rows:
    """The rows of some days on the workers, one part each, while the block runs."""

    def __init__(self, engine: DaskEngine, names: list[str], like: pl.DataFrame, without: int | None = None) -> None:
        self.names = names
        quiet()
        workers, client = engine.workers, engine.client
        parts = engine.file.parts(len(workers))
        days = tuple(like["as_of"].unique().sort())
        read = partial(read_part, companies_apart=engine.companies_apart, without=without, parts=len(parts))
        self._parts = [
            client.submit(read, engine.file.path, names, days, groups, workers=[worker], pure=False)
            for groups, worker in zip(parts, workers, strict=False)
        ]
        self.in_place = InPlace(client, workers[: len(parts)])
        self.count = sum(client.gather([client.submit(_real, part, pure=False) for part in self._parts]))

    def __enter__(self) -> "_Rows":
        import dask.dataframe as dd  # noqa: PLC0415 # an extra

        columns = {**dict.fromkeys(self.names, float), LABEL: float, WEIGHT: float}
        meta = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
        self.frame = dd.from_delayed(self._parts, meta=meta, verify_meta=False)
        return self

    def __exit__(self, *_: object) -> None:
        del self.frame, self._parts  # workers let go of what nobody asks for


class InPlace:
    """A client for LightGBM by which the same rows give the same trees.

    LightGBM asks for all parts at once and ranks workers as it is told who has them. Left to the scheduler, a part may
    go to a worker less busy at the moment, and the ranks come in any order; the trees would be others.
    """

    def __init__(self, client: "Client", workers: Sequence[str]) -> None:
        self._client = client
        self._workers = workers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def compute(self, parts: Sequence[Any]) -> list[Any]:
        """Each part, by the worker that holds its rows."""
        places = zip(parts, self._workers, strict=True)
        return [self._client.compute(part, workers=[worker], allow_other_workers=False) for part, worker in places]

    def who_has(self, parts: Sequence[Any]) -> dict[str, Any]:
        """Holders by part, in the order of the parts."""
        told = self._client.who_has(parts)
        return {part.key: told[part.key] for part in parts}


def quiet() -> None:
    """Have LightGBM's words on ports and ranks go to a logger instead of the console."""
    words = logging.getLogger("lightgbm")
    words.setLevel(logging.ERROR)
    lgb.register_logger(words)


def read_part(
    path: Path, names: Sequence[str], days: Sequence[date], groups: Sequence[int], *,
    companies_apart: bool, parts: int, without: int | None = None,
) -> pd.DataFrame:  # fmt: skip
    """A worker's rows: features, ``label`` and ``weight``; among them rows of which nothing is known.

    Each worker has some of those, since each finds the bins of some features from its own rows alone
    (``train.unknown_rows`` says what for). Together they weigh what the one row does elsewhere.

    Raises:
        InvalidInput: no row of the part is of one of the days.
    """
    quiet()
    read = pq.ParquetFile(path).read_row_groups(list(groups), columns=["company_id", "as_of", LABEL, *names])
    frame = pl.DataFrame(read).filter(pl.col("as_of").is_in(list(days)))
    if companies_apart and not frame.is_empty():
        frame = frame.filter(~of_test(frame["company_id"]))
    if without is not None and not frame.is_empty():
        frame = frame.filter(pl.Series(company_folds(frame["company_id"], CROSSED) != without))
    if frame.is_empty():
        raise InvalidInput(
            f"One of {parts} parts has no row to learn from.", remedy="Take fewer workers.", file=path.name
        )
    unknown = unknown_rows(frame.height)
    made = pd.DataFrame(
        np.vstack([matrix(frame, names), np.full((unknown.rows, len(names)), np.nan)]), columns=list(names)
    )
    made[LABEL] = np.append(frame[LABEL].to_numpy().astype(np.float64), np.zeros(unknown.rows))
    made[WEIGHT] = np.append(np.ones(frame.height), np.full(unknown.rows, unknown.weight / parts))
    return made


def _real(part: pd.DataFrame) -> int:
    return int((part[WEIGHT] == 1.0).sum())


def losses_of(booster: lgb.Booster, values: Floats, labels: Floats) -> list[float]:
    """Log-loss of rows (n) after each tree."""
    raw, signs, losses = np.zeros(len(labels)), np.where(labels == 1.0, -1.0, 1.0), []
    for place in range(booster.num_trees()):
        raw += booster.predict(values, raw_score=True, start_iteration=place, num_iteration=1, num_threads=1)
        losses.append(float(np.logaddexp(0.0, signs * raw).mean()))
    return losses


def best_of(losses: Iterable[float], patience: int) -> tuple[int, int]:
    """Trees to keep, and trees looked at: as LightGBM's early stopping does, tree by tree."""
    best, least, looked_at = 0, float("inf"), 0
    for looked_at, loss in enumerate(losses, 1):
        if loss < least:
            best, least = looked_at, loss
        elif looked_at - best >= patience:
            break
    return best, looked_at


def _plain(model: str) -> str:
    """A model text without the machines it grew on, and with coarse ranges."""
    own = tuple(f"[{name}:" for name in _OF_THE_RUN)
    return coarse("".join(line for line in model.splitlines(keepends=True) if not line.startswith(own)))
