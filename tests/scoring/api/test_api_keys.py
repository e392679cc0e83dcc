"""Keys over HTTP: given by a member's admin to its own, and by the operator to anybody."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from alliance.callers import Role
from alliance.store import Store

Acting = Callable[..., TestClient]


@pytest.fixture
def client(store: Store, client_of: Callable[[Store], TestClient]) -> TestClient:
    return client_of(store)


@pytest.fixture
def admin(client: TestClient, acting: Acting) -> TestClient:
    return acting(client, "harbour", roles={Role.MEMBER_ADMIN})


def using(client: TestClient, text: str) -> TestClient:
    return TestClient(client.app, headers={"Authorization": f"Bearer {text}"}, raise_server_exceptions=False)


def test_from_made_to_replaced_to_ended(admin: TestClient, toy: Any) -> None:
    answer = admin.post("/v1/keys", json={"roles": ["analyst"], "label": "the portal", "days": 30})
    made = answer.json()
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store"), made
    assert (made["key"]["member"], made["key"]["made_by"], made["key"]["scopes"]) == ("harbour", "harbour", None)
    prefix = made["key"]["prefix"]
    old = using(admin, made["text"])
    assert old.post("/v1/scores", json={"company": toy.numbers[0]}).json()["member"] == "harbour"
    replaced = admin.post(f"/v1/keys/{prefix}/rotation").json()
    new = using(admin, replaced["text"])
    assert replaced["key"]["replaces"] == prefix
    assert [one.get("/v1/model").status_code for one in (old, new)] == [200, 200]
    ended = admin.post(f"/v1/keys/{prefix}/revocation").json()
    assert ended["prefix"] == prefix and ended["ends_at"] < ended["expires_at"]
    assert [one.get("/v1/model").status_code for one in (old, new)] == [401, 200]
    assert admin.post(f"/v1/keys/{prefix}/rotation").status_code == 409
    listed = admin.get("/v1/keys")
    assert [key["label"] for key in listed.json()["keys"]] == ["", "the portal", "the portal"]
    assert made["text"][17:] not in listed.text and "sha256" not in listed.text


@pytest.mark.parametrize("role", ["operator", "auditor", "company"])
def test_an_admin_gives_no_more_than_is_its_members(admin: TestClient, client: TestClient, role: str) -> None:
    refused = admin.post("/v1/keys", json={"roles": ["analyst", role]})
    assert (refused.status_code, refused.json()["where"]) == (403, {"field": "roles"})
    foreign = admin.post("/v1/keys", json={"roles": ["analyst"], "member": "bank"})
    assert (foreign.status_code, foreign.json()["where"]) == (403, {"field": "member"})
    body = {"roles": [role], "member": "harbour"} if role != "company" else {"roles": [role], "company": "hr:c1"}
    given = client.post("/v1/keys", json=body).json()["key"]
    for deed in ("rotation", "revocation"):
        answer = admin.post(f"/v1/keys/{given['prefix']}/{deed}")
        assert answer.status_code == (404 if role == "company" else 403), answer.text


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"roles": []}, 422), ({"roles": ["king"]}, 422), ({"roles": ["analyst"], "scopes": []}, 422),
        ({"roles": ["analyst"], "scopes": ["keys:write"]}, 422), ({"roles": ["analyst"], "days": 0}, 422),
        ({"roles": ["analyst"], "days": 731}, 422), ({"roles": ["analyst"], "label": "\n"}, 422),
        ({"roles": ["analyst"], "company": "hr:c1"}, 422), ({"roles": ["company"]}, 422),
        ({"roles": ["company", "analyst"], "company": "hr:c1"}, 422), ({"roles": ["company"], "company": "x"}, 404),
        ({"roles": ["analyst"], "member": "a b"}, 422), ({"roles": ["analyst"], "luck": 1}, 422),
    ],
)  # fmt: skip
def test_what_is_no_key(client: TestClient, given: dict[str, Any], status: int) -> None:
    answer = client.post("/v1/keys", json=given)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
