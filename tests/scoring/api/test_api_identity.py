"""/v1/identity: cases, merges, splits, explanations."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from alliance.store import Store
from alliance.store.cases import Case, case_id_for, insert_cases
from alliance.store.entries import EntryKind, append

SAID = {"reason": "One licence."}
EVIDENCE = [{"comparison": "name", "level": "names much alike", "bits": 4.5}]


@pytest.fixture
def store_of(store: Store, toy: Any) -> Store:
    """The toy alliance, with a doubt whether c58 is c59, who have no number but the toy's own."""
    return toy.fill(store)  # type: ignore[no-any-return]


@pytest.fixture
def client(store_of: Store, client_of: Callable[[Store], TestClient]) -> TestClient:
    return client_of(store_of)


@pytest.fixture
def case(store_of: Store) -> str:
    pair = tuple(store_of.company(f"hr:c{place}").company_id for place in (58, 59))
    with store_of.writing() as connection:
        no = append(connection, EntryKind.LINKAGE, "linkage").no
        insert_cases(connection, [Case(case_id_for(*pair), no, pair[0], pair[1], 0.4, EVIDENCE)])
    return case_id_for(*pair)


def test_cases_wait_and_are_decided(client: TestClient, case: str) -> None:
    waiting = client.get("/v1/identity/cases").json()
    assert waiting["open"] == 1
    [told] = waiting["cases"]
    assert (told["case"]["case_id"], told["case"]["probability"], told["case"]["evidence"]) == (case, 0.4, EVIDENCE)
    assert told["company"]["names"] == ["星辰科技58号"] and told["candidate"]["names"] == ["星辰科技59号"]

    refused = client.post(f"/v1/identity/cases/{case}", json={"same": True, **SAID})
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict"), "they have two numbers"
    decided = client.post(f"/v1/identity/cases/{case}", json={"same": False, **SAID})
    assert (decided.status_code, decided.json()) == (201, {"case_id": case, "same": False, "change": None})
    assert client.get("/v1/identity/cases").json() == {"cases": [], "open": 0}
    assert client.post(f"/v1/identity/cases/{case}", json={"same": False, **SAID}).status_code == 409
    assert client.post("/v1/identity/cases/none", json={"same": False, **SAID}).status_code == 404


def test_a_merge_and_a_split_name_the_scores_they_touch(client: TestClient) -> None:
    first = client.post("/v1/scores", json={"company": "hr:c2"}).json()
    body = {"company": "hr:c1", "into": "hr:c2", "despite_numbers": True, **SAID}
    merged = client.post("/v1/identity/merges", json=body).json()
    assert [one["decision_id"] for one in merged["touched"]] == [first["decision_id"]]
    together = client.post("/v1/scores", json={"company": "hr:c1"}).json()
    assert together["score"]["company_id"] == first["score"]["company_id"] == merged["company"]
    assert together["score"]["pillars"] != first["score"]["pillars"]
    assert client.get("/v1/companies/hr:c1").json()["merged"] == [merged["company_id"]]

    parted = client.post("/v1/identity/splits", json={"company_id": "hr:c1", **SAID}).json()
    assert [one["decision_id"] for one in parted["touched"]] == [together["decision_id"]]
    again = client.post("/v1/scores", json={"company": "hr:c2"}).json()
    assert {**again["score"], "data_watermark": first["score"]["data_watermark"]} == first["score"]
    for made in (first, together):
        assert client.post(f"/v1/decisions/{made['decision_id']}/replay").json()["same"]


def test_a_company_is_explained(client: TestClient) -> None:
    body = {"company": "hr:c1", "into": "hr:c2", "despite_numbers": True, **SAID}
    merged = client.post("/v1/identity/merges", json=body).json()
    told = client.get("/v1/identity/companies/hr:c1").json()
    assert told["company_id"] == merged["company"]
    assert {one["company_id"] for one in told["ids"]} == {merged["company"], merged["company_id"]}
    [word] = told["words"]
    assert (word["author"], word["reason"], word["no"]) == ("bank", SAID["reason"], merged["no"])
    assert client.get("/v1/identity/companies/hr:c1", params={"at": "1999-01-01T00:00:00Z"}).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("merges", {"company": "hr:c1", "into": "hr:c2", "reason": "One."}, 409),
        ("merges", {"company": "hr:c1", "into": "hr:c1", "reason": "One."}, 409),
        ("merges", {"company": "hr:c1", "into": "nobody", "reason": "One."}, 404),
        ("merges", {"company": "hr:c1", "into": "hr:c2", "reason": " "}, 422),
        ("merges", {"company": "hr:c1", "into": "hr:c2"}, 422),
        ("splits", {"company_id": "hr:c1", "reason": "Two."}, 422),
        ("splits", {"company_id": "nobody", "reason": "Two."}, 404),
    ],
)
def test_what_cannot_be_said(client: TestClient, path: str, body: dict[str, Any], status: int) -> None:
    answer = client.post(f"/v1/identity/{path}", json=body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
