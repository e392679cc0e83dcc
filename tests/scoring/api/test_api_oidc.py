"""Tokens of members' own identity providers, checked against keys served over real HTTP on loopback."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from fastapi.testclient import TestClient
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from alliance.errors import InvalidInput
from alliance.policy import Policy
from scoring.api import create_app
from scoring.api.jwks import KEPT_SECONDS, PAUSE_SECONDS, Jwks, JwksUnavailable
from scoring.api.oidc import Issuers, read_issuers

RSA, OTHER_RSA = (rsa.generate_private_key(65537, 2048) for _ in range(2))
EC = ec.generate_private_key(ec.SECP256R1())

ISSUER = """
[[issuer]]
issuer = "https://login.{member}.example"
audience = "alliance-credit"
jwks_uri = "{uri}"
member_claim = "org"
roles_claim = "groups"
[issuer.members]
"{name}" = "{member}"
[issuer.roles]
"credit-officers" = "analyst"
"quants" = "data_scientist"
"""


def public(key: Any, kid: str) -> dict[str, Any]:
    algorithm, name = (RSAAlgorithm, "RS256") if isinstance(key, rsa.RSAPrivateKey) else (ECAlgorithm, "ES256")
    return {**json.loads(algorithm.to_jwk(key.public_key())), "kid": kid, "alg": name, "use": "sig"}


class Provider(ThreadingHTTPServer):
    """Serves keys, counts how often, and fails when told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.keys: list[dict[str, Any]] = [public(RSA, "r1"), public(EC, "e1")]
        self.answer: bytes | None = None
        self.fetched = 0

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/jwks"


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        self.server.fetched += 1
        body = self.server.answer if self.server.answer is not None else json.dumps({"keys": self.server.keys}).encode()
        self.send_response(302 if body == b"elsewhere" else 200)
        if body == b"elsewhere":
            self.send_header("Location", "/jwks")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def provider() -> Iterator[Provider]:
    server = Provider()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def issuers(provider: Provider, tmp_path: Path) -> Issuers:
    file = tmp_path / "issuers.toml"
    file.write_text(
        ISSUER.format(member="spd-bank", name="SPD", uri=provider.uri)
        + ISSUER.format(member="harbour", name="Harbour", uri=provider.uri),
        encoding="utf-8",
    )
    return Issuers.from_environment({"ALLIANCE_OIDC": str(file)})


@pytest.fixture
def client(toy: Any, policy: Policy, issuers: Issuers) -> TestClient:
    return TestClient(create_app(toy.scorer(), policy, issuers), raise_server_exceptions=False)


def token(key: Any = RSA, kid: str | None = "r1", algorithm: str = "RS256", **claims: Any) -> str:
    now = datetime.now(UTC)
    told = {
        "iss": "https://login.spd-bank.example", "aud": "alliance-credit", "sub": "ann", "org": "SPD",
        "groups": ["credit-officers", "gardeners"], "iat": now, "exp": now + timedelta(minutes=5),
    }  # fmt: skip
    told = {name: value for name, value in (told | claims).items() if value is not None}
    return jwt.encode(told, key, algorithm=algorithm, headers={"kid": kid} if kid else {})


def ask(client: TestClient, text: str, path: str = "/v1/model") -> Any:
    return client.get(path, headers={"Authorization": f"Bearer {text}"})


@pytest.mark.parametrize(("key", "kid", "algorithm"), [(RSA, "r1", "RS256"), (EC, "e1", "ES256")])
def test_a_good_token_acts_for_its_member_in_its_roles(
    client: TestClient, toy: Any, key: Any, kid: str, algorithm: str
) -> None:
    sent = {"Authorization": f"Bearer {token(key, kid, algorithm)}"}
    made = client.post("/v1/scores", json={"company": toy.numbers[0]}, headers=sent).json()
    assert made["member"] == "spd-bank"
    assert ask(client, token(key, kid, algorithm), "/metrics").json()["code"] == "scope.missing"
    assert ask(client, token(key, kid, algorithm), f"/v1/decisions/{made['decision_id']}").status_code == 200
    quant = token(key, kid, algorithm, groups="quants", sub="bob")
    assert client.post("/v1/scores", json={}, headers={"Authorization": f"Bearer {quant}"}).status_code == 403
    assert ask(client, quant, "/v1/reliability").status_code == 200
    assert ask(client, token(key, kid, algorithm, groups=["gardeners"])).status_code == 403
    assert ask(client, token(key, kid, algorithm, groups={"a": 1})).status_code == 403


def hmac_token() -> str:
    """The classic confusion: the issuer's public key taken for a shared secret."""
    _, body, _ = token().split(".")
    header = {**jwt.get_unverified_header(token()), "alg": "HS256"}
    first = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    signed = hmac.new(json.dumps(public(RSA, "r1")).encode(), f"{first}.{body}".encode(), hashlib.sha256).digest()
    return f"{first}.{body}.{base64.urlsafe_b64encode(signed).rstrip(b'=').decode()}"


