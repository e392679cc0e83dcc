"""POST /v1/scores and its batch."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError
from stdnum.cn import uscc

from alliance.store import Store
from scoring.decide import ScoreRequest
from scoring.result import Score

STAFF_CUT = {"signal": "headcount", "fields": {"observed_on": "2026-06-29", "employees": 2, "leavers": 200}}
BROKE = {"signal": "cash_position", "fields": {"observed_on": "2026-06-29", "cash": 1, "monthly_burn": 9_000_000}}


def asked(client: TestClient, **body: Any) -> dict[str, Any]:
    response = client.post("/v1/scores", json=body)
    assert response.status_code == 201, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_serves_the_whole_score_to_the_last_bit(client: TestClient, toy: Any) -> None:
    response = client.post("/v1/scores", json={"company": toy.numbers[3]})
    answer = response.json()
    assert response.status_code == 201, answer
    assert response.headers["Location"] == f"/v1/decisions/{answer['decision_id']}"
    assert (answer["member"], answer["purpose"], answer["inline_records"]) == ("bank", "loan_origination", [])
    assert answer["company"]["names"] == ["星辰科技3号", "Star 3 Ltd"]
    assert answer["company"]["identifiers"] == {"registration": toy.numbers[3], "hr": "c3", "fund": "r3"}
    request = ScoreRequest(company=toy.numbers[3], as_of=date(2026, 6, 30), member="x", purpose="research")
    made = toy.scorer().decide(request).result
    shares = answer["score"].pop("pillars")
    assert [{k: v for k, v in share.items() if k not in ("zh", "en")} for share in shares] == made.pop("pillars")
    assert answer["score"] == made
    assert {(s["pillar"], s["zh"], s["en"]) for s in shares} >= {("venture", "创投进展", "venture progress")}


@pytest.mark.parametrize("reference", ["number", "lower", "id", "hr:c3", "fund:r3"])
def test_a_company_goes_by_many_names(client: TestClient, toy: Any, reference: str) -> None:
    known = client.get("/v1/companies/hr:c3").json()["company_id"]
    named = {"number": toy.numbers[3], "lower": toy.numbers[3].lower(), "id": known}.get(reference, reference)
    assert asked(client, company=named)["company"]["company_id"] == known


def test_as_of_is_known_time(client: TestClient, toy: Any) -> None:
    early = asked(client, company=toy.numbers[0], as_of="2022-01-01")["score"]
    late = asked(client, company=toy.numbers[0], as_of="2026-06-30")["score"]
    assert early["as_of"] == "2022-01-01"
    assert early["coverage"] < late["coverage"]


def test_inline_records_alter_this_score_alone(client: TestClient, toy: Any) -> None:
    before = asked(client, company=toy.numbers[5])
    given = asked(client, company=toy.numbers[5], records=[STAFF_CUT, BROKE])
    after = asked(client, company=toy.numbers[5])
    assert given["score"]["pd"] != before["score"]["pd"]
    assert given["inline_records"] == [STAFF_CUT, BROKE]
    assert after["score"] == before["score"]
    assert toy.store.watermark() == before["score"]["data_watermark"]


def test_a_score_says_what_is_contested_and_uses_it_as_unknown(client: TestClient, toy: Any) -> None:
    cash = toy.store.claims([toy.store.company("hr:c5").company_id]).frames["cash_position"].row(-1, named=True)
    fields = {"observed_on": str(cash["observed_on"]), "cash": 9 * cash["cash"], "monthly_burn": cash["monthly_burn"]}
    record = {"signal": "cash_position", "fields": fields}
    score = asked(client, company=toy.numbers[5], records=[record])["score"]
    [fact] = score["contested"]
    assert (fact["signal"], fact["key"], fact["fields"]) == ("cash_position", cash["key"], ["cash"])
    assert cash["key"] in fact["zh"] and "现金" in fact["zh"] and "contradict" in fact["en"]
    assert asked(client, company=toy.numbers[5])["score"]["contested"] == []
    assert Score.from_dict(score).as_dict()["contested"] == score["contested"]


def test_a_company_nobody_knows_is_scored_from_its_own_records(client: TestClient) -> None:
    body = "91440300MA5F0000X"
    stranger = body + uscc.calc_check_digit(body)
    assert client.post("/v1/scores", json={"company": stranger}).status_code == 404
    answer = asked(client, company=stranger, records=[BROKE])
    assert answer["company"]["names"] == []
    assert 0 < answer["score"]["coverage"] < 0.2
    assert client.get(f"/v1/companies/{stranger}").status_code == 404


def test_many_scores_are_the_same_as_one_by_one_and_in_order(client: TestClient, toy: Any) -> None:
    wanted = [{"company": number} for number in toy.numbers]
    wanted[7] = {"company": "nobody"}
    wanted[9] = {"company": toy.numbers[9], "purpose": "gossip"}
    wanted[11] = {"company": toy.numbers[11], "records": [BROKE]}
    wanted[12] = {"company": toy.numbers[12], "as_of": "2025-01-01"}
    answer = client.post("/v1/scores/batch", json={"requests": wanted}).json()
    assert (answer["scored"], answer["refused"]) == (58, 2)
    for place, (body, item) in enumerate(zip(wanted, answer["results"], strict=True)):
        alone = client.post("/v1/scores", json=body)
        if place in (7, 9):
            told = alone.json()
            assert item["decision"] is None
            assert {**item["problem"], "instance": ""} == {**told, "instance": ""}
        else:
            assert item["problem"] is None
            assert item["decision"]["score"] == alone.json()["score"]
    assert [answer["results"][place]["problem"]["code"] for place in (7, 9)] == ["not_found", "input.invalid"]


def test_both_stores_give_the_same_bits(store: Store, client_of: Callable[[Store], TestClient], toy: Any) -> None:
    own = client_of(store)
    requests = [{"company": number} for number in toy.numbers[:10]]
    answer = own.post("/v1/scores/batch", json={"requests": requests}).json()
    for number, item in zip(toy.numbers, answer["results"], strict=False):
        request = ScoreRequest(company=number, as_of=date(2026, 6, 30), member="x", purpose="research")
        expected = toy.scorer().decide(request).result
        assert item["decision"]["score"]["points"] == expected["points"]
        assert [reason["points"] for reason in item["decision"]["score"]["raises"]] == [
            reason["points"] for reason in expected["raises"]
        ]


def test_what_cannot_be_recorded_is_not_served(
    store: Store, client_of: Callable[[Store], TestClient], toy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(store)

    def full(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("disk is full"))

    monkeypatch.setattr("alliance.store.recording.insert_decisions", full)
    for path, body in {
        "/v1/scores": {"company": toy.numbers[0]},
        "/v1/scores/batch": {"requests": [{"company": toy.numbers[0]}, {"company": "nobody"}]},
    }.items():
        response = client.post(path, json=body)
        assert response.status_code == 503
        assert response.headers["Retry-After"] == "5"
        assert response.json()["code"] == "store.unavailable"
        assert "score" not in response.json() and "results" not in response.json()
    metrics = client.get("/metrics").text
    assert "alliance_store_errors_total 2.0" in metrics
    assert "alliance_scores_total{" not in metrics


def test_the_stored_decision_reads_back_as_the_score(client: TestClient, toy: Any) -> None:
    answer = asked(client, company=toy.numbers[1])
    made = toy.store.decision(answer["decision_id"])
    assert Score.from_dict(made.result).points == answer["score"]["points"]
    assert made.member == "bank"
