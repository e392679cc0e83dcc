"""What the tests of formats share: write a file, read it back as plain Python."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from alliance.formats import Options, RowFault, read

Rows = list[dict[str, Any]]
Read = Callable[..., tuple[Rows, list[RowFault]]]


def read_all(path: Path, options: Options) -> tuple[Rows, list[RowFault]]:
    batches = list(read(path, options))
    for batch in batches:
        types = batch.frame.schema
        assert types.pop("_row") == pl.Int64
        assert set(types.values()) <= {pl.String}
    frames = [row for batch in batches for row in batch.frame.to_dicts()]
    faults = [fault for batch in batches for fault in batch.faults]
    numbers = sorted([row["_row"] for row in frames] + [fault.row for fault in faults])
    assert numbers == list(range(1, len(numbers) + 1)), "every row is in a frame or among the faults, once"
    return frames, faults


@pytest.fixture
def read_bytes(tmp_path: Path) -> Read:
    """Read ``content`` as a file of this name: rows and faults, with the invariants of every reader checked."""

    def run(name: str, content: bytes, **options: Any) -> tuple[Rows, list[RowFault]]:
        path = tmp_path / name
        path.write_bytes(content)
        return read_all(path, Options(**options))

    return run
