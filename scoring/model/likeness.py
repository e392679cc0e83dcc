"""Which values of a feature the trees cannot tell from its reference: moving one to the other changes no score.

0 counts as a number, also at a split that takes it for unknown; the trees of this project have none such.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from scoring.model.scale import FloatArray
from scoring.model.shap.text import trees


@dataclass(frozen=True, eq=False)
class Likeness:
    """By feature (f each), the values that go the way of the reference at every split.

    Attributes:
        above, up_to: known values above the one and up to the other do.
        unknown: whether an unknown value does.
    """

    above: FloatArray
    up_to: FloatArray
    unknown: NDArray[np.bool_]

    @classmethod
    def of(cls, model: str, reference: FloatArray) -> Self:
        """Of a LightGBM model text and a reference of each feature (f), NaN for unknown."""
        above, up_to = np.full(len(reference), -np.inf), np.full(len(reference), np.inf)
        unknown = np.ones(len(reference), dtype=np.bool_)
        for tree in trees(model):
            own = reference[tree.feature]
            left = np.where(np.isnan(own), tree.unknown_left, own <= tree.threshold)
            np.minimum.at(up_to, tree.feature[left], tree.threshold[left])
            np.maximum.at(above, tree.feature[~left], tree.threshold[~left])
            unknown[tree.feature[left != tree.unknown_left]] = False
        return cls(above, up_to, unknown)

    def alike(self, values: FloatArray) -> NDArray[np.bool_]:
        """Which values (n, f), NaN for unknown, are like the reference (n, f)."""
        with np.errstate(invalid="ignore"):
            within = (values > self.above) & (values <= self.up_to)
        return np.where(np.isnan(values), self.unknown, within)
