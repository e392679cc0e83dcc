"""The compiled walk over trees: the raw output of rows and each feature's exact part in it.

Two layouts of one sum. One row keeps the quadrature points side by side in a vector register, ``QUAD`` at a time; a
batch keeps ``TILE`` rows side by side. Every row and point sees the same operations in the same order in both, so a
row's bits are the same alone, in a batch, anywhere in it, and with any number of threads.

Each tree is walked down and up. Down, a node receives ``product``: the product of its path's factors, with the weights
of the quadrature. Up, a node's product is replaced by the sum over its leaves; each split then credits its feature with
what its two edges contribute to the leaves below. ``tables.py`` says what the factors are.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scoring.model.scale import FloatArray
from scoring.model.shap.lanes import masks, operations

QUAD = 4
"""Quadrature points that go together: a tree with more goes by several times."""

TILE = 8
"""Rows that go together."""

BLOCK = 4 * QUAD
"""Doubles of a split in one state: factors of its left and right edge, and what both contribute, point by point."""

LEFT, RIGHT, NEITHER = 0, 1, 2
"""States of a split, and so its blocks' order: which edge leads where the row goes. Neither, where the row has already
failed another split on the same feature above."""

FACTORS, CREDITS = 0, 2 * QUAD
"""Where in a block the factors and the contributions begin."""

NODE = np.dtype(
    [
        ("threshold", np.float64),
        ("column", np.uint32),  # of the matrix, that is read and credited
        ("left", np.uint32),  # places of the children: splits first, then leaves
        ("right", np.uint32),
        ("above", np.uint32),  # edge of the nearest split above on the same feature; past the last for none
        ("block", np.uint32),  # where its blocks begin in the tree's table
        ("unknown_left", np.uint8),  # all bits set where the unknown goes left
        ("repeated", np.uint8),  # whether there is such a split above
    ],
    align=True,
)
"""A split. Its edges are numbered 2i (left) and 2i + 1 (right)."""

TREE = np.dtype(
    [
        ("node", np.int64),  # its first split
        ("splits", np.int64),
        ("leaf", np.int64),  # its first leaf
        ("table", np.int64),  # where its tables begin: a quad of weights, then blocks; and so on, a table a quad
        ("length", np.int64),  # of one table
        ("points", np.int64),  # of its quadrature
    ]
)

EVERY_LANE = np.uint8(255)


class Scratch(NamedTuple):
    """Memory of one thread, for models of up to s splits a tree.

    Attributes:
        states: by split, the state for one row (s, and one more).
        hot: by edge, the rows that meet every split on its feature as far as the edge, as bits (2s, and one more).
        reached: by place, the rows that come by (2s + 1).
        product: by place, what is carried down and then up (2s + 1, QUAD, rows).
        sums: parts by column and point (columns, QUAD, rows).
        rows: the matrix turned on its side (columns, rows).
    """

    states: NDArray[np.uint8]
    hot: NDArray[np.uint8]
    reached: NDArray[np.uint8]
    product: FloatArray
    sums: FloatArray
    rows: FloatArray


_quad, _rows, _masks = operations(QUAD), operations(TILE), masks()
load_quad, store_quad, add_quad, multiply_quad, _ = _quad
load_rows, store_rows, add_rows, multiply_rows, fill_rows = _rows
at_most, unknown, choose = _masks


@njit(cache=True, nogil=True)
def enter_one(row: FloatArray, nodes: Any, states: Any, table: Any, product: Any) -> int:
    """Write the states of a tree's splits for one row, and do what ``descend_one`` does.

    Both in one loop: the comparisons fill the time in which the products wait for each other.

    Returns:
        the place of the leaf that the row reaches.
    """
    at = 0
    states[len(nodes)] = LEFT  # so that a split with none above finds the edge above to lead where the row goes
    store_quad(product, 0, load_quad(table, 0))
    for place in range(len(nodes)):
        node = nodes[place]
        value, left, right = row[node.column], node.left, node.right
        goes_left = (value <= node.threshold) | ((value != value) & (node.unknown_left != 0))  # noqa: PLR0124
        child = left if goes_left else right
        at = child if place == at else at
        side = LEFT if goes_left else RIGHT
        states[place] = side if states[node.above >> 1] == node.above & 1 else NEITHER
        pass_down(node, place, states[place], table, product)
    return at


@njit(cache=True, nogil=True)
def descend_one(nodes: Any, states: Any, table: Any, product: Any) -> None:
    """Give every place of a tree the product of the factors on its path, at a quad of quadrature points."""
    store_quad(product, 0, load_quad(table, 0))
    for place in range(len(nodes)):
        pass_down(nodes[place], place, states[place], table, product)


@njit(cache=True, nogil=True, inline="always")
def pass_down(node: Any, place: int, state: int, table: Any, product: Any) -> None:
    factors = node.block + BLOCK * state + FACTORS
    above = load_quad(product, QUAD * place)
    left = multiply_quad(above, load_quad(table, factors))
    right = multiply_quad(above, load_quad(table, factors + QUAD))
    store_quad(product, QUAD * node.left, left)
    store_quad(product, QUAD * node.right, right)


@njit(cache=True, nogil=True)
def ascend_one(nodes: Any, states: Any, table: Any, product: Any, sums: Any) -> None:
    """Turn products into sums over the leaves below, and credit the columns with their parts (columns, QUAD)."""
    for place in range(len(nodes) - 1, -1, -1):
        node = nodes[place]
        credit = node.block + BLOCK * states[place] + CREDITS
        left, right = load_quad(product, QUAD * node.left), load_quad(product, QUAD * node.right)
        store_quad(product, QUAD * place, add_quad(left, right))
        of_left = multiply_quad(left, load_quad(table, credit))
        of_right = multiply_quad(right, load_quad(table, credit + QUAD))
        mine = QUAD * node.column
        store_quad(sums, mine, add_quad(load_quad(sums, mine), add_quad(of_left, of_right)))


@njit(cache=True, nogil=True)
def decide_rows(rows: Any, nodes: Any, leaves: Any, hot: Any, reached: Any, raw: Any) -> None:
    """Which way the rows of a tile go at a tree's splits.

    Args:
        hot: by edge, the rows for which it leads where they go, unless they failed above; written.
        reached: by place, the rows that come by; written.
        raw: the value of each row's leaf is added.
    """
    reached[0] = hot[2 * len(nodes)] = EVERY_LANE
    for place in range(len(nodes)):
        node = nodes[place]
        values = load_rows(rows, TILE * node.column)
        left = at_most(values, node.threshold) | (unknown(values) & node.unknown_left)
        fits, here = hot[node.above], reached[place]
        hot[2 * place], hot[2 * place + 1] = left & fits, ~left & fits
        reached[node.left], reached[node.right] = left & here, ~left & here
    value = fill_rows(0.0)
    for leaf in range(len(leaves)):
        value = choose(reached[len(nodes) + leaf], fill_rows(leaves[leaf]), value)
    store_rows(raw, 0, add_rows(load_rows(raw, 0), value))


@njit(cache=True, nogil=True)
def walk_rows(nodes: Any, hot: Any, points: int, table: Any, product: Any, sums: Any) -> None:
    """Add a tree's quad of quadrature points to the sums of a tile (columns, QUAD, TILE)."""
    for point in range(points):
        store_rows(product, TILE * point, fill_rows(table[point]))
    for place in range(len(nodes)):
        node = nodes[place]
        lefts, rights = hot[2 * place], hot[2 * place + 1]
        for point in range(points):
            at = node.block + FACTORS + point
            above = load_rows(product, TILE * (QUAD * place + point))
            left = chosen(lefts, table, at, LEFT, RIGHT)
            right = chosen(rights, table, at + QUAD, RIGHT, LEFT)
            if node.repeated:
                left = choose(lefts | rights, left, fill_rows(table[at + NEITHER * BLOCK]))
                right = choose(lefts | rights, right, fill_rows(table[at + NEITHER * BLOCK + QUAD]))
            store_rows(product, TILE * (QUAD * node.left + point), multiply_rows(above, left))
            store_rows(product, TILE * (QUAD * node.right + point), multiply_rows(above, right))
    for place in range(len(nodes) - 1, -1, -1):
        node = nodes[place]
        lefts, rights = hot[2 * place], hot[2 * place + 1]
        for point in range(points):
            at = node.block + CREDITS + point
            left = load_rows(product, TILE * (QUAD * node.left + point))
            right = load_rows(product, TILE * (QUAD * node.right + point))
            store_rows(product, TILE * (QUAD * place + point), add_rows(left, right))
            of_left = multiply_rows(left, chosen(lefts, table, at, LEFT, RIGHT))
            of_right = multiply_rows(right, chosen(rights, table, at + QUAD, RIGHT, LEFT))
            credit = add_rows(of_left, of_right)
            if node.repeated:
                credit = choose(lefts | rights, credit, fill_rows(0.0))
            mine = TILE * (QUAD * node.column + point)
            store_rows(sums, mine, add_rows(load_rows(sums, mine), credit))


