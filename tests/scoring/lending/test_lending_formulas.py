"""Formulas against hand computation and published values, and what must rise or fall with what."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.errors import InvalidInput
from scoring.lending import LendingPolicy, Terms
from scoring.lending.inputs import BURN, ROUND, ROUND_AGE, RUNWAY, Span, Standing, Told
from scoring.lending.limits import Fit, limits, months_added
from scoring.lending.loss import Returns, capital_share, pd_of_a_term, pd_of_a_year, returns
from scoring.lending.page import FORMULAS, page
from scoring.lending.policy import SHIPPED, read_policy

POLICY = read_policy(SHIPPED)
MONTH = 365.25 / 12
"""Days."""


@pytest.mark.parametrize(
    ("pd", "lgd", "weight"),
    [  # Basel Committee (2006), annex 5: illustrative risk weights of corporates, at 2.5 years; K x 12.5
        (0.0005, 0.45, 0.1965), (0.0025, 0.45, 0.4947), (0.01, 0.45, 0.9232), (0.05, 0.45, 1.4986),
        (0.10, 0.45, 1.9309), (0.20, 0.45, 2.3823), (0.01, 0.75, 1.5386),
    ],
)  # fmt: skip
def test_capital_is_the_published_one(pd: float, lgd: float, weight: float) -> None:
    assert 12.5 * capital_share(pd, lgd, 2.5) == pytest.approx(weight, abs=6e-5)


def loan(pd: float = 0.02, **given: float) -> Returns:
    terms = {"amount": 10_000_000, "rate": 0.09, "term_months": 24, "lgd": 0.4, "fee": 0.01, "coverage": 0.1, **given}
    return returns(pd, 12, POLICY, **terms)  # type: ignore[arg-type]


def test_a_loan_by_hand() -> None:
    made = loan()
    assert made.pd_year == pytest.approx(0.02)
    assert made.pd_term == pytest.approx(1 - 0.98**2)
    assert made.loss_year == pytest.approx(80_000)  # 2% x 40% x 10 million
    assert made.loss_term == pytest.approx(0.0396 * 0.4 * 10_000_000)
    assert made.warrants == pytest.approx(0.1 * 10_000_000 * 0.9604 * 0.2 * 1.0)
    earned = 10_000_000 * (0.09 + 0.01 / 2 - 0.02 - 0.015) - 80_000
    assert made.raroc == pytest.approx(earned / made.capital)
    assert made.raroc_warrants == pytest.approx((earned + made.warrants / 2) / made.capital)
    assert loan(rate=made.rate_wanted).raroc == pytest.approx(POLICY.hurdle)


@pytest.mark.parametrize(
    ("pd", "horizon", "year"), [(0.02, 12, 0.02), (0.19, 24, 0.1), (0.0, 12, 0.0005), (0.05, 6, 1 - 0.95**2)]
)
def test_a_years_pd(pd: float, horizon: int, year: float) -> None:
    assert pd_of_a_year(pd, horizon, 0.0005) == pytest.approx(year)
    assert pd_of_a_term(year, 36) == pytest.approx(1 - (1 - year) ** 3)


PDS = st.floats(min_value=0.001, max_value=0.25)


@given(PDS, st.floats(0.01, 0.1), st.floats(0.1, 0.9), st.integers(1, 60))
def test_more_risk_costs_more(pd: float, more: float, lgd: float, term: int) -> None:
    safe, risky = (loan(one, lgd=lgd, term_months=term) for one in (pd, pd + more))
    assert safe.loss_year < risky.loss_year and safe.loss_term < risky.loss_term
    assert safe.rate_wanted < risky.rate_wanted and safe.warrants > risky.warrants
    worse = loan(pd, lgd=lgd + 0.1, term_months=term)
    assert safe.capital < worse.capital and safe.loss_year < worse.loss_year
    assert safe.raroc is not None and safe.raroc_warrants is not None
    assert safe.raroc < safe.raroc_warrants
    dearer = loan(pd, lgd=lgd, term_months=term, rate=0.1)
    assert dearer.raroc is not None and safe.raroc < dearer.raroc


def known(amount: float = 1e8, age: float = 12, runway: float = 12, burn: float = 2e6) -> dict[str, Told]:
    values = {ROUND: amount, ROUND_AGE: age * MONTH, RUNWAY: runway, BURN: burn}
    return {name: Told(name, Standing.GIVEN, Span(value, value)) for name, value in values.items()}


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [  # shares of the last round, low and high; burn x months; the least of the last two
        (known(), (25e6, 35e6, 12e6, 12e6)),
        (known(runway=40), (25e6, 35e6, 18e6, 18e6)),  # nine months at most
        (known(age=27), (12.5e6, 17.5e6, 12e6, 12e6)),  # half of the way from fresh to stale
        (known(age=40), (0, 0, 12e6, 0)),
        (known(burn=5e7), (25e6, 35e6, 3e8, 35e6)),
        (known(burn=-1), (25e6, 35e6, None, 35e6)),
    ],
)
def test_limits_by_hand(inputs: dict[str, Told], expected: tuple[float | None, ...]) -> None:
    found = limits(inputs, POLICY)
    assert [one.rule for one in found] == ["round_low", "round_high", "runway", "limit"]
    for one, amount in zip(found, expected, strict=True):
        assert one.span is None if amount is None else one.span and one.span.high == pytest.approx(amount)
    assert found[2].binds is (expected[2] is not None)


@given(st.floats(0, 1e9), st.floats(0, 60), st.floats(0, 60), st.floats(1, 1e8))
def test_limits_rise_with_round_and_runway_and_fall_with_age(
    amount: float, age: float, runway: float, burn: float
) -> None:
    def limit(**other: float) -> float:
        given = {"amount": amount, "age": age, "runway": runway, "burn": burn, **other}
        span = limits(known(**given), POLICY)[-1].span
        assert span is not None and span.exact
        return span.high

    assert limit() <= limit(amount=amount + 1e6) and limit() <= limit(runway=runway + 1)
    assert limit() >= limit(age=age + 1)


def banded(name: str, low: float, high: float) -> Told:
    return Told(name, Standing.BANDED, Span(low, high), ("grant_1",))


@given(st.floats(1e6, 1e9), st.floats(1, 3), st.floats(0, 1), st.integers(1, 10**9))
def test_a_band_holds_the_limit_of_every_value_in_it(low: float, wide: float, place: float, amount: int) -> None:
    inside = low + place * (wide - 1) * low
    exact = limits(known(amount=inside), POLICY)
    found = limits({**known(), ROUND: banded(ROUND, low, wide * low)}, POLICY)
    for one, told in zip(exact, found, strict=True):
        assert one.span is not None and told.span is not None
        assert told.span.low <= one.span.low * (1 + 1e-12) and one.span.high <= told.span.high * (1 + 1e-12)
    if found[-1].fit(amount) is not Fit.OPEN and not told.span.low < exact[-1].span.high < told.span.low * (1 + 1e-9):
        assert found[-1].fit(amount) is exact[-1].fit(amount)


@pytest.mark.parametrize("gone", [ROUND, ROUND_AGE, RUNWAY, BURN])
def test_what_is_withheld_leaves_only_an_upper_end(gone: str) -> None:
    inputs = {**known(), gone: Told(gone, Standing.WITHHELD, None, ("grant_1",))}
    found = limits(inputs, POLICY)
    by_round, by_runway, together = found[1], found[2], found[3]
    hidden, seen = (by_round, by_runway) if gone in (ROUND, ROUND_AGE) else (by_runway, by_round)
    assert (hidden.span, hidden.standing) == (None, Standing.WITHHELD)
    assert seen.span is not None and together.span == Span(0.0, seen.span.high)
    assert together.fit(int(seen.span.high) + 1) is Fit.ABOVE
    assert {together.fit(amount) for amount in (1, int(seen.span.high))} == {Fit.OPEN}


def test_nothing_known_is_no_limit() -> None:
    nothing = {name: Told(name, Standing.UNKNOWN, None) for name in (ROUND, ROUND_AGE, RUNWAY, BURN)}
    found = limits(nothing, POLICY)[-1]
    assert (found.span, found.standing, found.fit(1)) == (None, Standing.UNKNOWN, Fit.OPEN)
    assert months_added(nothing, 1) is None
    assert months_added(known(), 6_000_000) == Span(3.0, 3.0)


@pytest.mark.parametrize(
    "wrong",
    [{"amount": 0}, {"rate": 1.5}, {"term_months": 0}, {"lgd": -0.1}, {"fee": 2}, {"winter_months": (40,)}],
)
def test_terms_that_are_none(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput) as refused:
        Terms(**{"amount": 1, "rate": 0.1, "term_months": 12, **wrong})  # type: ignore[arg-type]
    assert refused.value.where == {"field": next(iter(wrong))}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [("low = 0.25", "low = 0.5", "lower end"), ("lgd = 0.40", "lgd = 4", "[loss] lgd"),
     ("fresh_months = 18", "fresh_months = 1.5", "whole months"), ("months = [6, 12, 18]", "months = [0]", "[winter]"),
     ('age_source = "', 'aged = "', "round.age"), ("[band]", "[bond]", "[band]")],
)  # fmt: skip
def test_a_policy_that_cannot_be_used_says_why(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "policy.toml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidInput) as refused:
        LendingPolicy.from_environment({"ALLIANCE_LENDING_POLICY": str(file)})
    assert says in str(refused.value)


def test_the_page_is_current_and_speaks_of_every_number(pytestconfig: pytest.Config) -> None:
    file = pytestconfig.rootpath / "docs" / "lending.md"
    assert file.read_text(encoding="utf-8") == page(POLICY), (
        "write it again: scoring lending-formulas --write docs/lending.md"
    )
    named = {one.name for one in FORMULAS}
    assert named >= {*Returns.__annotations__, *(one.rule for one in limits(known(), POLICY)), "months_added"}
    assert all(one.formula and one.source for one in FORMULAS)
    assert page(replace(POLICY, lgd=0.41)) != page(POLICY)
