"""Several workers at one address: all answer alike, and what each records is in one log."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from alliance.store import Store

PATIENCE = 60
SERVE = "import sys; from scoring.cli import app; sys.argv[0] = 'scoring'; app()"


@contextmanager
def served(environment: dict[str, str], log: Path) -> Iterator[str]:
    """The address of a service of two workers; it ends with all its processes."""
    command = [sys.executable, "-c", SERVE, "serve", "--port", "0", "--workers", "2"]
    with log.open("w") as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said, start_new_session=True)
    try:
        until = time.monotonic() + PATIENCE
        while not (found := re.search(r"Serving at (\S+),", log.read_text())):
            assert time.monotonic() < until and process.poll() is None, log.read_text()
            time.sleep(0.05)
        yield found[1]
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def test_workers_share_an_address_and_a_store(
    toy: Any, store: Store, tmp_path: Path, key_header: Callable[..., dict[str, str]]
) -> None:
    toy.fill(store)
    toy.bundle.save(tmp_path / "bundle")
    environment = {
        **os.environ, "ALLIANCE_DATABASE_URL": store.engine.url.render_as_string(hide_password=False),
        "ALLIANCE_BUNDLE": str(tmp_path / "bundle"), "ALLIANCE_LEDGER_KEY": str(tmp_path / "ledger.key"),
    }  # fmt: skip
    asked = [{"company": toy.numbers[place % 5], "as_of": "2026-06-30"} for place in range(40)]
    headers = key_header(store, "bank")
    with served(environment, tmp_path / "log") as address:

        def ask(body: dict[str, Any]) -> dict[str, Any]:
            # A connection of its own, so that the workers share them out.
            answer = httpx.post(f"{address}/v1/scores", json=body, headers=headers, timeout=PATIENCE)
            assert answer.status_code == 201, answer.text
            made: dict[str, Any] = answer.json()
            return made

        with ThreadPoolExecutor(4) as pool:
            told = list(pool.map(ask, asked))
    for place in range(5):
        assert len({str(one["score"]) for one in told[place::5]}) == 1, "whoever answers"
    assert {store.decision(one["decision_id"]).company_id for one in told} == {
        one["score"]["company_id"] for one in told
    }
    assert sorted(one["ledger"]["position"] for one in told) == list(
        range(min(one["ledger"]["position"] for one in told), 1 + max(one["ledger"]["position"] for one in told))
    ), "one log, without gaps"
