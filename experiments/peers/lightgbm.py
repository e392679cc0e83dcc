"""The alliance's own way: shallow, monotone, calibrated trees, grown as the champion's are."""

from dataclasses import replace

import numpy as np
import polars as pl

from alliance.errors import InvalidInput
from experiments.metrics import Floats
from experiments.peers.encoding import Levels
from experiments.peers.peer import Lesson, Model, Peer
from experiments.splits import Split
from experiments.train import RECIPE, Recipe, learn
from scoring.model.scale import probability

NAME = "alliance LightGBM"


def fit(lesson: Lesson, recipe: Recipe = RECIPE) -> Model:
    """Trees by the champion's recipe under the lesson's seed; categories come in as flags.

    Where the trees rank the stop rows the wrong way round they have learnt nothing, and the PD is the base rate.
    """
    levels = Levels.of(lesson, lesson.columns)
    fitting, stopping, taught = (levels.flagged(rows) for rows in (lesson.fit, lesson.stop, lesson.taught))
    base_rate = float(taught["label"].to_numpy().mean())
    if not lesson.known:
        return lambda rows: np.full(rows.height, base_rate)
    split = Split(fit=fitting, stop=stopping, taught=taught, test=taught.clear())
    try:
        grown, calibration = learn(split, levels.flags, replace(recipe, seed=recipe.seed + lesson.seed))
    except InvalidInput:  # no calibration keeps such a ranking
        return lambda rows: np.full(rows.height, base_rate)

    def model(rows: pl.DataFrame) -> Floats:
        return probability(calibration.apply(grown.raw(levels.flagged(rows))))

    return model


LIGHTGBM = Peer(
    name=NAME,
    how="the champion's recipe: depth 4, monotone where a direction is declared, Platt (chosen once on the stop rows of"
    " the seed alliance; on other data untuned)",
    fit=fit,
)
