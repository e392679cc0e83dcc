"""What judges the alliance's facts, by example: errors of rules, standing of members."""

from datetime import date

import polars as pl
import pytest

from alliance.corroboration.reliability import PRIOR, RELIABILITY_SCHEMA
from seeds.trust.errors import FEWEST, errors, latest, majority
from seeds.trust.liar import pooled, standing
from seeds.trust.linked import Linked

DAY = date(2020, 1, 1)


def cells(*said: tuple[int, str, int, float], truth: float = 100.0, consensus: float | None = 101.0) -> pl.DataFrame:
    """Claims of (cell, member, day of January 2020, value) about amounts that may lie 10 per cent apart."""
    rows = [
        {"cell": cell, "member": member, "known_at": date(2020, 1, known), "value": value, "truth": truth,
         "consensus": consensus, "relative": 0.1, "absolute": 0.0, "share": False}
        for cell, member, known, value in said
    ]  # fmt: skip
    return pl.DataFrame(rows, schema_overrides={"consensus": pl.Float64})


def test_plain_rules_by_example() -> None:
    told = cells((1, "a", 1, 100.0), (1, "b", 2, 104.0), (1, "c", 3, 200.0))
    assert latest(told)["value"].to_list() == [200.0]
    assert majority(told)["value"].to_list() == [104.0], "two agree; of these the later"
    alone = cells((1, "a", 1, 100.0), (1, "b", 2, 200.0))
    assert majority(alone)["value"].to_list() == [200.0], "one against one: the later"


def test_errors_are_of_the_cells_both_tell_of() -> None:
    said = [(cell, member, 1, value) for cell in range(FEWEST) for member, value in (("a", 110.0), ("b", 130.0))]
    found = {one.rule: one for one in errors(cells(*said))}
    assert found["consensus"].mean == pytest.approx(0.01) and found["consensus"].wrong == 0.0
    assert found["plain median"].mean == pytest.approx(0.2) and found["plain median"].wrong == 1.0
    best = found["best member: a"]
    assert (best.given, best.mean, best.consensus) == (1.0, pytest.approx(0.1), pytest.approx(0.01))


def test_a_contested_cell_is_nobodys_error() -> None:
    settled = [(cell, member, 1, 110.0) for cell in range(FEWEST) for member in "ab"]
    open_ = cells((FEWEST, "a", 1, 300.0), (FEWEST, "b", 1, 100.0), consensus=None)
    found = {one.rule: one for one in errors(pl.concat([cells(*settled), open_]))}
    assert found["consensus"].given == pytest.approx(FEWEST / (FEWEST + 1))
    assert found["plain median"].given == 1.0 and found["plain median"].mean == pytest.approx(0.1)


def learned(*rows: tuple[str, str, float, int, str | None]) -> pl.DataFrame:
    """Reliabilities of (member, signal, reliability, values checked, member it copies)."""
    named = [dict(zip(("member", "signal", "reliability", "checked", "copies"), row, strict=True)) for row in rows]
    filled = [{"no": 1, "as_of": DAY, "low": 0.0, "high": 1.0, "spread": 1.0} | row for row in named]
    return pl.DataFrame(filled, schema_overrides=RELIABILITY_SCHEMA)


def test_standing_is_over_all_signals_and_copies_have_none() -> None:
    told = learned(
        ("liar", "cash_position", 0.4, 400, None),
        ("liar", "headcount", 0.95, 100, None),
        ("good", "cash_position", 0.97, 300, None),
        ("copier", "cash_position", 0.4, 400, "liar"),
    )
    assert pooled(told)["member"].to_list() == ["liar", "good"]
    found = standing(told, "liar")
    assert (found.rank, found.members, found.found) == (1, 2, True)
    assert 0.4 < found.reliability < 0.6 and found.low < found.reliability < found.high < PRIOR
    assert not standing(told, "good").found


def test_who_is_last_by_a_few_values_is_not_found_yet() -> None:
    told = learned(("new", "headcount", 0.75, 2, None), ("old", "headcount", 0.97, 300, None))
    assert standing(told, "new").rank == 1 and not standing(told, "new").found


def test_shares_of_nothing_are_no_number() -> None:
    assert Linked(ids=10, linked=8, right=6).precision == 0.75 and Linked(10, 8, 6).recall == 0.6
    assert Linked(0, 0, 0).precision != Linked(0, 0, 0).precision
