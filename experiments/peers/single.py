"""One variable and no model: what an analyst has who looks at a single number."""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score

from alliance.errors import InvalidInput
from experiments.datasets.dataset import Column, numbers
from experiments.metrics import Floats
from experiments.peers.peer import Lesson, Model, Peer
from scoring.model import Calibration
from scoring.model.scale import probability

LAST_ROUND = "round_last_age"

NEVER = 10.0
"""A wait without an end, in longest waits seen: no dated round ranks after all others."""


BEYOND = 1e-6
"""Weight of the value itself beside its place among those taught: it keeps apart what lies beyond all of them."""


def levelled(ranking: Callable[[pl.DataFrame], Floats], lesson: Lesson) -> Model:
    """PDs of a ranking (more for more risk): the ranking as it is, its level by Platt on the log-odds of its place.

    A value's place is the share of the taught rows below it, so that a few far out do not flatten all others. A ranking
    that runs the wrong way there keeps its order and says no more of the level than the base rate.
    """
    raw, labels = ranking(lesson.taught), lesson.taught["label"].to_numpy()
    values, counts = np.unique(raw, return_counts=True)
    places = (np.cumsum(counts) - counts / 2) / len(raw)
    middle, spread = float(np.median(raw)), float(np.std(raw)) or 1.0

    def placed(rows: pl.DataFrame) -> Floats:
        told = ranking(rows)
        place = np.interp(told, values, places)
        log_odds: Floats = np.log(place / (1 - place)) + BEYOND * np.arcsinh((told - middle) / spread)
        return log_odds

    try:
        calibration = Calibration.fit(placed(lesson.taught), labels)
    except InvalidInput:
        share = labels.mean()
        calibration = Calibration(slope=1e-6, intercept=float(np.log(share / (1 - share))))
    return lambda rows: probability(calibration.apply(placed(rows)))


def _last_round(lesson: Lesson) -> Model:
    longest = _largest(lesson.taught[LAST_ROUND])
    return levelled(lambda rows: rows[LAST_ROUND].fill_null(NEVER * longest).to_numpy(), lesson)


def _largest(values: pl.Series) -> float:
    found = values.max()
    return float(found) if isinstance(found, int | float) and found > 0 else 1.0


def best_column(lesson: Lesson) -> tuple[Column, int]:
    """The number that ranks best on the fit rows, and its sign: 1 if risk rises with it; unknowns rank in the middle.

    A declared direction is held to; a free one is chosen by the rows.
    """
    labels = lesson.fit["label"].to_numpy()
    found = []
    for column in numbers(lesson.fit, lesson.known):
        area = float(roc_auc_score(labels, _filled(lesson.fit, column.name, lesson.fit)))
        sign = column.direction.constraint or (1 if area >= 0.5 else -1)
        found.append((area if sign > 0 else 1 - area, column, sign))
    _, column, sign = max(found, key=lambda one: one[0])
    return column, sign


def _filled(rows: pl.DataFrame, name: str, taught: pl.DataFrame) -> Floats:
    middle = taught[name].median()
    filled: Floats = rows[name].fill_null(middle if isinstance(middle, float) else 0.0).to_numpy()
    return filled


def _best(lesson: Lesson) -> Model:
    column, sign = best_column(lesson)
    return levelled(lambda rows: sign * _filled(rows, column.name, lesson.taught), lesson)


def _no_round(columns: Sequence[Column]) -> str:
    return "" if any(column.name == LAST_ROUND for column in columns) else "these data know no funding rounds"


DAYS_SINCE_LAST_ROUND = Peer(
    name="days since the last round",
    how="the number itself; no dated round ranks last",
    fit=_last_round,
    unfit=_no_round,
)
BEST_SINGLE = Peer(
    name="best single number", how="the one number that ranks the fit rows best, in its declared direction", fit=_best
)
