"""Frames to bytes and back, to the bit and with their types, whoever carries them."""

from io import BytesIO

import polars as pl


def to_bytes(frame: pl.DataFrame) -> bytes:
    buffer = BytesIO()
    frame.write_ipc(buffer, compression="lz4")
    return buffer.getvalue()


def from_bytes(data: bytes) -> pl.DataFrame:
    return pl.read_ipc(BytesIO(data))
