"""Every endpoint, by every role, of one's own and of a foreign tenant: nothing is read that the table forbids."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from alliance import grants
from alliance.callers import OWNED, ROLES, Reach, Role, Scope, register
from alliance.policy import Policy
from alliance.rights import Consent, Grant, Receiver, ReceiverKind
from alliance.rights.odrl import document_of
from alliance.store import Store
from scoring.api import create_app
from scoring.api.app import ROUTERS
from scoring.api.endpoints import endpoints_table
from scoring.api.scopes import OPEN, Endpoint, endpoints

OWNER, STRANGER = "hr", "stranger"
REASON = "They say so."
OWNERS = Grant(
    giver=OWNER, receiver=Receiver(ReceiverKind.MEMBER, "bank"), fields=("headcount",), purposes=("research",)
)
OWNED_IDS = ("decision_id", "override_id", "submission_id", "dispute_id", "grant_id", "consent_id")

OF_COMPANIES = {Scope.COMPANIES_READ, Scope.FACTS_READ}
"""Scopes by which who speaks for a company sees that one alone."""

ENDPOINTS = {
    f"{one.method} {one.path}": one for router in ROUTERS for one in endpoints(router.router.routes) if one.scope
}

SENT: dict[str, tuple[Any, set[int]]] = {
    # what is sent to each endpoint, besides the ids in its path; and the statuses that say it was allowed
    "POST /v1/scores": ({"company": "NUMBER"}, {201}),
    "POST /v1/scores/features": ({"company": "NUMBER", "features": {}}, {422}),
    "POST /v1/scores/batch": ({"requests": [{"company": "NUMBER"}]}, {200}),
    "GET /v1/decisions/{decision_id}": (None, {200}),
    "POST /v1/decisions/{decision_id}/replay": (None, {200}),
    "GET /v1/decisions/{decision_id}/what-would-help": (None, {200}),
    "GET /v1/decisions/{decision_id}/next-data": (None, {200}),
    "POST /v1/decisions/{decision_id}/overrides": (
        {"grade": "AAA", "reason_code": "collateral", "text": REASON}, {201, 409},
    ),
    "GET /v1/overrides": (None, {200}),
    "POST /v1/overrides/{override_id}/ruling": ({"approved": False, "reason": REASON}, {201, 409}),
    "POST /v1/decisions/{decision_id}/term-sheet": ({"amount": 1_000_000, "rate": 0.09, "term_months": 24}, {200}),
    "POST /v1/submissions": ("files", {200}),
    "GET /v1/submissions/{submission_id}": (None, {200}),
    "GET /v1/companies/{reference}/facts": (None, {200}),
    "GET /v1/reliability": (None, {200}),
    "GET /v1/identity/cases": (None, {200}),
    "POST /v1/identity/cases/{case_id}": ({"same": False, "reason": REASON}, {404}),
    "POST /v1/identity/merges": (
        {"company": "hr:c20", "into": "hr:c21", "despite_numbers": True, "reason": REASON}, {201, 409},
    ),
    "POST /v1/identity/splits": ({"company_id": "hr:c20", "reason": REASON}, {201, 422}),
    "GET /v1/identity/companies/{reference}": (None, {200}),
    "POST /v1/disputes": (
        {"company": "NUMBER", "signal": "company_profile", "evidence": REASON}, {201, 409},
    ),
    "GET /v1/disputes": (None, {200}),
    "GET /v1/disputes/{dispute_id}": (None, {200}),
    "POST /v1/disputes/{dispute_id}/ruling": ({"excluded": False, "reason": REASON}, {201, 409}),
    "POST /v1/erasures": ({"person": "nobody", "reason": REASON, "basis": REASON}, {200}),
    "GET /v1/companies": (None, {200}),
    "GET /v1/companies/{reference}": (None, {200}),
    "POST /v1/grants": ("odrl", {201, 409}),
    "GET /v1/grants": (None, {200}),
    "GET /v1/grants/{grant_id}": (None, {200}),
    "POST /v1/grants/{grant_id}/revocation": ({"reason": REASON}, {201}),
    "POST /v1/consents": ({"company": "NUMBER", "evidence": REASON}, {201}),
    "GET /v1/consents": (None, {200}),
    "POST /v1/consents/{consent_id}/withdrawal": ({"reason": REASON}, {201}),
    "GET /v1/rights": (None, {200}),
    "GET /v1/aggregates": ({"field": "cash_position.cash"}, {200, 403}),
    "GET /v1/ledger/head": (None, {200}),
    "GET /v1/ledger/leaves/{position}": (None, {200}),
    "GET /v1/ledger/proofs/inclusion": ({"position": 0}, {200}),
    "GET /v1/ledger/proofs/consistency": ({"first": 1}, {200}),
    "GET /v1/ledger/receipts/{recorded}": (None, {200}),
    "GET /v1/model": (None, {200}),
    "POST /v1/keys": ({"roles": ["analyst"], "member": OWNER}, {201}),
    "GET /v1/keys": (None, {200}),
    "POST /v1/keys/{prefix}/rotation": (None, {201}),
    "POST /v1/keys/{prefix}/revocation": (None, {201}),
    "GET /metrics": (None, {200}),
}  # fmt: skip


class House:
    """The toy alliance with a decision and a dispute of its owner's, and callers of every role."""

    def __init__(self, app: FastAPI, keyed: Callable[..., TestClient], toy: Any) -> None:
        self._app, self._keyed, self._toy = app, keyed, toy
        self._given = 0
        self._clients: dict[tuple[Role, str], TestClient] = {}
        analyst = self.client(Role.ANALYST, OWNER)
        made = analyst.post("/v1/scores", json={"company": "hr:c1"}).json()
        dispute = {"company": "hr:c1", "signal": "headcount", "member": OWNER, "evidence": REASON}
        wish = {"grade": "AAA", "reason_code": "collateral", "text": REASON}
        beside = analyst.post(f"/v1/decisions/{made['decision_id']}/overrides", json=wish).json()
        keys = analyst.get("/v1/companies/hr:c1/facts", params={"signal": "headcount"}).json()["facts"]
        raised = analyst.post("/v1/disputes", json={**dispute, "key": keys[0]["key"]}).json()
        self.ids = {
            "decision_id": made["decision_id"],
            "override_id": beside["override_id"],
            "submission_id": app.state.context.scorer.store.receipts()[0].submission_id,
            "dispute_id": raised["dispute_id"],
            "case_id": "case_none",
            "position": "0",
            "recorded": made["decision_id"],
            "reference": toy.numbers[1],
            "prefix": "",
        }
        self._give()

    def client(self, role: Role, tenant: str) -> TestClient:
        """A caller of a role; of the role company, the owner speaks for the company there is something about."""
        if (role, tenant) not in self._clients:
            company = {"company": self._toy.numbers[1 if tenant == OWNER else 2]} if role is Role.COMPANY else {}
            self._clients[role, tenant] = self._keyed(self._app, tenant, {role}, **company)
        return self._clients[role, tenant]

    def ask(self, name: str, client: TestClient, **other: str) -> Any:
        """The answer to a caller who asks of an endpoint, about what there is or about ``other`` ids."""
        self.ids["prefix"] = register.create(
            self._app.state.context.scorer.store, member=OWNER, roles=frozenset({Role.ANALYST}), by="a test"
        ).key.prefix
        if "grant_id" in ENDPOINTS[name].path or "consent_id" in ENDPOINTS[name].path:
            self._give()
        endpoint, sent = ENDPOINTS[name], SENT[name][0]
        path = endpoint.path.format(**self.ids | other)
        if sent == "files":
            [file, _] = self._toy.files
            parts = {"contract": ("c.yaml", file.contract.read_bytes()), "file": ("staff.csv", file.data.read_bytes())}
            return client.request(endpoint.method, path, files=parts)
        if sent == "odrl":
            sent = document_of([OWNERS])
        if endpoint.method == "GET":
            query = {"q": self._toy.numbers[1]} if path == "/v1/companies" else sent
            return client.get(path, params=query)
        return client.request(endpoint.method, path, json=self._filled(sent))

    def _give(self) -> None:
        """A grant and a consent of the owner's, in force."""
        store = self._app.state.context.scorer.store
        self._given += 1
        [made] = grants.give(store, [replace(OWNERS, price=f"p-{self._given}")], author=OWNER)
        consented = grants.consent(store, Consent(company_id="hr:c1", evidence=REASON), author=OWNER)
        self.ids |= {"grant_id": made.grant_id, "consent_id": consented.consent_id}

    def _filled(self, sent: Any) -> Any:
        if isinstance(sent, dict):
            return {name: self._filled(value) for name, value in sent.items()}
        if isinstance(sent, list):
            return [self._filled(one) for one in sent]
        return self._toy.numbers[1] if sent == "NUMBER" else sent


