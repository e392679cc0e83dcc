"""The Merkle tree of RFC 6962 (section 2.1) and its proofs, over stored hashes of complete subtrees.

A complete subtree never changes once its last leaf is there, so its hash is kept for good. It stands at a *place*: the
number a walk from left to right gives its root (the array of RFC 9420, appendix C). Leaf ``n`` is at ``2 * n``. Roots
and proofs need a few of those hashes only; the functions say which (``peaks``, ``places``), the caller reads them, in
one query, and hands them in.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

Span = tuple[int, int]
"""Leaves from the first number up to, and without, the second: an RFC's ``D[start:end]``."""

Nodes = Mapping[int, bytes]
"""Hashes of complete subtrees by place."""

EMPTY_ROOT = sha256().digest()
"""Root of the tree without a leaf."""


def leaf_hash(leaf: bytes) -> bytes:
    """Hash of a leaf's bytes."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of a subtree from those of its halves."""
    return sha256(b"\x01" + left + right).digest()


def place(level: int, index: int) -> int:
    """Where the complete subtree over leaves ``index * 2**level`` to ``(index + 1) * 2**level`` stands."""
    return ((2 * index + 1) << level) - 1


def first_leaf(place: int) -> int:
    """The first leaf below the complete subtree that stands at a place."""
    level = (~place & (place + 1)).bit_length() - 1
    return (place + 1 >> level + 1) << level


def peaks(span: Span) -> list[int]:
    """Places of the complete subtrees that make up a span, the largest and leftmost first.

    The span is one the RFCs speak of: it starts at a multiple of the power of two that covers it.
    """
    start, end = span
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append(place(level, start >> level))
        start += 1 << level
    return found


def places(spans: Iterable[Span]) -> list[int]:
    """Places of all nodes that the hashes of some spans are made of."""
    return [one for span in spans for one in peaks(span)]


def span_hash(span: Span, nodes: Nodes) -> bytes:
    """``MTH(D[start:end])``, from the hashes of its peaks.

    Raises:
        KeyError: a node is missing.
    """
    hashes = [nodes[one] for one in peaks(span)]
    if not hashes:
        return EMPTY_ROOT
    found = hashes.pop()
    while hashes:
        found = node_hash(hashes.pop(), found)
    return found


def root(size: int, nodes: Nodes) -> bytes:
    """Root of the tree of the first ``size`` leaves, from its ``peaks((0, size))``."""
    return span_hash((0, size), nodes)


def grown(size: int, hashes: Sequence[bytes], nodes: Nodes) -> dict[int, bytes]:
    """The complete subtrees that come into being when leaves are appended, leaves included.

    Args:
        size: leaves before.
        hashes: hashes of the new leaves, in order.
        nodes: at least the ``peaks((0, size))``.
    """
    edge = [nodes[one] for one in peaks((0, size))]
    made: dict[int, bytes] = {}
    for position, leaf in enumerate(hashes, start=size):
        level, index, found = 0, position, leaf
        made[place(0, position)] = leaf
        while index & 1:
            level, index, found = level + 1, index >> 1, node_hash(edge.pop(), found)
            made[place(level, index)] = found
        edge.append(found)
    return made


def inclusion_path(position: int, size: int) -> list[Span]:
    """The spans whose hashes prove that a leaf is in the tree of ``size`` leaves (RFC 6962, 2.1.1).

    Raises:
        ValueError: the tree has no such leaf.
    """
    if not 0 <= position < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {position}")
    start, end = 0, size
    path = []
    while end - start > 1:
        middle = start + _left(end - start)
        if position < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    return path[::-1]


def consistency_path(first: int, second: int) -> list[Span]:
    """The spans whose hashes prove that a tree begins with an earlier one (RFC 6962, 2.1.2).

    The empty tree begins every tree; that needs no proof.

    Raises:
        ValueError: the first tree is larger than the second.
    """
    if not 0 <= first <= second:
        raise ValueError(f"a tree of {second} leaves has no beginning of {first}")
    if first == 0:
        return []
    start, end = 0, second
    path = []
    while first != end:
        middle = start + _left(end - start)
        if first <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    if start:  # else what is left is the first tree itself, whose root the verifier knows
        path.append((start, end))
    return path[::-1]


def _left(size: int) -> int:
    """Leaves of the left half: the largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1


def includes(leaf: bytes, position: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a proof shows that the leaf of a hash is at a position of the tree with a root (RFC 9162, 2.1.3.2)."""
    if not 0 <= position < size:
        return False
    node, last, found = position, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(sibling, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and found == root


def extends(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that the second tree begins with the first (RFC 9162, 2.1.4.2)."""
    if not 0 <= first <= second:
        return False
    if first in (0, second):
        known = EMPTY_ROOT if first == 0 else second_root
        return not proof and first_root == known and (second > 0 or second_root == EMPTY_ROOT)
    path = list(proof) if first & (first - 1) else [first_root, *proof]
    if not path:
        return False
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and (old, new) == (first_root, second_root)
