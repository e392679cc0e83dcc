"""JSON and JSON Lines: nested values in, flat rows of text out."""

import json
import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.errors import HostileFile, UnreadableFile
from alliance.formats.nested import BARE, Guard
from alliance.formats.source import Source

VALUES = [
    ("1750000", "1750000"),
    ("0.1", "0.1"),
    ("1.50", "1.50"),
    ("1e5", "1e5"),
    ("-0", "-0"),
    ("123456789012345678901234567890.12345678901234567890", "123456789012345678901234567890.12345678901234567890"),
    ("true", "true"),
    ("false", "false"),
    ("null", None),
    ('""', None),
    ('"  x\\u3000"', "x"),
    ('"NaN, [1] {2}"', "NaN, [1] {2}"),
    ('"a \\"quoted\\" \\\\"', 'a "quoted" \\'),
    ('"\\ud83d\\ude80"', "🚀"),
    ("[1, 2.0, null, true]", "1;2.0;true"),
    ("[]", None),
    ('[{"k": 1.50, "t": "甲"}]', '[{"k": 1.50, "t": "甲"}]'),
    ("[[1]]", "[[1]]"),
]
FAULTS = [
    ('{"a": NaN}', "json.value", "a", "NaN"),
    ('{"a": [-Infinity]}', "json.value", "a", "-Infinity"),
    ('{"a": 01}', "json.value", "a", "01"),
    ('{"a": "\\ud800"}', "json.value", "a", "a lone surrogate"),
    ('{"a": {"b": 1}, "a.b": 2}', "json.name", "a.b", ""),
    ("[1, 2]", "json.object", "", "[1, 2]"),
    ("12", "json.object", "", "12"),
    ('"text"', "json.object", "", '"text"'),
]


@pytest.mark.parametrize(("value", "text"), VALUES)
def test_values(read_bytes: Any, value: str, text: str | None) -> None:
    row = f'{{"v": {value}}}'
    expected = ([{"_row": 1, "v": text}], [])
    assert read_bytes("a.jsonl", row.encode()) == expected
    assert read_bytes("a.json", f"[{row}]".encode()) == expected


@pytest.mark.parametrize(("row", "rule", "field", "value"), FAULTS)
def test_a_bad_row_is_a_fault_and_the_others_go_on(
    read_bytes: Any, row: str, rule: str, field: str, value: str
) -> None:
    good = '{"x": 1}'
    lines = read_bytes("a.jsonl", "\n".join([good, row, good]).encode())
    array = read_bytes("a.json", f"[{good}, {row}, {good}]".encode())
    assert lines == array
    rows, (fault,) = array
    assert rows == [{"_row": 1, "x": "1"}, {"_row": 3, "x": "1"}]
    assert (fault.row, fault.rule, fault.field, fault.value) == (2, rule, field, value)


@pytest.mark.parametrize("line", [b"{", b'{"a": 1,}', b'{"a" 1}', b'{"a": "\xff"}', b'{"a": 1} {"a": 2}', b"nope nope"])
def test_a_line_that_is_not_json_is_a_fault(read_bytes: Any, line: bytes) -> None:
    rows, (fault,) = read_bytes("a.jsonl", b'{"a": 1}\n\n' + line + b'\r\n{"a": 3}', encoding="utf-8")
    assert [row["a"] for row in rows] == ["1", "3"]
    assert (fault.row, fault.rule) == (2, "json.syntax")


def test_objects_flatten_and_absent_columns_are_null(read_bytes: Any) -> None:
    content = b'[{"a": {"b": {"c": 1}, "d": "x"}}, {"e": 2}, {}]'
    rows, _ = read_bytes("a.json", content)
    assert rows == [
        {"_row": 1, "a.b.c": "1", "a.d": "x", "e": None},
        {"_row": 2, "a.b.c": None, "a.d": None, "e": "2"},
        {"_row": 3, "a.b.c": None, "a.d": None, "e": None},
    ]


@pytest.mark.parametrize(
    ("document", "rows_at"),
    [
        ('[{"a": 1}]', None),
        ('{"data": {"items": [{"a": 1}], "total": 1}, "items": [{"a": 2}]}', "data.items"),
        ('{"rows": [{"a": 1}]}', "rows"),
    ],
)
def test_rows_are_found(read_bytes: Any, document: str, rows_at: str | None) -> None:
    assert read_bytes("a.json", document.encode(), rows_at=rows_at) == ([{"_row": 1, "a": "1"}], [])


def test_what_stands_before_the_rows_may_be_long(read_bytes: Any) -> None:
    document = {"about": ["x" * 1000] * 5000, "rows": [{"a": "1"}]}
    assert read_bytes("a.json", json.dumps(document).encode(), rows_at="rows") == ([{"_row": 1, "a": "1"}], [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_encodings(read_bytes: Any, encoding: str, name: str) -> None:
    text = '{"公司名称": "启明星辰科技有限公司", "所在地": "北京市"}'
    content = f"[{text}]" if name == "a.json" else text
    rows, _ = read_bytes(name, content.encode(encoding))
    assert rows == [{"_row": 1, "公司名称": "启明星辰科技有限公司", "所在地": "北京市"}]


@pytest.mark.parametrize(
    ("content", "rows_at", "message"),
    [
        (b"", None, "empty"),
        (b'[{"a": 1}', None, "not JSON"),
        (b'[{"a": 1}, {"a": }]', None, "not JSON"),
        (b'[{"a": "\xff"}]', None, "not JSON"),
        (b'{"a": 1}', None, "no array"),
        (b'{"data": {"items": {}}}', "data.items", "no array"),
        (b'[{"_row": 1}]', None, "row numbers"),
        (b"hello", None, "no array"),
    ],
)
def test_unreadable_files_say_why(read_bytes: Any, content: bytes, rows_at: str | None, message: str) -> None:
    with pytest.raises(UnreadableFile, match=message) as caught:
        read_bytes("a.json", content, rows_at=rows_at, encoding="utf-8")
    assert caught.value.remedy
    assert not isinstance(caught.value, HostileFile)


VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(value=VALUE, ascii_only=st.booleans(), indent=st.sampled_from([None, 1]), cuts=st.lists(st.integers(0, 200)))
def test_where_blocks_end_makes_no_difference(
    tmp_path_factory: Any, value: Any, ascii_only: bool, indent: int | None, cuts: list[int]
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_bytes(text)
    guard = Guard(Source(path))
    edges = [0, *sorted(cut for cut in cuts if cut < len(text)), len(text)]
    parts = [guard.feed(text[begin:end], final=False) for begin, end in pairwise(edges)]
    guarded = b"".join([*parts, guard.feed(b"", final=True)])
    assert json.loads(re.sub(f'"{BARE}([^"]*)"'.encode(), rb"\1", guarded)) == value


def test_batches_are_bounded_by_cells_not_only_rows(read_bytes: Any) -> None:
    rows, _ = read_bytes("a.jsonl", b"\n".join(b'{"c%d": 1}' % number for number in range(3000)))
    assert len(rows) == 3000
