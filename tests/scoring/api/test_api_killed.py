"""The service is killed thirty times while a thousand submissions come in, each under an idempotency key.

What was acknowledged is there, nothing is there twice, and every client ends with the one answer.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from alliance.store import Store

SERVICE = Path(__file__).with_name("service_to_kill.py")
ROOT = SERVICE.parents[3]
SUBMISSIONS, KILLS, CLIENTS = 1_000, 30, 4
PATIENCE_SECONDS = 120
POLICY = """
[disputes]
due_days = 20
source = "a test"
[limits]
requests_per_minute = 1000000
burst = 1000000
failures_per_minute = 10
source = "a test"
"""


class Service:
    """A service that comes back whenever it is killed."""

    def __init__(self, *words: str) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "POLARS_MAX_THREADS": "1"}
        command = [sys.executable, str(SERVICE), *words]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        self.killed = 0

    def kill(self) -> None:
        """Kill the service that runs now."""
        assert self._process.stdout is not None
        os.kill(int(self._process.stdout.readline()), signal.SIGKILL)
        self.killed += 1

    def stop(self) -> None:
        """End the service and what brings it back."""
        assert self._process.stdout is not None
        last = int(self._process.stdout.readline())  # told when it was born; the pipe ends only with it
        self._process.kill()
        os.kill(last, signal.SIGKILL)
        self._process.wait()


@pytest.fixture
def alliance(tmp_path: Path, toy: Any) -> str:
    """URL of a store; beside it lie a bundle and a policy."""
    toy.bundle.save(tmp_path / "bundle")
    (tmp_path / "policy.toml").write_text(POLICY, encoding="utf-8")
    return f"sqlite:///{tmp_path / 'alliance.db'}"


@pytest.fixture
def service(alliance: str, tmp_path: Path) -> Iterator[Service]:
    made = Service(alliance, str(tmp_path / "bundle"), str(tmp_path / "policy.toml"))
    yield made
    made.stop()


def submitted(client: httpx.Client, contract: bytes, number: str, no: int) -> dict[str, Any]:
    """The receipt of a submission, sent again as often as it takes."""
    lines = f"code,id,name,stage,day,amount,investors\n{number},r,Star,seed,2020-01-01,{1_000_000 + no},1\n"
    files = {"contract": ("c.yaml", contract), "file": (f"{no}.csv", lines.encode())}
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            answer = client.post("/v1/submissions", files=files, headers={"Idempotency-Key": f"file-{no}"})
        except httpx.TransportError:
            assert time.monotonic() < until, "the service did not come back"
            time.sleep(0.02)
            continue
        assert answer.status_code == 201, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt


def test_nothing_acknowledged_is_lost_and_nothing_is_doubled(
    service: Service, alliance: str, toy: Any, key_header: Callable[..., dict[str, str]]
) -> None:
    store = Store(alliance)
    headers = key_header(store, "fund")
    contract = toy.files[1].contract.read_bytes()
    kills = sorted(Random(7).sample(range(10, SUBMISSIONS - 10), KILLS))
    done, lock = 0, threading.Lock()

    def give(no: int) -> dict[str, Any]:
        nonlocal done
        receipt = submitted(clients[no % CLIENTS], contract, toy.numbers[no % len(toy.numbers)], no)
        with lock:
            done += 1
            if done in kills:
                service.kill()
        return receipt

    clients = [httpx.Client(base_url=service.url, headers=headers, timeout=PATIENCE_SECONDS) for _ in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        acknowledged = list(pool.map(give, range(SUBMISSIONS)))
        again = list(pool.map(give, range(0, SUBMISSIONS, 20)))
    assert service.killed == KILLS
    assert again == acknowledged[::20]
    kept = store.receipts()
    told = [(one["submission_id"], one["no"], one["file_name"]) for one in acknowledged]
    assert sorted(told) == sorted((one.submission_id, one.no, one.file_name) for one in kept)
    assert len({one.submission_id for one in kept}) == SUBMISSIONS
    rounds = store.claims().frames["funding_round"]
    assert sorted(rounds["amount"]) == [1_000_000 + no for no in range(SUBMISSIONS)]
    assert rounds["submission_no"].n_unique() == SUBMISSIONS
    store.close()
