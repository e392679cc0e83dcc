"""Ready features scored column by column: the numbers, reasons and words of the one scoring function, to the bit."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.errors import InvalidInput
from scoring.batch.ready import schema, scored
from scoring.batch.wording import texts
from scoring.features.declaration import Unit
from scoring.model import Bundle
from scoring.model.reasons import reason
from scoring.model.selection import MOST_NAMED, NOBODY, Selection
from scoring.score import score

DAY = date(2026, 6, 30)


def keyed(features: pl.DataFrame) -> pl.DataFrame:
    return features.select(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("row"), pl.col("company"), pl.lit(DAY).alias("as_of"),
        pl.exclude("company"),
    )  # fmt: skip


def assert_same(bundle: Bundle, features: pl.DataFrame, made: pl.DataFrame) -> None:
    """Every row of ``made`` says what ``score`` says of it alone, or in a batch."""
    known = features.rename({"company": "company_id"})
    for place, row in enumerate(made.iter_rows(named=True)):
        [alone] = score(bundle, known[place : place + 1], as_of=DAY, watermark=0)
        plain = alone.as_dict()
        shares = {f"points_{share['pillar']}": share["points"] for share in plain["pillars"]}
        expected = {name: (plain | shares)[name] for name in made.columns if name in plain | shares}
        assert {name: row[name] for name in expected} == {**expected, "as_of": DAY}
        assert set(made.columns) - set(expected) == {"row", "company", "code", "field", "reason", "remedy"}


@pytest.mark.parametrize("which", ["toy", "full"])
def test_the_bits_and_words_of_the_one_function(
    which: str, toy: Any, full: Bundle, ready: Callable[..., pl.DataFrame]
) -> None:
    bundle, features = toy.bundle if which == "toy" else full, ready(40)
    made = scored(bundle, keyed(features), threads=2)
    assert dict(made.schema) == schema(bundle)
    assert made["code"].null_count() == 40
    assert made["raises"].list.len().sum() > 40 < made["lowers"].list.len().sum()
    assert_same(bundle, features, made)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_values_are_scored_alike_alone_and_together(data: Any, full: Bundle) -> None:
    value = st.none() | st.sampled_from([0.0, 1.0, -0.0, 0.25, 1e-9, 1e12]) | st.floats(-1e6, 1e6)
    some = {name: data.draw(value) for name in full.names[::9]}
    row = pl.DataFrame(
        {name: [some.get(name), None] for name in full.names}, schema=dict.fromkeys(full.names, pl.Float64)
    )
    features = row.select(pl.Series("company", ["one", "other"]), pl.all())
    assert_same(full, features, scored(full, keyed(features)))


NUMBERS = (
    st.floats(-1e13, 1e13)
    | st.integers(-(10**10), 10**10).map(float)
    | st.builds(lambda whole, more: whole / 10 + more, st.integers(-(10**6), 10**6), st.sampled_from([0.05, 0.005]))
    | st.sampled_from([0.0, -0.0, -0.04, 9999.5, 10000.0, 99999999.5, 1e8, 1e9, 999950.0, 0.5, 1.5, 2.5, np.nan])
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    drawn=st.lists(
        st.tuples(st.sampled_from(list(Unit)), st.lists(NUMBERS, min_size=1, max_size=MOST_NAMED)), max_size=30
    )
)
def test_words_are_those_of_one_reason(drawn: Sequence[tuple[Unit, list[float]]], full: Bundle) -> None:
    """Whatever the values: of one group or alone, near a half, large or unknown."""
    together, contract = full.together, full.contract
    named = np.full((len(drawn), MOST_NAMED), NOBODY)
    values = np.zeros((len(drawn), MOST_NAMED))
    group = np.zeros(len(drawn), np.intp)
    for place, (unit, numbers) in enumerate(drawn):
        lead = next(column for column, feature in enumerate(contract) if feature.unit is unit)
        group[place] = next(row for row, members in enumerate(together.members) if lead in members)
        columns = [lead, *(one for one in together.members[group[place]] if one not in (lead, len(contract)))]
        count = min(len(columns), len(numbers))
        named[place, :count], values[place, :count] = columns[:count], numbers[:count]
    given_ = Selection(np.arange(len(drawn)), np.ones(len(drawn), np.bool_), group, np.zeros(len(drawn)), named)
    zh, en = texts(full, given_, values)
    for place in range(len(drawn)):
        count = int((named[place] != NOBODY).sum())
        features = [contract[column] for column in named[place, :count]]
        told = reason(features, values[place, :count].tolist(), 0.0, together.groups[group[place]])
        assert (zh[place], en[place]) == (told.zh, told.en)


def test_what_is_no_finite_number_rejects_its_row(full: Bundle, ready: Callable[..., pl.DataFrame]) -> None:
    features = ready(6)
    first, second = full.names[3], full.names[8]
    written = features.with_columns(
        pl.Series(first, ["1.5", " ", "many", "inf", "nan", None]),
        pl.Series(second, [1.0, 2.0, float("inf"), 3.0, None, np.nan]),
    )
    made = scored(full, keyed(written))
    assert made["code"].to_list() == [None, None, "input.invalid", "input.invalid", None, None]
    assert made["field"].to_list()[2:4] == [first, first]
    assert made["reason"].to_list()[2:4] == [
        f"{first} is many: no finite number.",
        f"{first} is inf: no finite number.",
    ]
    assert made["row"].to_list() == [1, 2, 3, 4, 5, 6]
    assert made.filter(pl.col("code").is_not_null())["pd"].null_count() == 2
    read = features.with_columns(
        pl.Series(first, [1.5, None, None, None, None, None], pl.Float64),
        pl.Series(second, [1.0, 2.0, None, 3.0, None, None]),
    )
    sound = [0, 1, 4, 5]
    assert_same(full, read[sound], made[sound])


def test_columns_that_cannot_be_read_are_named(full: Bundle, ready: Callable[..., pl.DataFrame]) -> None:
    features = keyed(ready(2))
    with pytest.raises(InvalidInput, match=f"{full.names[4]}, {full.names[9]}"):
        scored(full, features.drop(full.names[4], full.names[9]))
    with pytest.raises(InvalidInput, match=full.names[4]):
        scored(full, features.with_columns(pl.lit(DAY).alias(full.names[4])))


def test_no_row_gives_no_row(full: Bundle, ready: Callable[..., pl.DataFrame]) -> None:
    made = scored(full, keyed(ready(3)).clear())
    assert made.is_empty() and dict(made.schema) == schema(full)
