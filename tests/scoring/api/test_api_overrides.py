"""Overrides over HTTP: two people, one effect, and both results with the decision."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from alliance.callers import Role, register
from alliance.store import Store

Asking = Callable[..., TestClient]
WISH = {"grade": "AAA", "reason_code": "collateral", "text": "A deposit,\nseen today."}
REASON = {"approved": True, "reason": "Seen the deposit."}


@pytest.fixture
def client(store: Store, client_of: Callable[[Store], TestClient]) -> TestClient:
    return client_of(store)


@pytest.fixture
def analyst(client: TestClient, acting: Asking) -> TestClient:
    return acting(client, "bank", roles=[Role.ANALYST, Role.CREDIT_OFFICER])


@pytest.fixture
def officer(client: TestClient, acting: Asking) -> TestClient:
    return acting(client, "bank", roles=[Role.CREDIT_OFFICER])


def scored(client: TestClient, company: str = "") -> str:
    body = {
        "company": company or client.get("/v1/companies", params={"q": "星辰"}).json()["companies"][0]["company_id"]
    }
    return str(client.post("/v1/scores", json=body).json()["decision_id"])


def test_from_pending_to_in_force(client: TestClient, analyst: TestClient, officer: TestClient) -> None:
    decision_id = scored(analyst)
    plain = analyst.get(f"/v1/decisions/{decision_id}").json()
    assert plain["overrides"] == []
    answer = analyst.post(f"/v1/decisions/{decision_id}/overrides", json=WISH)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert answer.headers["Location"] == f"/v1/decisions/{decision_id}"
    assert (made["state"], made["second"], made["said"]["direction"]) == ("pending", True, "upgrade")
    assert made["person"].startswith("key:") and made["said"]["zh"] and made["said"]["text"] == WISH["text"]
    where = f"/v1/overrides/{made['override_id']}/ruling"
    own = analyst.post(where, json=REASON)
    assert (own.status_code, own.json()["code"]) == (403, "overrides.same_person")
    ruled = officer.post(where, json=REASON)
    assert ruled.status_code == 201, ruled.text
    assert ruled.json()["state"] == "in_force" and ruled.json()["ruling"]["person"] != made["person"]
    assert officer.post(where, json=REASON).json()["code"] == "conflict"
    both = analyst.get(f"/v1/decisions/{decision_id}").json()
    assert {**both, "overrides": [], "ledger": ""} == {**plain, "ledger": ""}  # the score is the model's, as it was
    assert [one["said"]["grade"] for one in both["overrides"]] == ["AAA"]
    assert both["score"]["grade"] == made["said"]["model_grade"] != "AAA"
    assert analyst.get("/v1/overrides", params={"state": "in_force"}).json()["found"] == 1
    assert analyst.get("/v1/overrides", params={"state": "pending"}).json() == {"overrides": [], "found": 0}


def test_a_rotated_key_is_the_same_person(
    client: TestClient, analyst: TestClient, acting: Asking, store: Store
) -> None:
    made = analyst.post(f"/v1/decisions/{scored(analyst)}/overrides", json=WISH).json()
    prefix = made["person"].removeprefix("key:")
    first = register.rotate(store, prefix, by="a test")
    second = register.rotate(store, first.key.prefix, by="a test")
    where = f"/v1/overrides/{made['override_id']}/ruling"
    again = client.post(where, json=REASON, headers={"Authorization": f"Bearer {second.text}"})
    assert again.json()["code"] == "overrides.same_person"


def test_sent_twice_done_once(analyst: TestClient, officer: TestClient) -> None:
    decision_id, once = scored(analyst), {"Idempotency-Key": "o-1"}
    path = f"/v1/decisions/{decision_id}/overrides"
    first, second = (analyst.post(path, json=WISH, headers=once) for _ in range(2))
    assert first.json() == second.json() and second.headers["Idempotency-Replayed"] == "true"
    assert analyst.post(path, json={**WISH, "grade": "AA"}, headers=once).json()["code"] == "idempotency.mismatch"
    where, ruling = f"/v1/overrides/{first.json()['override_id']}/ruling", {"Idempotency-Key": "o-2"}
    told = [officer.post(where, json=REASON, headers=ruling) for _ in range(2)]
    assert [one.status_code for one in told] == [201, 201] and told[0].json() == told[1].json()
    assert analyst.get("/v1/overrides").json()["found"] == 1


def test_only_ones_own_members(client: TestClient, analyst: TestClient, acting: Asking) -> None:
    decision_id = scored(analyst)
    made = analyst.post(f"/v1/decisions/{decision_id}/overrides", json=WISH).json()
    stranger = acting(client, "hr", roles=[Role.ANALYST, Role.CREDIT_OFFICER])
    assert stranger.get("/v1/overrides").json() == {"overrides": [], "found": 0}
    for path, body in (
        (f"/v1/decisions/{decision_id}/overrides", WISH), (f"/v1/overrides/{made['override_id']}/ruling", REASON),
    ):  # fmt: skip
        answer = stranger.post(path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    auditor = acting(client, "alliance", roles=[Role.AUDITOR])
    assert auditor.get("/v1/overrides").json()["found"] == 1
    assert auditor.post(f"/v1/decisions/{decision_id}/overrides", json=WISH).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [{"grade": "D"}, {"outcome": "maybe"}, {"reason_code": "luck"}, {"text": " "}, {"exposure": 1.5}, {"person": "me"}],
)
def test_what_cannot_be_used(analyst: TestClient, wrong: dict[str, Any]) -> None:
    answer = analyst.post(f"/v1/decisions/{scored(analyst)}/overrides", json={**WISH, **wrong})
    assert answer.status_code == 422, answer.text
    assert "deposit" not in answer.text


def test_an_erased_decision_is_gone(client: TestClient, analyst: TestClient) -> None:
    company = client.get("/v1/companies", params={"q": "星辰"}).json()["companies"][0]["company_id"]
    decision_id = scored(analyst, company)
    analyst.post(f"/v1/decisions/{decision_id}/overrides", json=WISH)
    client.post("/v1/erasures", json={"company": company, "reason": "It asked.", "basis": "Its contract."})
    again = analyst.post(f"/v1/decisions/{decision_id}/overrides", json=WISH)
    assert (again.status_code, again.json()["code"]) == (410, "decision.erased")
    assert analyst.get("/v1/overrides").json()["found"] == 0
