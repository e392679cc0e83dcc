"""The driver's side: histories of a view, bucket by bucket, to disk."""

import json
import shutil
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from alliance.errors import Conflict, InvalidInput
from alliance.export.bucket import Bucket
from alliance.export.layout import (
    BUCKET,
    CLIMATE,
    FORMAT,
    MANIFEST,
    RELIABILITIES,
    folder_of,
    put_document,
    put_frame,
    sha256,
)
from alliance.rights.written import written
from alliance.signals import SECTORS, SIGNALS, Subject
from alliance.struck import exclusions
from alliance.view import History

COMPANIES_PER_BUCKET = 2_000
"""Companies of a bucket: a few seconds of work and some megabytes, so that memory is bounded on either side."""


def buckets_of(companies: Sequence[str], size: int = COMPANIES_PER_BUCKET) -> Iterator[Sequence[str]]:
    """Companies by bucket, so many in each.

    Ids are digests (``identity.company_id_for``), so a run of ids in their order is a bucket by hash; and buckets of
    equal size, one after the other, are in the order of ids.
    """
    ids = sorted(companies)
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


class Export:
    """A folder of buckets, deleted on leaving unless it is to be kept.

    What is in it was masked by the view that read it; the manifest says by whose rights. Whoever can read the folder
    can read that, so it is made for its owner alone.

    Args:
        folder: where to; must not be there yet, or be empty.
        keep: whether it stays.

    Attributes:
        last_known: the last day anything in it became known; ``None`` while there is nothing.

    What an export that was killed left in the folder is deleted.

    Raises:
        Conflict: the folder holds something else.
        InvalidInput: it cannot be made.
    """

    def __init__(self, folder: Path, *, keep: bool = False) -> None:
        self.folder, self._keep = folder.absolute(), keep
        self.last_known: date | None = None
        self._head: dict[str, Any] = {}
        self._buckets: list[str] = []
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _clear_unfinished(self.folder)
            taken = any(folder.iterdir())
        except OSError as error:
            raise InvalidInput(
                f"Nothing can be exported there: {error.strerror}.", remedy="Name a folder that can be written.",
                folder=str(folder),
            ) from error  # fmt: skip
        if taken:
            raise Conflict(
                "The folder for the export holds something.", remedy="Delete it, or name another.", folder=str(folder)
            )
        self._write_manifest()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._keep and kind is None:
            self._write_manifest(finished=True)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def add(self, history: History) -> Bucket:
        """Write the next bucket; all histories of an export are of one view and one watermark."""
        if not self._buckets:
            self._head = self._shared(history)
            self._write_manifest()
        number = len(self._buckets)
        own = self.folder / folder_of(number)
        own.mkdir()
        frames = history.claims.frames
        files = {
            signal.name: put_frame(frames[signal.name], own / f"{signal.name}.parquet")
            for signal in SIGNALS
            if signal.subject is not Subject.SECTOR and not frames[signal.name].is_empty()
        }
        told = {
            "shared": sha256(json.dumps(self._head, sort_keys=True, ensure_ascii=False).encode()),
            "companies": list(history.companies),
            "clauses": written(history.access, (*history.companies, *SECTORS)),
            "rulings": [
                {"signal": one.signal, "key": one.key, "since": one.excluded_since.isoformat(), "claims": one.claims}
                for one in exclusions(history.rulings, history.claims)
            ],
            "files": files,
        }
        self._buckets.append(put_document(told, own / BUCKET))
        self._look_at(history)
        return Bucket(str(self.folder), number, self._buckets[-1])

    def drop(self, bucket: Bucket) -> None:
        """Delete a bucket that has been dealt with, unless the export is to be kept."""
        if not self._keep:
            shutil.rmtree(self.folder / folder_of(bucket.number))

    def _look_at(self, history: History) -> None:
        days = [frame["known_at"].max() for frame in history.claims.frames.values()]
        self.last_known = max([day for day in (*days, self.last_known) if isinstance(day, date)], default=None)

    def _shared(self, history: History) -> dict[str, Any]:
        """Write what all buckets share; the head of the manifest."""
        (self.folder / CLIMATE).mkdir()
        climate = [signal.name for signal in SIGNALS if signal.subject is Subject.SECTOR]
        asked = history.access.request
        return {
            "format": FORMAT,
            "watermark": history.claims.watermark,
            "request": {"member": asked.member, "purpose": asked.purpose, "right": asked.right, "about": asked.about},
            "grants": list(history.access.grants),
            "reliabilities": put_frame(history.reliabilities.frame, self.folder / RELIABILITIES),
            "climate": {
                name: put_frame(history.claims.frames[name], self.folder / CLIMATE / f"{name}.parquet")
                for name in climate
            },
        }

    def _write_manifest(self, *, finished: bool = False) -> None:
        """The manifest; its digest stands for all that is in the export."""
        content = {"head": self._head, "buckets": self._buckets, "finished": finished}
        digest = sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode())
        put_document({**content, "sha256": digest}, self.folder / MANIFEST)


def _clear_unfinished(folder: Path) -> None:
    """Delete what an export left that was killed; one that is to be kept has a manifest that says that it is whole."""
    try:
        told = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return
    if isinstance(told, dict) and told.get("finished") is False:
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
