"""Grants and consents over HTTP: given, listed, explained, revoked while the service runs; figures of cohorts."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from alliance import grants
from alliance.promotions import promote
from alliance.rights import AccessRequest, Consent, Disclosure, Grant, Receiver, ReceiverKind, Right
from alliance.rights.odrl import document_of
from alliance.store import Promotion, Store

Acting = Callable[..., TestClient]
BANK = Receiver(ReceiverKind.MEMBER, "bank")


@pytest.fixture
def client(closed: Store, toy: Any, asking: Callable[..., TestClient]) -> TestClient:
    """The bank's, in an alliance in which nobody has given anything."""
    return asking(toy.scorer(closed))


@pytest.fixture
def hr(client: TestClient, acting: Acting) -> TestClient:
    return acting(client, "hr", roles={"member_admin"})


def document(giver: str = "hr", disclosure: Disclosure = Disclosure.SCORE_ONLY, **terms: Any) -> dict[str, Any]:
    given = {"receiver": BANK, "fields": ("*",), "purposes": ("loan_origination",), **terms}
    return document_of([Grant(giver=giver, disclosure=disclosure, **given)])


def given(member: TestClient, **terms: Any) -> str:
    answer = member.post("/v1/grants", json=document(**terms))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["grants"][0]["grant_id"])


def test_from_given_to_revoked(client: TestClient, hr: TestClient) -> None:
    answer = hr.post("/v1/grants", json=document())
    made = answer.json()["grants"][0]
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/v1/grants/{made['grant_id']}")
    assert (made["giver"], made["receiver"], made["disclosure"], made["in_force"]) == (
        "hr", "member bank", "score_only", True,
    )  # fmt: skip
    read = client.get(answer.headers["Location"]).json()
    assert read["grant"] == made
    said = read["odrl"]["permission"][0]
    assert said.pop("uid") == f"urn:alliance-credit:grant:{made['grant_id']}"
    assert [said] == document()["permission"]
    assert client.get("/v1/grants", params={"giver": "hr"}).json() == {"grants": [made], "found": 1}
    assert hr.post("/v1/grants", json=document()).status_code == 409
    ended = hr.post(f"/v1/grants/{made['grant_id']}/revocation", json={"reason": "We part."}).json()
    assert ended["grant"] == made | {"revoked_at": ended["grant"]["revoked_at"], "in_force": False}
    assert (ended["scores"], ended["models"]) == ([], [])
    assert client.get("/v1/grants", params={"in_force": True}).json() == {"grants": [], "found": 0}
    again = hr.post(f"/v1/grants/{made['grant_id']}/revocation", json={"reason": "We part."})
    assert again.status_code == 409


