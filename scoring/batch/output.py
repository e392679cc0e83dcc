"""The files a run leaves: scores, rejects and a manifest, the same to the byte however the run was cut."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from scoring.batch.parts import put

ROW_GROUP = 50_000
"""Rows of one row group of the scores of companies; a part of the format, not of how the run was cut."""


def rejects_path(target: Path) -> Path:
    return target.with_name(target.name + ".rejects.csv")


def manifest_path(target: Path) -> Path:
    return target.with_name(target.name + ".manifest.json")


def sha256(path: Path) -> str:
    """Digest of a file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class Written:
    """Scores and rejects that are complete on disk, and not in their places yet.

    Attributes:
        target: where the scores will stand.
        scored, rejected: rows of each.
        files: SHA-256 of each file's bytes, by its name.
    """

    target: Path
    scored: int
    rejected: int
    files: Mapping[str, str]

    def place(self) -> None:
        """Put the files where they are looked for."""
        put(_unplaced(self.target), self.target)
        put(_unplaced(rejects_path(self.target)), rejects_path(self.target))


def write(
    parts: Iterable[pl.DataFrame], schema: Mapping[str, pl.DataType], target: Path, *, row_group: int | None = None
) -> Written:
    """Write scores and rejects beside their places.

    Args:
        row_group: rows of one row group; ``ROW_GROUP`` by default.
        parts: rows of ``schema``: columns of the scores, then those of a fault from ``code`` on, null in what is sound.
    """
    names = list(schema)
    columns, fault = names[: names.index("code")], names[names.index("code") :]
    empty = pl.DataFrame(schema=schema)
    scored = rejected = 0
    scores, rejects = _unplaced(target), _unplaced(rejects_path(target))
    with (
        pq.ParquetWriter(scores, empty.select(columns).to_arrow().schema, compression="zstd") as writer,
        rejects.open("wb") as listing,
    ):
        empty.select("row", "company", *fault).write_csv(listing)
        for group in cut(parts, row_group or ROW_GROUP, empty):
            sound = group.filter(pl.col("code").is_null()).select(columns)
            refused = group.filter(pl.col("code").is_not_null()).select("row", "company", *fault)
            if not sound.is_empty():
                writer.write_table(sound.rechunk().to_arrow().combine_chunks(), row_group_size=row_group or ROW_GROUP)
            refused.write_csv(listing, include_header=False)
            scored, rejected = scored + sound.height, rejected + refused.height
    digests = {path.name: sha256(_unplaced(path)) for path in (target, rejects_path(target))}
    return Written(target, scored, rejected, digests)


def _unplaced(path: Path) -> Path:
    return path.with_name(path.name + ".tmp")


def cut(frames: Iterable[pl.DataFrame], rows: int, empty: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The same rows in frames of so many, the last as long as it is.

    Args:
        empty: a frame of the same columns without a row.
    """
    held = empty
    for frame in frames:
        held = pl.concat([held, frame])
        while held.height >= rows:
            yield held.head(rows)
            held = held.slice(rows)
    yield held


def write_manifest(manifest: Mapping[str, Any], target: Path) -> None:
    written = manifest_path(target).with_suffix(".tmp")
    text = json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=2)
    written.write_text(text + "\n", encoding="utf-8")
    put(written, manifest_path(target))
