"""CSV: text in, rows out."""

import csv
import io
import os
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alliance.errors import HostileFile, InvalidInput, UnreadableFile
from alliance.formats import Options, read
from alliance.formats.encoding import encoding_of
from alliance.formats.source import Source

DATA = Path(os.environ.get("ALLIANCE_DATA") or Path(__file__).parents[4] / "shared" / "data")
TWO_ROWS = [{"_row": 1, "name": "启明科技", "raised": "100"}, {"_row": 2, "name": "Café Zürich", "raised": None}]
CHINESE = "公司名称,所在地\n启明星辰科技有限公司,北京市海淀区\n深圳市大疆创新科技有限公司,广东省深圳市\n"
FRENCH = "name,city\nCafé Crème,Besançon\nMüller’s Söhne,Zürich\nPeña y Compañía,Málaga\nGarcía,Bogotá\n"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_any_delimiter_line_end_and_encoding_gives_the_same_rows(
    read_bytes: Any, end: str, delimiter: str, encoding: str
) -> None:
    lines = ["name,raised", "启明科技,100", "Café Zürich,", ""]
    text = end.join(lines).replace(",", delimiter)
    assert read_bytes("a.csv", text.encode(encoding)) == (TWO_ROWS, [])


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a\n1\n", [{"a": "1"}]),
        ("a,b\n1,2", [{"a": "1", "b": "2"}]),
        ("a,b\n\n1,2\n\n\n", [{"a": "1", "b": "2"}]),
        ("a,b\n  1 ,\u3000二\u3000\n", [{"a": "1", "b": "二"}]),
        ("a,b\n,\u3000 \n", [{"a": None, "b": None}]),
        ('a,b\n"x, y","line 1\r\nline 2"\n', [{"a": "x, y", "b": "line 1\r\nline 2"}]),
        ('a,b\n"he said ""hi""",5" pipe\n', [{"a": 'he said "hi"', "b": '5" pipe'}]),
        ('a,b\n"=HYPERLINK(""http://x"")",+1\n', [{"a": '=HYPERLINK("http://x")', "b": "+1"}]),
        (" a , b\n1,2\n", [{"a": "1", "b": "2"}]),
        (",b\n0,2\n", [{"column_1": "0", "b": "2"}]),
        ("a,b\n", []),
        ("a,b\nx\u2028y,\x85\n", [{"a": "x\u2028y", "b": None}]),
    ],
)
def test_cells(read_bytes: Any, text: str, rows: list[dict[str, str | None]]) -> None:
    numbered = [{"_row": number, **row} for number, row in enumerate(rows, start=1)]
    assert read_bytes("a.csv", text.encode()) == (numbered, [])


def test_rows_before_the_header_are_skipped(read_bytes: Any) -> None:
    rows, _ = read_bytes("a.csv", b'Report, "2024\nfor members only\na;b\n1;2\n', header_row=3)
    assert rows == [{"_row": 1, "a": "1", "b": "2"}]


@pytest.mark.parametrize(
    ("content", "options", "fault"),
    [
        (b"a,b\n1,2\n3\n5,6\n", {}, ("csv.cells", "", "1 cells")),
        (b"a,b\n1,2\n3,4,5\n5,6\n", {}, ("csv.cells", "", "3 cells")),
        (b'a,b\n1,2\n"x"y,4\n5,6\n', {}, ("csv.quote", "", "1 lines")),
        (b"a,b\n1,2\n3,\xff\xfe\n5,6\n", {"encoding": "utf-8"}, ("csv.encoding", "b", "\ufffd\ufffd")),
        (b"a,b\n1,2\n\xff,4\n5,6\n", {"encoding": "gb18030"}, ("csv.encoding", "a", "\ufffd")),
        (b"a,b\n1,2\nx,\xe9\n5,6\n", {"encoding": "gb18030"}, ("csv.encoding", "b", "\ufffd")),
        (b"a,b\n1,2\nx\0y,4\n5,6\n", {"encoding": "utf-8"}, ("text.zero", "", "")),
    ],
)
def test_a_bad_row_is_a_fault_and_the_others_go_on(
    read_bytes: Any, content: bytes, options: dict[str, Any], fault: tuple[str, str, str]
) -> None:
    rows, (found,) = read_bytes("a.csv", content, **options)
    assert [row["_row"] for row in rows] == [1, 3]
    assert (found.row, found.rule, found.field, found.value) == (2, *fault)
    assert found.remedy


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (b"", {}, "empty"),
        (b"\n1,2\n", {}, "no header"),
        (b"a, a\n1,2\n", {}, "Two columns"),
        (b"a,_row\n1,2\n", {}, "row numbers"),
        (b'a,b\n1,"2\n3,4\n', {}, "never closed"),
        (b'a,b\n1,"2\n' + b"3,4\n" * 400_000, {}, "never closed"),
        (b"a,b\n\0,\0\n", {}, "zero bytes"),
        ("名称\n值\n".encode("gb18030"), {"encoding": "utf-8"}, "utf-8"),
        (b"name\n" + "启明\n".encode("gb18030") * 20, {"encoding": "utf-8"}, "utf-8"),
        (b"a,b\n1,2\n", {"encoding": "utf-16"}, "utf-16"),
        (b"a,b\n1,2\n", {"encoding": "klingon"}, "klingon"),
        (b"a,b\n1,2\n", {"encoding": "hex"}, "hex"),
        (b"a,b\n1,2\n", {"format": "dbf"}, "dbf"),
        (b"a\n\x81\x8d\x8f\x90\n", {}, "cannot be told"),
    ],
)
def test_unreadable_files_say_why(read_bytes: Any, content: bytes, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UnreadableFile, match=message) as caught:
        read_bytes("a.csv", content, **options)
    assert caught.value.remedy
    assert caught.value.where["file"] == "a.csv"
    assert not isinstance(caught.value, HostileFile)


