"""What members and callers send stays out of logs, metrics and errors: canaries in every field that is sent.

An answer may say to a caller what this caller has just sent; nothing else may, and never the key.
"""

import itertools
import logging
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from alliance.errors import StoreError
from alliance.signals import FieldType, signal_named
from alliance.store import Store

TEXT = "CANARY"
NUMBERS = itertools.count(7_310_000_001)
"""No other number here is as large and begins so."""

PATHS = (
    "/v1/companies/{}", "/v1/decisions/{}", "/v1/submissions/{}", "/v1/disputes/{}", "/v1/identity/companies/{}",
    "/v1/companies/{}/facts", "/{}", "/v1/companies?q={}", "/v1/companies?{}=1", "/v1/disputes?company={}",
    "/v1/companies/hr:c1/facts?signal={}", "/v1/disputes?member={}", "/v1/ledger/receipts/{}",
)  # fmt: skip


def planted(told: str) -> bool:
    return TEXT.lower() in told.lower() or "73100000" in told


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """All that was logged, whoever logged it, but for the test's own client."""
    caplog.set_level(logging.DEBUG)
    return lambda: "\n".join(
        "\n".join(filter(None, (record.getMessage(), record.exc_text, str(record.exc_info or ""))))
        for record in caplog.records
        if not record.name.startswith(("httpx", "httpcore", "asyncio", "python_multipart"))
    )


@pytest.fixture
def client(store: Store, client_of: Callable[[Store], TestClient]) -> TestClient:
    return client_of(store)


def fields(signal: str, **known: Any) -> dict[str, Any]:
    """A canary in every field of a signal that may hold one."""
    made: dict[str, Any] = {}
    for field in signal_named(signal).fields:
        if field.type in {FieldType.INTEGER, FieldType.MONEY, FieldType.NUMBER}:
            made[field.name] = next(NUMBERS)
        elif field.type is FieldType.TEXT and not field.values:
            made[field.name] = f"{TEXT}{next(NUMBERS)}"
    return made | known


def asked(client: TestClient, toy: Any) -> Iterator[Any]:
    """Requests of every kind, good and bad, a canary wherever a caller may write."""
    day = {"observed_on": "2026-06-01"}
    cash = {"signal": "cash_position", "fields": fields("cash_position", **day)}
    reason = {"reason": f"{TEXT} reason"}
    headers = {"X-Member": TEXT, "User-Agent": TEXT, "Referer": f"https://{TEXT}/", "Cookie": f"{TEXT}={TEXT}"}
    for body in (
        {"company": "hr:c1", "records": [cash]},
        {"company": "hr:c1", "records": [{"signal": "headcount", "fields": fields("headcount", **day)}]},
        {"company": "hr:c1", "records": [{"signal": "cash_position", "fields": {TEXT: 1}}]},
        {"company": f"{TEXT}:1"}, {"company": TEXT, "purpose": TEXT, "outcome": TEXT}, {TEXT: TEXT},
        {"company": "hr:c1", "as_of": TEXT}, {"company": "hr:c1", "purpose": TEXT},
    ):  # fmt: skip
        yield client.post("/v1/scores", json=body, headers=headers)
        yield client.post("/v1/scores/batch", json={"requests": [body]}, headers=headers)
    for path in PATHS:
        yield client.get(path.format(f"{TEXT}{next(NUMBERS)}"), headers=headers)
    dispute = {"company": "hr:c1", "signal": "company_profile", "evidence": f"{TEXT} evidence"}
    made = client.post("/v1/disputes", json=dispute, headers={"Idempotency-Key": TEXT})
    yield made
    yield client.post(f"{made.headers['Location']}/ruling", json={"excluded": False, **reason})
    yield client.post("/v1/identity/merges", json={"company": TEXT, "into": TEXT, **reason})
    yield client.post("/v1/scores", content=f'{{"{TEXT}": '.encode(), headers={"Content-Type": "application/json"})
    yield client.request(TEXT, "/v1/scores")
    contract, data = toy.files[0].contract.read_bytes(), toy.files[0].data.read_text(encoding="utf-8").splitlines()
    spoilt = [data[0], *(f"{TEXT}{next(NUMBERS)},{line}" for line in data[1:])]
    for sent in (contract, contract + f"\n{TEXT}: [".encode(), f"id: {TEXT}".encode()):
        parts = {"contract": (f"{TEXT}.yaml", sent), "file": (f"{TEXT}.csv", "\n".join(spoilt).encode())}
        yield client.post("/v1/submissions", files=parts)


