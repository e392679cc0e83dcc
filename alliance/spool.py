"""Frames set aside on disk between reading a file and storing it, so that memory stays bounded."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

import polars as pl

_RUN_BYTES = 64 << 20
"""Frames are put together until they are as large."""


class Spool:
    """What a submission's batches became, set aside by name (a signal, ``references``, ``quarantine``).

    A context manager: the disk is freed on leaving it.
    """

    def __init__(self) -> None:
        self._directory = TemporaryDirectory(prefix="alliance-")
        self._parts: dict[str, list[Path]] = {}

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._directory.cleanup()

    def add(self, name: str, frame: pl.DataFrame) -> None:
        """Set a frame aside, after those already there; an empty one is forgotten."""
        if frame.is_empty():
            return
        parts = self._parts.setdefault(name, [])
        parts.append(Path(self._directory.name) / f"{name}-{len(parts)}.arrow")
        frame.write_ipc(parts[-1])

    def frames(self, name: str) -> Iterator[pl.DataFrame]:
        """The frames under a name, in the order they were added, one at a time."""
        for path in self._parts.get(name, ()):
            yield pl.read_ipc(path)

    def runs(self, name: str) -> Iterator[pl.DataFrame]:
        """The frames under a name in as few as memory allows, in order."""
        held: list[pl.DataFrame] = []
        size = 0
        for frame in self.frames(name):
            held.append(frame)
            size += int(frame.estimated_size())
            if size >= _RUN_BYTES:
                yield pl.concat(held)
                held, size = [], 0
        if held:
            yield pl.concat(held)
