"""The worker's side: a bucket on disk becomes the history its companies have in the store."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from alliance.corroboration import Reliabilities
from alliance.errors import AllianceError
from alliance.export.layout import BUCKET, CLIMATE, FORMAT, MANIFEST, RELIABILITIES, folder_of, sha256
from alliance.rights.written import read_access
from alliance.signals import SIGNALS
from alliance.signals.claims import Claims, no_claims
from alliance.struck import Exclusion
from alliance.view import History


class ExportBroken(AllianceError):
    """A file of an export is missing, or is not as it was written."""

    code = "export.broken"


@dataclass(frozen=True)
class Bucket:
    """Where a bucket lies, and what it must be.

    Attributes:
        folder: the export's folder.
        number: the bucket's, from 0.
        sha256: digest of its ``bucket.json``, hexadecimal; that holds the digests of all it is made of.
    """

    folder: str
    number: int
    sha256: str


def read_bucket(bucket: Bucket) -> History:
    """The history of a bucket's companies: facts of it are those of the store, by the rights of the export.

    Raises:
        ExportBroken: a file is missing or was changed.
    """
    root = Path(bucket.folder)
    own = root / folder_of(bucket.number)
    told = json.loads(_read(own / BUCKET, bucket.sha256))
    shared = _shared(root, told["shared"])
    frames = {signal.name: no_claims(signal) for signal in SIGNALS}
    frames |= {name: _frame(own / f"{name}.parquet", digest) for name, digest in told["files"].items()}
    rulings = [
        Exclusion(one["signal"], one["key"], date.fromisoformat(one["since"]), tuple(map(tuple, one["claims"])))
        for one in told["rulings"]
    ]
    return History(
        Claims(frames | dict(shared.climate), shared.head["watermark"]),
        read_access(shared.head["request"], shared.head["grants"], told["clauses"]),
        told["companies"],
        shared.reliabilities,
        rulings=rulings,
    )


@dataclass(frozen=True, eq=False)
class _Shared:
    """What all buckets of an export share."""

    head: Mapping[str, Any]
    reliabilities: Reliabilities
    climate: Mapping[str, pl.DataFrame]


@lru_cache(maxsize=2)  # a worker goes through the buckets of one export
def _shared(root: Path, digest: str) -> _Shared:
    head = json.loads(_read(root / MANIFEST, None))["head"]
    if sha256(json.dumps(head, sort_keys=True, ensure_ascii=False).encode()) != digest or head["format"] != FORMAT:
        raise _broken(root / MANIFEST)
    return _Shared(
        head,
        Reliabilities(_frame(root / RELIABILITIES, head["reliabilities"])),
        {name: _frame(root / CLIMATE / f"{name}.parquet", one) for name, one in head["climate"].items()},
    )


def _frame(path: Path, digest: str) -> pl.DataFrame:
    return pl.read_parquet(BytesIO(_read(path, digest)))


def _read(path: Path, digest: str | None) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _broken(path, error.strerror or "") from error
    if digest not in (None, sha256(data)):
        raise _broken(path)
    return data


def _broken(path: Path, why: str = "it was changed") -> ExportBroken:
    return ExportBroken(
        f"A file of the export cannot be used: {why}.",
        remedy="Run it again, with a folder that every worker sees under the same path.",
        file=str(path),
    )
