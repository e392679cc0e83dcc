"""What a leaf commits to: rows as they are stored, written in one way only, and summed up table by table."""

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from math import isfinite
from typing import Any

import orjson

Row = Sequence[Any]
"""Values of a row as stored, in the order of its table's columns."""

Tables = Mapping[str, Mapping[str, Any]]
"""Tables by name: how many ``rows``, and their ``sha256``. A table without rows is left out."""


def canonical(value: object) -> bytes:
    """The value as JSON: names sorted, no spaces, UTF-8. Different values have different texts."""
    try:
        text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=_unforeseen)
    except TypeError:  # half a character, or a number beyond 64 bits
        return _otherwise(value)
    return _otherwise(value) if b"null" in text and _endless(value) else text


def _otherwise(value: object) -> bytes:
    """What ``orjson`` cannot tell: nothing that was ever committed, so any text will do that is no other value's."""
    return json.dumps(value, sort_keys=True, default=_unforeseen).encode()


def _endless(value: object) -> bool:
    """Whether a value holds a number that is not finite, which ``orjson`` writes like nothing at all."""
    if isinstance(value, Mapping):
        return any(map(_endless, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_endless, value))
    return isinstance(value, float) and not isfinite(value)


def _unforeseen(value: object) -> object:
    """Bytes, where a database that was tampered with holds them instead of text."""
    return {type(value).__name__: value.hex() if isinstance(value, bytes) else repr(value)}


class RowsDigest:
    """Count and SHA-256 of rows as one JSON array of arrays, made part by part."""

    def __init__(self) -> None:
        self._digest, self._rows = sha256(b"["), 0

    def add(self, part: Sequence[Row]) -> None:
        """Take some more rows in, after those before."""
        if part:
            self._digest.update(b"," if self._rows else b"")
            self._digest.update(_joined(part))
            self._rows += len(part)

    def told(self) -> tuple[int, str]:
        """How many rows there were, and their digest (hexadecimal)."""
        whole = self._digest.copy()
        whole.update(b"]")
        return self._rows, whole.hexdigest()


def rows_digest(parts: Iterable[Sequence[Row]]) -> tuple[int, str]:
    """How many rows some parts hold together, and the SHA-256 (hexadecimal) of all as one JSON array of arrays."""
    digest = RowsDigest()
    for part in parts:
        digest.add(part)
    return digest.told()


def _joined(rows: Sequence[Row]) -> bytes:
    """The rows as JSON, with commas between them: all at once, if all can be written so."""
    try:
        text = orjson.dumps(rows)[1:-1]
    except TypeError:
        return b",".join(map(canonical, rows))
    empty = b",null" in text or b"[null" in text  # a value that is nothing, or a number without end; or part of a text
    told = not empty or not any(type(one) is float and not isfinite(one) for row in rows for one in row)
    return text if told else b",".join(map(canonical, rows))


def summary(tables: Iterable[tuple[str, Iterable[Sequence[Row]]]]) -> Tables:
    """Count and digest of each table's rows, given in parts."""
    return summed_up((name, rows_digest(parts)) for name, parts in tables)


def summed_up(tables: Iterable[tuple[str, tuple[int, str]]]) -> Tables:
    """Tables of their rows' counts and digests; those without rows are left out."""
    return {name: {"rows": rows, "sha256": digest} for name, (rows, digest) in tables if rows}


def unhex(text: str) -> bytes:
    """The bytes of a hexadecimal text in small letters, the only way it is written here.

    Raises:
        ValueError: it is not such a text.
    """
    found = bytes.fromhex(text)
    if found.hex() != text:
        raise ValueError("a hexadecimal text is written in small letters, without spaces")
    return found
