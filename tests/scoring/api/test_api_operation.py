"""What operators rely on: health, metrics, logs, request ids, a server that starts and stops."""

import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError

from scoring.api import app_of


def test_alive_and_ready(client: TestClient, toy: Any) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {
        "status": "ready", "data_watermark": toy.store.watermark(), "model_version": toy.bundle.sha256,
    }  # fmt: skip


def test_not_ready_without_a_store(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("connection refused"))

    monkeypatch.setattr("alliance.store.entries.watermark", gone)
    response = client.get("/readyz")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert client.get("/healthz").status_code == 200


def test_says_which_model_scores(client: TestClient, toy: Any) -> None:
    told = client.get("/v1/model").json()
    assert (told["sha256"], told["version"], told["outcome"]) == (toy.bundle.sha256, "toy-1", "default")
    assert [feature["name"] for feature in told["features"]] == list(toy.bundle.names)
    assert told["grades"][0] == {"grade": "AAA", "below_pd": 0.0025}
    assert told["grades"][-1] == {"grade": "C", "below_pd": None}
    assert told["calibration"] == {"slope": 0.9, "intercept": -0.1}


def test_metrics_are_of_one_app(toy: Any, asking: Callable[..., TestClient]) -> None:
    one, other = (asking(toy.scorer()) for _ in range(2))
    one.post("/v1/scores", json={"company": toy.numbers[0]})
    one.get("/v1/companies/nobody")
    one.get("/somewhere/else")
    told = one.get("/metrics").text
    assert 'alliance_http_requests_total{method="POST",route="/v1/scores",status="201"} 1.0' in told
    assert 'route="/v1/companies/{reference}",status="404"} 1.0' in told
    assert 'route="unmatched",status="404"} 1.0' in told
    assert 'alliance_http_request_seconds_count{method="POST",route="/v1/scores"} 1.0' in told
    assert re.search(r'alliance_scores_total\{grade="[ABC]+"\} 1\.0', told)
    assert "nobody" not in told and "somewhere" not in told
    assert 'route="/v1/scores"' not in other.get("/metrics").text


def test_one_line_a_request_without_whom_it_is_about(
    client: TestClient, toy: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="scoring.access")
    client.get(f"/v1/companies/{toy.numbers[0]}", headers={"X-Request-ID": "trace-7"})
    client.get("/v1/companies", params={"q": "星辰"}, headers={"X-Request-ID": "not usable"})
    lines = [orjson.loads(record.message) for record in caplog.records if record.name == "scoring.access"]
    assert [set(line) for line in lines] == [{"request_id", "method", "route", "status", "ms", "key"}] * 2
    assert lines[0]["request_id"] == "trace-7" and lines[0]["route"] == "/v1/companies/{reference}"
    assert re.fullmatch("[0-9a-f]{32}", lines[1]["request_id"])
    assert toy.numbers[0] not in caplog.text.split("HTTP Request")[0]


def test_every_operation_is_described(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    operations = [(path, name, it) for path, methods in document["paths"].items() for name, it in methods.items()]
    assert len(operations) > 12
    for path, name, operation in operations:
        assert operation["summary"] and operation["description"] and operation["tags"], (path, name)
        refused = ("401", "403", "429") if operation.get("security") else ()
        for status in ("400", "413", "422", "500", "503", *refused):
            assert list(operation["responses"][status]["content"]) == ["application/problem+json"], (path, name)


def talk(service: "subprocess.Popen[str]", toy: Any, headers: dict[str, str]) -> Any:
    assert service.stdout is not None
    address = re.search(r"http://[0-9.:]+", service.stdout.readline())
    assert address is not None
    with httpx.Client(
        base_url=address[0], headers=headers, transport=httpx.HTTPTransport(retries=10), timeout=20
    ) as client:
        answer = client.post("/v1/scores", json={"company": toy.numbers[0], "as_of": "2026-06-30"}).json()
        assert client.get("/readyz").json()["model_version"] == toy.bundle.sha256
        assert client.post("/v1/scores", content=b" " * (8 << 20)).status_code == 413
    return answer


def test_the_service_starts_answers_and_stops(
    toy: Any, tmp_path: Path, asking: Callable[..., TestClient], key_header: Callable[..., dict[str, str]]
) -> None:
    toy.bundle.save(tmp_path / "bundle")
    environment = {
        **os.environ, "ALLIANCE_DATABASE_URL": str(toy.store.engine.url), "ALLIANCE_BUNDLE": str(tmp_path / "bundle"),
    }  # fmt: skip
    command = [sys.executable, "-c", "from scoring.cli import app; app()", "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as service:
        try:
            answer = talk(service, toy, key_header(toy.store, "bank"))
        finally:
            service.send_signal(signal.SIGTERM)
        assert service.stdout is not None
        lines = [orjson.loads(line) for line in service.stdout]
    assert service.returncode in (0, -signal.SIGTERM)
    assert [line["status"] for line in lines] == [201, 200, 413]
    expected = asking(toy.scorer()).post("/v1/scores", json={"company": toy.numbers[0]}).json()
    assert answer["score"] == expected["score"]


def test_an_app_from_the_environment(toy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toy.bundle.save(tmp_path / "bundle")
    monkeypatch.setenv("ALLIANCE_DATABASE_URL", f"sqlite:///{tmp_path / 'alliance.db'}")
    monkeypatch.setenv("ALLIANCE_BUNDLE", str(tmp_path / "bundle"))
    with TestClient(app_of()) as client:
        assert client.get("/readyz").json()["data_watermark"] == 0
