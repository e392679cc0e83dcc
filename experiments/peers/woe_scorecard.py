"""The bank's classic: optimal bins, weight of evidence, logistic regression; by optbinning."""

import numpy as np
import pandas as pd
import polars as pl

from experiments.metrics import Floats
from experiments.peers.peer import Lesson, Model, Peer

LEAST_IV = 0.02
"""Information value below which a variable is left out: not predictive, by Siddiqi (2006), "Credit Risk Scorecards"."""


def fit(lesson: Lesson) -> Model:
    """Bins and points from all that is taught; unknown is a bin of its own, with its own weight of evidence."""
    from optbinning import BinningProcess, Scorecard  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    words = [name for name in lesson.names if lesson.taught.schema[name] == pl.String]
    binning = BinningProcess(
        lesson.names, categorical_variables=words or None, selection_criteria={"iv": {"min": LEAST_IV}}, n_jobs=1
    )
    card = Scorecard(binning_process=binning, estimator=LogisticRegression(max_iter=1_000))
    labels = lesson.taught["label"].to_numpy().astype(int)
    card.fit(_pandas(lesson.taught, lesson.names), labels, metric_missing="empirical", metric_special="empirical")

    def model(rows: pl.DataFrame) -> Floats:
        return np.asarray(card.predict_proba(_pandas(rows, lesson.names))[:, 1], dtype=np.float64)

    return model


def _pandas(rows: pl.DataFrame, names: list[str]) -> pd.DataFrame:
    """Numbers as floats; words as objects, for optbinning knows no newer kind."""
    return pd.DataFrame(
        {
            name: pd.Series(rows[name].to_list(), dtype=object)
            if rows.schema[name] == pl.String
            else rows[name].to_numpy()
            for name in names
        }
    )


WOE_SCORECARD = Peer(
    name="WoE scorecard",
    how=f"optbinning: optimal bins, unknown a bin of its own, information value of {LEAST_IV} at least, logistic"
    " regression with the library's defaults",
    fit=fit,
    needs="optbinning",
)
