"""The same rows in every format, packed or not, are the same frame."""

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import polars as pl
import pytest

from alliance.errors import UnreadableFile
from alliance.formats import READERS, Options, read

COLUMNS = ["公司名称", "founded", "raised", "note"]
ROWS: list[list[str | None]] = [
    ["启明科技有限公司", "2012-06-01", "1750000", "=SUM(A1)"],
    ["Café Zürich GmbH", "2019-11-30", "0.1", 'says "hi", <b> & more'],
    ["深圳市大疆创新", None, None, None],
    ["Ærø 🚀", "2024-02-29", "-12", "line 1\nline 2"],
]


def as_csv() -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *ROWS])
    return text.getvalue().encode()


def as_records() -> list[dict[str, str | None]]:
    return [dict(zip(COLUMNS, row, strict=True)) for row in ROWS]


def as_jsonl() -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in as_records()).encode()


def as_parquet() -> bytes:
    content = io.BytesIO()
    pl.DataFrame(ROWS, schema=COLUMNS, orient="row").write_parquet(content)
    return content.getvalue()


def as_xlsx() -> bytes:
    book = openpyxl.Workbook()
    for number, row in enumerate([COLUMNS, *ROWS], start=1):
        for column, value in enumerate(row, start=1):
            cell = book.worksheets[0].cell(number, column, value)
            cell.data_type = "s" if value is not None else cell.data_type  # text, even if it begins with "="
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def as_xml() -> bytes:
    def element(name: str, value: str | None) -> str:
        return f"<{name}>{escape(value or '')}</{name}>"

    rows = ("".join(element(*cell) for cell in row.items()) for row in as_records())
    return f"<all>{''.join(f'<row>{row}</row>' for row in rows)}</all>".encode()


CONTENT = {
    "csv": as_csv(),
    "json": json.dumps(as_records()).encode(),
    "jsonl": as_jsonl(),
    "parquet": as_parquet(),
    "xlsx": as_xlsx(),
    "xml": as_xml(),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("kind", CONTENT)
def test_every_format_gives_the_same_frame(tmp_path: Path, kind: str, packed: bool, named: bool) -> None:
    path = tmp_path / ((f"a.{kind}" if named else "download") + (".gz" if packed else ""))
    path.write_bytes(gzip.compress(CONTENT[kind]) if packed else CONTENT[kind])
    (batch,) = read(path, Options(format=None if named else kind))
    assert batch.faults == ()
    assert batch.frame["_row"].to_list() == [1, 2, 3, 4]
    assert batch.frame.drop("_row").rows() == [tuple(row) for row in ROWS]
    assert batch.frame.columns == ["_row", *COLUMNS]


@pytest.mark.parametrize("kind", CONTENT)
def test_a_truncated_gzip_is_unreadable(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}.gz"
    path.write_bytes(gzip.compress(CONTENT[kind])[:-20])
    with pytest.raises(UnreadableFile, match="gzip file is damaged"):
        list(read(path))


@pytest.mark.parametrize("kind", CONTENT)
def test_what_is_named_gz_must_be_gzip(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}.gz"
    path.write_bytes(CONTENT[kind])
    with pytest.raises(UnreadableFile, match="not gzip"):
        list(read(path))


@pytest.mark.parametrize("kind", sorted(READERS))
@pytest.mark.parametrize("content", [b"", b"\x1f\x8b", b"\x00\xff" * 40, b"PK\x03\x04", b"{", b"<"])
def test_rubbish_is_unreadable_never_a_crash(read_bytes: Any, kind: str, content: bytes) -> None:
    try:
        rows, _ = read_bytes(f"a.{kind}", content)
    except UnreadableFile as error:
        assert error.remedy
    else:
        assert rows == []
