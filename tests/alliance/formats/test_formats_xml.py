"""XML: elements in, rows out."""

from typing import Any

import pytest

from alliance.errors import HostileFile, UnreadableFile


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("<r><a>1</a><b> x </b></r>", {"a": "1", "b": "x"}),
        ('<r id="7"><a unit="CNY">1</a></r>', {"@id": "7", "a.@unit": "CNY", "a": "1"}),
        ("<r><a><b>1</b><c><d>2</d></c></a></r>", {"a.b": "1", "a.c.d": "2"}),
        ("<r><p>x</p><p/><p>y</p></r>", {"p": "x;y"}),
        ("<r><p><n>x</n></p><p><n>y</n></p></r>", {"p.n": "x;y"}),
        ("<r><a/><b>  </b></r>", {"a": None, "b": None}),
        ("<r>plain</r>", {"#text": "plain"}),
        ("<r><a>&lt;&amp;&#30002;</a></r>", {"a": "<&甲"}),
        ("<r><a><![CDATA[<b>]]></a><!-- no --></r>", {"a": "<b>"}),
        ('<n:r xmlns:n="urn:x"><n:a>1</n:a></n:r>', {"a": "1"}),
        ('<r xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><a i:nil="true"/></r>', {"a": None}),
    ],
)
def test_rows(read_bytes: Any, row: str, cells: dict[str, str | None]) -> None:
    assert read_bytes("a.xml", f"<all>{row}</all>".encode()) == ([{"_row": 1, **cells}], [])


def test_rows_are_found_by_path(read_bytes: Any) -> None:
    content = b"<registry><date>x</date><company><a>1</a></company><company><a>2</a></company><note/></registry>"
    rows, _ = read_bytes("a.xml", content, rows_at="registry/company")
    assert rows == [{"_row": 1, "a": "1"}, {"_row": 2, "a": "2"}]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "GBK", "gb2312", "utf-16", "iso-8859-1"])
@pytest.mark.parametrize("declared", [True, False])
def test_encodings(read_bytes: Any, encoding: str, declared: bool) -> None:
    name = "Café Zürich" if encoding == "iso-8859-1" else "启明星辰科技"
    start = f'<?xml version="1.0" encoding="{encoding}"?>' if declared else ""
    rows, _ = read_bytes("a.xml", f"{start}<all><r><名称>{name}</名称></r></all>".replace("名称", "n").encode(encoding))
    assert rows == [{"_row": 1, "n": name}]


@pytest.mark.parametrize(
    ("content", "rows_at", "message"),
    [
        (b"", None, "empty"),
        (b"<all><r></all>", None, "not XML"),
        (b"hello", None, "not XML"),
        (b"<all><r><a>1</a></r></all>", "all/company", "no element"),
        (b"<all><r><_row>1</_row></r></all>", None, "row numbers"),
        (b'<?xml version="1.0" encoding="utf-8"?><all><r>\xff</r></all>', None, "not XML"),
    ],
)
def test_unreadable_files_say_why(read_bytes: Any, content: bytes, rows_at: str | None, message: str) -> None:
    with pytest.raises(UnreadableFile, match=message) as caught:
        read_bytes("a.xml", content, rows_at=rows_at)
    assert caught.value.remedy
    assert not isinstance(caught.value, HostileFile)


def test_a_root_without_children_has_no_rows(read_bytes: Any) -> None:
    assert read_bytes("a.xml", b"<all/>") == ([], [])
