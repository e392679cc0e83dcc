"""Where a value is withheld, a member may ask so many different things of a company in a day, by whatever way."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from alliance.callers import Role, register
from alliance.rights import Disclosure
from alliance.store import Decision, Store
from scoring.api import create_app
from scoring.decide import Scorer, ScoreRequest
from scoring.probing import ProbingLimit

LAST_DAY = date(2026, 6, 30)


class Clock:
    """A clock that is set."""

    now = datetime(2026, 6, 30, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(closed: Store) -> Clock:
    closed.clock = Clock()
    return closed.clock


@pytest.fixture
def scorer(closed: Store, toy: Any, clock: Clock) -> Scorer:
    made: Scorer = toy.scorer(closed)
    return made


def asked(company: str, back: int = 0, *, member: str = "bank", cash: int | None = None) -> ScoreRequest:
    """A request as of so many days before the last, or with a record of the applicant's cash."""
    records = [{"signal": "cash_position", "fields": {"observed_on": "2026-06-01", "cash": cash}}] if cash else []
    return ScoreRequest(
        company=company, as_of=LAST_DAY - timedelta(days=back), member=member, purpose="research", records=records
    )


def test_the_policys_number_of_different_questions_and_no_more(
    scorer: Scorer, toy: Any, lend: Callable[..., str]
) -> None:
    lend("hr")
    most, company = scorer.store.policy.rights.probes, toy.numbers[1]
    answers = scorer.decide_many([asked(company, back) for back in range(most + 3)])
    assert [isinstance(one, Decision) for one in answers] == [True] * most + [False] * 3
    told = [one for one in answers if isinstance(one, ProbingLimit)]
    assert {(one.code, one.where["limit"]) for one in told} == {("rights.probing", most)}
    with pytest.raises(ProbingLimit):
        scorer.decide(asked(company, most))
    with pytest.raises(ProbingLimit):
        scorer.decide(asked(company, cash=1_000_000))
    assert scorer.decide(asked(company, 3)), "what was answered before is told again"
    assert scorer.decide(asked(toy.numbers[2], most)), "another company has a budget of its own"


def test_records_given_with_a_request_make_it_another(scorer: Scorer, toy: Any, lend: Callable[..., str]) -> None:
    lend("hr")
    most, company = scorer.store.policy.rights.probes, toy.numbers[1]
    for cash in range(1, most + 1):
        scorer.decide(asked(company, cash=cash))
    assert scorer.decide(asked(company, cash=most))
    with pytest.raises(ProbingLimit):
        scorer.decide(asked(company, cash=most + 1))


def test_where_nothing_is_withheld_there_is_no_limit(scorer: Scorer, toy: Any, lend: Callable[..., str]) -> None:
    lend("hr", Disclosure.RAW)
    most = scorer.store.policy.rights.probes
    answers = scorer.decide_many([asked(toy.numbers[1], back) for back in range(most + 5)])
    assert all(isinstance(one, Decision) for one in answers)
    own = scorer.decide_many([asked(toy.numbers[1], back, member="hr") for back in range(most + 5)])
    assert all(isinstance(one, Decision) for one in own)


def test_the_next_day_it_opens_again(scorer: Scorer, clock: Clock, toy: Any, lend: Callable[..., str]) -> None:
    lend("hr")
    most, company = scorer.store.policy.rights.probes, toy.numbers[1]
    scorer.decide_many([asked(company, back) for back in range(most)])
    clock.now = datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC)
    with pytest.raises(ProbingLimit):
        scorer.decide(asked(company, most))
    clock.now = datetime(2026, 7, 1, tzinfo=UTC)
    assert scorer.decide(asked(company, most))


def test_the_batch_endpoint_is_no_way_around(scorer: Scorer, toy: Any, lend: Callable[..., str]) -> None:
    lend("hr")
    scorer.store.clock = lambda: datetime.now(UTC)  # keys are of today
    key = register.create(scorer.store, member="bank", roles=frozenset({Role.ANALYST}), by="a test")
    client = TestClient(create_app(scorer), headers={"Authorization": f"Bearer {key.text}"})
    most, company = scorer.store.policy.rights.probes, toy.numbers[1]
    asks = [
        {"company": company, "as_of": (LAST_DAY - timedelta(days=back)).isoformat(), "purpose": "research"}
        for back in range(most + 2)
    ]
    told = client.post("/v1/scores/batch", json={"requests": asks}).json()
    assert (told["scored"], told["refused"]) == (most, 2)
    assert {one["problem"]["code"] for one in told["results"] if one["problem"]} == {"rights.probing"}
    again = client.post("/v1/scores", json=asks[-1])
    assert (again.status_code, again.json()["code"]) == (403, "rights.probing")
    assert client.post("/v1/scores", json=asks[0]).status_code == 201
