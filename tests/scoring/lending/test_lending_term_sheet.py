"""A funding winter: rounds age, cash runs down, all else stays; what may not be seen is not told by it either."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from alliance.errors import Refused
from alliance.rights import Disclosure, Held
from alliance.store import Store
from scoring.decide import Scorer, ScoreRequest
from scoring.features import FEATURES, feature_frame, feature_named
from scoring.lending import LendingPolicy, Terms, term_sheet
from scoring.lending.inputs import INPUTS, Standing, Told, told
from scoring.lending.limits import limits
from scoring.lending.winter import changes, wintered
from scoring.model.certainty import Advice
from scoring.months import months_after

TODAY = date(2026, 6, 30)
POLICY = LendingPolicy.from_environment({})
TERMS = Terms(amount=5_000_000, rate=0.09, term_months=24)


def decided(scorer: Scorer, company: str, member: str = "bank", purpose: str = "research") -> str:
    request = ScoreRequest(company=company, as_of=TODAY, member=member, purpose=purpose)
    return scorer.decide(request).decision_id


@pytest.mark.parametrize("months", [1, 6, 12])
def test_rounds_age_and_cash_runs_down(toy: Any, months: int) -> None:
    scorer = toy.scorer()
    facts = scorer.facts(scorer.store.decision(decided(scorer, toy.numbers[3])))
    features = list(FEATURES)
    [now] = feature_frame(facts, features).iter_rows(named=True)
    [then] = wintered(facts, months, features).iter_rows(named=True)
    days = (months_after(TODAY, months) - TODAY).days
    assert then["round_last_age"] == now["round_last_age"] + days
    gone = days * 12 / 365.25
    assert then["cash_runway"] == pytest.approx(max(now["cash_runway"] - gone, 0), abs=0.01)
    last = now["cash_balance"] - now["cash_burn"] * (now["cash_age"] + days) * 12 / 365.25
    assert then["cash_balance"] == pytest.approx(max(last, 0), abs=1)
    for name in ("cash_burn", "cash_age", "round_last_amount", "headcount_employees", "company_age"):
        assert then[name] == now[name], name
    assert all(then[one.name] == now[one.name] for one in features if not changes(one))


def test_the_market_and_other_pillars_are_left_alone() -> None:
    changed = {one.name for one in FEATURES if changes(one)}
    assert {"round_last_age", "cash_runway", "process_term_sheet_6m", "cash_left_of_round"} <= changed
    assert not {"cash_age", "market_sentiment", "company_age", "credit_limit_to_round"} & changed


def test_the_longer_the_winter_the_less_is_left(toy: Any) -> None:
    scorer = toy.scorer()
    terms = Terms(amount=10**6, rate=0.1, term_months=12, winter_months=(1, 9, 30))
    made = term_sheet(scorer, decided(scorer, toy.numbers[5]), terms, POLICY)
    assert made.same_model and [one.months for one in made.winters] == [1, 9, 30]
    spans = [one.runway.span for one in made.winters]
    limits = [made.limits[-1], *(one.limits[-1] for one in made.winters)]
    assert all(one is not None and one.exact for one in spans)
    highs = [one.span.high for one in limits if one.span is not None]
    assert len(highs) == 4 and highs == sorted(highs, reverse=True)
    assert all(one.pd is not None and 0 < one.pd < 1 for one in made.winters)


GRANT = ("grant_1",)


def test_inputs_are_told_by_their_rung() -> None:
    values = {"round_last_amount": 3e7, "round_last_age": 200.0, "cash_runway": 4.6, "cash_burn": None}
    held = {
        "funding_round.amount": Held(Disclosure.BANDED, GRANT),
        "cash_position.cash": Held(Disclosure.SCORE_ONLY, GRANT),
    }  # fmt: skip
    found = told(values, held)
    assert {name: one.standing for name, one in found.items()} == {
        "round_last_amount": Standing.BANDED, "round_last_age": Standing.GIVEN, "cash_runway": Standing.WITHHELD,
        "cash_burn": Standing.UNKNOWN,
    }  # fmt: skip
    assert (found["round_last_amount"].span.low, found["round_last_amount"].span.high) == (2e7 - 0.5, 5e7 - 0.5)
    assert found["cash_runway"].span is None and found["cash_runway"].grants == GRANT


def test_a_band_tells_the_same_of_every_value_in_it() -> None:
    held = {f"{one}": Held(Disclosure.BANDED, GRANT) for one in ("cash_position.cash", "funding_round.amount")}

    def of(amount: float, runway: float) -> Any:
        return told(
            {"round_last_amount": amount, "round_last_age": 90.0, "cash_runway": runway, "cash_burn": 1e6}, held
        )

    assert of(2e7, 5.0) == of(4.9e7, 9.4) != of(5.1e7, 9.4)


def test_every_input_is_a_feature() -> None:
    assert [feature_named(name).name for name in INPUTS] == list(INPUTS)


@pytest.mark.parametrize("rung", [Disclosure.SCORE_ONLY, Disclosure.BANDED])
def test_nothing_withheld_is_in_the_aid(closed: Store, toy: Any, lend: Callable[..., str], rung: Disclosure) -> None:
    for giver in ("hr", "fund"):
        lend(giver, rung)
    scorer = toy.scorer(closed)
    decision_id = decided(scorer, toy.numbers[5])
    facts = scorer.facts(closed.decision(decision_id))
    [values] = feature_frame(facts, [feature_named(name) for name in INPUTS]).iter_rows(named=True)
    del values["company_id"]
    assert all(values.values())
    sheet = term_sheet(scorer, decision_id, TERMS, POLICY)
    for name, value in values.items():
        assert repr(value) not in repr(sheet), name
    assert all(one.pd is None and one.grade for one in sheet.winters)
    standing = Standing.WITHHELD if rung is Disclosure.SCORE_ONLY else Standing.BANDED
    assert {one.standing for one in sheet.inputs} == {standing} and all(one.grants for one in sheet.inputs)
    with pytest.raises(Refused, match="policy's winters"):
        term_sheet(scorer, decision_id, Terms(amount=1, rate=0, term_months=1, winter_months=(7,)), POLICY)
    # Other values within the same bands make no other answer.
    inputs = told(values, facts.rungs[closed.decision(decision_id).company_id])
    assert limits(told(nudged(values, inputs), facts.rungs[facts.companies[0]]), POLICY) == sheet.limits


def nudged(values: dict[str, float], inputs: dict[str, Told]) -> dict[str, float]:
    """Other values: any where nothing is told, and else within the band."""
    spans = {name: one.span for name, one in inputs.items()}
    return {
        name: 3 * value + 1 if (span := spans[name]) is None else (span.low + span.high) / 2
        for name, value in values.items()
    }


def test_the_interval_and_the_likeness_of_a_decision_are_used(store: Store, toy: Any) -> None:
    scorer = toy.scorer(toy.fill(store))
    made = store.decision(decided(scorer, toy.numbers[5]))
    plain = term_sheet(scorer, made.decision_id, TERMS, POLICY)
    assert (plain.returns_low, plain.returns_high, plain.model_advice) == (None, None, None)
    told_more = {"pd": 0.01, "pd_low": 0.005, "pd_high": 0.03, "unlike": True, "advice": "approve"}
    store.record_decisions([replace(made, decision_id="dec_more", result={**made.result, **told_more})])
    sheet = term_sheet(scorer, "dec_more", TERMS, POLICY)
    assert (sheet.advice, sheet.model_advice) == (Advice.REFER, Advice.APPROVE)
    assert sheet.returns_low is not None and sheet.returns_high is not None
    losses = [one.loss_year for one in (sheet.returns_low, sheet.returns, sheet.returns_high)]
    assert losses == pytest.approx([10_000, 20_000, 60_000])  # PD x 40% x 5 million


def test_on_the_console(toy: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from scoring.cli import app

    toy.bundle.save(tmp_path / "bundle")
    words = (decided(toy.scorer(), toy.numbers[5]), "--amount", "5000000", "--rate", "0.09", "--term", "24")
    where = ("--database", str(toy.store.engine.url), "--bundle", str(tmp_path / "bundle"))
    with pytest.raises(SystemExit) as left:
        app(["lending", *words, *where])
    told = " ".join(capsys.readouterr().out.split())
    assert left.value.code == 0
    for said in (
        "综合额度 all together",
        "融资寒冬",
        "return on capital, with warrants",
        "no advice",
        "不构成授信建议",
    ):
        assert said in told, said
    with pytest.raises(SystemExit) as left:
        app(["lending", *words[:2], "-5", *words[3:], *where])
    assert left.value.code == 1 and "Give whole yuan above 0" in capsys.readouterr().err
