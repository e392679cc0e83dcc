"""XGBoost, stopped on the same rows as ours and grown again on all that is taught."""

import numpy as np
import polars as pl

from experiments.metrics import Floats
from experiments.peers.encoding import Levels
from experiments.peers.peer import Lesson, Model, Peer
from experiments.train import THREADS

LEARNING_RATE, MOST_ROUNDS, PATIENCE = 0.05, 1_000, 50


def fit(lesson: Lesson) -> Model:
    """The library's defaults but for a slower rate, and the number of rounds chosen on the stop rows."""
    import xgboost  # noqa: PLC0415

    levels = Levels.of(lesson)
    settings = {"objective": "binary:logistic", "eta": LEARNING_RATE, "seed": lesson.seed, "nthread": THREADS}

    def table(rows: pl.DataFrame) -> xgboost.DMatrix:
        return xgboost.DMatrix(levels.categorical(rows), rows["label"].to_numpy(), enable_categorical=True)

    stopped = xgboost.train(
        settings,
        table(lesson.fit),
        MOST_ROUNDS,
        evals=[(table(lesson.stop), "stop")],
        early_stopping_rounds=PATIENCE,
        verbose_eval=False,
    )
    kept = xgboost.train(settings, table(lesson.taught), stopped.best_iteration + 1)

    def model(rows: pl.DataFrame) -> Floats:
        return np.asarray(kept.predict(table(rows)), dtype=np.float64)

    return model


XGBOOST = Peer(
    name="XGBoost",
    how=f"the library's defaults (depth 6), learning rate {LEARNING_RATE}, rounds chosen on the stop rows",
    fit=fit,
    needs="xgboost",
)
