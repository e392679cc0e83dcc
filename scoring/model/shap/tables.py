"""A model's trees as the kernel walks them, with every factor it will meet worked out beforehand.

The part of feature j, over the paths p from root to leaf that split on j (Lundberg and others, *From local explanations
to global understanding with explainable AI for trees*, 2020):

    sum of  v_p (o_j - z_j)  *  integral over t from 0 to 1 of the product over i != j of  (1 - t) z_i + t o_i

``v`` is the leaf's value. ``o_i`` is 1 where the row meets all of the path's splits on feature i, else 0; ``z_i`` is
the share of the training rows that these splits let by. The integrand is a polynomial in t of degree d - 1, for d
features on the path: Gauss and Legendre's quadrature with d / 2 points, rounded up, is exact.

With ``f_i = (1 - t) z_i + t o_i`` and ``c_j = (o_j - z_j) / f_j``, integrand and difference are ``c_j`` times the
product of all ``f_i``. So nothing need be done path by path (Yu, Xu, Bifet and Read, *Linear TreeShap*, 2022). An edge

- multiplies by ``f`` of its feature, and divides by the ``f`` that an edge above put there for the same feature;
- credits its feature with ``c``, less the ``c`` of that edge above, times the sum over the leaves below.

At points strictly between 0 and 1 no divisor is 0. ``o`` takes two values, so all of this is a table. For an ``o`` of 0
``c`` is ``-1 / (1 - t)``, whatever ``z`` is: a feature that failed on a path is credited nothing by further splits.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scoring.model.scale import FloatArray
from scoring.model.shap.kernel import BLOCK, LEFT, NEITHER, NODE, QUAD, RIGHT, TREE
from scoring.model.shap.text import MISSING_ZERO, Tree

_LINE = 64  # bytes of a line of the processor's cache


class Model(NamedTuple):
    """What the kernel reads.

    Attributes:
        trees: of ``kernel.TREE``.
        nodes: the splits of all trees, of ``kernel.NODE``.
        leaves: the values of all leaves.
        tables: weights, factors and contributions.
    """

    trees: NDArray[np.void]
    nodes: NDArray[np.void]
    leaves: FloatArray
    tables: FloatArray


class Paths(NamedTuple):
    """What the splits of one tree meet on their way down (n each).

    Attributes:
        above: edge of the nearest split above on the same feature, 2i for left of split i and 2i + 1 for right; or -1.
        share: of the training rows, let by as far as that edge by all splits on the feature; 1 for none.
        shares: the same as far as the split's own edges, left and right (n, 2).
        features: different features as far as the split, its own among them.
    """

    above: NDArray[np.int64]
    share: FloatArray
    shares: FloatArray
    features: NDArray[np.int64]


def tabulate(trees: Sequence[Tree], zeros: Sequence[int], features: int) -> Model:
    """The trees ready to be walked.

    Args:
        trees: of the model.
        zeros: features of which a copy without zeros stands behind the matrix's columns, in this order: splits that
            take 0 for unknown read the copy.
        features: of the model.
    """
    paths = [Paths(*follow(tree.feature, tree.children, tree.cover, tree.leaf_cover)) for tree in trees]
    nodes = [_nodes(tree, path, _columns(tree, zeros, features)) for tree, path in zip(trees, paths, strict=True)]
    splits = np.array([len(tree.feature) for tree in trees], np.int64)
    described = np.zeros(len(trees), TREE)
    described["splits"], described["node"], described["leaf"] = splits, _starts(splits), _starts(splits + 1)
    described["points"] = [(int(path.features.max(initial=1)) + 1) // 2 for path in paths]
    described["length"] = [QUAD + BLOCK * int((2 + (path.above >= 0)).sum()) for path in paths]
    sizes = described["length"] * -(-described["points"] // QUAD)
    described["table"] = _starts(sizes)
    tables = _aligned(int(sizes.sum()))
    everything = _Splits.of(trees, paths, nodes, described)
    for points in np.unique(described["points"]).tolist():
        _weigh(tables, described[described["points"] == points], points)
        _fill(tables, everything.where(np.repeat(described["points"], splits) == points), points)
    leaves = np.concatenate([np.empty(0), *(tree.value for tree in trees)])
    return Model(described, np.concatenate([np.empty(0, NODE), *nodes]), leaves, tables)


def most_splits(trees: Iterable[Tree]) -> int:
    """Splits of the largest tree."""
    return max((len(tree.feature) for tree in trees), default=0)


def expected(tree: Tree) -> float:
    """The mean of a tree's output over the training rows that it counts."""
    if not len(tree.feature):
        return float(tree.value[0])
    return float((tree.leaf_cover / tree.cover[0] * tree.value).sum())