@pytest.fixture(scope="module")
def house(
    toy: Any, tmp_path_factory: pytest.TempPathFactory, keyed: Callable[..., TestClient], policy: Policy
) -> Iterator[House]:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('house') / 'toy.db'}")
    for file in toy.files:
        file.submit(store)
    toy.opened(store, STRANGER)  # it is a member: what it may not see is no matter of grants
    yield House(create_app(toy.scorer(store), policy), keyed, toy)
    store.close()


def test_every_endpoint_is_asked() -> None:
    assert set(SENT) == set(ENDPOINTS)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", ENDPOINTS)
def test_ones_own(house: House, name: str, role: Role) -> None:
    answer = house.ask(name, house.client(role, OWNER))
    if ENDPOINTS[name].scope not in ROLES[role].scopes:
        refused(answer, ENDPOINTS[name])
    else:
        assert answer.status_code in SENT[name][1], answer.text


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", ENDPOINTS)
def test_a_foreign_tenants(house: House, name: str, role: Role) -> None:
    endpoint, rights, stranger = ENDPOINTS[name], ROLES[role], house.client(role, STRANGER)
    answer = house.ask(name, stranger)
    if endpoint.scope not in rights.scopes:
        refused(answer, endpoint)
        return
    if rights.reach is Reach.ALL:
        assert answer.status_code in SENT[name][1], answer.text
        return
    if name in ("POST /v1/submissions", "POST /v1/keys", "POST /v1/grants"):
        assert (answer.status_code, answer.json()["code"]) == (403, "rights.refused")
    elif name == "POST /v1/disputes" and role is Role.COMPANY:
        assert answer.status_code == 404
    elif "{" in endpoint.path and endpoint.scope in (OWNED | OF_COMPANIES if role is Role.COMPANY else OWNED):
        assert same_as_nothing(house, name, stranger, answer)
    else:
        assert answer.status_code in SENT[name][1], answer.text
        for own in (*(house.ids[name] for name in OWNED_IDS), '"hr":"c1"'):
            assert own not in answer.text, own


