"""Disputes over HTTP: raised, seen by both parties, decided."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from alliance.store import Store
from scoring.decide import Scorer

CASH = {"cash_position": {"observed_on": "day", "cash": "cash", "monthly_burn": "burn"}}
Asking = Callable[..., TestClient]
REASON = {"reason": "The statement says so."}


@pytest.fixture
def client(store: Store, toy: Any, write: Callable[..., Any], tmp_path: Path, asking: Asking) -> TestClient:
    """The toy alliance, as of the clock's day, with a fund that reports nine times the cash of company 1."""
    claims = toy.fill(store).claims().frames["cash_position"]
    of_one = claims.filter(claims["subject_id"] == store.company("hr:c1").company_id)
    rows = [
        {"code": toy.numbers[1], "id": "x1", "name": "X", "day": claim["observed_on"], "cash": 9 * claim["cash"],
         "burn": claim["monthly_burn"]}
        for claim in of_one.tail(1).iter_rows(named=True)
    ]  # fmt: skip
    write(tmp_path, "cash", member="fund", role="investor", records=CASH, rows=rows).submit(store)
    return asking(Scorer(store, toy.bundle))  # type: ignore[no-any-return]


def doubted(client: TestClient) -> dict[str, Any]:
    """The contested cash of company 1."""
    answer = client.get("/v1/companies/hr:c1/facts", params={"signal": "cash_position"}).json()
    return next(
        {"key": fact["key"], "members": fact["members"], **field}
        for fact in reversed(answer["facts"])
        for field in fact["fields"]
        if field["field"] == "cash"
    )


def raised(client: TestClient, **given: Any) -> Any:
    body = {"company": "hr:c1", "signal": "cash_position", "key": doubted(client)["key"], "member": "fund",
            "field": "cash", "evidence": "Bank statement,\npage 2.", "on_behalf_of": "company", **given}  # fmt: skip
    return client.post("/v1/disputes", json=body)


def test_from_raised_to_excluded(client: TestClient, acting: Asking) -> None:
    assert doubted(client)["contested"] and doubted(client)["members"] == 2
    scored = client.post("/v1/scores", json={"company": "hr:c1"}).json()
    answer = raised(acting(client, "hr"))
    assert answer.status_code == 201, answer.text
    made = answer.json()
    today = datetime.now(UTC).date()
    assert made["due_on"] == str(today + timedelta(days=20)) and not made["overdue"]
    assert (made["raised_by"], made["member"], made["on_behalf_of"], made["ruling"]) == ("hr", "fund", "company", None)
    said = {one["member"]: one for one in doubted(client)["said"]}
    assert {member: one["dispute"] for member, one in said.items()} == {"hr": "", "fund": made["dispute_id"]}
    ruling = {"excluded": True, **REASON}
    where = f"{answer.headers['Location']}/ruling"
    outcome = acting(client, "arbiter").post(where, json=ruling)
    assert outcome.status_code == 201, outcome.text
    ruled = outcome.json()["dispute"]["ruling"]
    assert (ruled["author"], ruled["excluded"], ruled["reason"]) == ("arbiter", True, REASON["reason"])
    assert [one["decision_id"] for one in outcome.json()["touched"]] == [scored["decision_id"]]
    assert client.get(answer.headers["Location"]).json() == outcome.json()
    after = doubted(client)
    assert (after["contested"], after["value"]) == (False, said["hr"]["value"])
    assert [(one["member"], one["standing"], one["weight"]) for one in after["said"]] == [
        ("hr", "agrees", 1.0), ("fund", "excluded", 0.0),
    ]  # fmt: skip
    replayed = client.post(f"/v1/decisions/{scored['decision_id']}/replay").json()
    assert replayed["same"]
    again = client.post(where, json={"excluded": False, **REASON})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


def test_lists(client: TestClient, acting: Asking) -> None:
    hr = acting(client, "hr")
    one = raised(hr).json()["dispute_id"]
    two = raised(hr, company="hr:c2", key=None, signal="company_profile", member=None, field=None).json()
    client.post(f"/v1/disputes/{one}/ruling", json={"excluded": False, **REASON})

    def ids(**asked: Any) -> list[str]:
        answer = client.get("/v1/disputes", params=asked)
        assert answer.status_code == 200, answer.text
        return [found["dispute_id"] for found in answer.json()["disputes"]]

    both = [one, two["dispute_id"]]
    assert ids() == both and ids(limit=1) == both[:1]
    assert ids(open=True) == both[1:] and ids(overdue=True) == []
    assert ids(company="hr:c1") == both[:1]
    assert ids(member="fund") == both[:1] and ids(member="hr") == both and ids(member="bank") == []
    assert client.get("/v1/disputes", params={"company": "nobody"}).status_code == 404


def test_overdue(store: Store, toy: Any, asking: Asking) -> None:
    late = Scorer(toy.fill(store), toy.bundle, today=lambda: datetime.now(UTC).date() + timedelta(days=21))
    client = asking(late)
    made = raised(client, member=None).json()
    assert made["overdue"]
    [found] = client.get("/v1/disputes", params={"overdue": True}).json()["disputes"]
    assert date.fromisoformat(found["due_on"]) < late.today()


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"company": "nobody"}, 404), ({"key": "1999-Q1"}, 404), ({"member": "nobody"}, 404), ({"evidence": " "}, 422),
        ({"signal": "market_signal"}, 422), ({"field": "luck"}, 422), ({"claim": {"submission_no": 1, "row": 1}}, 422),
        ({"claim": {"submission_no": 0, "row": 1}, "member": None}, 422), ({"on_behalf_of": "the king"}, 422),
        ({"luck": 1}, 422),
    ],
)  # fmt: skip
def test_what_is_refused(client: TestClient, given: dict[str, Any], status: int) -> None:
    answer = raised(client, **given)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    assert client.get("/v1/disputes").json() == {"disputes": [], "found": 0}


def test_nothing_to_decide(client: TestClient) -> None:
    assert client.get("/v1/disputes/dis_0").status_code == 404
    assert client.post("/v1/disputes/dis_0/ruling", json={"excluded": True, **REASON}).status_code == 404
    made = raised(client)
    assert raised(client).status_code == 409
    assert client.post(f"{made.headers['Location']}/ruling", json={"excluded": "yes", **REASON}).status_code == 422
    assert client.post(f"{made.headers['Location']}/ruling", json={"excluded": True}).status_code == 422
