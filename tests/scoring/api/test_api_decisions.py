"""Decisions can be read and made again; what is learned later changes none of them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fastapi.testclient import TestClient

from alliance.store import Store
from scoring.decide import Scorer
from scoring.model import Calibration


def test_reads_back_what_was_answered(store: Store, client_of: Callable[[Store], TestClient], toy: Any) -> None:
    client = client_of(store)
    record = {"signal": "headcount", "fields": {"observed_on": "2026-06-01", "employees": 9}}
    made = client.post("/v1/scores", json={"company": toy.numbers[2], "records": [record]}).json()
    assert client.get(f"/v1/decisions/{made['decision_id']}").json() == {**made, "overrides": []}
    again = client.post(f"/v1/decisions/{made['decision_id']}/replay").json()
    assert again == {"decision_id": made["decision_id"], "same": True, "changed": {}, "score": made["score"]}


def test_records_planted_later_change_no_earlier_score(
    store: Store, client_of: Callable[[Store], TestClient], toy: Any, plant: Callable[[Store, str], None]
) -> None:
    client = client_of(store)
    wanted = {"company": toy.numbers[4], "as_of": "2026-03-31"}
    before = client.post("/v1/scores", json=wanted).json()
    plant(store, "2026-05-15")  # known after the day asked for
    after = client.post("/v1/scores", json=wanted).json()
    assert {**after["score"], "data_watermark": 0} == {**before["score"], "data_watermark": 0}
    plant(store, "2026-03-01")  # back-filled into the days before
    changed = client.post("/v1/scores", json=wanted).json()
    assert changed["score"]["pd"] != before["score"]["pd"]
    for made in (before, after, changed):
        assert client.post(f"/v1/decisions/{made['decision_id']}/replay").json()["same"]


def test_another_model_says_what_changed(client: TestClient, toy: Any, asking: Callable[..., TestClient]) -> None:
    made = client.post("/v1/scores", json={"company": toy.numbers[6]}).json()
    bundle = replace(toy.bundle, calibration=Calibration(0.9, 0.4), version="toy-2")
    other = asking(Scorer(toy.store, bundle))
    again = other.post(f"/v1/decisions/{made['decision_id']}/replay").json()
    assert not again["same"]
    assert {"pd", "points", "log_odds", "model_version"} <= set(again["changed"])
    assert again["changed"]["pd"] == {"then": made["score"]["pd"], "now": again["score"]["pd"]}
    assert again["changed"]["model_version"] == {"then": toy.bundle.sha256, "now": bundle.sha256}
    assert "as_of" not in again["changed"]


def test_finds_companies(client: TestClient, toy: Any) -> None:
    found = client.get("/v1/companies", params={"q": "星辰科技7号"}).json()["companies"]
    assert [company["identifiers"]["registration"] for company in found] == [toy.numbers[7]]
    assert len(client.get("/v1/companies", params={"q": "star", "limit": 5}).json()["companies"]) == 5
    assert client.get("/v1/companies", params={"q": "100%"}).json() == {"companies": []}
    assert client.get(f"/v1/companies/{found[0]['company_id']}").json() == found[0]
