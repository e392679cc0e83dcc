"""Roots and proofs: the RFC's own definition, Certificate Transparency's vectors, and pymerkle."""

from collections.abc import Sequence
from random import Random

import pymerkle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.ledger import merkle

LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
"""The test tree of Certificate Transparency (RFC 6962's reference implementation), with its roots by size."""

ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSIONS = {
    (0, 8): ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
             "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
             "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"],
    (5, 8): ["bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
             "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
             "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): ["6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
             "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
             "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"],
}  # fmt: skip
CONSISTENCIES = {
    (1, 1): [],
    (1, 8): ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
             "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
             "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"],
    (6, 8): ["0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
             "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
             "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"],
    (2, 5): ["5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
             "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"],
}  # fmt: skip

MOST = 70
HASHES = [merkle.leaf_hash(str(number).encode()) for number in range(MOST)]
NODES = merkle.grown(0, HASHES, {})


def by_definition(hashes: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, word for word."""
    if len(hashes) < 2:
        return hashes[0] if hashes else merkle.EMPTY_ROOT
    half = 1
    while 2 * half < len(hashes):
        half *= 2
    return merkle.node_hash(by_definition(hashes[:half]), by_definition(hashes[half:]))


def inclusion(position: int, size: int, nodes: merkle.Nodes = NODES) -> list[bytes]:
    return [merkle.span_hash(span, nodes) for span in merkle.inclusion_path(position, size)]


def consistency(first: int, second: int, nodes: merkle.Nodes = NODES) -> list[bytes]:
    return [merkle.span_hash(span, nodes) for span in merkle.consistency_path(first, second)]


def test_the_vectors_of_certificate_transparency() -> None:
    nodes = merkle.grown(0, [merkle.leaf_hash(leaf) for leaf in LEAVES], {})
    assert [merkle.root(size, nodes).hex() for size in range(9)] == ROOTS
    for (position, size), proof in INCLUSIONS.items():
        assert [one.hex() for one in inclusion(position, size, nodes)] == proof
        leaf, root = merkle.leaf_hash(LEAVES[position]), bytes.fromhex(ROOTS[size])
        assert merkle.includes(leaf, position, size, list(map(bytes.fromhex, proof)), root)
    for (first, second), proof in CONSISTENCIES.items():
        assert [one.hex() for one in consistency(first, second, nodes)] == proof
        roots = bytes.fromhex(ROOTS[first]), bytes.fromhex(ROOTS[second])
        assert merkle.extends(first, second, *roots, list(map(bytes.fromhex, proof)))


def test_roots_are_those_of_the_definition() -> None:
    for size in range(MOST + 1):
        assert merkle.root(size, NODES) == by_definition(HASHES[:size])


def test_every_proof_holds_and_no_other() -> None:
    draw = Random(7)
    for size in range(1, MOST + 1):
        root = merkle.root(size, NODES)
        for position in range(size):
            proof = inclusion(position, size)
            assert merkle.includes(HASHES[position], position, size, proof, root)
            assert not merkle.includes(HASHES[position - 1], position, size, proof, root) or size == 1
            assert not merkle.includes(HASHES[position], position, size, [*proof, root], root)
            assert not merkle.includes(HASHES[position], position, size + MOST, proof, root)
            assert not proof or not merkle.includes(HASHES[position], position, size, proof[:-1], root)
        for first in range(size + 1):
            proof, early = consistency(first, size), merkle.root(first, NODES)
            assert merkle.extends(first, size, early, root, proof)
            assert not merkle.extends(first, size, early, root, [*proof, root])
            assert not merkle.extends(first, size, draw.randbytes(32), root, proof)
            if proof:
                assert not merkle.extends(first, size, early, draw.randbytes(32), proof)
                assert not merkle.extends(first, size, early, root, proof[:-1])
                wrong = [*proof[:-1], draw.randbytes(32)]
                assert not merkle.extends(first, size, early, root, wrong)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=40), min_size=1, max_size=90), st.data())
def test_pymerkle_agrees(leaves: list[bytes], data: st.DataObject) -> None:
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        tree.append_entry(leaf)
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    nodes = merkle.grown(0, hashes, {})
    size = data.draw(st.integers(1, len(leaves)))
    assert merkle.root(size, nodes) == tree.get_root(size)
    position = data.draw(st.integers(0, size - 1))
    theirs = tree.prove_inclusion(position + 1, size).path  # begins with the leaf, and goes by sides
    assert sorted(theirs) == sorted([hashes[position], *inclusion(position, size, nodes)])
    first = data.draw(st.integers(1, size))
    # Its proofs of consistency are cut otherwise; those of the RFC hold between its roots.
    assert merkle.extends(first, size, tree.get_root(first), tree.get_root(size), consistency(first, size, nodes))


@given(st.lists(st.integers(0, 12), max_size=12))
def test_a_tree_grown_in_parts_is_the_tree_grown_at_once(parts: list[int]) -> None:
    size, nodes = 0, {}
    for part in parts:
        edge = {place: nodes[place] for place in merkle.peaks((0, size))}  # no more is needed
        nodes |= merkle.grown(size, HASHES[size : size + part], edge)
        size = min(size + part, MOST)
    assert nodes == merkle.grown(0, HASHES[:size], {})


@given(st.integers(0, 60), st.integers(0, 2**60))
def test_a_place_tells_its_first_leaf(level: int, index: int) -> None:
    assert merkle.first_leaf(merkle.place(level, index)) == index << level


@given(st.integers(1, 2**48), st.data())
def test_a_proof_reads_few_nodes(size: int, data: st.DataObject) -> None:
    deep = size.bit_length()
    position, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    for path in (merkle.inclusion_path(position, size), merkle.consistency_path(first, size)):
        assert len(path) <= deep + 1
        assert len(merkle.places(path)) <= 2 * deep
    assert len(merkle.peaks((0, size))) <= deep


@pytest.mark.parametrize(("position", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_there_is_no_proof_of_what_is_not_there(position: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_path(position, size)
    assert not merkle.includes(HASHES[0], position, size, [], HASHES[0])


@pytest.mark.parametrize(("first", "second"), [(4, 3), (-1, 3)])
def test_no_tree_begins_with_a_larger_one(first: int, second: int) -> None:
    with pytest.raises(ValueError, match="no beginning"):
        merkle.consistency_path(first, second)
    assert not merkle.extends(first, second, HASHES[0], HASHES[0], [])
