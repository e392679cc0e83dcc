"""POST /v1/scores/features: a score from features the caller keeps itself."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient

from alliance.rights import AccessRequest, Right
from alliance.store import Store
from alliance.view import View
from scoring.features import feature_frame, feature_named

AS_OF = date(2026, 6, 30)
NOBODYS = "91350100M000100Y43"
"""A valid registration number that no member has given."""


def features_of(toy: Any, place: int) -> dict[str, float | None]:
    """The features a score of a toy company rests on, from the alliance's own facts."""
    scorer = toy.scorer()
    company = scorer.store.find_companies([toy.numbers[place]])[toy.numbers[place]]
    view = View(scorer.store, AccessRequest("bank", "loan_origination", Right.SCORES))
    frame = feature_frame(view.facts([company], AS_OF), [feature_named(name) for name in scorer.bundle.names])
    row: dict[str, float | None] = frame.drop("company_id").row(0, named=True)
    return row


def body_of(toy: Any, place: int, **more: Any) -> dict[str, Any]:
    return {"company": toy.numbers[place], "as_of": str(AS_OF), "features": features_of(toy, place), **more}


def test_the_same_features_give_the_same_score_as_the_alliances_facts(client: TestClient, toy: Any) -> None:
    by_facts = client.post("/v1/scores", json={"company": toy.numbers[3], "as_of": str(AS_OF)}).json()
    response = client.post("/v1/scores/features", json=body_of(toy, 3))
    answer = response.json()
    assert response.status_code == 201, answer
    assert response.headers["Location"] == f"/v1/decisions/{answer['decision_id']}"
    assert answer["score"] == by_facts["score"]
    assert answer["company"] == by_facts["company"]
    assert (answer["grants"], answer["inline_records"]) == ([], [])
    assert answer["features"] == features_of(toy, 3)


def test_it_is_recorded_proven_and_replayed(client: TestClient, toy: Any) -> None:
    made = client.post("/v1/scores/features", json=body_of(toy, 4)).json()
    read = client.get(f"/v1/decisions/{made['decision_id']}").json()
    assert {name: read[name] for name in made} == made
    assert client.post(f"/v1/decisions/{made['decision_id']}/replay").json()["same"]
    assert client.get(f"/v1/decisions/{made['decision_id']}/what-would-help").status_code == 200
    assert client.get(f"/v1/decisions/{made['decision_id']}/next-data").status_code == 200


def test_nothing_the_alliance_knows_has_a_part_in_it(client: TestClient, toy: Any) -> None:
    given = dict.fromkeys(toy.scorer().bundle.names)
    one, other = (
        client.post("/v1/scores/features", json={"company": number, "features": given}).json()["score"]
        for number in (toy.numbers[5], NOBODYS)
    )
    assert {**one, "company_id": ""} == {**other, "company_id": ""}
    assert one["coverage"] == 0


def test_a_number_nobody_gave_is_a_company_to_score(client: TestClient, toy: Any) -> None:
    answer = client.post("/v1/scores/features", json={**body_of(toy, 6), "company": NOBODYS}).json()
    assert answer["company"]["names"] == []
    unknown = client.post("/v1/scores/features", json={**body_of(toy, 6), "company": "nobody"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"cash_runway": ...}, "features.cash_runway", "not given"),
        ({"cash_runaway": 3.0}, "features.cash_runaway", "does not know cash_runaway"),
        ({"cash_runway": "4"}, "features.cash_runway", ""),
        ({"cash_runway": True}, "features.cash_runway", ""),
        ({"cash_runway": [1.0]}, "features.cash_runway", ""),
    ],
)
def test_features_that_are_not_the_models_are_refused_by_name(
    client: TestClient, toy: Any, change: dict[str, Any], field: str, said: str
) -> None:
    body = body_of(toy, 7)
    body["features"] = {name: value for name, value in {**body["features"], **change}.items() if value is not ...}
    response = client.post("/v1/scores/features", json=body)
    assert response.status_code == 422
    problem = response.json()
    assert field in response.text and said in problem["detail"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_numbers_that_are_not_finite_are_refused(client: TestClient, toy: Any, number: str) -> None:
    body = f'{{"company": "{toy.numbers[7]}", "features": {{"cash_runway": {number}}}}}'
    response = client.post("/v1/scores/features", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422)


def test_days_purposes_and_outcomes_are_checked(client: TestClient, toy: Any) -> None:
    for wrong, field in (
        ({"as_of": "2999-01-01"}, "as_of"), ({"purpose": "curiosity"}, "purpose"), ({"outcome": "fame"}, "outcome"),
    ):  # fmt: skip
        response = client.post("/v1/scores/features", json=body_of(toy, 8, **wrong))
        assert response.status_code == 422 and field in response.text


def test_one_key_one_decision(client: TestClient, toy: Any) -> None:
    sent = {"json": body_of(toy, 9), "headers": {"Idempotency-Key": "ready-9"}}
    first, again = (client.post("/v1/scores/features", **sent) for _ in range(2))
    assert first.json()["decision_id"] == again.json()["decision_id"]
    assert again.headers["Idempotency-Replayed"] == "true"
    other = client.post("/v1/scores/features", json=body_of(toy, 10), headers=sent["headers"])
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.mismatch")


def test_an_erased_company_leaves_no_features(toy: Any, store: Store, client_of: Callable[[Store], TestClient]) -> None:
    client = client_of(store)
    made = client.post("/v1/scores/features", json=body_of(toy, 11)).json()
    done = client.post("/v1/erasures", json={"company": toy.numbers[11], "reason": "asked", "basis": "PIPL 47"})
    assert done.status_code == 201, done.text
    assert client.get(f"/v1/decisions/{made['decision_id']}").status_code == 410
    assert store.decision(made["decision_id"]).features is None


def test_a_loan_is_reckoned_from_facts_alone(client: TestClient, toy: Any) -> None:
    made = client.post("/v1/scores/features", json=body_of(toy, 12)).json()
    terms = {"amount": 1_000_000, "rate": 0.09, "term_months": 24}
    refused = client.post(f"/v1/decisions/{made['decision_id']}/term-sheet", json=terms)
    assert refused.status_code == 409 and "no fact of the alliance" in refused.json()["detail"]