@njit(cache=True, nogil=True, inline="always")
def chosen(mask: Any, table: Any, at: Any, state: int, other: int) -> Any:
    """The number of one state's block where the mask is set, of another's elsewhere."""
    return choose(mask, fill_rows(table[at + state * BLOCK]), fill_rows(table[at + other * BLOCK]))


@njit(cache=True, nogil=True)
def explain_one(row: FloatArray, model: Any, scratch: Any, parts: FloatArray) -> float:
    """The raw output of one row; the parts of its columns are written."""
    sums, states = scratch.sums, scratch.states
    sums[: QUAD * len(parts)] = 0.0
    raw = 0.0
    for tree in model.trees:
        nodes = model.nodes[tree.node : tree.node + tree.splits]
        table = model.tables[tree.table :]
        leaf = enter_one(row, nodes, states, table, scratch.product) - tree.splits
        raw += model.leaves[tree.leaf + leaf]
        ascend_one(nodes, states, table, scratch.product, sums)
        for quad in range(1, (tree.points + QUAD - 1) // QUAD):
            table = model.tables[tree.table + quad * tree.length :]
            descend_one(nodes, states, table, scratch.product)
            ascend_one(nodes, states, table, scratch.product, sums)
    for column in range(len(parts)):
        at = QUAD * column
        parts[column] = (sums[at] + sums[at + 1]) + (sums[at + 2] + sums[at + 3])
    return raw


@njit(cache=True, nogil=True)
def explain_tile(matrix: FloatArray, model: Any, scratch: Any, raw: FloatArray, parts: FloatArray) -> None:
    """``explain_one`` of ``TILE`` rows."""
    rows, sums, hot, columns = scratch.rows, scratch.sums, scratch.hot, matrix.shape[1]
    for row in range(TILE):
        for column in range(columns):
            rows[TILE * column + row] = matrix[row, column]
    sums[:] = 0.0
    for tree in model.trees:
        nodes = model.nodes[tree.node : tree.node + tree.splits]
        leaves = model.leaves[tree.leaf : tree.leaf + tree.splits + 1]
        decide_rows(rows, nodes, leaves, hot, scratch.reached, raw)
        for quad in range((tree.points + QUAD - 1) // QUAD):
            table = model.tables[tree.table + quad * tree.length :]
            walk_rows(nodes, hot, min(QUAD, tree.points - quad * QUAD), table, scratch.product, sums)
    for column in range(columns):
        at = TILE * QUAD * column
        for row in range(at, at + TILE):
            low, high = sums[row] + sums[row + TILE], sums[row + 2 * TILE] + sums[row + 3 * TILE]
            parts[row - at, column] = low + high


@njit(cache=True, nogil=True)
def explain_rows(matrix: FloatArray, model: Any, splits: int, raw: FloatArray, parts: FloatArray) -> None:
    """Write the raw output (n) of rows (n, columns) and the parts of their columns (n, columns).

    Args:
        model: a ``tables.Model``.
        splits: of the largest tree.
    """
    rows, columns = matrix.shape
    tiled = rows - rows % TILE
    scratch = scratch_for(columns, splits, TILE if tiled else 1)
    for first in range(0, tiled, TILE):
        tile = slice(first, first + TILE)
        explain_tile(matrix[tile], model, scratch, raw[tile], parts[tile])
    for row in range(tiled, rows):
        raw[row] = explain_one(matrix[row], model, scratch, parts[row])


@njit(cache=True, nogil=True)
def raw_rows(matrix: FloatArray, model: Any, splits: int, raw: FloatArray) -> None:
    """Add the raw output (n) of rows (n, columns) to what stands there: zeros, for the bits of ``explain_rows``.

    Args:
        model: a ``tables.Model``.
        splits: of the largest tree.
    """
    rows, columns = matrix.shape
    tiled = rows - rows % TILE
    turned, reached = np.empty(TILE * columns), np.empty(2 * splits + 1, np.uint8)
    for first in range(0, tiled, TILE):
        for row in range(TILE):
            for column in range(columns):
                turned[TILE * column + row] = matrix[first + row, column]
        raw_tile(turned, model, reached, raw[first : first + TILE])
    for tree in model.trees:
        for row in range(tiled, rows):
            at = 0
            while at < tree.splits:
                node = model.nodes[tree.node + at]
                value = matrix[row, node.column]
                left = (value <= node.threshold) | ((value != value) & (node.unknown_left != 0))  # noqa: PLR0124
                at = node.left if left else node.right
            raw[row] += model.leaves[tree.leaf + at - tree.splits]


@njit(cache=True, nogil=True)
def raw_tile(rows: Any, model: Any, reached: Any, raw: Any) -> None:
    """``raw_rows`` of a tile: every split is asked, but for all of its rows at once, and nothing is jumped over."""
    for tree in model.trees:
        nodes = model.nodes[tree.node : tree.node + tree.splits]
        leaves = model.leaves[tree.leaf : tree.leaf + tree.splits + 1]
        reached[0] = EVERY_LANE
        for place in range(len(nodes)):
            node, here = nodes[place], reached[place]
            values = load_rows(rows, TILE * node.column)
            left = at_most(values, node.threshold) | (unknown(values) & node.unknown_left)
            reached[node.left], reached[node.right] = left & here, ~left & here
        value = fill_rows(0.0)
        for leaf in range(len(leaves)):
            value = choose(reached[len(nodes) + leaf], fill_rows(leaves[leaf]), value)
        store_rows(raw, 0, add_rows(load_rows(raw, 0), value))


@njit(cache=True, nogil=True)
def scratch_for(columns: int, splits: int, rows: int) -> Scratch:
    """Memory to walk so many rows at a time."""
    return Scratch(
        states=np.empty(splits + 1, np.uint8),
        hot=np.empty(2 * splits + 1, np.uint8),
        reached=np.empty(2 * splits + 1, np.uint8),
        product=np.empty((2 * splits + 1) * QUAD * rows),
        sums=np.empty(columns * QUAD * rows),
        rows=np.empty(columns * rows),
    )
