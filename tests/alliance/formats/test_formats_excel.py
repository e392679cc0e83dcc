"""Excel: cells in, text out; nothing evaluated."""

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest

from alliance.errors import UnreadableFile


def workbook(*rows: list[Any], title: str = "Sheet", before: list[str] | None = None) -> bytes:
    book = openpyxl.Workbook()
    for name in before or []:
        book.create_sheet(name, 0)
    sheet = book[book.sheetnames[-1]]
    sheet.title = title
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("  启明\u3000", "启明"),
        (1750000, "1750000"),
        (1750000.0, "1750000"),
        (0.1, "0.1"),
        (1e20, "1" + "0" * 20),
        (1e-7, "0.0000001"),
        (True, "true"),
        (dt.date(2024, 2, 29), "2024-02-29"),
        (dt.datetime(2024, 2, 29), "2024-02-29"),
        (dt.datetime(2024, 2, 29, 8, 30), "2024-02-29T08:30:00"),
        (dt.time(8, 30), "08:30:00"),
        ("1e5", "1e5"),
        ("-Infinity", "-Infinity"),
    ],
)
def test_values(read_bytes: Any, value: object, text: str) -> None:
    assert read_bytes("a.xlsx", workbook(["v", "w"], [value, None])) == ([{"_row": 1, "v": text, "w": None}], [])


@pytest.mark.parametrize("formula", ["=1+1", '=HYPERLINK("http://x","y")', "=cmd|'/c calc'!A0"])
def test_a_formula_is_a_fault_never_a_value(read_bytes: Any, formula: str) -> None:
    rows, (fault,) = read_bytes("a.xlsx", workbook(["a", "b"], ["x", 1], ["y", formula], ["z", 3]))
    assert rows == [{"_row": 1, "a": "x", "b": "1"}, {"_row": 3, "a": "z", "b": "3"}]
    assert (fault.row, fault.field, fault.rule, fault.value) == (2, "b", "excel.formula", formula)


@pytest.mark.parametrize(
    ("row", "rule"),
    [(["#N/A", 1], "excel.error"), ([1, 2, 3], "excel.cells"), ([1, None, None, None, 5], "excel.cells")],
)
def test_a_bad_row_is_a_fault(read_bytes: Any, row: list[Any], rule: str) -> None:
    rows, (fault,) = read_bytes("a.xlsx", workbook(["a", "b"], row, ["z", 3]))
    assert [row["_row"] for row in rows] == [2]
    assert (fault.row, fault.rule) == (1, rule)


def test_short_rows_are_filled_and_empty_rows_are_none(read_bytes: Any) -> None:
    rows, faults = read_bytes("a.xlsx", workbook(["a", "b"], ["x"], [], [None, " "], [None, "y"]))
    assert rows == [
        {"_row": 1, "a": "x", "b": None},
        {"_row": 2, "a": None, "b": None},
        {"_row": 3, "a": None, "b": "y"},
    ]
    assert faults == []


def test_the_sheet_and_its_header_are_found(read_bytes: Any) -> None:
    content = workbook(["Report"], [], ["a"], [1], title="数据", before=["Cover"])
    assert read_bytes("a.xlsx", content, sheet="数据", header_row=3) == ([{"_row": 1, "a": "1"}], [])


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (workbook(["a"]), {"sheet": "none"}, "no sheet"),
        (workbook([]), {}, "no header"),
        (workbook(["a", "a"]), {}, "Two columns"),
        (workbook(["a", "_row"]), {}, "row numbers"),
        (workbook(["a", "=1"]), {}, "formula"),
        (workbook(["a"], ["x"])[:-100], {}, "not a workbook"),
        (b"a,b\n1,2\n", {}, "not a workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", {}, "not a workbook"),
    ],
)
def test_unreadable_files_say_why(read_bytes: Any, content: bytes, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UnreadableFile, match=message) as caught:
        read_bytes("a.xlsx", content, **options)
    assert caught.value.remedy
