"""The files a run leaves: scores, rejects and a manifest, the same to the byte however the run was cut."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from scoring.batch.parts import put
from scoring.batch.table import REJECT, schema, score_schema
from scoring.model import Bundle

ROW_GROUP = 50_000
"""Rows of one row group of the scores; a part of the format, not of how the run was cut."""


def rejects_path(target: Path) -> Path:
    return target.with_name(target.name + ".rejects.csv")


def manifest_path(target: Path) -> Path:
    return target.with_name(target.name + ".manifest.json")


def sha256(path: Path) -> str:
    """Digest of a file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write(parts: Iterable[pl.DataFrame], bundle: Bundle, target: Path) -> tuple[int, int]:
    """Write scores and rejects; returns how many there are of each."""
    columns = list(score_schema(bundle))
    empty = pl.DataFrame(schema=schema(bundle))
    scored = rejected = 0
    scores, rejects = target.with_name(target.name + ".tmp"), rejects_path(target).with_suffix(".tmp")
    with (
        pq.ParquetWriter(scores, empty.select(columns).to_arrow().schema, compression="zstd") as writer,
        rejects.open("wb") as listing,
    ):
        empty.select("row", "company", *REJECT).write_csv(listing)
        for group in _groups(parts, empty):
            sound = group.filter(pl.col("code").is_null()).select(columns)
            refused = group.filter(pl.col("code").is_not_null()).select("row", "company", *REJECT)
            if not sound.is_empty():
                writer.write_table(sound.rechunk().to_arrow().combine_chunks(), row_group_size=ROW_GROUP)
            refused.write_csv(listing, include_header=False)
            scored, rejected = scored + sound.height, rejected + refused.height
    put(scores, target)
    put(rejects, rejects_path(target))
    return scored, rejected


def _groups(parts: Iterable[pl.DataFrame], empty: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The same rows in frames of ``ROW_GROUP``, the last as long as it is."""
    held = empty
    for part in parts:
        held = pl.concat([held, part])
        while held.height >= ROW_GROUP:
            yield held.head(ROW_GROUP)
            held = held.slice(ROW_GROUP)
    yield held


def write_manifest(manifest: Mapping[str, Any], target: Path) -> None:
    written = manifest_path(target).with_suffix(".tmp")
    text = json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=2)
    written.write_text(text + "\n", encoding="utf-8")
    put(written, manifest_path(target))