HOUR = timedelta(hours=1)
BAD: dict[str, Callable[[], str]] = {
    "expired": lambda: token(exp=datetime.now(UTC) - HOUR),
    "not yet": lambda: token(nbf=datetime.now(UTC) + HOUR),
    "issued in the future": lambda: token(iat=datetime.now(UTC) + HOUR),
    "never expires": lambda: token(exp=None),
    "of nobody": lambda: token(sub=None),
    "for another audience": lambda: token(aud="another"),
    "for none": lambda: token(aud=None),
    "of an unknown issuer": lambda: token(iss="https://login.evil.example"),
    "of another issuer's member": lambda: token(iss="https://login.harbour.example"),
    "of an unknown member": lambda: token(org="Nobody"),
    "of no member": lambda: token(org=None),
    "of a member by list": lambda: token(org=["SPD"]),
    "of another key": lambda: token(OTHER_RSA),
    "of an unknown key": lambda: token(OTHER_RSA, "r2"),
    "of no key": lambda: token(kid=None),
    "of the wrong kind of key": lambda: token(EC, "r1", "ES256"),
    "of a wider algorithm": lambda: token(algorithm="RS512"),
    "unsigned": lambda: token(None, "r1", "none"),
    "signed with the public key": hmac_token,
    "cut": lambda: token()[:-4],
    "longer than any": lambda: token(org="x" * 20_000),
    "nothing": lambda: "..",
}


@pytest.mark.parametrize("why", BAD)
def test_a_bad_token_is_told_nothing_but_that(client: TestClient, why: str) -> None:
    answer, plain = ask(client, BAD[why]()), client.get("/v1/model")
    assert answer.status_code == 401, answer.text
    assert {**answer.json(), "instance": ""} == {**plain.json(), "instance": ""}


def test_without_trusted_issuers_no_token_is_good(toy: Any, policy: Policy) -> None:
    client = TestClient(create_app(toy.scorer(), policy, Issuers()))
    assert ask(client, token()).status_code == 401


def test_keys_are_fetched_once_and_again_for_a_new_one_but_not_for_every_made_up_one(provider: Provider) -> None:
    now = 0.0
    jwks = Jwks(provider.uri, lambda: now)
    assert jwks.key("r1") and jwks.key("e1") and provider.fetched == 1
    provider.keys.append(public(OTHER_RSA, "r2"))
    for made_up in range(50):
        assert jwks.key(f"x{made_up}") is None
    assert (jwks.key("r2"), provider.fetched) == (None, 1)
    now += PAUSE_SECONDS + 1
    assert jwks.key("r2") and provider.fetched == 2
    now += KEPT_SECONDS + 1
    provider.keys = [public(OTHER_RSA, "r2")]
    assert jwks.key("r1") is None, "a key taken back is believed no longer than keys are kept"


@pytest.mark.parametrize("answer", [b"", b"{", b"[]", b'{"keys": []}', b'{"keys": 7}', b"null", b"elsewhere"])
def test_an_issuer_that_fails(provider: Provider, answer: bytes) -> None:
    now = 0.0
    jwks = Jwks(provider.uri, lambda: now)
    provider.answer = answer
    with pytest.raises(JwksUnavailable):
        jwks.key("r1")
    provider.answer, now = None, PAUSE_SECONDS + 1
    assert jwks.key("r1")
    provider.answer, now = answer, now + PAUSE_SECONDS + 1
    assert jwks.key("unknown") is None and jwks.key("r1"), "keys there are stay good for a while"
    now += KEPT_SECONDS
    with pytest.raises(JwksUnavailable):
        jwks.key("r1")


def test_an_issuer_that_does_not_answer_is_no_fault_of_the_callers(client: TestClient, provider: Provider) -> None:
    provider.answer = b"out of order"
    answer = ask(client, token())
    assert (answer.status_code, answer.json()["code"]) == (503, "issuer.unavailable")
    assert answer.headers["Retry-After"]


GOOD = ISSUER.format(member="spd-bank", name="SPD", uri="https://login.example/jwks")


@pytest.mark.parametrize(
    "text",
    [
        None, "[[issuer", "", "issuer = 5\n", "[[issuer]]\n", GOOD + GOOD, GOOD + "[more]\n",
        GOOD.replace("https://login.example", "http://login.example"), GOOD.replace('"analyst"', '"king"'),
        GOOD.replace('"analyst"', '"company"'), GOOD.replace('"alliance-credit"', '""'),
        GOOD.replace('"SPD" = "spd-bank"', ""),
    ],
)  # fmt: skip
def test_a_file_of_issuers_that_cannot_be_used(tmp_path: Path, text: str | None) -> None:
    assert len(read_issuers(written(tmp_path, GOOD))) == 1
    file = tmp_path / "absent.toml" if text is None else written(tmp_path, text)
    with pytest.raises(InvalidInput) as caught:
        read_issuers(file)
    assert caught.value.where == {"file": str(file)} and "ALLIANCE_OIDC" in caught.value.remedy


def written(folder: Path, text: str) -> Path:
    file = folder / "issuers.toml"
    file.write_text(text, encoding="utf-8")
    return file
