"""Two hundred callers at once, by real HTTP: every request becomes one decision, and equal requests score equally."""

import http.client
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from alliance.store import Store
from scoring.api import create_app

CALLERS, COMPANIES = 200, 10


@pytest.fixture
def store(toy: Any, tmp_path: Path) -> Iterator[Store]:
    made = toy.fill(Store(f"sqlite:///{tmp_path / 'load.db'}"))
    yield made
    made.close()


@pytest.fixture
def port(toy: Any, store: Store, policy: Any) -> Iterator[int]:
    """A server of the toy alliance, in a thread."""
    config = uvicorn.Config(create_app(toy.scorer(store), policy), port=0, log_level="warning")
    socket, server = config.bind_socket(), uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    yield int(socket.getsockname()[1])
    server.should_exit = True
    thread.join()


def ready(toy: Any, company: str) -> Mapping[str, Any]:
    return {"company": company, "features": dict.fromkeys(toy.bundle.names, 1.0)}


@pytest.mark.parametrize("path", ["/v1/scores", "/v1/scores/features"])
def test_two_hundred_requests_at_once_are_two_hundred_decisions(
    toy: Any, store: Store, port: int, key_header: Callable[..., dict[str, str]], path: str
) -> None:
    headers = {**key_header(store, "bank"), "Content-Type": "application/json"}
    together = threading.Barrier(CALLERS, timeout=60)

    def ask(number: int) -> tuple[int, dict[str, Any]]:
        company = toy.numbers[number % COMPANIES]
        body = {"company": company} if path == "/v1/scores" else ready(toy, company)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.connect()
        together.wait()
        connection.request("POST", path, json.dumps({**body, "as_of": "2026-06-30"}), headers)
        answer = connection.getresponse()
        told = json.loads(answer.read())
        connection.close()
        return answer.status, told

    with ThreadPoolExecutor(CALLERS) as callers:
        answers = list(callers.map(ask, range(CALLERS)))
    assert {status for status, _ in answers} == {201}
    decisions = [told["decision_id"] for _, told in answers]
    assert len({*decisions}) == CALLERS
    assert {made.decision_id for made in map(store.decision, decisions)} == {*decisions}
    scores = defaultdict(set)
    for number, (_, told) in enumerate(answers):
        scores[number % COMPANIES].add(json.dumps(told["score"], sort_keys=True))
    assert [len(scores[company]) for company in range(COMPANIES)] == [1] * COMPANIES
