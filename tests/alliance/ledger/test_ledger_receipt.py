"""Leaves, heads, keys and receipts: whatever byte is changed, it no longer holds."""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.errors import InvalidInput
from alliance.ledger import (
    Consistency,
    Leaf,
    LedgerReceipt,
    LogKey,
    Opening,
    PublicKey,
    Recorded,
    SignedHead,
    canonical,
    merkle,
    rows_digest,
    summary,
)

FLIPS = 10_000
SALT = bytes(range(32))
ROWS = [(7, "sub_1", "九章银行", 12.5, None, 3)]
VALUES = st.one_of(st.none(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False), st.text(), st.binary())


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> LogKey:
    return LogKey.at(tmp_path_factory.mktemp("key") / "ledger.key")


@pytest.fixture(scope="module")
def receipt(key: LogKey) -> LedgerReceipt:
    """A receipt of the sixth of thirteen leaves."""
    tables = summary([("submission", [ROWS]), ("record", [[(1, 2)], [(3, 4)]]), ("quarantine", [])])
    recorded = Recorded("submission", 6, "2026-06-30T12:00:00.000000Z", "九章银行", tables)
    leaves = [recorded.leaf(bytes([number] * 32)).encoded() for number in range(13)]
    leaves[5] = recorded.leaf(SALT).encoded()
    nodes = merkle.grown(0, [merkle.leaf_hash(leaf) for leaf in leaves], {})
    head = key.sign(13, merkle.root(13, nodes), 1_782_820_800_000)
    proof = tuple(merkle.span_hash(span, nodes) for span in merkle.inclusion_path(5, 13))
    return LedgerReceipt(5, leaves[5], head, proof, Opening(SALT, "九章银行", tables, {"submission": ROWS}))


def read(text: bytes) -> LedgerReceipt:
    return LedgerReceipt.from_dict(orjson.loads(text))


def test_a_receipt_holds_after_its_journey(receipt: LedgerReceipt, key: LogKey) -> None:
    public = PublicKey.from_pem(key.public.pem.encode())
    again = read(orjson.dumps(receipt.as_dict()))
    assert again.faults(public) == []
    assert orjson.dumps(again.as_dict()) == orjson.dumps(receipt.as_dict())
    assert "record" in again.opening.tables and "quarantine" not in again.opening.tables


def test_a_leaf_names_nobody_and_no_value(receipt: LedgerReceipt) -> None:
    assert set(orjson.loads(receipt.leaf)) == {"kind", "of", "time", "author", "content"}
    for told in ("九章银行", "sub_1", "12.5"):
        assert told.encode() not in receipt.leaf


def test_the_same_content_has_another_commitment_under_another_salt() -> None:
    recorded = Recorded("ruling", 1, "2026-06-30T12:00:00Z", "bank", {})
    one, other = recorded.leaf(bytes(32)), recorded.leaf(SALT)
    assert one.author != other.author and one.content != other.content
    assert one.author != one.content


def test_ten_thousand_flipped_bytes_are_all_found(receipt: LedgerReceipt, key: LogKey) -> None:
    """A byte of a receipt's text becomes another: the text is no receipt any more, or it does not hold."""
    text, draw = orjson.dumps(receipt.as_dict()), Random(20260630)
    meant = orjson.loads(text)
    for _ in range(FLIPS):
        place, other = draw.randrange(len(text)), draw.randrange(1, 256)
        changed = bytearray(text)
        changed[place] ^= other
        try:
            given_ = orjson.loads(bytes(changed))
        except ValueError:
            continue
        if given_ == meant:  # a digit written otherwise, or a space; not a change
            continue
        try:
            faults = LedgerReceipt.from_dict(given_).faults(key.public)
        except ValueError:
            continue
        assert faults, (place, bytes(changed))


