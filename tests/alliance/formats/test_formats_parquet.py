"""Parquet: typed values in, text out."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from alliance.errors import UnreadableFile
from alliance.formats import Options, read

DAY = dt.date(2024, 2, 29)
MOMENT = dt.datetime(2024, 2, 29, 8, 30)


@pytest.mark.parametrize(
    ("values", "kind", "text"),
    [
        (["x", "  ", None], pa.string(), ["x", None, None]),
        ([b"\xe7\x94\xb2"], pa.binary(), ["甲"]),
        ([1750000, -1], pa.int64(), ["1750000", "-1"]),
        (
            [123.0, 0.1, 1e16, 1e-7, 1.5e20],
            pa.float64(),
            ["123.0", "0.1", "10000000000000000", "0.0000001", "15" + "0" * 19],
        ),
        ([0.1, 3.0], pa.float32(), ["0.1", "3.0"]),
        ([1.5], pa.float16(), ["1.5"]),
        ([True, False], pa.bool_(), ["true", "false"]),
        ([DAY], pa.date32(), ["2024-02-29"]),
        ([MOMENT], pa.timestamp("us"), ["2024-02-29T08:30:00"]),
        ([MOMENT.replace(microsecond=120_000)], pa.timestamp("us"), ["2024-02-29T08:30:00.120"]),
        ([MOMENT], pa.timestamp("ms", tz="UTC"), ["2024-02-29T08:30:00+00:00"]),
        ([dt.time(1, 2, 3)], pa.time64("us"), ["01:02:03"]),
        ([Decimal("1.50"), Decimal("0.01")], pa.decimal128(10, 2), ["1.50", "0.01"]),
        ([Decimal("1.50")], pa.decimal256(50, 2), ["1.50"]),
        ([None, None], pa.null(), [None, None]),
        ([["a", "b"], [], None], pa.list_(pa.string()), ["a;b", None, None]),
        ([[1, None, 2]], pa.list_(pa.int64()), ["1;2"]),
        ([[{"k": "甲"}]], pa.list_(pa.struct({"k": pa.string()})), ['[{"k": "甲"}]']),
        (["a", "b", "a"], pa.dictionary(pa.int32(), pa.string()), ["a", "b", "a"]),
        ([7, 8, 7], pa.dictionary(pa.int32(), pa.int64()), ["7", "8", "7"]),
    ],
)
def test_values(tmp_path: Path, values: list[Any], kind: pa.DataType, text: list[str | None]) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"v": pa.array(values, kind)}), path)
    (batch,) = read(path)
    assert batch.frame["v"].to_list() == text
    assert batch.frame["_row"].to_list() == list(range(1, len(values) + 1))


def test_structs_become_dotted_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": [{"b": {"c": "x"}, "d": 1}, None]}), path)
    (batch,) = read(path)
    assert batch.frame.to_dicts() == [{"_row": 1, "a.b.c": "x", "a.d": "1"}, {"_row": 2, "a.b.c": None, "a.d": None}]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1.0, float("nan"), 3.0], pa.float64()),
        ([1.0, float("-inf"), 3.0], pa.float32()),
        ([b"1", b"\xff", b"3"], pa.binary()),
    ],
)
def test_a_value_that_no_text_stands_for_is_a_fault(tmp_path: Path, values: list[Any], kind: pa.DataType) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"v": pa.array(values, kind), "w": ["x", "y", "z"]}), path)
    (batch,) = read(path)
    assert batch.frame["_row"].to_list() == [1, 3]
    assert [(fault.row, fault.field, fault.rule) for fault in batch.faults] == [(2, "v", "parquet.value")]


def test_long_text_is_split_into_batches(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"v": ["x" * 500_000] * 100}), path)
    heights = [batch.frame.height for batch in read(path)]
    assert sum(heights) == 100
    assert max(heights) < 40


def test_no_rows_still_name_the_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": pa.array([], pa.int64()), "b": pa.array([], pa.string())}), path)
    (batch,) = read(path)
    assert batch.frame.columns == ["_row", "a", "b"]


@pytest.mark.parametrize("content", [b"hello", b"PAR1" + b"\0" * 50 + b"PAR1"])
def test_what_is_not_parquet_is_unreadable(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match="not Parquet"):
        list(read(path, Options()))


@pytest.mark.parametrize("names", [["a", "a"], ["_row", "a"]])
def test_column_names_are_checked(tmp_path: Path, names: list[str]) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table([pa.array([1]), pa.array([2])], names=names), path)
    with pytest.raises(UnreadableFile):
        list(read(path))
