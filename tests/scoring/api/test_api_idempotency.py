"""One effect under one idempotency key, whoever asks again, at once or later."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from alliance.callers import Role
from alliance.store import Store
from alliance.store.schema import decision, dispute, submission

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
DISPUTE = {"company": "hr:c1", "signal": "company_profile", "evidence": "See the register."}


@pytest.fixture
def client(store: Store, client_of: Callable[[Store], TestClient]) -> TestClient:
    return client_of(store)


def count(store: Store, table: Any) -> int:
    with store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def files(toy: Any, data: bytes | None = None, name: str = "rounds.csv") -> dict[str, tuple[str, bytes]]:
    file = toy.files[1]
    return {"contract": ("c.yaml", file.contract.read_bytes()), "file": (name, data or file.data.read_bytes())}


def test_a_score_asked_for_again_is_the_score_made_before(client: TestClient, store: Store, toy: Any) -> None:
    body = {"company": toy.numbers[3]}
    first, second = (client.post("/v1/scores", json=body, headers=KEY) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content and first.headers["Location"] == second.headers["Location"]
    assert ("Idempotency-Replayed" in first.headers, second.headers["Idempotency-Replayed"]) == (False, "true")
    assert count(store, decision) == 1
    client.post("/v1/scores", json=body, headers={"Idempotency-Key": "another"})
    client.post("/v1/scores", json=body)
    client.post("/v1/scores", json=body)
    assert count(store, decision) == 4


def test_a_dispute_raised_again_is_the_dispute_raised_before(client: TestClient, store: Store) -> None:
    first, second = (client.post("/v1/disputes", json=DISPUTE, headers=KEY) for _ in range(2))
    assert (first.status_code, second.status_code, first.json()) == (201, 201, second.json())
    assert count(store, dispute) == 1
    assert client.post("/v1/disputes", json=DISPUTE).status_code == 409


def test_a_file_given_again_is_the_submission_taken_in_before(
    store: Store, toy: Any, asking: Callable[..., TestClient]
) -> None:
    client = asking(toy.scorer(store), "fund")
    first, second = (client.post("/v1/submissions", files=files(toy), headers=KEY) for _ in range(2))
    assert (first.status_code, second.status_code, first.json()) == (201, 201, second.json())
    without, under_another = (
        client.post("/v1/submissions", files=files(toy), headers=given) for given in ({}, {"Idempotency-Key": "2"})
    )
    assert (without.status_code, under_another.status_code, under_another.json()) == (200, 200, first.json())
    assert count(store, submission) == 1
    for other in (files(toy, b"code\n"), files(toy, name="other.csv")):
        mismatch(client.post("/v1/submissions", files=other, headers=KEY))
    assert count(store, submission) == 1


def mismatch(answer: Any) -> None:
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency.mismatch"), answer.text


def test_another_request_under_the_same_key_is_refused(client: TestClient, store: Store, toy: Any) -> None:
    body = {"company": toy.numbers[3]}
    client.post("/v1/scores", json=body, headers=KEY)
    for other in ({**body, "purpose": "research"}, {"company": toy.numbers[4]}, {**body, "as_of": "2026-06-30"}):
        mismatch(client.post("/v1/scores", json=other, headers=KEY))
    mismatch(client.post("/v1/disputes", json=DISPUTE, headers=KEY))
    assert (count(store, decision), count(store, dispute)) == (1, 0)


def test_keys_are_each_members_own_and_outlive_its_api_keys(
    client: TestClient, acting: Callable[..., TestClient], store: Store, toy: Any
) -> None:
    body = {"company": toy.numbers[3]}
    made = [
        acting(client, member, roles={Role.ANALYST}).post("/v1/scores", json=body, headers=KEY).json()["decision_id"]
        for member in ("bank-1", "bank-2", "bank-1")
    ]
    assert made[0] == made[2] != made[1] and count(store, decision) == 2


def test_what_was_refused_leaves_nothing_under_its_key(client: TestClient, store: Store, toy: Any) -> None:
    assert client.post("/v1/scores", json={"company": "nobody"}, headers=KEY).status_code == 404
    assert client.post("/v1/scores", json={"company": toy.numbers[3]}, headers=KEY).status_code == 201
    assert count(store, decision) == 1


@pytest.mark.parametrize("key", ["", "a b", "x" * 129, "schl\u00fcssel"])
def test_what_is_no_key(client: TestClient, key: str, toy: Any) -> None:
    answer = client.post(
        "/v1/scores", json={"company": toy.numbers[3]}, headers={"Idempotency-Key": key.encode("latin-1")}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")


def test_fifty_at_once_have_one_effect(client: TestClient, store: Store, toy: Any) -> None:
    asked: list[tuple[str, Any]] = [("/v1/scores", {"company": toy.numbers[3]}), ("/v1/disputes", DISPUTE)]
    for turn, (path, body) in enumerate(asked):
        key = {"Idempotency-Key": f"at once {turn}".replace(" ", "-")}
        with ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(lambda _: client.post(path, json=body, headers=key), range(50)))  # noqa: B023
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.content for answer in answers}) == 1
        assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert (count(store, decision), count(store, dispute)) == (1, 1)


def test_fifty_files_at_once_are_one_submission(store: Store, toy: Any, asking: Callable[..., TestClient]) -> None:
    client = asking(toy.scorer(store), "fund")
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: client.post("/v1/submissions", files=files(toy), headers=KEY), range(50)))
    assert {answer.status_code for answer in answers} == {201} and len({answer.content for answer in answers}) == 1
    assert count(store, submission) == 1 and store.watermark() <= 2
