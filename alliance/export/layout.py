"""How an export lies on disk: names, and files with their digests.

manifest.json               whose rights, which watermark, digests of what all buckets share and of every bucket
climate/SIGNAL.parquet      claims about sectors
reliabilities.parquet       how far members are to be believed, by day
bucket=00042/bucket.json    its companies, the clauses and the rulings that are about them, digests of its files
bucket=00042/SIGNAL.parquet claims about its companies
"""

import hashlib
import json
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

FORMAT = 1
MANIFEST, BUCKET, RELIABILITIES, CLIMATE = "manifest.json", "bucket.json", "reliabilities.parquet", "climate"


def folder_of(number: int) -> str:
    """Name of a bucket's folder."""
    return f"bucket={number:05d}"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def put_frame(frame: pl.DataFrame, path: Path) -> str:
    """Write a frame; the digest of the file."""
    buffer = BytesIO()
    frame.write_parquet(buffer)
    path.write_bytes(buffer.getbuffer())
    return sha256(buffer.getvalue())


def put_document(document: dict[str, Any], path: Path) -> str:
    """Write JSON, its keys sorted; the digest of the file."""
    data = json.dumps(document, sort_keys=True, ensure_ascii=False).encode()
    path.write_bytes(data)
    return sha256(data)
