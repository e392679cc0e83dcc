"""A model's trees as the kernel walks them, with every factor it will meet worked out beforehand.

The part of feature j, over the paths p from root to leaf that split on j (Lundberg and others, *From local explanations
to global understanding with explainable AI for trees*, 2020):

    sum of  v_p (o_j - z_j)  *  integral over t from 0 to 1 of the product over i != j of  (1 - t) z_i + t o_i

``v`` is the leaf's value. ``o_i`` is 1 where the row meets all of the path's splits on feature i, else 0; ``z_i`` is the
share of the training rows that do, as the splits pass them on. The integrand is a polynomial in t of degree d - 1, for d
features on the path: Gauss and Legendre's quadrature with d / 2 points, rounded up, is exact.

With ``f_i = (1 - t) z_i + t o_i`` the integrand times ``(o_j - z_j)`` is ``c_j`` times the product over all i of ``f_i``,
where ``c_j = (o_j - z_j) / f_j``. So nothing need be done path by path (Yu, Xu, Bifet and Read, *Linear TreeShap*, 2022):

- an edge multiplies by ``f`` of its feature, and divides by the ``f`` that an edge above put there for the same feature;
- it credits its feature with ``c``, less the ``c`` of that edge above, times the sum over the leaves below.

At a point strictly between 0 and 1 every divisor is above 0. ``o`` takes two values, so both are tables. For an ``o`` of
0, ``c`` is ``-1 / (1 - t)`` whatever ``z`` is: once a feature has failed on a path, further splits on it credit nothing.
"""

from collections.abc import Iterable, Sequence
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
        share: of the training rows that edge's feature lets by, as far as the edge; 1 for none.
        shares: the same of the split's own edges, left and right (n, 2).
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
    described, nodes, end = np.zeros(len(trees), TREE), [], 0
    for entry, tree, path in zip(described, trees, paths, strict=True):
        entry["points"] = points = -(-int(path.features.max(initial=1)) // 2)
        entry["splits"], entry["table"] = len(tree.feature), end
        made = _nodes(tree, path, _columns(tree, zeros, features))
        entry["length"] = QUAD + BLOCK * int((2 + made["repeated"].astype(np.int64)).sum())
        end += entry["length"] * -(-points // QUAD)
        nodes.append(made)
    described["node"] = _starts(described["splits"])
    described["leaf"] = _starts(described["splits"] + 1)
    tables = _aligned(end)
    for entry, tree, path, made in zip(described, trees, paths, nodes, strict=True):
        _fill(tables[entry["table"] :], tree, path, made, int(entry["points"]), int(entry["length"]))
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
    places = np.where(tree.children >= 0, tree.children, count + ~tree.children)
    nodes["threshold"], nodes["column"] = tree.threshold, columns
    nodes["left"], nodes["right"] = places.T
    nodes["unknown_left"] = np.where(tree.unknown_left, 255, 0)
    nodes["repeated"] = path.above >= 0
    nodes["above"] = np.where(path.above >= 0, path.above, 2 * count)
    nodes["block"] = QUAD + BLOCK * _starts(2 + nodes["repeated"].astype(np.int64))
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


def _fill(tables: FloatArray, tree: Tree, path: Paths, nodes: NDArray[np.void], points: int, length: int) -> None:
    """Write a tree's weights and blocks, a table a quad of points."""
    t, weights = quadrature(points)
    for quad in range(len(t) // QUAD):
        table, these = tables[quad * length :][:length], slice(quad * QUAD, (quad + 1) * QUAD)
        table[:QUAD] = weights[these]
        if not len(nodes):
            continue
        blocks = _blocks(t[these], tree, path)
        for state, block in zip((LEFT, RIGHT), blocks, strict=False):
            _write(table, nodes["block"] + BLOCK * state, block)
        again = nodes["repeated"] > 0
        _write(table, nodes["block"][again] + BLOCK * NEITHER, blocks[2][again])


def _write(table: FloatArray, at: NDArray[np.int64], blocks: FloatArray) -> None:
    table[at[:, None] + np.arange(BLOCK)] = blocks.reshape(len(blocks), BLOCK)


def _blocks(t: FloatArray, tree: Tree, path: Paths) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The splits' blocks (n, 4, QUAD) at a quad of points t: where a row goes left, right, or has failed above."""

    def met(share: FloatArray) -> FloatArray:
        return share + t * (1 - share)

    passed = path.share[:, None]
    leaf = [np.where(child < 0, tree.value[~child * (child < 0)], 1.0)[:, None] for child in tree.children.T]
    credit_above = (1 - passed) / met(passed)
    credit_failed = -1 / (1 - t) - credit_above
    factors, credits_ = [], []
    for value, share in zip(leaf, path.shares.T[..., None], strict=True):
        factors.append((met(share) / met(passed) * value, (1 - t) * share / met(passed) * value))
        credits_.append(((1 - share) / met(share) - credit_above, credit_failed))
    ratios = np.divide(path.shares, passed, out=np.zeros_like(path.shares), where=passed > 0)
    failed = [ratio[:, None] * value + 0 * t for ratio, value in zip(ratios.T, leaf, strict=True)]
    none = np.zeros_like(failed[0])
    return (
        np.stack([factors[0][0], factors[1][1], credits_[0][0], credits_[1][1]], axis=1),
        np.stack([factors[0][1], factors[1][0], credits_[0][1], credits_[1][0]], axis=1),
        np.stack([failed[0], failed[1], none, none], axis=1),
    )


def quadrature(points: int) -> tuple[FloatArray, FloatArray]:
    """Gauss and Legendre's points between 0 and 1 and their weights, filled up with points of no weight to a quad."""
    t, weights = np.polynomial.legendre.leggauss(points)
    spare = -points % QUAD
    return np.r_[(t + 1) / 2, np.full(spare, 0.5)], np.r_[weights / 2, np.zeros(spare)]