def refused(answer: Any, endpoint: Endpoint) -> None:
    told = answer.json()
    assert (answer.status_code, told["code"], told["where"]) == (403, "scope.missing", {"scope": endpoint.scope})
    assert f'scope="{endpoint.scope}"' in answer.headers["WWW-Authenticate"]


def same_as_nothing(house: House, name: str, stranger: TestClient, answer: Any) -> bool:
    """Whether the answer about a thing of somebody else's is that about a thing there is not, but for its name."""
    given = next(part for part in house.ids if f"{{{part}}}" in ENDPOINTS[name].path)
    own = house.ids[given]
    nothing = house.ask(name, stranger, **{given: "x"})

    def blank(told: Any, own: str) -> str:
        return str({**told.json(), "instance": ""}).replace(f"'{own}'", "''")

    assert answer.status_code == nothing.status_code == 404
    return blank(answer, own) == blank(nothing, "x")


@pytest.mark.parametrize("name", ENDPOINTS)
def test_nobody_without_a_key(house: House, name: str) -> None:
    answer = house.ask(name, TestClient(house._app))
    assert (answer.status_code, answer.json()["code"]) == (401, "caller.unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="alliance-credit"'


@pytest.mark.parametrize("path", ["/v1/horoscopes", "/", "/v1", "/docs/../v1/model", "/healthz/", "//healthz"])
def test_not_even_whether_a_path_is_there(house: House, path: str) -> None:
    assert TestClient(house._app).get(path).status_code == 401


def test_what_is_open_is_open(house: House) -> None:
    for path in OPEN:
        wanted = f"{path}/swagger-ui.css" if path == "/static-offline-docs" else path
        assert TestClient(house._app).get(wanted).status_code == 200, wanted


def test_other_members_ids_find_nothing(house: House, toy: Any) -> None:
    owner, stranger = (house.client(Role.ANALYST, tenant) for tenant in (OWNER, STRANGER))
    assert owner.get("/v1/companies/hr:c1").json()["identifiers"] == {"registration": toy.numbers[1], "hr": "c1"}
    for path in ("/v1/companies/hr:c1", "/v1/companies/hr:c1/facts"):
        assert stranger.get(path).status_code == 404
    known = stranger.get(f"/v1/companies/{toy.numbers[1]}").json()
    assert known["identifiers"] == {"registration": toy.numbers[1]}
    assert [len(one.get("/v1/companies", params={"q": "c1"}).json()["companies"]) for one in (owner, stranger)] == [
        11,
        0,
    ]
    assert stranger.post("/v1/scores", json={"company": "hr:c1"}).json()["code"] == "not_found"
    both = {"requests": [{"company": "hr:c1"}, {"company": toy.numbers[1]}]}
    told = stranger.post("/v1/scores/batch", json=both).json()
    assert [one["problem"] and one["problem"]["code"] for one in told["results"]] == ["not_found", None]


def test_a_company_speaks_for_itself_alone(house: House, toy: Any) -> None:
    company = house.client(Role.COMPANY, OWNER)
    body = {"company": toy.numbers[1], "signal": "cash_position", "member": "hr", "evidence": REASON}
    facts = company.get(f"/v1/companies/{toy.numbers[1]}/facts", params={"signal": "cash_position"}).json()["facts"]
    made = company.post("/v1/disputes", json={**body, "key": facts[0]["key"], "on_behalf_of": "member"}).json()
    own = company.get(f"/v1/companies/{toy.numbers[1]}").json()["company_id"]
    assert (made["raised_by"], made["on_behalf_of"], made["company_id"]) == (own, "company", own)
    listed = company.get("/v1/disputes").json()["disputes"]
    assert {one["company_id"] for one in listed} == {own} and made["dispute_id"] in {
        one["dispute_id"] for one in listed
    }
    other = house.client(Role.COMPANY, STRANGER)
    assert other.get("/v1/disputes").json() == {"disputes": [], "found": 0}
    assert other.get("/v1/companies", params={"q": "星辰科技1号"}).json() == {"companies": []}
    assert len(company.get("/v1/companies", params={"q": "星辰科技1号"}).json()["companies"]) == 1


def test_the_page_of_endpoints_is_current(pytestconfig: pytest.Config) -> None:
    page = pytestconfig.rootpath / "docs" / "endpoints.md"
    assert page.read_text(encoding="utf-8") == endpoints_table(), (
        "write it again: scoring endpoints --write docs/endpoints.md"
    )


def test_an_endpoint_that_declares_nothing_is_not_served(toy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from fastapi import APIRouter

    from scoring.api import model

    router = APIRouter()
    router.add_api_route("/v1/horoscopes", lambda: "", methods=["GET"])
    monkeypatch.setattr(model, "router", router)
    with pytest.raises(TypeError, match="/v1/horoscopes"):
        create_app(toy.scorer())
