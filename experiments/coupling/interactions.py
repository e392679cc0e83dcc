"""Which pairs act together: SHAP interaction values held against data in which nothing does.

A tree model shows interactions on any data: trees mix features by chance, and more so the stronger each is alone. So
the map of the data is compared with maps of outcomes drawn from a model of the same data without such interactions
(for pairs of features each tree keeps to one feature; for pairs of pillars, to one pillar), learned in the same way. A
pair is found where its excess over the mean of those maps is beyond the
largest excess of any pair in nearly all of them; thereby the chance to find anything at all where nothing acts
together is at most ``ALPHA``, however many pairs there are (max statistic of Westfall and Young, 1993,
"Resampling-based multiple testing").
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import polars as pl
import shap
from numpy.typing import NDArray

from alliance.errors import BundleError, InvalidInput
from experiments.coupling.confined import refuse_mixed
from experiments.coupling.drawn import Draws
from experiments.panel import LABEL
from experiments.splits import Split
from experiments.train import Groups, Grown, Recipe, grow, learn, matrix, regrown
from scoring.features import Feature
from scoring.model.scale import probability
from scoring.model.shap import ADDITIVITY_TOLERANCE, Explainer

Floats = NDArray[np.float64]

ALPHA = 0.05
"""Chance to find any pair where none acts together."""

REPLICATES = 39
"""Maps of drawn data; (39 + 1) x ALPHA = 2, so the second largest excess is the limit."""

SHOWN = 200
"""Rows the map is the mean over; more only make it slow."""


def interaction_values(booster: lgb.Booster, values: Floats) -> Floats:
    """SHAP interaction values (n, f, f) of raw log-odds; each row's sum over the last axis is its contributions.

    Source: Lundberg et al. (2020), "From local explanations to global understanding with explainable AI for trees".

    Raises:
        BundleError: they do not add up to the model's own contributions.
    """
    found = np.asarray(shap.TreeExplainer(booster).shap_interaction_values(values), dtype=np.float64)
    _, own = Explainer.of(booster).contributions(values)
    gap = np.abs(found.sum(axis=2) - own).max(initial=0.0)
    if not gap <= ADDITIVITY_TOLERANCE * 1000:  # shap keeps thresholds in double, sums in another order
        raise BundleError(f"Interaction values miss the contributions by {gap:.3g}.", remedy="Check the shap library.")
    return found


@dataclass(frozen=True)
class Pair:
    """Two features, or two pillars, and how they act together.

    Attributes:
        one, other: names.
        strength: mean absolute interaction, log-odds.
        excess: what of it is beyond the mean over additive data.
        low, high: interval of the excess, at once for all pairs (``1 - ALPHA``), taking it to scatter as it does on
            additive data.
        found: whether ``low`` is above nought.
    """

    one: str
    other: str
    strength: float
    excess: float
    low: float
    high: float

    @property
    def found(self) -> bool:
        return self.low > 0


def interacting(
    split: Split, features: Sequence[Feature], groups: Groups, names: Sequence[str], *,
    recipe: Recipe, horizon_months: int, replicates: int = REPLICATES, seed: int = 7,
    progress: Callable[[int], None] = lambda _: None,
) -> tuple[Pair, ...]:  # fmt: skip
    """All pairs of groups of features, strongest excess first, on a split's ``taught`` rows; its test is not looked at.

    Args:
        groups, names: the groups held against each other (g): every feature alone, or pillars.
        progress: told 1 after each map.

    Raises:
        InvalidInput: too few replicates to hold ``ALPHA``.
    """
    if (replicates + 1) * ALPHA < 1:
        raise InvalidInput(f"{replicates} maps cannot hold {ALPHA}.", remedy=f"Take {round(1 / ALPHA) - 1} or more.")
    free = grow(split.fit, split.stop, features, recipe)
    apart, calibration = learn(split, features, recipe, groups=groups)
    refuse_mixed(apart, groups)
    law = probability(calibration.apply(apart.raw(split.taught)))
    draws = Draws.of(split.taught, horizon_months)
    picked = np.random.default_rng(seed).permutation(split.taught.height)[:SHOWN]
    shown = matrix(split.taught[np.sort(picked)], free.names)
    maps = [_map(regrown(free, split.taught, features, recipe), shown, groups)]
    for number in range(replicates):
        drawn = split.taught.with_columns(pl.Series(LABEL, draws.numbers(seed + number) < law))
        maps.append(_map(regrown(free, drawn, features, recipe), shown, groups))
        progress(1)
    return _pairs(np.stack(maps), names)


def _map(grown: Grown, shown: Floats, groups: Groups) -> Floats:
    """Mean absolute interaction of the groups (g, g)."""
    values = 2 * interaction_values(lgb.Booster(model_str=grown.model), shown)  # a pair's value is kept in two halves
    member = np.zeros((shown.shape[1], len(groups)))
    for place, group in enumerate(groups):
        member[list(group), place] = 1
    return np.asarray(np.abs(member.T @ values @ member).mean(axis=0))


def _pairs(maps: Floats, names: Sequence[str]) -> tuple[Pair, ...]:
    """Pairs of the first map, held against the others (1 + r, k, k)."""
    one, other = np.triu_indices(len(names), 1)
    if not len(one):
        return ()
    observed, drawn = maps[0][one, other], maps[1:, one, other]
    replicates = len(drawn)
    # A drawn map is held against the mean of all others, as the observed one is.
    rest = (drawn.sum(axis=0) - drawn) / (replicates - 1)
    largest = np.sort(np.abs(drawn - rest).max(axis=1, initial=0.0))
    limit = float(largest[-int((replicates + 1) * ALPHA)])
    excess = observed - drawn.mean(axis=0)
    found = [
        Pair(names[i], names[j], float(s), float(e), float(e - limit), float(e + limit))
        for i, j, s, e in zip(one.tolist(), other.tolist(), observed, excess, strict=True)
    ]
    return tuple(sorted(found, key=lambda pair: -pair.excess))
