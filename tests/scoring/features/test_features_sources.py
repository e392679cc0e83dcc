"""What features are made of: named by their expressions, and true of their values."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count, islice

import pytest

from alliance.corroboration.facts import Facts
from alliance.signals import SIGNALS, Signal
from scoring.features import FEATURES, feature_frame, feature_named
from scoring.features.sources import sources


@pytest.mark.parametrize(
    ("feature", "made_of"),
    [
        ("cash_balance", {"cash_position.cash"}),
        ("team_best_exits", {"person_role.prior_exits", "person_role.ended_on"}),  # by a row column
        ("rd_intensity", {"rd_activity.rd_expense", "financial_statement.revenue"}),  # by features it is derived from
        ("patents_last_filing_age", {"patent.filed_on"}),  # by the age of the event
        ("market_sentiment", {"market_signal.sentiment", "company_profile.sector"}),
        ("evidence_contested", set()),
    ],
)
def test_sources_by_example(feature: str, made_of: set[str]) -> None:
    assert sources(feature_named(feature)) == made_of


def test_a_number_of_facts_tells_something_of_all_of_them() -> None:
    fields = next(signal for signal in SIGNALS if signal.name == "facility").schema
    assert sources(feature_named("credit_facilities")) == {f"facility.{name}" for name in fields}


def _with_facts(signal: Signal, random_facts: Callable[..., Facts]) -> Iterator[Facts]:
    """Three alliances that have some facts of the signal."""
    made = (random_facts(seed, companies=8) for seed in count())
    return islice((facts for facts in made if facts.frames[signal.name].height >= 8), 3)


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
def test_what_a_feature_is_not_made_of_does_not_move_it(signal: Signal, random_facts: Callable[..., Facts]) -> None:
    """Values of one field change hands among the facts; only features that name it as a source may notice."""
    for facts in _with_facts(signal, random_facts):
        before, frame = feature_frame(facts), facts.frames[signal.name]
        for seed, name in enumerate(signal.schema):
            if name == signal.event:
                continue
            mixed = frame.with_columns(frame[name].shuffle(seed=seed))
            after = feature_frame(replace(facts, frames={**facts.frames, signal.name: mixed}))
            for feature in FEATURES:
                if f"{signal.name}.{name}" not in sources(feature):
                    assert before[feature.name].equals(after[feature.name], null_equal=True), (feature.name, name)


def test_what_it_is_made_of_does(make_facts: Callable[..., Facts]) -> None:
    two = [{"of": company, "cash": cash} for company, cash in (("c1", 100), ("c2", 900))]
    facts = make_facts(("c1", "c2"), cash_position=two)
    frame = facts.frames["cash_position"]
    swapped = frame.with_columns(frame["cash"].reverse())
    after = feature_frame(replace(facts, frames={**facts.frames, "cash_position": swapped}))
    assert after["cash_balance"].to_list() == feature_frame(facts)["cash_balance"].to_list()[::-1] == [900.0, 100.0]


def test_every_source_is_a_field_there_is() -> None:
    known = {f"{signal.name}.{name}" for signal in SIGNALS for name in signal.schema}
    named = frozenset().union(*(sources(feature) for feature in FEATURES))
    assert known >= named
    assert len(named) > 80
