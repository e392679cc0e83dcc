"""Logistic regression by scikit-learn: numbers squeezed, unknowns filled in and flagged, categories as flags."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from experiments.metrics import Floats
from experiments.peers.encoding import Levels
from experiments.peers.peer import Lesson, Model, Peer


def fit(lesson: Lesson) -> Model:
    """Coefficients from all that is taught; amounts spread over decades, so numbers enter by their inverse hyperbolic
    sine, which is a logarithm that knows zero and losses."""
    levels = Levels.of(lesson)
    names = [column.name for column in levels.flags]
    line = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True),
        StandardScaler(),
        LogisticRegression(max_iter=2_000, random_state=lesson.seed),
    )
    line.fit(_squeezed(levels.flagged(lesson.taught), names), lesson.taught["label"].to_numpy())

    def model(rows: pl.DataFrame) -> Floats:
        return np.asarray(line.predict_proba(_squeezed(levels.flagged(rows), names))[:, 1], dtype=np.float64)

    return model


def _squeezed(rows: pl.DataFrame, names: Sequence[str]) -> Floats:
    squeezed: Floats = np.arcsinh(rows.select(names).to_numpy().astype(np.float64))
    return squeezed


LOGISTIC = Peer(
    name="logistic regression",
    how="scikit-learn, L2 with C = 1; asinh of numbers, standardised, median and a flag for unknown",
    fit=fit,
)