def test_sent_again_under_its_key_it_is_given_once(hr: TestClient, closed: Store) -> None:
    first, second = (hr.post("/v1/grants", json=document(), headers={"Idempotency-Key": "k-1"}) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json() and second.headers["Idempotency-Replayed"] == "true"
    assert len(closed.rights().grants) == 1
    other = hr.post("/v1/grants", json=document(fields=("headcount",)), headers={"Idempotency-Key": "k-1"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.mismatch")


def test_nobody_gives_or_revokes_for_another(client: TestClient, hr: TestClient, acting: Acting) -> None:
    foreign = hr.post("/v1/grants", json=document(giver="fund"))
    assert (foreign.status_code, foreign.json()["code"]) == (403, "rights.refused")
    own = given(hr)
    bank = acting(client, "bank", roles={"member_admin"})
    assert bank.get(f"/v1/grants/{own}").status_code == 200, "it is given to the bank"
    assert bank.post(f"/v1/grants/{own}/revocation", json={"reason": "x"}).status_code == 403
    fund = acting(client, "fund", roles={"member_admin"})
    for answer in (fund.get(f"/v1/grants/{own}"), fund.post(f"/v1/grants/{own}/revocation", json={"reason": "x"})):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert fund.get("/v1/grants").json() == {"grants": [], "found": 0}
    assert acting(client, "nobody", roles={"auditor"}).get("/v1/grants").json()["found"] == 1


@pytest.mark.parametrize(
    ("spoilt", "status"),
    [
        ({}, 422),
        ({"@type": "Offer"}, 422),
        ({"prohibition": []}, 422),
        ({"permission": []}, 422),
        ({"permission": [{"assigner": "urn:alliance-credit:member:hr\x00"}]}, 422),
        ({"permission": "\ud800"}, 422),
        ({"\x00": 1}, 422),
    ],
)
def test_what_is_no_document_is_refused_in_words(
    hr: TestClient, closed: Store, spoilt: dict[str, Any], status: int
) -> None:
    sent = {**document(), **spoilt} if spoilt else {}
    answer = hr.post("/v1/grants", content=json.dumps(sent), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (status, "input.invalid"), answer.text
    assert answer.json()["remedy"]
    assert closed.rights().grants == ()


@pytest.fixture
def without_hr(toy: Any, tmp_path: Path, asking: Callable[..., TestClient]) -> dict[str, Any]:
    """The score of the second company in an alliance that hr never told anything."""
    never = Store(f"sqlite:///{tmp_path / 'never.db'}")
    toy.files[1].submit(never)
    grants.register(never, "bank", "data_vendor", author="operator")
    terms: dict[str, Any] = {"receiver": BANK, "fields": ("*",), "purposes": ("loan_origination",)}
    grants.give(never, [Grant(giver="fund", disclosure=Disclosure.SCORE_ONLY, **terms)], author="fund")
    answer = asking(toy.scorer(never)).post("/v1/scores", json={"company": toy.numbers[1]})
    never.close()
    score: dict[str, Any] = answer.json()["score"]
    return score


def test_a_score_after_a_revocation_lacks_what_was_revoked(
    client: TestClient, hr: TestClient, acting: Acting, toy: Any, without_hr: dict[str, Any]
) -> None:
    staff, rounds = given(hr), given(acting(client, "fund", roles={"member_admin"}), giver="fund")
    ask = {"company": toy.numbers[1]}
    before = client.post("/v1/scores", json=ask).json()
    assert set(before["grants"]) == {staff, rounds} and before["revoked"] == []
    assert {one["signal"] for one in before["score"]["withheld"]} >= {"headcount", "cash_position", "funding_round"}
    ended = hr.post(f"/v1/grants/{staff}/revocation", json={"reason": "We part."}).json()
    [touched] = ended["scores"]
    assert touched["decision_id"] == before["decision_id"] and touched["member"] == "bank"
    assert touched["company_id"] is None, "what the bank asked about stays the bank's"

    after = client.post("/v1/scores", json=ask).json()
    assert after["grants"] == [rounds]
    assert {one["signal"] for one in after["score"]["withheld"]} == {"funding_round"}
    assert after["score"]["coverage"] < before["score"]["coverage"]
    names = ("company_id", "pd", "points", "pillars", "coverage", "raises", "lowers")
    assert {name: after["score"][name] for name in names} == {name: without_hr[name] for name in names}

    flagged = client.get(f"/v1/decisions/{before['decision_id']}").json()
    assert (flagged["revoked"], flagged["score"]) == ([staff], before["score"])
    replayed = client.post(f"/v1/decisions/{before['decision_id']}/replay").json()
    assert not replayed["same"] and replayed["score"]["points"] == after["score"]["points"]


def test_a_revocation_names_the_models_trained_under_the_grant(
    client: TestClient, hr: TestClient, closed: Store
) -> None:
    grants.register(closed, "alliance", "operator", author="alliance")
    own = given(hr, disclosure=Disclosure.RAW, purposes=("model_training",), receiver=Receiver(ReceiverKind.ALL))
    other = given(hr, purposes=("research",))
    access = closed.access(AccessRequest("alliance", "model_training"))
    model = Promotion(bundle_sha256="ab" * 32, version="default-12m", outcome="default", purpose="model_training",
                      grants=access.grants, reason="The best so far.")  # fmt: skip
    promote(closed, model, access, author="alliance")
    assert hr.post(f"/v1/grants/{other}/revocation", json={"reason": "x"}).json()["models"] == []
    [named] = hr.post(f"/v1/grants/{own}/revocation", json={"reason": "We part."}).json()["models"]
    assert (named["bundle_sha256"], named["version"], named["promoted_by"]) == ("ab" * 32, "default-12m", "alliance")
    assert "train it again without it" in named["en"] and "operator (alliance) to decide" in named["en"]
    assert "重新训练" in named["zh"] and own in named["zh"]


def test_consents(client: TestClient, hr: TestClient, acting: Acting, toy: Any, closed: Store) -> None:
    body = {"company": toy.numbers[1], "evidence": "Form 7.", "signals": ["cash_position"]}
    answer = hr.post("/v1/consents", json=body)
    made = answer.json()
    assert (answer.status_code, made["obtained_by"], made["in_force"], made["purposes"]) == (201, "hr", True, ["*"])
    assert made["company_id"] == closed.company(toy.numbers[1]).company_id
    assert hr.get("/v1/consents").json() == {"consents": [made], "found": 1}
    fund = acting(client, "fund", roles={"member_admin"})
    assert fund.get("/v1/consents").json() == {"consents": [], "found": 0}
    end = f"/v1/consents/{made['consent_id']}/withdrawal"
    assert fund.post(end, json={"reason": "x"}).json()["code"] == "not_found"
    ended = hr.post(end, json={"reason": "A letter."}).json()
    assert (ended["in_force"], ended["withdrawn_at"] is None) == (False, False)
    assert hr.post(end, json={"reason": "A letter."}).status_code == 409
    for spoilt in ({"signals": ["luck"]}, {"purposes": ["gossip"]}, {"document_sha256": "x"}, {"company": "nobody"}):
        assert hr.post("/v1/consents", json={**body, **spoilt}).status_code in (404, 422)
    twice = [hr.post("/v1/consents", json=body, headers={"Idempotency-Key": "c-1"}).json() for _ in range(2)]
    assert twice[0] == twice[1] and len(closed.rights().consents) == 2
    assert isinstance(closed.rights().consents[0], Consent)


def test_rights_in_words(client: TestClient, hr: TestClient, toy: Any) -> None:
    nothing = client.get("/v1/rights").json()
    assert nothing["grants"] == [] and "Nothing that others gave may be read." in str(nothing["sentences"])
    own = given(hr, fields=("headcount",))
    told = client.get("/v1/rights", params={"company": toy.numbers[1], "purpose": "loan_origination"}).json()
    assert (told["member"], told["right"], told["grants"]) == ("bank", Right.SCORES, [own])
    assert any(own in one["en"] and "headcount" in one["en"] and own in one["zh"] for one in told["sentences"])
    assert client.get("/v1/rights", params={"purpose": "gossip"}).status_code == 422
    assert client.get("/v1/rights", params={"company": "nobody"}).status_code == 404


def test_figures_of_a_cohort(client: TestClient, hr: TestClient) -> None:
    ask = {"field": "cash_position.cash", "as_of": "2026-06-30"}
    assert client.get("/v1/aggregates", params=ask).json()["code"] == "rights.refused"
    own = given(hr, disclosure=Disclosure.AGGREGATE, purposes=("research",))
    dominated = client.get("/v1/aggregates", params=ask)
    assert (dominated.status_code, dominated.json()["where"]) == (403, {"reasons": "dominated"}), "all is hr's alone"
    for spoilt in ({"field": "luck.cash"}, {"field": "cash_position"}, {"where": "x"}, {"where": "luck=1"}):
        assert client.get("/v1/aggregates", params={**ask, **spoilt}).status_code in (404, 422)
    told = hr.get("/v1/aggregates", params=ask)
    assert told.json()["code"] == "scope.missing"
    assert hr.post(f"/v1/grants/{own}/revocation", json={"reason": "x"}).status_code == 201
    assert client.get("/v1/aggregates", params=ask).json()["where"]["reasons"] == "revoked"


@pytest.fixture
def told_by_two(closed: Store, toy: Any, write: Callable[..., Any], tmp_path: Path) -> Store:
    """Cash of 60 companies by hr, and of the last 30 of them by fund too."""
    rows = [
        {"code": number, "id": f"r{place}", "name": f"星辰科技{place}号", "day": "2026-06-30", "cash": 5_000_000}
        for place, number in list(enumerate(toy.numbers))[30:]
    ]
    records = {"cash_position": {"observed_on": "day", "cash": "cash"}}
    write(tmp_path, "cash", member="fund", role="investor", records=records, rows=rows).submit(closed)
    return closed


@pytest.mark.usefixtures("told_by_two")
def test_figures_that_may_be_told(client: TestClient, hr: TestClient, acting: Acting, toy: Any) -> None:
    terms: dict[str, Any] = {"disclosure": Disclosure.AGGREGATE, "purposes": ("research",)}
    given(hr, companies=toy.numbers[:30], **terms)
    given(acting(client, "fund", roles={"member_admin"}), giver="fund", **terms)
    ask = {"field": "cash_position.cash", "as_of": "2026-06-30"}
    told = client.get("/v1/aggregates", params=ask).json()
    assert (told["cohort"], told["companies"], len(told["quartiles"])) == ({}, 60, 3), told
    assert client.get("/v1/aggregates", params=ask).json() == told, "the same is told again"
    few = client.get("/v1/aggregates", params={**ask, "where": ["sector=software", "city=nowhere"]})
    assert few.json()["where"] == {"reasons": "too_few"}
