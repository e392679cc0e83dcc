"""Frames to bytes and back, to the bit and with their types, whoever carries them."""

from collections.abc import Iterable, Iterator
from io import BytesIO

import polars as pl


def to_bytes(frame: pl.DataFrame) -> bytes:
    buffer = BytesIO()
    frame.write_ipc(buffer, compression="lz4")
    return buffer.getvalue()


def from_bytes(data: bytes) -> pl.DataFrame:
    return pl.read_ipc(BytesIO(data))


def regrouped(frames: Iterable[pl.DataFrame], rows: int) -> Iterator[pl.DataFrame]:
    """The same rows in frames of so many rows, the last of what is left: however they were cut, they come out alike."""
    held: list[pl.DataFrame] = []
    for frame in frames:
        held.append(frame)
        while sum(one.height for one in held) >= rows:
            whole = pl.concat(held)
            yield whole.head(rows)
            held = [whole.slice(rows)]
    if any(one.height for one in held):
        yield pl.concat(held)
