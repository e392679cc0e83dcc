"""What is kept of companies is never staler than the store: a scorer of long standing against one just made."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import event

from alliance import erasure, grants
from alliance.disputes import Objection, raise_dispute, rule
from alliance.errors import AllianceError
from alliance.identity import curate
from alliance.store import Decision, Store
from alliance.trust import learn_reliabilities
from scoring import known
from scoring.decide import Scorer, ScoreRequest

AS_OF = date(2026, 6, 30)
NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)
PLACES = (1, 3, 4, 5, 9)


def asked(scorer: Scorer, toy: Any, places: tuple[int, ...] = PLACES) -> list[Any]:
    """Results of some companies, or what was refused."""
    made = scorer.decide_many(
        [ScoreRequest(company=toy.numbers[place], as_of=AS_OF, member="bank", purpose="research") for place in places]
    )
    return [(one.result, one.grants) if isinstance(one, Decision) else type(one) for one in made]


@pytest.fixture
def changes(
    closed: Store, toy: Any, lend: Callable[..., str], plant: Callable[[Store, str], None]
) -> dict[str, Callable[[], object]]:
    """Everything that can change a score, and some that cannot, in an order in which each is possible."""
    lent: list[str] = []
    number = toy.numbers

    def dispute() -> object:
        company = closed.find_companies([number[3]])[number[3]]
        key = max(closed.claims([company]).frames["cash_position"]["key"])
        objection = Objection(company=number[3], signal="cash_position", key=key, author="bank", evidence="The ledger.")
        made = raise_dispute(closed, objection, due_days=10, now=NOON)
        return rule(closed, made.dispute_id, excluded=True, reason="Right.", author="operator", now=NOON)

    return {
        "a grant": lambda: lent.append(lend("hr")),
        "another grant": lambda: lent.append(lend("fund")),
        "a file about one of them": lambda: plant(closed, "2026-06-29"),
        "the same file again": lambda: plant(closed, "2026-06-28"),
        "reliabilities": lambda: learn_reliabilities(closed, [AS_OF]),
        "a ruling": dispute,
        "a merge": lambda: curate.merge(
            closed, number[9], number[5], author="operator", reason="One firm.", despite_numbers=True
        ),
        "a revocation": lambda: grants.revoke(closed, lent[0], author="hr", reason="We part."),
        "a grant again": lambda: lent.append(lend("hr")),
        "an erasure": lambda: erasure.erase(
            closed, erasure.Company(number[1]), author="operator", reason="Asked.", basis="Law."
        ),
    }


def test_whatever_changes_is_seen_at_once(closed: Store, toy: Any, changes: dict[str, Callable[[], object]]) -> None:
    lasting, seen = toy.scorer(closed), []
    for name, change in changes.items():
        change()
        told, again = asked(lasting, toy), asked(lasting, toy)
        assert told == again == asked(toy.scorer(closed), toy), name
        seen.append(told)
    assert [one != other for one, other in pairwise(seen)] == [True] * (len(changes) - 1)


def test_what_has_not_changed_is_not_read_again(
    closed: Store, toy: Any, lend: Callable[..., str], plant: Callable[[Store, str], None]
) -> None:
    lend("hr")
    scorer, read = toy.scorer(closed), []

    @event.listens_for(closed.engine, "before_cursor_execute")
    def noted(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "record.payload" in statement:
            read.append(str(parameters))

    asked(scorer, toy)
    assert read
    read.clear()
    asked(scorer, toy)
    assert not read
    plant(closed, "2026-06-29")
    planted = closed.find_companies([toy.numbers[4]])[toy.numbers[4]]
    read.clear()
    asked(scorer, toy)
    assert any(planted in parameters for parameters in read), "the company the file is about is read"
    others = [closed.find_companies([toy.numbers[place]])[toy.numbers[place]] for place in PLACES if place != 4]
    assert not any(other in parameters for parameters in read for other in others), "and no other"


def test_what_is_kept_is_bounded(closed: Store, toy: Any, lend: Callable[..., str], monkeypatch: Any) -> None:
    lend("hr")
    monkeypatch.setattr(known, "MOST_KEPT", 3)
    scorer = toy.scorer(closed)
    assert asked(scorer, toy) == asked(scorer, toy) == asked(toy.scorer(closed), toy)
    assert len(scorer._knowledge._kept) == 3


def test_days_members_and_purposes_are_kept_apart(closed: Store, toy: Any, lend: Callable[..., str]) -> None:
    lend("hr")
    grants.register(closed, "other", "data_vendor", author="operator")
    scorer = toy.scorer(closed)

    def ask(day: date, member: str, purpose: str) -> object:
        request = ScoreRequest(company=toy.numbers[1], as_of=day, member=member, purpose=purpose)
        try:
            return scorer.decide(request).result["coverage"]
        except AllianceError as error:
            return type(error).__name__

    first = ask(AS_OF, "bank", "research")
    assert ask(date(2026, 1, 1), "bank", "research") != first
    assert ask(AS_OF, "other", "research") == ask(AS_OF, "bank", "settlement") == "Refused"
    assert ask(AS_OF, "bank", "loan_origination") == first == ask(AS_OF, "bank", "research")