def test_an_unclosed_quote_names_the_row_it_began_in(read_bytes: Any) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_bytes("a.csv", b'a,b\n1,2\n3,"4\n5,6\n')
    assert caught.value.where["row"] == 2


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no such file"):
        list(read(tmp_path / "none.csv"))


@pytest.mark.parametrize("options", [{"header_row": 0}, {"delimiter": ",,"}, {"delimiter": '"'}])
def test_options_are_checked(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        Options(**options)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (CHINESE.encode(), "utf-8-sig"),
        (CHINESE.encode("gb18030"), "gb18030"),
        (FRENCH.encode(), "utf-8-sig"),
        (FRENCH.encode("mac_roman").replace(b"\n", b"\r"), "mac_roman"),
        (FRENCH.encode("mac_roman"), "mac_roman"),
        (FRENCH.encode("cp1252"), "cp1252"),
        (FRENCH.replace("’", "'").encode("latin-1"), "cp1252"),
        ("name\nO’Reilly’s\nIt’s “new”\n".encode("cp1252"), "cp1252"),
        ("name\nO’Reilly’s\nIt’s “new”\n".encode("mac_roman"), "mac_roman"),
        ("name\n" + "x" * 300_000 + "\n启明科技\n", "gb18030"),
        (CHINESE.encode() * 30 + b"\xff,x\n", "utf-8-sig"),
        (CHINESE.encode("gb18030") * 30 + b"\xff,x\n", "gb18030"),
    ],
)
def test_encodings_are_told_apart(tmp_path: Path, content: bytes | str, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("gb18030"))
    assert encoding_of(Source(path), None) == encoding


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=8),
    encoding=st.sampled_from(["utf-8", "gb18030", "utf-16", "utf-8-sig"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    block=st.sampled_from([16, 17, 23, 256 * 1024]),  # so that blocks end within characters, line ends and quotes
)
def test_what_is_written_is_read(
    read_bytes: Any, cells: list[tuple[str, ...]], encoding: str, end: str, block: int
) -> None:
    delimiter = ",;\t|"[block % 4]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([("a", "b", "c"), *cells])
    content = text.getvalue().encode(encoding)
    with mock.patch("alliance.formats.encoding._BLOCK", block):
        rows, faults = read_bytes("a.csv", content, encoding=encoding, delimiter=delimiter)
    # str.strip also takes the separators U+001C to U+001F, which Unicode does not call white space.
    space = "".join(c for c in map(chr, range(0x3001)) if c.isspace() and not "\x1c" <= c <= "\x1f")
    expected = [dict(zip("abc", (cell.strip(space) or None for cell in row), strict=True)) for row in cells]
    assert faults == []
    assert [{name: row[name] for name in "abc"} for row in rows] == expected


@pytest.mark.data
@pytest.mark.skipif(
    not (DATA / "raw").is_dir(), reason="real data sets are absent: set ALLIANCE_DATA to their directory"
)
@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [("oct13_companies", 17_727, 17), ("oct13_rounds", 31_679, 13), ("itjuzi820", 1_439, 16), ("sbacase", 2_101, 35)],
)
def test_real_files(name: str, rows: int, columns: int) -> None:
    batches = list(read(DATA / "raw" / f"{name}.csv"))
    assert sum(batch.frame.height for batch in batches) == rows
    assert {batch.frame.width - 1 for batch in batches} == {columns}
    assert not any(batch.faults for batch in batches)
