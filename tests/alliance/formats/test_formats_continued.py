"""Rows that continue the one above, whatever the batches they come in."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.errors import UnreadableFile
from alliance.formats import ROW, Batch, Options, RowFault, Source, read
from alliance.formats.continued import continued

COLUMNS = ("name", "city")
Cells = tuple[str | None, str | None, str | None]


@pytest.fixture
def source(tmp_path: Path) -> Source:
    path = tmp_path / "rows.csv"
    path.write_text("name,city,stage\n")
    return Source(path)


def batches(rows: list[Cells], cut: int, bad: frozenset[int] = frozenset()) -> list[Batch]:
    """Rows numbered from 1, in batches of a size; those of ``bad`` could not be read."""
    numbered = list(enumerate(rows, 1))
    made = []
    for start in range(0, len(numbered), cut):
        part = numbered[start : start + cut]
        sound = [(row, *cells) for row, cells in part if row not in bad]
        frame = pl.DataFrame(sound, {ROW: pl.Int64, "name": pl.String, "city": pl.String, "stage": pl.String},
                             orient="row")  # fmt: skip
        made.append(Batch(frame, tuple(RowFault(row, "", "csv.cells", "Mend it.") for row, _ in part if row in bad)))
    return made


ROWS: list[Cells] = [
    ("Qi", "Beijing", "A"), (None, None, "B"), (None, None, "C"), ("Ming", None, "A"), (None, None, "B"),
    (None, "Xi'an", "C"), (None, None, "D"),
]  # fmt: skip


@pytest.mark.parametrize("cut", [1, 2, 3, 7])
def test_a_row_has_what_it_continues(source: Source, cut: int) -> None:
    found = list(continued(batches(ROWS, cut), COLUMNS, source))
    assert [len(batch.frame) for batch in found] == [len(batch.frame) for batch in batches(ROWS, cut)]
    assert pl.concat(batch.frame for batch in found).rows() == [
        (1, "Qi", "Beijing", "A"), (2, "Qi", "Beijing", "B"), (3, "Qi", "Beijing", "C"),
        (4, "Ming", None, "A"), (5, "Ming", None, "B"), (6, None, "Xi'an", "C"), (7, None, "Xi'an", "D"),
    ]  # fmt: skip


@pytest.mark.parametrize("cut", [1, 2, 3, 7])
def test_a_row_that_may_continue_what_could_not_be_read_cannot_be_either(source: Source, cut: int) -> None:
    found = list(continued(batches(ROWS, cut, frozenset({4})), COLUMNS, source))
    assert [row for batch in found for row in batch.frame[ROW]] == [1, 2, 3, 6, 7]
    faults = {fault.row: fault.rule for batch in found for fault in batch.faults}
    assert faults == {4: "csv.cells", 5: "row.continued"}


def test_what_continues_nothing_stays_empty(source: Source) -> None:
    [found] = continued(batches([(None, None, "A"), ("Qi", None, "B")], 9), COLUMNS, source)
    assert found.frame.rows() == [(1, None, None, "A"), (2, "Qi", None, "B")]
    assert found.faults == ()


@given(
    rows=st.lists(st.tuples(*[st.none() | st.sampled_from("xy")] * 3), min_size=1, max_size=12),
    cut=st.integers(1, 12), bad=st.frozensets(st.integers(1, 12), max_size=2),
)  # fmt: skip
def test_how_a_file_is_cut_makes_no_difference(rows: list[Cells], cut: int, bad: frozenset[int]) -> None:
    source = Source(Path(__file__))
    one, many = ([*continued(batches(rows, size, bad), COLUMNS, source)] for size in (99, cut))
    assert pl.concat(batch.frame for batch in many).rows() == one[0].frame.rows()
    assert sorted((f.row, f.rule) for batch in many for f in batch.faults) == sorted(
        (f.row, f.rule) for f in one[0].faults
    )
    assert one[0].frame.height + len(one[0].faults) == len(rows)


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("name,stage\nQi,A\n,B\n")
    with pytest.raises(UnreadableFile, match="city"):
        list(read(path, Options(continued=COLUMNS)))
    [batch] = read(path, Options(continued=("name",)))
    assert batch.frame["name"].to_list() == ["Qi", "Qi"]
