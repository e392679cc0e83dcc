"""Versions of facts: on each day those that hold are the facts made of what is known by it."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from alliance.corroboration import corroborate
from alliance.corroboration.arrays import FEW
from alliance.corroboration.reliability import voice
from alliance.corroboration.versions import holding, versions
from alliance.signals import signal_named

START = date(2020, 1, 1)
DAYS = [START + timedelta(days=30 * place) for place in range(5)]
IN_TIME = ("subject_id", "event_at", "key")


@st.composite
def said(draw: Any) -> list[dict[str, Any]]:
    """Claims of a few facts of few companies, by members who differ, told early or late."""
    event = START + timedelta(days=draw(st.integers(-40, 140)))
    number = st.none() | st.sampled_from([100, 103, 160])
    return [
        {
            "signal": "cash_position", "subject_id": draw(st.sampled_from("abc")), "key": draw(st.sampled_from("xyz")),
            "member": draw(st.sampled_from(["m1", "m2", "m3"])), "observed_on": event + timedelta(days=place % 3),
            "event_at": event + timedelta(days=place % 3), "cash": draw(number), "monthly_burn": draw(number),
            "known_at": event + timedelta(days=draw(st.integers(0, 150))),
        }
        for place in range(draw(st.integers(1, 14)))
    ]  # fmt: skip


voices = st.dictionaries(
    st.sampled_from(["m1", "m2", "m3"]),
    st.builds(voice, st.sampled_from(["m1", "m2"]), st.sampled_from([0.6, 0.8, 0.95]), st.just(0.3)),
)


@settings(max_examples=200, deadline=None)
@given(said=said(), weights=st.lists(voices, min_size=2, max_size=2), changes=st.integers(0, len(DAYS)))
def test_what_holds_on_a_day_is_what_is_known_by_it(said: Any, weights: Any, changes: int, claims: Any) -> None:
    told, signal = claims(*said), signal_named("cash_position")
    on = [weights[place >= changes] for place in range(len(DAYS))]
    made = versions(signal, told.frames[signal.name], DAYS, on)
    assert_frame_equal(made, made.sort(*IN_TIME, maintain_order=True), check_exact=True)
    for place, day in enumerate(DAYS):
        facts = corroborate(told, ["a", "b", "c"], day, {signal.name: on[place]}).frames[signal.name]
        assert_frame_equal(holding(made, place), facts.sort(*IN_TIME), check_exact=True)


@pytest.mark.parametrize("name", ["company_profile", "cash_position", "person_role"])
def test_many_claims_and_few_are_read_alike(name: str, claims: Any) -> None:
    """Long columns are read by queries, short ones row by row."""
    signal = signal_named(name)
    values: dict[str, Any] = {
        field.name: field.values[0] if field.values else "text" for field in signal.fields if field.dtype == pl.String
    }
    few = [
        {"signal": name, "subject_id": f"{place:05}", "member": member, "known_at": START, "event_at": START,
         signal.event: START, **(values if place % 3 else {})}
        for place in range(FEW)
        for member in ("m1", "m2")[: 1 + place % 2]
    ]  # fmt: skip
    many = corroborate(claims(*few), [], START, {}).frames[name]
    parts = [few[start : start + 300] for start in range(0, len(few), 300)]
    some = pl.concat(corroborate(claims(*part), [], START, {}).frames[name] for part in parts)
    doubled = some["subject_id"].is_duplicated()  # a company cut in two
    assert_frame_equal(
        many.filter(~many["subject_id"].is_in(some["subject_id"].filter(doubled).unique().implode())),
        some.filter(~doubled), check_exact=True,
    )  # fmt: skip
