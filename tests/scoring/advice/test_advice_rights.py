"""Advice tells no more of what is withheld than the decision does, and cannot be asked for at will."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from alliance.errors import Conflict, Refused
from alliance.grants import revoke
from alliance.rights import Disclosure
from alliance.store import Decision, Store
from scoring.advice import next_data, what_would_help
from scoring.decide import Scorer, ScoreRequest
from scoring.probing import ProbingLimit

LAST_DAY = date(2026, 6, 30)


class Clock:
    """A clock that is set."""

    now = datetime(2026, 6, 30, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def scorer(closed: Store, toy: Any) -> Scorer:
    closed.clock = Clock()
    made: Scorer = toy.scorer(closed)
    return made


def decided(scorer: Scorer, company: str, back: int = 0) -> Decision:
    day = LAST_DAY - timedelta(days=back)
    return scorer.decide(ScoreRequest(company=company, as_of=day, member="bank", purpose="research"))


def test_of_what_is_for_scores_only_nothing_is_proposed_and_grades_alone_are_told(
    scorer: Scorer, toy: Any, lend: Callable[..., str]
) -> None:
    lend("hr")
    lend("fund", Disclosure.RAW)
    told = [what_would_help(scorer, decided(scorer, number).decision_id) for number in toy.numbers[:8]]
    for one in told:
        assert not one.exact and {"burn_less", "keep_staff"} <= {change.name for change in one.withheld}
        assert not one.considered  # the toy company can change nothing else
        assert one.proposals == () and one.best is None


def test_of_what_may_be_seen_numbers_are_told(scorer: Scorer, toy: Any, lend: Callable[..., str]) -> None:
    lend("hr", Disclosure.RAW)
    lend("fund", Disclosure.RAW)
    told = [what_would_help(scorer, decided(scorer, number).decision_id) for number in toy.numbers[:12]]
    assert all(one.exact and one.withheld == () for one in told)
    shown = [proposal for one in told for proposal in (*one.proposals, *([one.best] if one.best else []))]
    assert shown and all(proposal.pd is not None and proposal.points is not None for proposal in shown)
    assert {change.name for one in told for change in one.considered} >= {"burn_less", "collect_sooner", "keep_staff"}


def test_beside_what_is_withheld_only_grades_are_told(scorer: Scorer, toy: Any, lend: Callable[..., str]) -> None:
    lend("hr", Disclosure.RAW)
    lend("fund")
    told = [what_would_help(scorer, decided(scorer, number).decision_id) for number in toy.numbers[:20]]
    shown = [proposal for one in told for proposal in (*one.proposals, *([one.best] if one.best else []))]
    assert shown and all((proposal.pd, proposal.points) == (None, None) and proposal.grade for proposal in shown)
    # What rests on a round, which is withheld, is left out: the cash is set against it.
    assert all("collect_sooner" in {change.name for change in one.withheld} for one in told if not one.exact)
    assert "burn_less" in {move.change.name for proposal in shown for move in proposal.moves}
    data = [next_data(scorer, one.decision_id) for one in told if not one.exact]
    signals = [one for some in data for one in some.signals]
    assert signals and all(one.narrows is None for one in signals)


def test_half_of_the_days_questions_and_of_the_day_alone(scorer: Scorer, toy: Any, lend: Callable[..., str]) -> None:
    lend("hr")
    half, company = scorer.store.policy.rights.probes // 2, toy.numbers[1]
    made = [decided(scorer, company, back) for back in range(half)]
    assert what_would_help(scorer, made[0].decision_id) and next_data(scorer, made[-1].decision_id)
    one_more = decided(scorer, company, half)
    for advice in (what_would_help, next_data):
        with pytest.raises(ProbingLimit):
            advice(scorer, one_more.decision_id)
    scorer.store.clock.now += timedelta(days=1)  # type: ignore[attr-defined]
    with pytest.raises(ProbingLimit, match="on the day of a decision alone"):
        what_would_help(scorer, made[0].decision_id)


def test_of_what_may_be_seen_advice_may_be_asked_for_at_any_time(
    scorer: Scorer, toy: Any, lend: Callable[..., str]
) -> None:
    lend("hr", Disclosure.RAW)
    made = [decided(scorer, toy.numbers[1], back) for back in range(scorer.store.policy.rights.probes)]
    scorer.store.clock.now += timedelta(days=40)  # type: ignore[attr-defined]
    assert what_would_help(scorer, made[0].decision_id) == what_would_help(scorer, made[0].decision_id)


def test_what_was_revoked_is_read_for_no_advice(scorer: Scorer, toy: Any, lend: Callable[..., str]) -> None:
    grant = lend("hr", Disclosure.RAW)
    made = decided(scorer, toy.numbers[1])
    revoke(scorer.store, grant, author="hr", reason="We part.")
    for advice in (what_would_help, next_data):
        with pytest.raises(Refused):
            advice(scorer, made.decision_id)


def test_another_model_gives_no_advice_on_a_decision(scorer: Scorer, toy: Any, lend: Callable[..., str]) -> None:
    lend("hr", Disclosure.RAW)
    made = decided(scorer, toy.numbers[1])
    other = Scorer(scorer.store, replace(toy.bundle, version="toy-2"))
    with pytest.raises(Conflict, match="another model"):
        what_would_help(other, made.decision_id)
