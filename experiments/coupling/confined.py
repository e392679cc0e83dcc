"""Trees that keep to one group of features each, against trees that may mix them.

A sum of trees that each look at one pillar only is a sum of one function a pillar: additive log-odds, multiplying odds.
LightGBM's ``interaction_constraints`` hold along branches; the groups here do not overlap, so a tree keeps to the group
of its first split. ``refuse_mixed`` checks it on the model itself.
"""

from collections.abc import Sequence

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from alliance.errors import BundleError
from alliance.signals import Pillar
from experiments.train import Groups, Grown, matrix
from scoring.features import Feature
from scoring.model.shap import Explainer

Floats = NDArray[np.float64]


def by_pillar(features: Sequence[Feature]) -> list[list[int]]:
    """Places of the features, pillar by pillar, in the order of ``pillars_of``."""
    return [[place for place, f in enumerate(features) if f.pillar is pillar] for pillar in pillars_of(features)]


def by_feature(features: Sequence[Feature]) -> list[list[int]]:
    """Each feature a group of its own: the model is then additive in all features."""
    return [[place] for place in range(len(features))]


def pillars_of(features: Sequence[Feature]) -> list[Pillar]:
    """The pillars that have features, in the order of ``Pillar``."""
    found = {feature.pillar for feature in features}
    return [pillar for pillar in Pillar if pillar in found]


def refuse_mixed(grown: Grown, groups: Groups) -> None:
    """Raise ``BundleError`` if any tree looks at features of two groups."""
    group = {grown.names[place]: number for number, members in enumerate(groups) for place in members}
    splits = lgb.Booster(model_str=grown.model).trees_to_dataframe().dropna(subset=["split_feature"])
    mixed = splits["split_feature"].map(group).groupby(splits["tree_index"]).nunique()
    if (mixed > 1).any():
        raise BundleError(
            f"{int((mixed > 1).sum())} trees look at more than one group of features.",
            remedy="Check that this LightGBM holds interaction_constraints.",
        )


def parts(grown: Grown, rows: pl.DataFrame, groups: Groups) -> Floats:
    """What each group does to the raw log-odds of rows (n, g), about its mean over the training rows."""
    _, found = Explainer.read(grown.model).contributions(matrix(rows, grown.names))
    return np.column_stack([found[:, list(group)].sum(axis=1) for group in groups])
