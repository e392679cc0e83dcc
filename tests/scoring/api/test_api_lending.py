"""The lending aid over HTTP: numbers with what they are made of, and nothing that the reader may not see."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from alliance.rights import Disclosure
from alliance.store import Store

TERMS = {"amount": 5_000_000, "rate": 0.09, "term_months": 24, "warrant_coverage": 0.1}


def asked(client: TestClient, **more: Any) -> Any:
    decision_id = client.post("/v1/scores", json={"company": "hr:c5", "purpose": "research"}).json()["decision_id"]
    return client.post(f"/v1/decisions/{decision_id}/term-sheet", json={**TERMS, **more})


def test_a_sheet(client: TestClient, toy: Any) -> None:
    before = toy.store.ledger_size()
    answer = asked(client, winter_months=[3, 12])
    assert answer.status_code == 200, answer.text
    sheet = answer.json()
    assert toy.store.ledger_size() == before + 1  # the decision's; the aid records nothing
    assert "no advice" in sheet["notice_en"] and "不构成" in sheet["notice_zh"]
    assert {one["standing"] for one in sheet["inputs"]} == {"given"}
    limits = {one["rule"]: one["high"] for one in sheet["limits"]}
    assert limits["limit"] == min(one for one in (limits["round_high"], limits["runway"]) if one is not None)
    assert sheet["fit"] == ("within" if limits["limit"] >= TERMS["amount"] else "above")
    found = sheet["returns"]
    assert found["loss_year"] == pytest.approx(found["pd_year"] * 0.4 * TERMS["amount"])
    assert found["raroc"] < found["raroc_warrants"] and sheet["same_model"]
    assert [one["months"] for one in sheet["winters"]] == [3, 12]
    assert all(0 < one["pd"] < 1 for one in sheet["winters"])
    assert asked(client, subordinated=True).json()["lgd"] == 0.75 and asked(client, lgd=0.1).json()["lgd"] == 0.1


@pytest.mark.parametrize(
    "wrong", [{"amount": 0}, {"amount": 1.5}, {"rate": "9%"}, {"term_months": 0}, {"winter_months": [0]}, {"lgd": 2}]
)
def test_terms_that_are_none(client: TestClient, wrong: dict[str, Any]) -> None:
    answer = asked(client, **wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")


def test_what_is_withheld_is_said_and_not_told(
    closed: Store, toy: Any, lend: Callable[..., str], asking: Callable[..., TestClient]
) -> None:
    grants = {lend("hr", Disclosure.SCORE_ONLY), lend("fund", Disclosure.BANDED)}
    client = asking(toy.scorer(closed))
    decision_id = client.post("/v1/scores", json={"company": toy.numbers[5], "purpose": "research"}).json()[
        "decision_id"
    ]
    path = f"/v1/decisions/{decision_id}/term-sheet"
    sheet = client.post(path, json=TERMS).json()
    told = {one["feature"]: one for one in sheet["inputs"]}
    assert [told[name]["standing"] for name in ("round_last_amount", "cash_runway", "cash_burn")] == [
        "banded", "withheld", "withheld",
    ]  # fmt: skip
    assert {grant for one in told.values() for grant in one["grants"]} == grants
    by_rule = {one["rule"]: one for one in sheet["limits"]}
    assert by_rule["runway"]["high"] is None and by_rule["limit"]["low"] == 0
    assert by_rule["limit"]["high"] == by_rule["round_high"]["high"]
    # No amount is ever said to be within a limit of which a part is withheld: nobody can close in on it.
    fits = {client.post(path, json={**TERMS, "amount": 10**power}).json()["fit"] for power in range(1, 13)}
    assert fits == {"open", "above"}
    assert {one["pd"] for one in sheet["winters"]} == {None}
    refused = client.post(path, json={**TERMS, "winter_months": [7]})
    assert (refused.status_code, refused.json()["code"]) == (403, "lending.scenarios")
    assert client.post(path, json={**TERMS, "winter_months": [12]}).status_code == 200
