"""A member's file as bytes: opened once or twice, unpacked on the way if it is gzip, never whole in memory."""

import gzip
import io
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from alliance.errors import HostileFile, UnreadableFile

from .limits import MIB, allowed_bytes

_GZIP = b"\x1f\x8b"


class Source:
    """One file to read. Raises UnreadableFile if there is no such file, or nothing in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        if not path.is_file():
            raise self.unreadable("There is no such file.", "Check the path.")
        self.size = path.stat().st_size
        if not self.size:
            raise self.unreadable("The file is empty.", "Send it again.")

    def unreadable(self, message: str, remedy: str, **where: str | int) -> UnreadableFile:
        """Return the error that names this file."""
        return UnreadableFile(message, remedy=remedy, file=self.name, **where)

    def hostile(self, message: str, remedy: str, **where: str | int) -> HostileFile:
        """Return the error that refuses this file."""
        return HostileFile(message, remedy=remedy, file=self.name, **where)

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Yield the bytes, unpacked, to be read once from the start."""
        with self.path.open("rb") as raw:
            if raw.read(2) != _GZIP:
                if self.path.suffix.lower() == ".gz":
                    raise self.unreadable("The file is named .gz but is not gzip.", "Send it packed, or rename it.")
                raw.seek(0)
                yield raw
                return
            raw.seek(0)
            with io.BufferedReader(_Unpacked(self, raw), MIB) as stream:
                yield stream

    @contextmanager
    def seekable(self) -> Iterator[BinaryIO]:
        """Yield the bytes, unpacked, for readers that move about in them."""
        with self.open() as stream:
            if stream.seekable():
                yield stream
                return
            with tempfile.SpooledTemporaryFile(max_size=8 * MIB) as copy:
                shutil.copyfileobj(stream, copy, MIB)
                copy.seek(0)
                yield copy  # type: ignore[misc]  # a binary file in all but its declared type


class _Unpacked(io.RawIOBase):
    """The content of a gzip file; raises HostileFile as soon as it grows out of proportion."""

    def __init__(self, source: Source, raw: BinaryIO) -> None:
        self._source = source
        self._raw = raw
        self._content = gzip.GzipFile(fileobj=raw)
        self._produced = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._content.read(len(buffer))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise self._source.unreadable(f"The gzip file is damaged: {error}.", "Pack it and send it again.") from None
        self._produced += len(data)
        if self._produced > allowed_bytes(self._raw.tell()):
            raise self._source.hostile(
                f"The gzip file unpacks to more than its size explains ({self._produced} bytes so far).",
                "Send it unpacked, or in parts.",
            )
        buffer[: len(data)] = data
        return len(data)
