"""Receipts: proof that something is in the log, to be checked far from the store by whoever holds the public key."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alliance.ledger import merkle
from alliance.ledger.content import Row, Tables, rows_digest, unhex
from alliance.ledger.head import PublicKey, SignedHead
from alliance.ledger.leaf import Leaf, commitment


@dataclass(frozen=True)
class Opening:
    """What opens a leaf's commitments to those who may know: the salt, the author, the content.

    Attributes:
        salt: of this leaf alone.
        author: who made it.
        tables: the content: how many rows of which table, with their digest.
        rows: of some of these tables the rows themselves.
    """

    salt: bytes
    author: str
    tables: Tables
    rows: Mapping[str, Sequence[Row]]

    def faults(self, leaf: Leaf) -> Iterator[str]:
        """What of it is not what the leaf commits to."""
        if commitment(self.salt, {"author": self.author}) != leaf.author:
            yield "the author is not whom the leaf commits to"
        if commitment(self.salt, {"tables": self.tables}) != leaf.content:
            yield "the content is not what the leaf commits to"
        for name, rows in self.rows.items():
            count, digest = rows_digest([rows])
            if self.tables.get(name) != {"rows": count, "sha256": digest}:
                yield f"the rows of {name} are not those of the content"


@dataclass(frozen=True)
class LedgerReceipt:
    """That a leaf is in the log.

    Attributes:
        position: of the leaf, from 0.
        leaf: its bytes.
        head: the state of the log it is proven in.
        proof: hashes from the leaf up to the root (RFC 6962, 2.1.1).
        opening: what the leaf commits to; ``None`` for those who may only see it.
    """

    position: int
    leaf: bytes
    head: SignedHead
    proof: Sequence[bytes]
    opening: Opening | None = None

    @property
    def leaf_hash(self) -> bytes:
        return merkle.leaf_hash(self.leaf)

    def faults(self, key: PublicKey) -> list[str]:
        """What does not hold of it; nothing if it is good."""
        head = self.head.head
        found = []
        if not key.signed(self.head):
            found.append("the head is not signed by the log")
        if not merkle.includes(self.leaf_hash, self.position, head.size, self.proof, _bytes(head.root)):
            found.append("the leaf is not in the tree of the head")
        try:
            leaf = Leaf.decoded(self.leaf)
        except ValueError as error:
            return [*found, str(error)]
        return found + ([] if self.opening is None else list(self.opening.faults(leaf)))

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; bytes are hexadecimal, but for the leaf, which is text."""
        plain: dict[str, Any] = {
            "position": self.position,
            "leaf": self.leaf.decode(),
            "leaf_hash": self.leaf_hash.hex(),
            "head": self.head.as_dict(),
            "proof": [one.hex() for one in self.proof],
        }
        if self.opening is not None:
            plain["opening"] = {**vars(self.opening), "salt": self.opening.salt.hex()}
        return plain

    @classmethod
    def from_dict(cls, plain: Any) -> "LedgerReceipt":
        """A receipt from its plain values; ``ValueError`` if they are not those of one."""
        match plain:
            case {"position": int(position), "leaf": str(leaf), "leaf_hash": str(leaf_hash), "head": head,
                  "proof": list(proof), **others} if others.keys() <= {"opening"}:  # fmt: skip
                made = cls(
                    position, leaf.encode(), SignedHead.from_dict(head), _hashes(proof), _opening(others.get("opening"))
                )
                if made.leaf_hash.hex() != leaf_hash:
                    raise ValueError("leaf_hash is not the hash of leaf")
                return made
        raise ValueError("a receipt has position, leaf, leaf_hash, head and proof")


@dataclass(frozen=True)
class Consistency:
    """That a state of the log begins with an earlier one.

    Attributes:
        first, second: leaves of both.
        proof: hashes (RFC 6962, 2.1.2).
    """

    first: int
    second: int
    proof: Sequence[bytes]

    def joins(self, first: SignedHead, second: SignedHead) -> bool:
        """Whether it shows that the second head's log begins with the first's."""
        sizes = (first.head.size, second.head.size)
        roots = (_bytes(first.head.root), _bytes(second.head.root))
        return sizes == (self.first, self.second) and merkle.extends(*sizes, *roots, self.proof)

    def as_dict(self) -> dict[str, Any]:
        return {"first": self.first, "second": self.second, "proof": [one.hex() for one in self.proof]}

    @classmethod
    def from_dict(cls, plain: Any) -> "Consistency":
        """A proof from its plain values; ``ValueError`` if they are not those of one."""
        match plain:
            case {"first": int(first), "second": int(second), "proof": list(proof)} if len(plain) == 3:
                return cls(first, second, _hashes(proof))
        raise ValueError("a proof of consistency has first, second and proof")


def _opening(plain: Any) -> Opening | None:
    match plain:
        case None:
            return None
        case {"salt": str(salt), "author": str(author), "tables": dict(tables), "rows": dict(rows)} if len(plain) == 4:
            return Opening(unhex(salt), author, tables, rows)
    raise ValueError("an opening has salt, author, tables and rows")


def _hashes(proof: Sequence[Any]) -> tuple[bytes, ...]:
    if not all(isinstance(one, str) for one in proof):
        raise ValueError("a proof is a list of hexadecimal hashes")
    return tuple(map(unhex, proof))


def _bytes(text: str) -> bytes:
    """The bytes of a hexadecimal text; no bytes, which no digest equals, if it is none."""
    try:
        return unhex(text)
    except ValueError:
        return b""
