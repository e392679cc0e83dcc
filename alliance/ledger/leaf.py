"""A leaf: that something was recorded, and a commitment to what. It names no member, no company and no value."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
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
        return canonical(asdict(self))

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


def leaf_of(kind: str, of: int | str, time: datetime, author: str, content: Tables, salt: bytes) -> Leaf:
    """The leaf of something recorded, under a salt of its own."""
    when = time.astimezone(UTC).isoformat(timespec="microseconds")
    return Leaf(kind, of, when, commitment(salt, {"author": author}), commitment(salt, {"tables": content}))


def commitment(salt: bytes, value: object) -> str:
    """SHA-256 (hexadecimal) of a salt of ``SALT_BYTES`` and a value, written canonically."""
    return sha256(salt + canonical(value)).hexdigest()
