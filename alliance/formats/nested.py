"""Nested JSON values -> one flat row of text; and JSON made safe to parse, its numbers kept as they are written.

Numbers, and the bare words that JSON does not know (NaN, Infinity), are turned into strings that begin with BARE
before parsing. So no number is rounded on the way, and a bad word costs its row instead of the file.
"""

import json
import re
from collections.abc import Iterator, Mapping

from .batch import Fault
from .limits import MAX_CELL, MAX_JSON_DEPTH, MAX_VALUES
from .source import Source

BARE = "\ufdd0"  # not a character in Unicode: no text holds it

_BARE = BARE.encode()
_PIECE = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+("|\\?\Z)|[^\s"\[\]{},:]+|[\[\]{}]', re.DOTALL)
_WORD = re.compile(rb"[-+.\w]+")
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_KNOWN = (b"true", b"false", b"null")


class Guard:
    """Passes JSON text on, piece by piece; raises HostileFile for what nests absurdly, or would be costly to hold.

    Attributes:
        values: names and values in the row so far; whoever reads rows sets it back to 0.
    """

    def __init__(self, source: Source) -> None:
        self.values = 0
        self._source = source
        self._depth = 0
        self._held = b""
        self._final = False
        self._end = 0

    def feed(self, data: bytes, *, final: bool) -> bytes:
        """Return what of the text so far is whole; a string or word cut off at the end waits for more."""
        text = self._held + data
        self._held, self._final, self._end = b"", final, len(text)
        passed = _PIECE.sub(self._piece, text)
        if len(self._held) > MAX_CELL:
            raise self._source.hostile(f"A value is longer than {MAX_CELL} bytes.", "Shorten it.")
        if self.values > MAX_VALUES:
            raise self._source.hostile(f"A row holds more than {MAX_VALUES} values.", "Send shorter rows.")
        return passed

    def _piece(self, match: re.Match[bytes]) -> bytes:
        piece = match[0]
        first = piece[0]
        self.values += 1
        if first == 0x22:  # a string
            if match[1] == b'"':
                return piece if not _HALF.search(piece) or _is_text(piece) else b'"%sa lone surrogate"' % _BARE
            return self._hold(piece)
        if first in b"{[":
            self._depth += 1
            if self._depth > MAX_JSON_DEPTH:
                raise self._source.hostile(f"Values nest more than {MAX_JSON_DEPTH} deep.", "Send flatter rows.")
            return piece
        if first in b"}]":
            self._depth -= 1
            return piece
        if match.end() == self._end and not self._final:
            return self._hold(piece)
        return piece if piece in _KNOWN or not _WORD.fullmatch(piece) else b'"%s%s"' % (_BARE, piece)

    def _hold(self, piece: bytes) -> bytes:
        if self._final:
            return piece
        self._held = piece
        return b""


def _is_text(string: bytes) -> bool:
    try:
        json.loads(string).encode()
    except ValueError:
        return False
    return True


def flatten(row: object) -> dict[str, str | None]:
    """Return a guarded JSON object as one row: nested objects as dotted columns, lists of scalars joined with ``;``.

    Lists that hold objects or lists stay JSON text. Raises Fault if the row is no object, names a column twice, or
    holds a bare word that is no number.
    """
    if not isinstance(row, Mapping):
        raise Fault("json.object", "Give each row as an object of names and values.", value=_json(row))
    cells: dict[str, str | None] = {}
    for name, value in _leaves("", row):
        if name in cells:
            raise Fault("json.name", "Give every name once.", field=name)
        cells[name] = _cell(name, value)
    return cells


def _leaves(prefix: str, value: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for key, child in value.items():
        name = prefix + key
        if key.startswith(BARE):
            raise Fault("json.name", "Put names in quotes.", field=name.replace(BARE, ""))
        if isinstance(child, Mapping):
            yield from _leaves(name + ".", child)
        else:
            yield name, child


def _cell(name: str, value: object) -> str | None:
    if not isinstance(value, list):
        return _scalar(name, value)
    if any(isinstance(item, list | Mapping) for item in value):
        return _json(value)
    items = (_scalar(name, item) for item in value)
    return ";".join(item for item in items if item is not None) or None


def _scalar(name: str, value: object) -> str | None:
    if isinstance(value, str):
        if not value.startswith(BARE):
            return value
        word = value[1:]
        if not _NUMBER.fullmatch(word):
            raise Fault("json.value", "Give a number, a text in quotes, true, false or null.", field=name, value=word)
        return word
    return None if value is None else str(value).lower()  # all else is a boolean: numbers are guarded


def _json(value: object) -> str:
    """Return guarded JSON as JSON text, numbers as they were written."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_json(key)}: {_json(child)}" for key, child in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_json, value)) + "]"
    if isinstance(value, str) and value.startswith(BARE):
        return value[1:]
    return json.dumps(value, ensure_ascii=False)