def zeros_unknown(trees: Iterable[Tree]) -> list[int]:
    """The features, ascending, on which some split takes 0 for unknown."""
    found: set[int] = set()
    for tree in trees:
        found.update(tree.feature[tree.missing == MISSING_ZERO].tolist())
    return sorted(found)


@njit(cache=True)
def follow(feature: Any, children: Any, cover: Any, leaf_cover: Any) -> Any:
    """``Paths`` of a tree's splits; arguments as in ``Tree``."""
    count = len(feature)
    above, share, features = np.full(count, -1), np.ones(count), np.ones(count, np.int64)
    shares, came_by = np.ones((count, 2)), np.full(count, -1)
    for split in range(count):
        edge = came_by[split]
        if edge >= 0:
            features[split] = features[edge // 2]
        while edge >= 0 and feature[edge // 2] != feature[split]:
            edge = came_by[edge // 2]
        above[split] = edge
        if edge >= 0:
            share[split] = shares[edge // 2, edge % 2]
        elif came_by[split] >= 0:
            features[split] += 1
        for side in range(2):
            child = children[split, side]
            passed = leaf_cover[~child] if child < 0 else cover[child]
            shares[split, side] = share[split] * passed / cover[split] if cover[split] > 0 else 0.0
            if child >= 0:
                came_by[child] = 2 * split + side
    return above, share, shares, features


def _nodes(tree: Tree, path: Paths, columns: NDArray[np.int64]) -> NDArray[np.void]:
    count = len(tree.feature)
    nodes = np.zeros(count, NODE)
    nodes["threshold"], nodes["column"] = tree.threshold, columns
    nodes["left"], nodes["right"] = np.where(tree.children >= 0, tree.children, count + ~tree.children).T
    nodes["unknown_left"] = np.where(tree.unknown_left, 255, 0)
    nodes["repeated"] = path.above >= 0
    nodes["above"] = np.where(path.above >= 0, path.above, 2 * count)
    nodes["block"] = QUAD + BLOCK * _starts(2 + (path.above >= 0))
    return nodes


def _columns(tree: Tree, zeros: Sequence[int], features: int) -> NDArray[np.int64]:
    """Where in a row each split reads."""
    copies = np.searchsorted(np.array(zeros, np.int64), tree.feature)
    return np.where(tree.missing == MISSING_ZERO, features + copies, tree.feature)


def _starts(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.cumsum(sizes) - sizes


def _aligned(size: int) -> FloatArray:
    """Zeros from the beginning of a line of cache on, so that no vector lies across two."""
    memory = np.zeros(size + _LINE // 8)
    return memory[-memory.ctypes.data % _LINE // 8 :][:size]


class _Splits(NamedTuple):
    """The splits of many trees (n each), as far as their blocks depend on them.

    Attributes:
        at: where the blocks begin in the first of their tables, ``length`` doubles before those in the next.
        length: of a table.
        repeated, share, shares: as in ``NODE`` and ``Paths``.
        value: of the leaf that an edge leads to, 1 where it leads to a split (n, 2).
    """

    at: NDArray[np.int64]
    length: NDArray[np.int64]
    repeated: NDArray[np.bool_]
    share: FloatArray
    shares: FloatArray
    value: FloatArray

    @classmethod
    def of(
        cls,
        trees: Sequence[Tree],
        paths: Sequence[Paths],
        nodes: Sequence[NDArray[np.void]],
        described: NDArray[np.void],
    ) -> "_Splits":
        none = np.empty((0, 2))
        values = [np.where(one.children < 0, one.value[np.maximum(~one.children, 0)], 1.0) for one in trees]
        blocks = np.concatenate([np.empty(0, np.int64), *(one["block"] for one in nodes)])
        return cls(
            at=np.repeat(described["table"], described["splits"]) + blocks.astype(np.int64),
            length=np.repeat(described["length"], described["splits"]),
            repeated=np.concatenate([np.empty(0, bool), *(path.above >= 0 for path in paths)]),
            share=np.concatenate([none[:, 0], *(path.share for path in paths)]),
            shares=np.concatenate([none, *(path.shares for path in paths)]),
            value=np.concatenate([none, *values]),
        )

    def where(self, chosen: NDArray[np.bool_]) -> "_Splits":
        columns: list[Any] = [column[chosen] for column in self]
        return _Splits(*columns)


@cache
def quadrature(points: int) -> tuple[FloatArray, FloatArray]:
    """Gauss and Legendre's points between 0 and 1 and their weights, by quads (q, QUAD).

    The last quad is filled up with points of no weight.
    """
    t, weights = np.polynomial.legendre.leggauss(points)
    spare = -points % QUAD
    t, weights = np.r_[(t + 1) / 2, np.full(spare, 0.5)], np.r_[weights / 2, np.zeros(spare)]
    return t.reshape(-1, QUAD), weights.reshape(-1, QUAD)


def _weigh(tables: FloatArray, described: NDArray[np.void], points: int) -> None:
    """Write the weights of the quadrature at the head of each table."""
    for quad, weights in enumerate(quadrature(points)[1]):
        tables[(described["table"] + quad * described["length"])[:, None] + np.arange(QUAD)] = weights


def _fill(tables: FloatArray, splits: _Splits, points: int) -> None:
    """Write the blocks of splits of trees with so many points."""
    for quad, t in enumerate(quadrature(points)[0]):
        at = splits.at + quad * splits.length
        left, right, neither = _blocks(t, splits)
        _write(tables, at + BLOCK * LEFT, left)
        _write(tables, at + BLOCK * RIGHT, right)
        _write(tables, (at + BLOCK * NEITHER)[splits.repeated], neither[splits.repeated])


def _write(tables: FloatArray, at: NDArray[np.int64], blocks: FloatArray) -> None:
    tables[at[:, None] + np.arange(BLOCK)] = blocks.reshape(len(blocks), BLOCK)


def _blocks(t: FloatArray, splits: _Splits) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The splits' blocks (n, 4, QUAD) at a quad of points t, by state."""
    above, shares, value = splits.share[:, None, None], splits.shares[..., None], splits.value[..., None]
    f_above, f_met = above + t * (1 - above), shares + t * (1 - shares)
    c_above = (1 - above) / f_above
    met, failed = f_met / f_above * value, (1 - t) * shares / f_above * value
    credit_met = (1 - shares) / f_met - c_above
    credit_failed = -1 / (1 - t) - c_above[:, 0]
    still_failed = np.divide(shares, above, out=np.zeros_like(shares), where=above > 0) * value + 0 * t
    return (
        np.stack([met[:, 0], failed[:, 1], credit_met[:, 0], credit_failed], axis=1),
        np.stack([failed[:, 0], met[:, 1], credit_failed, credit_met[:, 1]], axis=1),
        np.concatenate([still_failed, np.zeros_like(still_failed)], axis=1),
    )