def test_what_is_wrong_is_named(receipt: LedgerReceipt, key: LogKey, tmp_path: Path) -> None:
    def faults(change: Callable[[dict[str, Any]], object]) -> str:
        plain = orjson.loads(orjson.dumps(receipt.as_dict()))
        change(plain)
        return "; ".join(LedgerReceipt.from_dict(plain).faults(key.public))

    assert "not signed" in faults(lambda plain: plain["head"].update(size=14))
    assert "not in the tree" in faults(lambda plain: plain.update(position=4))
    assert "author" in faults(lambda plain: plain["opening"].update(author="bank"))
    assert "content" in faults(lambda plain: plain["opening"]["tables"]["record"].update(rows=3))
    assert "rows of submission" in faults(lambda plain: plain["opening"]["rows"]["submission"][0].__setitem__(0, 8))
    other = LogKey.at(tmp_path / "other.key").public
    assert receipt.faults(other) == ["the head is not signed by the log"]


@pytest.mark.parametrize("plain", [None, [], {}, {"position": 1}, "receipt", {"leaf": 1, "position": "0"}])
def test_what_is_no_receipt(plain: object) -> None:
    for kind in (LedgerReceipt, SignedHead, Consistency):
        with pytest.raises(ValueError, match="has"):
            kind.from_dict(plain)


@given(st.lists(st.tuples(VALUES, VALUES), max_size=8), st.lists(st.integers(0, 8), max_size=3))
def test_a_digest_does_not_depend_on_the_parts(rows: list[tuple[object, ...]], cuts: list[int]) -> None:
    bounds = [0, *sorted(cuts), len(rows)]
    parts = [rows[start:end] for start, end in pairwise(bounds)]
    whole = rows_digest([rows])
    assert rows_digest(parts) == whole and whole[0] == len(rows)


@given(st.tuples(VALUES, VALUES), st.tuples(VALUES, VALUES))
def test_different_rows_are_written_differently(one: tuple[object, ...], other: tuple[object, ...]) -> None:
    same = one == other and [type(value) for value in one] == [type(value) for value in other]
    signs = [str(value) for value in one] == [str(value) for value in other]  # 0.0 and -0.0 are equal
    assert (canonical(one) == canonical(other)) == (same and signs)


def test_what_is_endless_is_not_nothing() -> None:
    values = [(None,), (float("inf"),), (float("-inf"),), (float("nan"),), ("Infinity",)]
    assert len({canonical(row) for row in values}) == len({rows_digest([[row]]) for row in values}) == len(values)


def test_text_that_no_utf_8_writes_has_a_digest_of_its_own() -> None:
    broken = ["a\udcff", "a\udcfe", "a\\udcff", "a", "a\ufffd"]
    assert len({canonical([text]) for text in broken}) == len(broken)


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"kind":"x"}', b"\xff", b'{ "kind":"x"}'])
def test_what_is_no_leaf(text: bytes) -> None:
    with pytest.raises(ValueError):
        Leaf.decoded(text)


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "home" / "ledger.key"
    with ProcessPoolExecutor(4) as pool:
        ids = set(pool.map(log_id_at, [path] * 8))
    assert len(ids) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["ledger.key"]


def log_id_at(path: Path) -> str:
    return LogKey.at(path).public.log_id


def test_a_key_that_cannot_be_used(tmp_path: Path, key: LogKey) -> None:
    path = tmp_path / "ledger.key"
    path.write_text(key.public.pem)
    path.chmod(0o600)
    with pytest.raises(InvalidInput, match="no PEM key"):
        LogKey.at(path)
    path.unlink()
    LogKey.at(path)
    path.chmod(0o644)
    with pytest.raises(InvalidInput, match="others") as caught:
        LogKey.at(path)
    assert "chmod 600" in caught.value.remedy
    with pytest.raises(InvalidInput, match="cannot be used"):
        LogKey.at(Path(os.devnull) / "ledger.key")
    with pytest.raises(ValueError):
        PublicKey.from_pem(b"no key")
