"""How far a PD would move, were a signal known: the trees' own word on what companies are like.

A bundle holds no company's values, but at every split the number of training rows that went either way. Where a feature
is to be drawn instead of read, a draw ``u`` between 0 and 1 stands for its place among companies: of the rows that came
by, the share that went left are those with the smallest values, so ``u`` goes left if it lies within that share of what
the path has left of it. A path has been narrowed down by the features that are known, so the draw is among companies
like this one, as far as the tree tells them apart.

All features of a signal are drawn by one ``u``, from its best news to its worst: each at ``u`` or at ``1 - u``, as the
trees on the whole let risk rise or fall with it. Drawn apart, good and bad news would cancel, which in one report they
seldom do: who raised lately mostly raised much.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scoring.model.bundle import Bundle
from scoring.model.scale import FloatArray, probability
from scoring.model.shap.text import Tree, trees

DRAWS = 64
"""Draws of a signal, evenly from its best news to its worst. Our own choice: twice as many change no order worth
having."""

LEVELS: FloatArray = (np.arange(DRAWS) + 0.5) / DRAWS


def narrowing(bundle: Bundle, values: FloatArray, drawn: NDArray[np.bool_]) -> float:
    """By how much the PD is expected to be less wrong once some unknown features are known.

    It is the mean distance of the PDs of all draws from their median: the least mean error that any one number can
    have, as long as it is not known which draw is the company's.

    Args:
        values: the features of a company (f), NaN for unknown.
        drawn: which of them would be known (f); 0.0 comes of none.
    """
    if not drawn.any():
        return 0.0
    raw = forest_of(bundle.model).raw(values, drawn)
    pd = probability(bundle.calibration.apply(raw))
    return float(np.abs(pd - np.median(pd)).mean())


class Forest(NamedTuple):
    """A model's trees one after the other, with what came by every split.

    Attributes:
        first, first_leaf: place of each tree's first split and leaf, and one past the last (t + 1).
        feature, threshold, unknown_left, children, left_share: of every split (s); children as in ``Tree``.
        value: of every leaf.
        risk_rises: by feature (f), whether risk on the whole rises with it.
    """

    first: NDArray[np.int64]
    first_leaf: NDArray[np.int64]
    feature: NDArray[np.int64]
    threshold: FloatArray
    unknown_left: NDArray[np.bool_]
    children: NDArray[np.int64]
    left_share: FloatArray
    value: FloatArray
    risk_rises: NDArray[np.bool_]

    @classmethod
    def of(cls, grown: Sequence[Tree]) -> Self:
        """The forest of some trees."""
        features = 1 + max((int(tree.feature.max(initial=-1)) for tree in grown), default=-1)
        shares, leans = [], np.zeros(features)
        for tree in grown:
            share, lean = _shares(tree)
            shares.append(share)
            np.add.at(leans, tree.feature, lean)
        return cls(
            first=np.cumsum([0, *(len(tree.feature) for tree in grown)]),
            first_leaf=np.cumsum([0, *(len(tree.value) for tree in grown)]),
            feature=np.concatenate([tree.feature for tree in grown]),
            threshold=np.concatenate([tree.threshold for tree in grown]),
            unknown_left=np.concatenate([tree.unknown_left for tree in grown]),
            children=np.concatenate([tree.children for tree in grown]),
            left_share=np.concatenate(shares),
            value=np.concatenate([tree.value for tree in grown]),
            risk_rises=leans >= 0,
        )

    def raw(self, values: FloatArray, drawn: NDArray[np.bool_]) -> FloatArray:
        """The raw output (``DRAWS``) of a company's features (f), some of them drawn (f), from best news to worst."""
        found = np.zeros(DRAWS)
        _walk(self, values, drawn, np.empty((2, len(self.risk_rises))), found)
        return found


@lru_cache(maxsize=8)
def forest_of(model: str) -> Forest:
    """The forest of a LightGBM model text, kept; ``BundleError`` where it does not read as one."""
    return Forest.of(trees(model))


def warm_up(bundle: Bundle) -> None:
    """Have the walk compiled, so that no request waits for it."""
    unknown = np.full(len(bundle.names), np.nan)
    forest_of(bundle.model).raw(unknown, np.ones(len(unknown), bool))


def _shares(tree: Tree) -> tuple[FloatArray, FloatArray]:
    """By split: the share of its rows that went left, and by how much the output is more on the right, by weight."""
    count = len(tree.feature)
    means, left, lean = np.zeros(count), np.zeros(count), np.zeros(count)
    for split in reversed(range(count)):
        rows, value = np.zeros(2), np.zeros(2)
        for side, child in enumerate(tree.children[split]):
            rows[side] = tree.leaf_cover[~child] if child < 0 else tree.cover[child]
            value[side] = tree.value[~child] if child < 0 else means[child]
        share = rows[0] / rows.sum() if rows.sum() > 0 else 0.5
        left[split], means[split] = share, share * value[0] + (1 - share) * value[1]
        lean[split] = tree.cover[split] * share * (1 - share) * (value[1] - value[0])
    return left, lean


@njit(cache=True, nogil=True)
def _walk(forest: Any, values: Any, drawn: Any, left: Any, found: Any) -> None:
    """Add up the leaves that every draw reaches; ``left`` (2, f) holds what a path has left of a feature's draws."""
    for draw in range(DRAWS):
        for tree in range(len(forest.first) - 1):
            start, stop = forest.first[tree], forest.first[tree + 1]
            for split in range(start, stop):
                left[0, forest.feature[split]], left[1, forest.feature[split]] = 0.0, 1.0
            at = 0 if stop > start else -1
            while at >= 0:
                split = start + at
                column = forest.feature[split]
                if drawn[column]:
                    level = LEVELS[draw] if forest.risk_rises[column] else 1.0 - LEVELS[draw]
                    low, high = left[0, column], left[1, column]
                    middle = low + forest.left_share[split] * (high - low)
                    goes_left = level < middle
                    left[1 if goes_left else 0, column] = middle
                else:
                    value, unknown = values[column], forest.unknown_left[split]
                    goes_left = value <= forest.threshold[split] or (value != value and unknown)  # noqa: PLR0124
                at = forest.children[split, 0 if goes_left else 1]
            found[draw] += forest.value[forest.first_leaf[tree] + ~at]
