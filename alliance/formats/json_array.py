"""JSON: an array of objects, the whole document or somewhere in it."""

import sys
from collections.abc import Iterator
from typing import BinaryIO

import ijson

from alliance.errors import UnreadableFile

from .batch import Batch, Fault, Options, Records
from .encoding import encoding_of, utf8
from .limits import MAX_LINE
from .nested import Guard, flatten
from .source import Source

_BLOCK = 64 * 1024


def read_json(source: Source, options: Options) -> Iterator[Batch]:
    """Yield the rows of a JSON array, found at ``rows_at``, without ever holding it whole.

    An element that is no object, or holds a value JSON does not know, is a RowFault. Raises UnreadableFile if the
    document is not JSON or has no such array, HostileFile.
    """
    encoding = encoding_of(source, options.encoding)
    path = options.rows_at or ""
    start = _locate(source, encoding, path)
    records = Records(source)
    with utf8(source, encoding) as stream:
        guarded = _Guarded(source, stream, start)
        elements = ijson.items(guarded, f"{path}.item".removeprefix("."), buf_size=_BLOCK)
        while True:
            try:
                row = next(elements)
            except StopIteration:
                break
            except ijson.JSONError as error:
                raise _not_json(source, error, records.row + 1) from None
            try:
                records.add(flatten(row))
            except Fault as fault:
                records.fault(fault)
            records.weigh(guarded.taken())
            if records.full:
                yield records.take()
    yield from records.rest()


class _Guarded:
    """What ijson reads from; refuses a row too long to hold before ijson has gathered it.

    Attributes:
        read_so_far: bytes of the document.
    """

    def __init__(self, source: Source, stream: BinaryIO, start: int) -> None:
        self.read_so_far = 0
        self._source = source
        self._stream = stream
        self._guard = Guard(source)
        self._since = -start  # what stands before the rows is not held, so its length does not matter
        self._ended = False

    def read(self, size: int = -1) -> bytes:
        """Return some text, never nothing before the end; but nothing if nothing is asked for, as ijson does once."""
        while size and not self._ended:
            data = self._stream.read(_BLOCK)
            self._ended = not data
            self.read_so_far += len(data)
            self._since += len(data)
            if self._since > MAX_LINE:
                raise self._source.hostile(
                    f"A row, or what follows the rows, is longer than {MAX_LINE} bytes.", "Send shorter rows."
                )
            passed = self._guard.feed(data, final=self._ended)
            if self._since <= 0:
                self._guard.values = 0
            if passed:
                return passed
        return b""

    def taken(self) -> int:
        """Return how much was read since the last row was taken."""
        since, self._since = self._since, 0
        self._guard.values = 0
        return max(0, since)


def _locate(source: Source, encoding: str, path: str) -> int:
    """Return how many bytes were read when the array of rows began; raises UnreadableFile if there is none."""
    with utf8(source, encoding) as stream:
        guarded = _Guarded(source, stream, start=sys.maxsize)
        try:
            for prefix, event, _ in ijson.parse(guarded, buf_size=_BLOCK):
                if prefix == path and event == "start_array":
                    return guarded.read_so_far
        except ijson.JSONError as error:
            raise _not_json(source, error, 1) from None
    raise source.unreadable(
        f"There is no array of rows at {path or 'the top'}.", "Say where the rows are, as in data.items."
    )


def _not_json(source: Source, error: Exception, row: int) -> UnreadableFile:
    reason = error.args[0] if error.args else ""
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    return source.unreadable(
        f"The file is not JSON: {text.partition(chr(10))[0]}.", "Mend it, or send JSON Lines.", row=row
    )