def test_nothing_that_is_sent_is_logged_or_counted(
    client: TestClient, acting: Callable[..., TestClient], lines: Callable[[], str], toy: Any
) -> None:
    answers = list(asked(acting(client, "hr"), toy))
    assert {answer.status_code for answer in answers} >= {200, 201, 400, 404, 405, 422}
    assert sum(planted(answer.text) for answer in answers) > 10, "the canaries came through to where they belong"
    logged = lines()
    assert logged.count('"route"') >= len(answers)
    assert not planted(logged)
    assert not planted(client.get("/metrics").text)
    key = str(client.headers["Authorization"]).split("_")
    assert key[2] not in logged and key[1] in logged + client.get("/metrics").text + lines()


def test_what_one_member_sent_is_in_no_answer_to_another_that_may_not_have_it(
    client: TestClient, acting: Callable[..., TestClient], toy: Any
) -> None:
    own: list[dict[str, Any]] = [
        answer.json() for answer in asked(acting(client, "hr"), toy) if answer.status_code == 201
    ]
    made = [one["decision_id"] for one in own if "decision_id" in one]
    stranger = acting(client, "stranger", roles=["analyst", "data_scientist", "member_admin"])
    ids = [f"/v1/decisions/{one}" for one in made] + [
        f"/v1/disputes/{one['dispute_id']}" for one in own if "evidence" in one
    ]
    ids += [f"/v1/submissions/{one['submission_id']}" for one in own if "submission_id" in one]
    assert len(ids) >= 3
    for path in [*ids, "/v1/disputes", f"/v1/companies/{toy.numbers[1]}", f"/v1/companies/{toy.numbers[1]}/facts"]:
        assert not planted(stranger.get(path).text), path


def test_what_fails_is_noted_without_its_words(
    client: TestClient, lines: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"{TEXT} cannot be handled")

    monkeypatch.setattr("scoring.told.score_values", broken)
    answer = client.post("/v1/scores", json={"company": "hr:c1"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    [noted] = [orjson.loads(line) for line in lines().splitlines() if '"failure"' in line]
    assert noted["failure"] == "RuntimeError" and "broken" in noted["at"][0]
    assert answer.json()["instance"].endswith(noted["request_id"])
    assert not planted(lines()) and not planted(answer.text)


def test_the_databases_words_are_for_the_operator_alone(
    client: TestClient, lines: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OperationalError("INSERT", {"x": TEXT}, Exception("connection to db-7.internal refused"))

    monkeypatch.setattr("alliance.store.recording.insert_decisions", refused)
    answer = client.post("/v1/scores", json={"company": "hr:c1"})
    assert answer.status_code == 503 and "db-7" not in answer.text
    assert "connection to db-7.internal refused" in lines() and not planted(lines())


@pytest.mark.parametrize("statement", ["INSERT INTO api_key (prefix, roles) VALUES (:x, NULL)",
                                       "SELECT CAST(CAST(:x AS TEXT) AS INTEGER)"])  # fmt: skip
def test_errors_of_the_store_carry_no_values(store: Store, statement: str) -> None:
    with pytest.raises(StoreError) as caught, store.writing() as connection:
        connection.execute(text(statement), {"x": TEXT}).all()
        raise StoreError("nothing was wrong")  # SQLite casts anything
    assert not planted(str(caught.value))
