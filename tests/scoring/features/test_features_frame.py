"""The frame's promises: shape, order, and the same row alone, in bulk and in any order of rows."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.corroboration.facts import Facts
from alliance.errors import NotFound
from alliance.signals import Pillar, Subject, signal_named
from scoring.features import FEATURES, FEATURES_BY_NAME, Feature, Unit, feature_frame

Make = Callable[..., Facts]


def alone(facts: Facts, company: str) -> Facts:
    """What a reader of one company gets: its own facts, and all sectors'."""
    frames = {
        name: frame if signal_named(name).subject is Subject.SECTOR else frame.filter(pl.col("subject_id") == company)
        for name, frame in facts.frames.items()
    }
    return replace(facts, companies=(company,), frames=frames)


def shuffled(facts: Facts, seed: int) -> Facts:
    return replace(facts, frames={n: f.sample(fraction=1, shuffle=True, seed=seed) for n, f in facts.frames.items()})


def test_one_row_per_company_sorted_and_one_float_column_per_feature_in_order(make_facts: Make) -> None:
    facts = make_facts(("c2", "c10", "c1"), patent=[{"of": "c2", "kind": "invention"}])
    frame = feature_frame(facts)
    assert frame["company_id"].to_list() == ["c1", "c10", "c2"]
    assert frame.columns == ["company_id", *(feature.name for feature in FEATURES)]
    assert set(frame.dtypes[1:]) == {pl.Float64}


def test_a_company_without_facts_has_a_row_of_unknowns(make_facts: Make) -> None:
    frame = feature_frame(make_facts(("c1", "c2"), patent=[{"of": "c2", "kind": "invention"}]))
    assert all(value is None for value in frame.row(0)[1:])


def test_no_company_no_row(make_facts: Make) -> None:
    frame = feature_frame(make_facts(()))
    assert frame.height == 0
    assert frame.columns == ["company_id", *FEATURES_BY_NAME]


def test_facts_of_other_companies_add_no_row(make_facts: Make) -> None:
    frame = feature_frame(make_facts(("c1",), patent=[{"of": "c9", "kind": "invention"}]))
    assert frame["company_id"].to_list() == ["c1"]
    assert frame["patents_filed_12m"].to_list() == [None]


@pytest.mark.parametrize("feature", [f for f in FEATURES if f.signal is None], ids=lambda f: f.name)
def test_a_derived_feature_brings_its_inputs_along(feature: Feature, random_facts: Make) -> None:
    facts = random_facts(7)
    assert feature_frame(facts, [feature]).equals(feature_frame(facts).select("company_id", feature.name))


def test_a_given_input_stands_before_a_listed_one(make_facts: Make) -> None:
    def made(name: str, signal: str | None, expr: pl.Expr) -> Feature:
        return Feature(name=name, pillar=Pillar.VENTURE, signal=signal, expr=expr, zh="甲", en="a", unit=Unit.COUNT)

    twice = made("twice", None, pl.col("round_count") * 2)
    count = made("round_count", "funding_round", pl.len() + 10)
    frame = feature_frame(make_facts(funding_round=[{"stage": "seed"}]), (twice, count))
    assert frame.columns == ["company_id", "twice", "round_count"]
    assert frame.row(0)[1:] == (22.0, 11.0)


def test_unknown_inputs_and_signals_are_named(make_facts: Make) -> None:
    def made(signal: str | None) -> Feature:
        expr = pl.col("nowhere").max()
        return Feature(name="a", pillar=Pillar.VENTURE, signal=signal, expr=expr, zh="甲", en="a", unit=Unit.COUNT)

    with pytest.raises(NotFound, match="nowhere"):
        feature_frame(make_facts(), [made(None)])
    with pytest.raises(NotFound, match="gossip"):
        feature_frame(make_facts(), [made("gossip")])


def test_of_two_facts_of_one_day_the_later_key_is_the_latest(make_facts: Make) -> None:
    rows = [{"key": "b", "cash": 2}, {"key": "a", "cash": 1}]
    for order in (rows, rows[::-1]):
        assert feature_frame(make_facts(cash_position=order))["cash_balance"].to_list() == [2.0]


def test_ages_are_counted_from_the_as_of_day(make_facts: Make) -> None:
    facts = make_facts(patent=[{"ago": 10}])
    later = replace(facts, as_of=date(2024, 7, 10))
    assert feature_frame(facts)["patents_last_filing_age"].to_list() == [10.0]
    assert feature_frame(later)["patents_last_filing_age"].to_list() == [20.0]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), most=st.sampled_from([1, 2, 9]))
def test_a_row_is_the_same_alone_in_bulk_and_in_any_order(random_facts: Make, seed: int, most: int) -> None:
    facts = random_facts(seed, most=most)
    bulk = feature_frame(facts)
    assert feature_frame(shuffled(facts, seed)).equals(bulk)
    for company in facts.companies:
        assert feature_frame(shuffled(alone(facts, company), seed)).equals(bulk.filter(company_id=company))


def test_a_row_is_the_same_among_thousands(random_facts: Make) -> None:
    facts = random_facts(3, companies=3000, most=12)
    bulk = feature_frame(facts)
    assert feature_frame(shuffled(facts, 1)).equals(bulk)
    for company in Random(5).sample(facts.companies, 12):
        assert feature_frame(alone(facts, company)).equals(bulk.filter(company_id=company))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), wild=st.booleans())
def test_no_value_is_nan_or_infinite(random_facts: Make, seed: int, wild: bool) -> None:
    frame = feature_frame(random_facts(seed, wild=wild))
    for column in frame.iter_columns():
        if column.name != "company_id":
            assert column.drop_nulls().is_finite().all(), column.name


def test_random_facts_reach_every_feature(random_facts: Make) -> None:
    rows = pl.concat(feature_frame(random_facts(seed, companies=40, most=9)) for seed in range(20))
    assert [column.name for column in rows.iter_columns() if column.null_count() == rows.height] == []
