"""scikit-learn's histogram boosting, stopped on the same rows as ours and grown again on all that is taught."""

import numpy as np
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier

from experiments.metrics import Floats
from experiments.peers.encoding import Levels
from experiments.peers.peer import Lesson, Model, Peer

LEARNING_RATE, MOST_ROUNDS, PATIENCE = 0.05, 1_000, 50


def fit(lesson: Lesson) -> Model:
    """The library's defaults but for a slower rate, and the number of rounds chosen on the stop rows."""
    # scikit-learn cannot bin a column of one value, or of none.
    levels = Levels.of(
        lesson, [column for column in lesson.known if lesson.fit[column.name].drop_nulls().n_unique() > 1]
    )
    table = levels.categorical
    settings = {"learning_rate": LEARNING_RATE, "random_state": lesson.seed, "categorical_features": "from_dtype"}
    stopped = HistGradientBoostingClassifier(
        max_iter=MOST_ROUNDS, early_stopping=True, n_iter_no_change=PATIENCE, **settings
    )
    stopped.fit(
        table(lesson.fit),
        lesson.fit["label"].to_numpy(),
        X_val=table(lesson.stop),
        y_val=lesson.stop["label"].to_numpy(),
    )
    rounds = max(1, int(np.argmax(stopped.validation_score_)))
    kept = HistGradientBoostingClassifier(max_iter=rounds, early_stopping=False, **settings)
    kept.fit(table(lesson.taught), lesson.taught["label"].to_numpy())

    def model(rows: pl.DataFrame) -> Floats:
        return np.asarray(kept.predict_proba(table(rows))[:, 1], dtype=np.float64)

    return model


HIST_GRADIENT_BOOSTING = Peer(
    name="HistGradientBoosting",
    how=f"scikit-learn's defaults, learning rate {LEARNING_RATE}, rounds chosen on the stop rows",
    fit=fit,
)
