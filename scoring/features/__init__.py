"""The model's inputs: one file per pillar, declarations only; ``FEATURES`` is the explicit list of all of them."""

from scoring.features.catalogue import FEATURES, FEATURES_BY_NAME, feature_named
from scoring.features.contract import contract
from scoring.features.declaration import Direction, Feature, Unit
from scoring.features.frame import feature_frame

__all__ = [
    "FEATURES",
    "FEATURES_BY_NAME",
    "Direction",
    "Feature",
    "Unit",
    "contract",
    "feature_frame",
    "feature_named",
]
