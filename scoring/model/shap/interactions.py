"""Interactions between groups of columns, compiled: what two groups add to a row's output only together.

By the identity of ``tables.py`` the interaction of features i and j is, over the paths that split on both,

    half the sum of  v_p c_i c_j  *  integral over t from 0 to 1 of the product over all i of f_i

(Lundberg and others, 2020: SHAP interaction values, of which i, j and j, i hold one half each). Summed over the
features of two groups, ``c_i`` and ``c_j`` become the groups' sums of ``c`` on the path: one number a group, carried
down the tree.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scoring.model.scale import FloatArray
from scoring.model.shap.kernel import (
    BLOCK,
    CREDITS,
    FACTORS,
    QUAD,
    add_quad,
    enter_one,
    explain_one,
    load_quad,
    multiply_quad,
    scratch_for,
    store_quad,
)  # fmt: skip


@njit(cache=True, nogil=True)
def interact_rows(matrix: FloatArray, model: Any, splits: int, groups: NDArray[np.int64], together: FloatArray) -> None:
    """Write the interactions (n, p, p) of p groups on rows (n, columns).

    Args:
        model: a ``tables.Model``.
        splits: of the largest tree.
        groups: each column's group (columns).
    """
    count = together.shape[1]
    scratch = scratch_for(matrix.shape[1], splits, 1)
    credit, sums = np.empty((2 * splits + 1) * count * QUAD), np.empty(count * count * QUAD)
    parts = np.empty(matrix.shape[1])
    for row in range(len(matrix)):
        explain_one(matrix[row], model, scratch, parts)
        sums[:] = 0.0
        for tree in model.trees:
            nodes = model.nodes[tree.node : tree.node + tree.splits]
            enter_one(matrix[row], nodes, scratch.states, model.tables[tree.table :], scratch.product)
            for quad in range((tree.points + QUAD - 1) // QUAD):
                table = model.tables[tree.table + quad * tree.length :]
                carry(nodes, scratch.states, table, groups, count, scratch.product, credit)
                for leaf in range(tree.splits, 2 * tree.splits + 1):
                    meet(leaf, count, scratch.product, credit, sums)
        share_out(parts, groups, sums, together[row])


@njit(cache=True, nogil=True)
def carry(
    nodes: Any, states: Any, table: Any, groups: Any, count: int, product: FloatArray, credit: FloatArray
) -> None:
    """Carry the product of the factors, and each group's sum of ``c``, down to the leaves."""
    store_quad(product, 0, load_quad(table, 0))
    credit[: count * QUAD] = 0.0
    for place in range(len(nodes)):
        node = nodes[place]
        block = node.block + BLOCK * states[place]
        above, mine = load_quad(product, QUAD * place), groups[node.column]
        for side in range(2):
            child = node.left if side == 0 else node.right
            store_quad(product, QUAD * child, multiply_quad(above, load_quad(table, block + FACTORS + QUAD * side)))
            for group in range(count):
                store_quad(credit, (child * count + group) * QUAD, load_quad(credit, (place * count + group) * QUAD))
            at = (child * count + mine) * QUAD
            store_quad(credit, at, add_quad(load_quad(credit, at), load_quad(table, block + CREDITS + QUAD * side)))


@njit(cache=True, nogil=True)
def meet(leaf: int, count: int, product: FloatArray, credit: FloatArray, sums: FloatArray) -> None:
    """Add a leaf's part of the interaction of every two groups."""
    value = load_quad(product, QUAD * leaf)
    for group in range(1, count):
        mine = multiply_quad(value, load_quad(credit, (leaf * count + group) * QUAD))
        for other in range(group):
            at = (group * count + other) * QUAD
            met = multiply_quad(mine, load_quad(credit, (leaf * count + other) * QUAD))
            store_quad(sums, at, add_quad(load_quad(sums, at), met))


@njit(cache=True, nogil=True)
def share_out(parts: FloatArray, groups: Any, sums: FloatArray, together: FloatArray) -> None:
    """Half of what two groups do together goes to each; the rest of a group's part is its own."""
    together[:] = 0.0
    for column in range(len(parts)):
        together[groups[column], groups[column]] += parts[column]
    for group in range(1, len(together)):
        for other in range(group):
            at = (group * len(together) + other) * QUAD
            half = ((sums[at] + sums[at + 1]) + (sums[at + 2] + sums[at + 3])) / 2
            together[group, other] = together[other, group] = half
            together[group, group] -= half
            together[other, other] -= half
