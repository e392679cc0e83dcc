"""Every error is a problem: its status, its code, its place; never a traceback."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from scoring.api.limits import MOST_JSON_BYTES

KNOWN = "hr:c1"
HEADCOUNT = {"observed_on": "2026-01-31", "employees": 5}


def records(*given: Any) -> dict[str, Any]:
    return {"company": KNOWN, "records": list(given)}


UNUSABLE: dict[str, tuple[Any, int, str, str]] = {
    # what is sent: (body, status, code, a word of the place)
    "no company": ({}, 422, "request.invalid", "body.company"),
    "a number for a name": ({"company": 7}, 422, "request.invalid", "body.company"),
    "an empty name": ({"company": ""}, 422, "request.invalid", "body.company"),
    "a control character": ({"company": "hr:c1\0"}, 422, "request.invalid", "body.company"),
    "a misspelt field": ({"company": KNOWN, "asof": "2026-01-01"}, 422, "request.invalid", "body.asof"),
    "a list": ([], 422, "request.invalid", "body"),
    "seconds for a day": ({"company": KNOWN, "as_of": 1_700_000_000}, 422, "request.invalid", "body.as_of"),
    "no day": ({"company": KNOWN, "as_of": "2026-02-30"}, 422, "request.invalid", "body.as_of"),
    "the future": ({"company": KNOWN, "as_of": "2026-07-01"}, 422, "input.invalid", "as_of"),
    "an unknown purpose": ({"company": KNOWN, "purpose": "gossip"}, 422, "input.invalid", "purpose"),
    "another outcome": ({"company": KNOWN, "outcome": "fame"}, 422, "input.invalid", "outcome"),
    "an unknown company": ({"company": "91310000999999999X"}, 404, "not_found", "company"),
    "an unknown signal": (
        records({"signal": "horoscope", "fields": {}}), 422, "request.invalid", "body.records.0.signal",
    ),
    "a signal of sectors": (
        records({"signal": "market_signal", "fields": {}}), 422, "request.invalid", "body.records.0.signal",
    ),
    "no fields": (records({"signal": "headcount"}), 422, "request.invalid", "body.records.0.fields"),
    "an unknown field": (
        records({"signal": "headcount", "fields": {**HEADCOUNT, "mood": 1}}), 422, "input.invalid", "mood",
    ),
    "a value out of bounds": (
        records({"signal": "headcount", "fields": {**HEADCOUNT, "employees": -1}}), 422, "input.invalid", "employees",
    ),
    "a list for a value": (
        records({"signal": "headcount", "fields": {**HEADCOUNT, "employees": [1]}}), 422, "request.invalid",
        "employees",
    ),
    "more than 64 bits": (
        records({"signal": "headcount", "fields": {**HEADCOUNT, "employees": 2**64}}), 422, "input.invalid",
        "employees",
    ),
    "an event to come": (
        records({"signal": "headcount", "fields": {**HEADCOUNT, "observed_on": "2027-01-01"}}), 422, "input.invalid",
        "observed_on",
    ),
    "too many records": (
        records(*[{"signal": "headcount", "fields": HEADCOUNT}] * 501), 422, "request.invalid", "body.records",
    ),
}  # fmt: skip


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    told: dict[str, Any] = response.json()
    assert (response.status_code, told["status"], told["code"]) == (status, status, code), response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert told["type"] == f"urn:alliance-credit:problem:{code}"
    assert told["instance"] == f"urn:alliance-credit:request:{response.headers['X-Request-ID']}"
    assert told["title"] and told["title_zh"] and told["detail"]
    assert "Traceback" not in response.text
    return told


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_body_that_cannot_be_used(client: TestClient, case: str) -> None:
    body, status, code, place = UNUSABLE[case]
    told = problem(client.post("/v1/scores", json=body), status, code)
    places = [error["where"] for error in told["errors"]] or [*told["where"], *map(str, told["where"].values())]
    assert any(place in found for found in places), told
    assert told["remedy"]


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 100_000, b'{"company": "hr:c1", "as_of": }', b"nan"])
def test_a_body_that_is_not_json(client: TestClient, body: bytes) -> None:
    response = client.post("/v1/scores", content=body, headers={"Content-Type": "application/json"})
    problem(response, 400, "request.malformed")


@pytest.mark.parametrize(
    "body",
    [
        b'{"company": "hr:c1", "records": [{"signal": "headcount", "fields": {"employees": NaN}}]}',
        b'{"company": "hr:c1", "records": [{"signal": "headcount", "fields": {"employees": 1e999}}]}',
        b'{"company": "hr:c1", "records": [{"signal": "headcount", "fields": {"\\ud800": 1}}]}',
        b'{"company": "\\ud800"}',
    ],
)
def test_what_text_and_numbers_cannot_be(client: TestClient, body: bytes) -> None:
    response = client.post("/v1/scores", content=body, headers={"Content-Type": "application/json"})
    problem(response, 422, "request.invalid")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/horoscopes", 404, "path.unknown"),
        ("GET", "/v1/scores/", 404, "path.unknown"),
        ("DELETE", "/v1/scores", 405, "method.unknown"),
        ("GET", "/v1/companies", 422, "request.invalid"),
        ("GET", "/v1/companies?q=a&limit=0", 422, "request.invalid"),
        ("GET", "/v1/companies?q=%00", 422, "request.invalid"),
        ("GET", "/v1/companies/nobody", 404, "not_found"),
        ("GET", "/v1/companies/a%00b", 422, "request.invalid"),
        ("GET", "/v1/decisions/dec_none", 404, "not_found"),
        ("POST", "/v1/decisions/dec_none/replay", 404, "not_found"),
        ("GET", "/v1/submissions/sub_none", 404, "not_found"),
        ("GET", "/v1/submissions/%01", 422, "request.invalid"),
    ],
)
def test_paths_and_queries(client: TestClient, method: str, path: str, status: int, code: str) -> None:
    response = client.request(method, path)
    problem(response, status, code)
    if status == 405:
        assert response.headers["Allow"] == "POST"


def test_too_many_scores(client: TestClient) -> None:
    response = client.post("/v1/scores/batch", json={"requests": [{"company": "x"}] * 1_001})
    assert problem(response, 422, "request.invalid")["errors"][0]["where"] == "body.requests"


@pytest.mark.parametrize("told", [True, False])
def test_a_body_too_large_is_refused_before_it_is_read(client: TestClient, told: bool) -> None:
    block = b" " * 64 * 1024
    sent = 0

    def blocks() -> Any:
        nonlocal sent
        for _ in range(100):
            sent += len(block)
            yield block

    headers = {"Content-Type": "application/json"}
    if told:
        headers["Content-Length"] = str(100 * len(block))
    problem(client.post("/v1/scores", content=blocks(), headers=headers), 413, "limit.exceeded")


def test_a_body_of_just_the_limit_is_read(client: TestClient) -> None:
    body = b'{"company": "hr:c1"}'.ljust(MOST_JSON_BYTES)
    assert client.post("/v1/scores", content=body, headers={"Content-Type": "application/json"}).status_code == 201


def test_what_nobody_foresaw_is_a_problem_too(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a secret of the machine")

    monkeypatch.setattr("scoring.told.score_values", broken)
    told = problem(client.post("/v1/scores", json={"company": KNOWN}), 500, "internal")
    assert "secret" not in str(told)
