"""Finished parts of a run, kept until it ends, so that a run that was killed goes on where it was."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from alliance.errors import Conflict, InvalidInput

_RUN = "run.json"
_UNFINISHED = ".tmp"
_PART = re.compile(r"part-(\d{12})-(\d{12})\.parquet")


class Parts:
    """A folder of parts, each of some consecutive rows of the input.

    Args:
        folder: the folder; made by ``pin``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def pinned(self) -> dict[str, Any] | None:
        """What the run in this folder is of; ``None`` when none was begun.

        Raises:
            Conflict: the folder holds something else.
        """
        try:
            found: dict[str, Any] = json.loads((self.folder / _RUN).read_bytes())
        except FileNotFoundError:
            if any(path.suffix != _UNFINISHED for path in self.folder.glob("*")):
                raise Conflict(
                    "The folder for unfinished parts holds something else.", remedy="Write the scores elsewhere.",
                    folder=str(self.folder),
                ) from None  # fmt: skip
            return None
        except ValueError:
            raise Conflict(
                "The unfinished run cannot be understood.", remedy="Delete the folder and start again.",
                folder=str(self.folder),
            ) from None  # fmt: skip
        return found

    def pin(self, run: dict[str, Any]) -> None:
        """Begin a run."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidInput(
                f"The scores cannot be written there: {error.strerror}.", remedy="Write them elsewhere.",
                folder=str(self.folder.parent),
            ) from error  # fmt: skip
        written = self.folder / f"run{_UNFINISHED}"
        written.write_text(json.dumps(run, sort_keys=True, indent=1), encoding="utf-8")
        put(written, self.folder / _RUN)

    def done(self) -> int:
        """How many rows of the input, from the first, are in parts."""
        return max((stop for _, stop in self._found()), default=0)

    def add(self, start: int, part: pl.DataFrame) -> None:
        """Keep the part that begins at a row; it is there as a whole or not at all."""
        written = self.folder / f"part-{start:012d}{_UNFINISHED}"
        part.write_parquet(written)
        put(written, self.folder / f"part-{start:012d}-{start + part.height:012d}.parquet")

    def frames(self) -> Iterator[pl.DataFrame]:
        """The parts that are there now, in the order of the input."""
        for start, stop in self._found():
            yield self.frame(start, stop)

    def frame(self, start: int, stop: int) -> pl.DataFrame:
        """The part of the rows from one to another."""
        return pl.read_parquet(self.folder / f"part-{start:012d}-{stop:012d}.parquet")

    def clear(self) -> None:
        """The run is over. What it was of goes last, so that it can be gone on with until then."""
        for path in self.folder.glob("part*"):
            path.unlink()
        (self.folder / _RUN).unlink()
        shutil.rmtree(self.folder)

    def _found(self) -> list[tuple[int, int]]:
        """Rows of each part, from and to, as far as they follow each other without a gap."""
        names = (_PART.fullmatch(path.name) for path in self.folder.glob("part-*.parquet"))
        chain: list[tuple[int, int]] = []
        for start, stop in sorted((int(name[1]), int(name[2])) for name in names if name):
            if start == (chain[-1][1] if chain else 0):
                chain.append((start, stop))
        return chain


def put(written: Path, target: Path) -> None:
    """Move a file that is complete to its place, on the disk first."""
    with written.open("rb") as file:
        os.fsync(file.fileno())
    written.replace(target)
