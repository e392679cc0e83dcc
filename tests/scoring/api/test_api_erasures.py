"""``POST /v1/erasures``, and what is answered of a decision that was erased."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from alliance.callers import Role
from alliance.store import Store

WHY = {"reason": "It asked for it.", "basis": "PIPL, Art. 47"}


@pytest.fixture
def client(sqlite_url: str, client_of: Callable[[Store], TestClient]) -> TestClient:
    return client_of(Store(sqlite_url))


def test_an_erased_decision_is_gone_and_still_proven(client: TestClient, acting: Callable[..., TestClient]) -> None:
    key = {"Idempotency-Key": "once"}
    asked = {"company": "hr:c1", "as_of": "2026-06-30", "purpose": "loan_origination"}
    made = client.post("/v1/scores", json=asked, headers=key).json()
    other = client.post("/v1/scores", json=asked | {"company": "hr:c2"}).json()
    erased = client.post("/v1/erasures", json={"company": "hr:c1", **WHY})
    assert erased.status_code == 201
    told = erased.json()
    assert told["counts"]["decisions"] == 1 and told["ledger"]["proof"]
    path = f"/v1/decisions/{made['decision_id']}"
    number = made["company"]["identifiers"]["registration"]
    for answer in (client.get(path), client.post(f"{path}/replay")):
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (410, "decision.erased")
        assert problem["where"] == {"decision": made["decision_id"], "entry": told["entry"]}
    assert client.post("/v1/scores", json=asked, headers=key).status_code in (404, 410)
    assert client.post("/v1/scores", json=asked | {"company": number}).json()["score"]["coverage"] == 0
    assert client.get(f"/v1/decisions/{other['decision_id']}").json() == {**other, "overrides": []}
    assert acting(client, "stranger", roles={Role.ANALYST}).get(path).status_code == 404
    receipt = acting(client, "bank", roles={Role.ANALYST}).get(f"/v1/ledger/receipts/{made['decision_id']}")
    assert receipt.status_code == 200 and receipt.json()["opening"] is None


def test_an_erasure_sent_again_finds_nothing(client: TestClient) -> None:
    number = client.get("/v1/companies/hr:c3").json()["identifiers"]["registration"]
    for status in (201, 200, 200):
        answer = client.post("/v1/erasures", json={"company": number, **WHY})
        assert answer.status_code == status
        assert (answer.json()["ledger"] is None) == (status == 200)


@pytest.mark.parametrize("subject", [{}, {"company": "hr:c1", "person": "p"}, {"person": " "}, {"company": "hr:none"}])
def test_it_is_to_be_told_who_and_why(client: TestClient, subject: dict[str, str]) -> None:
    answer = client.post("/v1/erasures", json={**subject, **WHY})
    assert answer.status_code == (404 if subject == {"company": "hr:none"} else 422)
    assert client.post("/v1/erasures", json={"company": "hr:c1"}).status_code == 422


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OPERATOR, Role.COMPANY}))
def test_only_an_operator_erases(client: TestClient, acting: Callable[..., TestClient], role: Role) -> None:
    answer = acting(client, "hr", roles={role}).post("/v1/erasures", json={"company": "hr:c1", **WHY})
    assert answer.status_code == 403
