"""CSV read a block at a time gives what it gives read row by row."""

from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alliance.errors import UnreadableFile
from alliance.formats import delimited, read
from alliance.formats.plain import plain_cells

PIECES = st.sampled_from(
    ["a", "b,", ",", ",", "\n", "\n", "x,y\n", "1,2\n", "é,启\n", '"', "\r", "\r\n", " ", "\ufeff"]
)
HEAD = "first,second\n"


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.lists(PIECES, max_size=40).map("".join), block=st.integers(4, 40), damaged=st.booleans())
def test_blocks_and_rows_read_alike(read_bytes: Any, text: str, block: int, damaged: bool) -> None:
    content = (HEAD + "1,2\n" * 20 + text).encode() + b"\xff,1\n1,2\n" * damaged
    assert _read(read_bytes, content, block, plain_cells) == _read(read_bytes, content, block, _never)


def _read(read_bytes: Any, content: bytes, block: int, plain: Any) -> object:
    with (
        mock.patch("alliance.formats.encoding._BLOCK", block),
        mock.patch.object(delimited, "_SAMPLE_LINES", 1),
        mock.patch.object(delimited, "plain_cells", plain),
    ):
        try:
            return read_bytes("a.csv", content, encoding="utf-8", delimiter=",")
        except UnreadableFile as error:
            return error.message, error.where


def _never(*_: object) -> None:
    return None


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("1,2\n3,4\n", [("1", "2"), ("3", "4")]),
        ("1,2\r\n3,", [("1", "2"), ("3", None)]),
        ("null, x \n", [("null", " x ")]),
        ("1,2,3\n4\n", None),
        ("4\n1,2,3\n", None),
        ("1,2\n\n", None),
        ('1,"2"\n', None),
        ("1,2\r3,4\n", None),
        ("\ufeff1,2\n", None),
        ("", None),
    ],
)
def test_only_what_nobody_reads_otherwise_is_plain(text: str, rows: list[tuple[str, str]] | None) -> None:
    cells = plain_cells(text, ["a", "b"], ",")
    assert (None if cells is None else cells.rows()) == rows


def test_blocks_are_cut_to_batches(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEAD + "1,2\n" * 90_000)
    with mock.patch("alliance.formats.batch.BATCH_ROWS", 7_000), mock.patch.object(delimited, "_SAMPLE_LINES", 1):
        heights = [batch.frame.height for batch in read(path)]
    assert heights == [7_000] * 12 + [6_000]
