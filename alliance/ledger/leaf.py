"""A leaf: that something was recorded, and a commitment to what. It names no member, no company and no value."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from alliance.ledger.content import Tables, canonical

SALT_BYTES = 32
"""As many as the digest has: without the salt, a commitment tells nothing of even the shortest content."""


@dataclass(frozen=True)
class Leaf:
    """What everybody may see of something recorded.

    Attributes:
        kind: the kind of entry, or ``decision``.
        of: number of the entry, or id of the decision.
        time: when it was made, RFC 3339 in UTC.
        author: commitment to who made it.
        content: commitment to what it brought, a ``Tables``.
    """

    kind: str
    of: int | str
    time: str
    author: str
    content: str

    def encoded(self) -> bytes:
        """The bytes the log hashes."""
        return canonical(vars(self))

    @classmethod
    def decoded(cls, text: bytes) -> "Leaf":
        """The leaf of its bytes.

        Raises:
            ValueError: they are not those of a leaf.
        """
        plain = orjson.loads(text)
        try:
            leaf = cls(**plain)
        except TypeError as error:
            raise ValueError(f"no leaf: {error}") from None
        if leaf.encoded() != text or not _sound(plain):
            raise ValueError("no leaf: it is not written as a leaf is")
        return leaf


def _sound(plain: dict[str, Any]) -> bool:
    return all(isinstance(value, str) for name, value in plain.items() if name != "of")


@dataclass(frozen=True)
class Recorded:
    """Something recorded, in clear: what a leaf commits to.

    Attributes:
        kind, of, time: as the leaf has them.
        author: who made it.
        tables: what it brought.
    """

    kind: str
    of: int | str
    time: str
    author: str
    tables: Tables

    def leaf(self, salt: bytes) -> Leaf:
        """Its leaf, under a salt of its own."""
        author, content = commitment(salt, {"author": self.author}), commitment(salt, {"tables": self.tables})
        return Leaf(self.kind, self.of, self.time, author, content)

    def remains(self, salt: bytes) -> str:
        """Commitment to all of it in one, by which an erasure guards what it left."""
        return commitment(salt, {"author": self.author, "tables": self.tables})


def commitment(salt: bytes, value: object) -> str:
    """SHA-256 (hexadecimal) of a salt of ``SALT_BYTES`` and a value, written canonically."""
    return sha256(salt + canonical(value)).hexdigest()
