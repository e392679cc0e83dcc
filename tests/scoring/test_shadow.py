"""A challenger in the shadow of decisions: never alters, delays or prevents one, and is forgotten with its company."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from alliance import erasure
from alliance.errors import InvalidInput
from alliance.store import Decision, Store
from alliance.store.schema_shadow import shadow_score
from alliance.store.shadows import insert_shadows, select_shadows
from scoring.decide import Scorer, ScoreRequest
from scoring.model import Bundle, Calibration, Outcome
from scoring.score import score_arrays
from scoring.shadow import Shadow, Shadowed


@pytest.fixture(scope="module")
def other(toy: Any) -> Bundle:
    """A challenger whose PDs differ."""
    return replace(toy.bundle, version="toy-2", calibration=Calibration(1.1, 0.4))


@pytest.fixture
def told() -> list[Shadowed]:
    return []


@pytest.fixture
def scorer(store: Store, toy: Any, other: Bundle, told: list[Shadowed]) -> Iterator[Scorer]:
    """A scorer of the toy alliance with a challenger beside it."""
    plain = toy.scorer(toy.fill(store))
    shadow = Shadow(store, other, told=told.append)
    yield Scorer(store, toy.bundle, today=plain.today, shadow=shadow)
    shadow.close()


def asked(toy: Any, place: int, **more: Any) -> ScoreRequest:
    given = {"as_of": toy.scorer().today(), "member": "bank", "purpose": "loan_origination", **more}
    return ScoreRequest(company=toy.numbers[place], **given)


def settled(scorer: Scorer) -> Shadow:
    assert scorer.shadow is not None
    scorer.shadow.settle()
    return scorer.shadow


def kept(store: Store) -> list[str]:
    with store.reading() as connection:
        return list(connection.scalars(select(shadow_score.c.decision_id)))


def test_its_scores_are_those_it_would_give_and_the_decisions_stay_what_they_were(
    scorer: Scorer, toy: Any, other: Bundle, told: list[Shadowed]
) -> None:
    alone = toy.scorer(scorer.store)
    requests = [asked(toy, place) for place in (1, 2, 3)] + [asked(toy, 4, purpose="portfolio_monitoring")]
    made = scorer.decide_many(requests)
    assert [one.result for one in made] == [one.result for one in alone.decide_many(requests)]
    settled(scorer)
    with scorer.store.reading() as connection:
        pairs = select_shadows(connection, other.sha256)
    assert {one.decision_id for one, _ in pairs} == {one.decision_id for one in made}
    challenger = Scorer(scorer.store, other, today=scorer.today)
    for decision, shadow in pairs:
        told_by_it = challenger.again([decision])[decision.decision_id]
        assert (shadow.pd, shadow.points, shadow.grade) == (told_by_it.pd, told_by_it.points, told_by_it.grade)
        assert shadow.pd != decision.result["pd"]
    assert sum(one.scored for one in told) == 4 and not any(one.failed or one.dropped for one in told)


def test_records_given_with_a_request_are_seen_by_both(scorer: Scorer, toy: Any, other: Bundle) -> None:
    poor = {"signal": "cash_position",
            "fields": {"observed_on": "2026-06-30", "cash": 1, "monthly_burn": 9_000_000}}  # fmt: skip
    made = scorer.decide(asked(toy, 5, records=[poor]))
    settled(scorer)
    with scorer.store.reading() as connection:
        [(_, shadow)] = select_shadows(connection, other.sha256)
    again = Scorer(scorer.store, other, today=scorer.today).again([made])[made.decision_id]
    assert shadow.pd == again.pd


def test_a_challenger_that_raises_changes_nothing(
    scorer: Scorer, toy: Any, told: list[Shadowed], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ArithmeticError("No.")

    monkeypatch.setattr("scoring.shadow.score_arrays", broken)
    made = scorer.decide(asked(toy, 1))
    settled(scorer)
    assert scorer.store.decision(made.decision_id).result == made.result and kept(scorer.store) == []
    assert [(one.failed, type(one.error)) for one in told] == [(1, ArithmeticError)]
    monkeypatch.setattr("scoring.shadow.score_arrays", score_arrays)
    scorer.decide(asked(toy, 2))
    settled(scorer)
    assert len(kept(scorer.store)) == 1, "it goes on after a failure"


def test_who_waits_for_a_slow_challenger_is_the_challenger(
    toy: Any, other: Bundle, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands still until all decisions are made; those beyond its queue are dropped, and nobody's answer waits."""
    free, told, plain = threading.Event(), [], toy.scorer(toy.fill(store))

    def slow(*given: Any, **named: Any) -> Any:
        free.wait()
        return score_arrays(*given, **named)

    monkeypatch.setattr("scoring.shadow.score_arrays", slow)
    monkeypatch.setattr("scoring.shadow.MOST_WAITING", 3)
    scorer = Scorer(store, toy.bundle, today=plain.today, shadow=Shadow(store, other, told=told.append))
    made = [scorer.decide(asked(toy, place)) for place in range(24)]
    assert all(isinstance(one, Decision) for one in made) and kept(store) == []
    free.set()
    settled(scorer).close()
    dropped = sum(one.dropped for one in told)
    assert dropped > 0 and len(kept(store)) == len(made) - dropped


@pytest.mark.parametrize("purpose", ["research", "model_training"])
def test_only_beside_decisions_scores_are_for(scorer: Scorer, toy: Any, purpose: str) -> None:
    scorer.decide(asked(toy, 1, purpose=purpose))
    settled(scorer)
    assert kept(scorer.store) == []


def test_forgotten_with_the_company(scorer: Scorer, toy: Any, other: Bundle) -> None:
    store = scorer.store
    made, stays = scorer.decide(asked(toy, 1)), scorer.decide(asked(toy, 2))
    settled(scorer)
    with store.reading() as connection:
        shadows = [shadow for _, shadow in select_shadows(connection, other.sha256)]
    subject = erasure.Company(toy.numbers[1])
    assert erasure.held(store, subject)["shadow scores"] == 1
    erasure.erase(store, subject, author="clerk", reason="It asked for it.", basis="Its contract.")
    assert kept(store) == [stays.decision_id]
    with store.writing() as connection:
        insert_shadows(connection, shadows)
    assert kept(store) == [stays.decision_id], "what comes too late for an erased decision is not kept"
    assert store.decision(made.decision_id).erased is not None


def test_a_challenger_for_something_else_is_refused(toy: Any, other: Bundle) -> None:
    shadow = Shadow(toy.store, replace(other, outcome=Outcome("closure", 12)))
    with pytest.raises(InvalidInput, match="closure"):
        Scorer(toy.store, toy.bundle, shadow=shadow)
    shadow.close()


def test_once_it_is_champion_itself_it_has_no_shadow(scorer: Scorer, toy: Any, other: Bundle) -> None:
    scorer.succeeded_by(other).decide(asked(toy, 1))
    settled(scorer)
    assert kept(scorer.store) == []
    gone = replace(other, outcome=Outcome("closure", 12))
    assert scorer.succeeded_by(gone).shadow is None


def test_made_again_in_bulk_as_one_by_one(toy: Any) -> None:
    scorer = toy.scorer()
    requests = [asked(toy, place, member=member) for place in range(6) for member in ("bank", "fund")]
    made = scorer.decide_many(requests)
    again = scorer.again(made)
    assert {name: one.as_dict() for name, one in again.items()} == {one.decision_id: one.result for one in made}
