"""The rule of corroboration: tables in and answers out, and what holds for any claims whatever."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from alliance.corroboration import Facts, corroborate
from alliance.corroboration.facts import contested_fields
from alliance.corroboration.reliability import voice
from alliance.signals import FieldType, Signal, signal_named
from alliance.signals.claims import Claims, ordered

AS_OF = date(2021, 1, 1)
DAY = date(2020, 3, 31)
SHAPES = {
    "company_profile": "",
    "cash_position": "2020-Q1",
    "funding_round": "seed|2020-03",
    "investor_profile": "Qi",
    "repayment_status": "f1|2020-03",
}
"""Signals whose fields are of all types, lasting and not, and a key of each."""


def of(claims: Claims, signal: str, voices: Any = None, as_of: date = AS_OF) -> pl.DataFrame:
    companies = sorted({*claims.frames[signal]["subject_id"]})
    return corroborate(claims, companies, as_of, {signal: voices or {}}).frames[signal]


def cash(member: str, amount: int | None, **more: Any) -> dict[str, Any]:
    return {"signal": "cash_position", "member": member, "cash": amount, "key": "2020-Q1", "observed_on": DAY, **more}


@pytest.mark.parametrize(
    ("said", "value", "agreement"),
    [
        ({"a": 100}, 100, None),
        ({"a": 100, "b": 100}, 100, 1.0),
        ({"a": 100, "b": 110}, 105, 1.0),
        ({"a": 100, "b": 140}, None, 0.5),
        ({"a": 100, "b": 140, "c": 100}, 100, 2 / 3),
        ({"a": 100, "b": 140, "c": 103}, 102, 2 / 3),
        ({"a": 100, "b": 140, "c": 110}, 117, 1.0),
        ({"a": 100, "b": 200, "c": 300}, None, 1 / 3),
        ({"a": 100, "b": None, "c": 110}, 105, 1.0),
        ({"a": 0, "b": 0}, 0, 1.0),
        ({"a": -100, "b": 100}, None, 0.5),
    ],
)
def test_numbers_agree_within_their_tolerance(
    claims: Callable[..., Claims], said: dict[str, int | None], value: int | None, agreement: float | None
) -> None:
    made = of(claims(*(cash(member, amount) for member, amount in said.items())), "cash_position").row(0, named=True)
    assert (made["cash"], made["members"]) == (value, len(said))
    assert made["agreement"] == pytest.approx(agreement)
    assert (made["contested"] > 0) is (value is None)


@pytest.mark.parametrize(
    ("weights", "status"),
    [
        ({"a": 0.9, "b": 0.6}, "operating"),
        ({"a": 0.6, "b": 0.9}, "closed"),
        ({"a": 0.8, "b": 0.75}, None),
        ({"a": 0.3, "b": 0.2}, None),
    ],
)
def test_categories_are_decided_by_weight(
    claims: Callable[..., Claims], weights: dict[str, float], status: str | None
) -> None:
    said = (("a", "operating"), ("b", "closed"))
    made = claims(*({"signal": "company_profile", "member": member, "status": status} for member, status in said))
    voices = {member: voice(member, reliability, 0.3) for member, reliability in weights.items()}
    assert of(made, "company_profile", voices)["status"].to_list() == [status]


def test_what_is_old_news_does_not_contradict_the_new(claims: Callable[..., Claims]) -> None:
    def told(member: str, status: str, day: date) -> dict[str, Any]:
        return {"signal": "company_profile", "member": member, "status": status, "observed_on": day}

    made = claims(told("a", "operating", date(2018, 1, 1)), told("b", "acquired", DAY), told("c", "acquired", DAY))
    fact = of(made, "company_profile").row(0, named=True)
    assert (fact["status"], fact["agreement"], fact["event_at"]) == ("acquired", 1.0, DAY)
    near = claims(told("a", "operating", DAY - timedelta(days=170)), told("b", "acquired", DAY))
    assert of(near, "company_profile")["status"].to_list() == [None]


def test_what_is_old_news_still_speaks_for_the_new(claims: Callable[..., Claims]) -> None:
    def told(member: str, exits: int, day: date) -> dict[str, Any]:
        return {"signal": "investor_profile", "key": "Qi", "member": member, "exits": exits, "observed_on": day}

    old, new = date(2018, 1, 1), DAY
    fact = of(claims(told("a", 5, old), told("b", 5, old), told("c", 9, old)), "investor_profile").row(0, named=True)
    assert (fact["exits"], fact["agreement"]) == (5, pytest.approx(2 / 3))
    said = [told("a", 5, old), told("b", 5, old), told("c", 9, old), told("d", 5, new)]
    fact = of(claims(*said), "investor_profile").row(0, named=True)
    assert (fact["exits"], fact["agreement"]) == (5, 1.0), "nine is outdated, five confirmed"
    fact = of(claims(told("a", 5, old), told("d", 9, new)), "investor_profile").row(0, named=True)
    assert (fact["exits"], fact["agreement"]) == (9, None), "nobody speaks for it but one"


def test_texts_are_not_held_against_each_other(claims: Callable[..., Claims]) -> None:
    named = [("a", "Qi", DAY), ("b", "Qi Ltd.", DAY + timedelta(days=3))]
    made = claims(
        *({"signal": "company_profile", "member": m, "name": n, "known_at": day, "observed_on": DAY}
          for m, n, day in named)
    )  # fmt: skip
    fact = of(made, "company_profile").row(0, named=True)
    assert (fact["name"], fact["agreement"], fact["contested"]) == ("Qi Ltd.", None, 0)


def test_a_copy_has_no_voice_of_its_own(claims: Callable[..., Claims]) -> None:
    said = claims(cash("honest", 100), cash("liar", 200), cash("echo", 200, known_at=DAY + timedelta(days=9)))
    assert of(said, "cash_position")["cash"].to_list() == [200], "three newcomers: two carry it"
    echo = {"echo": voice("liar", 0.8, 0.3)}
    fact = of(said, "cash_position", echo).row(0, named=True)
    assert (fact["cash"], fact["members"]) == (None, 2)


def test_an_original_speaks_for_itself_and_a_copy_where_it_is_silent(claims: Callable[..., Claims]) -> None:
    echo = {"echo": voice("source", 0.8, 0.3)}
    both = claims(cash("source", 100, known_at=DAY), cash("echo", 500, known_at=DAY + timedelta(days=9)))
    assert of(both, "cash_position", echo)["cash"].to_list() == [100]
    alone = claims(cash("source", None), cash("echo", 500))
    assert of(alone, "cash_position", echo)["cash"].to_list() == [500]


# Whatever is claimed


def values(signal: Signal) -> st.SearchStrategy[dict[str, Any]]:
    """Some fields filled, with few different values, so that members often agree, nearly or not at all."""
    numbers = {
        FieldType.TEXT: ["Qi", "Ming"], FieldType.INTEGER: [0, 1, 2, 9, 10], FieldType.NUMBER: [0.0, 1.0, 1.2, 7.5],
        FieldType.SHARE: [0.0, 0.05, 0.1, 0.9], FieldType.MONEY: [0, 100, 110, 130, 999], FieldType.FLAG: [True, False],
        FieldType.DATE: [date(2019, 1, 1), date(2019, 1, 20), date(2019, 6, 1)],
    }  # fmt: skip
    return st.fixed_dictionaries(
        {field.name: st.none() | st.sampled_from(list(field.values) or numbers[field.type]) for field in signal.fields}
    )


@st.composite
def claimed(draw: st.DrawFn) -> tuple[str, list[dict[str, Any]]]:
    """Claims of one signal about two companies by up to five members."""
    name = draw(st.sampled_from(sorted(SHAPES)))
    signal = signal_named(name)
    days = st.integers(0, 400).map(lambda days: date(2019, 6, 1) + timedelta(days=days))
    found = []
    for row in range(draw(st.integers(1, 9))):
        event, lag = draw(days), draw(st.integers(0, 60))
        found.append(
            {
                **draw(values(signal)), "signal": name, "member": draw(st.sampled_from("abcde")), "event_at": event,
                signal.event: event, "known_at": event + timedelta(days=lag), "key": SHAPES[name], "row": row,
                "subject_id": draw(st.sampled_from(["co_1", "co_2"])), "submission_no": draw(st.integers(1, 3)),
            }
        )  # fmt: skip
    return name, found


VOICES = st.dictionaries(
    st.sampled_from("abcde"),
    st.builds(voice, st.just(""), st.floats(0.05, 0.99), st.floats(0.05, 1.0)),
).map(lambda made: {m: one._replace(root="a" if m in "de" and "a" in made else m) for m, one in made.items()})
"""Voices of some members; where ``a`` has one, ``d`` and ``e`` only repeat it."""

ANYTHING = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@ANYTHING
@given(given=claimed(), voices=VOICES, as_of=st.sampled_from([date(2019, 12, 1), date(2020, 6, 1), AS_OF]))
def test_facts_are_those_of_the_definition(given: Any, voices: Any, as_of: date, check: Any) -> None:
    check(*given, voices, as_of)


@pytest.fixture(scope="session")
def check(claims: Any, plain: Any, rows: Any, by_definition: Any) -> Callable[..., None]:
    """Compares the facts of some claims with what the definition says."""

    def compared(name: str, said: list[dict[str, Any]], voices: Any, as_of: date) -> None:
        made, signal = claims(*said), signal_named(name)
        found = plain(corroborate(made, ["co_1", "co_2"], as_of, {name: voices}), signal)
        expected = by_definition(signal, rows(made, name), as_of, voices)
        assert found.keys() == expected.keys()
        for fact, told in expected.items():
            numbers = {one for one, value in told.items() if isinstance(value, float)}
            assert {one: found[fact][one] for one in told.keys() - numbers} == {
                one: told[one] for one in told.keys() - numbers
            }
            assert {one: found[fact][one] for one in numbers} == pytest.approx({one: told[one] for one in numbers})

    return compared


@ANYTHING
@given(given=claimed(), order=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_fact(given: Any, order: Any, claims: Any) -> None:
    name, said = given
    told = claims(*said)
    frame = told.frames[name]
    mixed = ordered(signal_named(name), frame.sample(fraction=1.0, shuffle=True, seed=order.randrange(2**32)))
    assert_frame_equal(of(Claims({**told.frames, name: mixed}, 1), name), of(told, name), check_exact=True)


@ANYTHING
@given(given=claimed())
def test_one_company_alone_is_as_among_others(given: Any, claims: Any) -> None:
    name, said = given
    every = of(claims(*said), name)
    for company in ("co_1", "co_2"):
        alone = of(claims(*(one for one in said if one["subject_id"] == company)), name)
        assert_frame_equal(alone, every.filter(pl.col("subject_id") == company), check_exact=True)


@ANYTHING
@given(given=claimed(), as_of=st.sampled_from([date(2019, 9, 1), date(2020, 1, 1), date(2020, 6, 1)]))
def test_what_is_known_later_changes_no_earlier_fact(given: Any, as_of: date, claims: Any) -> None:
    name, said = given
    earlier = [one for one in said if max(one["known_at"], one["event_at"]) <= as_of]
    assert_frame_equal(of(claims(*said), name, as_of=as_of), of(claims(*earlier), name, as_of=as_of), check_exact=True)


@ANYTHING
@given(given=claimed(), reliability=st.floats(0.1, 0.99))
def test_a_claim_that_agrees_never_lowers_agreement(given: Any, reliability: float, claims: Any) -> None:
    name, said = given
    before = {row["subject_id"]: row for row in of(claims(*said), name).iter_rows(named=True)}
    echoed = [
        {**{field.name: fact[field.name] for field in signal_named(name).fields}, "signal": name, "member": "new",
         "subject_id": subject, "key": SHAPES[name], "event_at": fact["event_at"], "known_at": fact["known_at"]}
        for subject, fact in before.items()
    ]  # fmt: skip
    told = of(claims(*said, *echoed), name, {"new": voice("new", reliability, 0.3)})
    for fact in told.iter_rows(named=True):
        was = before[fact["subject_id"]]
        assert was["agreement"] is None or fact["agreement"] >= was["agreement"] - 1e-12
        assert fact["contested"] & ~was["contested"] == 0
        assert fact["members"] == was["members"] + 1


def test_what_a_company_must_not_gain_by_stays(claims: Callable[..., Claims]) -> None:
    """How late a payment was is used although it is contested; the balance is not."""
    said = [
        {"signal": "repayment_status", "member": member, "key": "f1|2020-03", "facility_no": "f1", "balance": balance,
         "observed_on": DAY, "days_past_due": days}
        for member, days, balance in (("a", 0, 100), ("b", 60, 900))
    ]  # fmt: skip
    voices = {"a": voice("a", 0.7, 0.3), "b": voice("b", 0.75, 0.3)}
    fact = of(claims(*said), "repayment_status", voices).row(0, named=True)
    assert (fact["days_past_due"], fact["balance"]) == (60, None)
    assert contested_fields(signal_named("repayment_status"), fact["contested"]) == ("days_past_due", "balance")


def test_facts_say_what_is_contested(claims: Callable[..., Claims]) -> None:
    made = corroborate(claims(cash("a", 100), cash("b", 900)), ["co"], AS_OF, {})
    assert isinstance(made, Facts)
    [(company, [contested])] = made.contested().items()
    assert (company, contested.signal, contested.key, contested.fields) == ("co", "cash_position", "2020-Q1", ("cash",))
