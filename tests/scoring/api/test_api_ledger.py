"""The ledger over HTTP: proofs with every receipt, leaves for all to see; and no score that could not be recorded."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from alliance.audit import audit
from alliance.callers import Role
from alliance.ledger import LedgerReceipt, PublicKey, SignedHead
from alliance.store import Store


@pytest.fixture
def fresh(store: Store, client_of: Callable[[Store], TestClient]) -> TestClient:
    return client_of(store)


def public_key(client: TestClient) -> PublicKey:
    return PublicKey.from_pem(client.get("/v1/ledger/head").json()["public_key"].encode())


def test_every_decision_comes_with_a_proof_that_holds(fresh: TestClient, store: Store, toy: Any) -> None:
    asked = [{"company": number} for number in toy.numbers[:12]]
    items = fresh.post("/v1/scores/batch", json={"requests": asked}).json()["results"]
    made = [item["decision"] for item in items] + [fresh.post("/v1/scores", json=asked[0]).json()]
    key = public_key(fresh)
    for place, one in enumerate(made):
        proof = LedgerReceipt.from_dict(one["ledger"])
        assert proof.faults(key) == []
        assert f'"of":"{one["decision_id"]}"'.encode() in proof.leaf
        assert proof.position == store.watermark() + place
        assert one["company"]["company_id"].encode() not in proof.leaf
    assert fresh.get(f"/v1/decisions/{made[3]['decision_id']}").json() == {**made[3], "overrides": []}
    assert audit(store, key=key).findings == []


def test_every_submission_comes_with_a_proof_that_holds(
    store: Store, toy: Any, asking: Callable[..., TestClient]
) -> None:
    client = asking(toy.scorer(store), "hr")
    files = {"contract": ("c.yaml", toy.files[0].contract.read_bytes()),
             "file": ("staff.csv", toy.files[0].data.read_bytes())}  # fmt: skip
    receipt = client.post("/v1/submissions", files=files).json()
    assert LedgerReceipt.from_dict(receipt["ledger"]).faults(public_key(client)) == []
    assert client.get(f"/v1/submissions/{receipt['submission_id']}").json()["receipt"] == receipt


def test_a_receipt_opens_what_was_recorded_for_who_recorded_it(
    fresh: TestClient, toy: Any, acting: Callable[..., TestClient]
) -> None:
    made = fresh.post("/v1/scores", json={"company": toy.numbers[0]}).json()
    plain = fresh.get(f"/v1/ledger/receipts/{made['decision_id']}").json()
    assert LedgerReceipt.from_dict(plain).faults(public_key(fresh)) == []
    assert {name: plain[name] for name in made["ledger"]} == made["ledger"]
    assert plain["opening"]["author"] == "bank"
    assert made["decision_id"] in plain["opening"]["rows"]["decision"][0]
    for role, status in ((Role.ANALYST, 404), (Role.MEMBER_ADMIN, 404), (Role.AUDITOR, 200)):
        other = acting(fresh, "another", roles=[role])
        assert other.get(f"/v1/ledger/receipts/{made['decision_id']}").status_code == status
        assert other.get(f"/v1/ledger/leaves/{made['ledger']['position']}").status_code == 200, "visible to all"


def test_proofs_and_leaves(fresh: TestClient, store: Store, toy: Any) -> None:
    first = SignedHead.from_dict(fresh.get("/v1/ledger/head").json()["head"])
    fresh.post("/v1/scores", json={"company": toy.numbers[0]})
    second = SignedHead.from_dict(fresh.get("/v1/ledger/head").json()["head"])
    size = store.ledger_size()
    assert (first.head.size, second.head.size) == (size - 1, size)
    joined = fresh.get("/v1/ledger/proofs/consistency", params={"first": size - 1, "second": size}).json()
    assert joined["second"] == size
    leaf = fresh.get(f"/v1/ledger/leaves/{size - 1}").json()
    proof = fresh.get("/v1/ledger/proofs/inclusion", params={"position": size - 1}).json()
    told = {**leaf, "head": second.as_dict(), "proof": proof["proof"]}
    assert LedgerReceipt.from_dict(told).faults(public_key(fresh)) == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("leaves/999999", 404),
        ("leaves/-1", 422),
        ("receipts/dec_nobody", 404),
        ("proofs/inclusion", 422),
        ("proofs/inclusion?position=999999", 422),
        ("proofs/inclusion?position=0&size=999999", 422),
        ("proofs/consistency?first=999999", 422),
        ("proofs/consistency?first=1&second=0", 422),
    ],
)
def test_what_is_not_there(client: TestClient, path: str, status: int) -> None:
    answer = client.get(f"/v1/ledger/{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_when_the_disk_is_full_no_score_is_served_and_nothing_is_lost(
    toy: Any, tmp_path: Path, client_of: Callable[[Store], TestClient]
) -> None:
    store = Store(f"sqlite:///{tmp_path / 'small.db'}")
    client = client_of(store)
    before = client.post("/v1/scores", json={"company": toy.numbers[0]}).json()
    limit_pages(store, None)
    refused = 0
    served = [before["decision_id"]]
    for number in toy.numbers * 5:
        answer = client.post("/v1/scores", json={"company": number})
        if answer.status_code == 201:
            served.append(answer.json()["decision_id"])
            continue
        refused += 1
        assert (answer.status_code, answer.json()["code"]) == (503, "store.unavailable"), answer.text
        assert "score" not in answer.json() and "has not happened" in answer.json()["detail"]
        if refused == 3:
            break
    assert refused == 3
    limit_pages(store, 1_000_000)
    assert [client.get(f"/v1/decisions/{one}").status_code for one in served] == [200] * len(served)
    after = client.post("/v1/scores", json={"company": toy.numbers[0]})
    assert after.status_code == 201
    assert LedgerReceipt.from_dict(after.json()["ledger"]).faults(public_key(client)) == []
    assert audit(store, key=public_key(client)).findings == []
    store.close()


def limit_pages(store: Store, pages: int | None) -> None:
    """Let the database grow to so many pages, or no further than it is; there is one connection, which keeps it."""
    with store.engine.connect() as connection:
        now = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages or now}")
