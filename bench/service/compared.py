"""The same model behind HTTP: ours, which authorises, reads, records and proves, and two peers that do not.

python -m bench --only service
"""

import math
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import orjson

from alliance.callers import Role, register
from alliance.store import Store
from bench.alliance import DATABASE, Measured
from bench.measure import Comparison, Found, Rate
from bench.service import models, servers
from bench.service.load import Endpoint, Heard, own, steady
from bench.service.models import Served
from bench.service.start import start
from experiments.own_study import OPERATOR_MEMBER
from scoring.model.scale import probability

CONNECTIONS = (1, 16)
MOST_APART = 1e-9
"""Largest difference of PDs for which servers are compared."""

APP, MLFLOW = "FastAPI + pandas + shap", "mlflow models serve"
READY, COLD, WARM = "ready features", "company id, cold", "company id, warm"
_PEERS = {
    APP: "FastAPI + pandas + shap under uvicorn: ready features, PD and 5 reasons, nothing recorded",
    MLFLOW: "mlflow models serve: ready features, score only",
}
_BY_READY = (
    "one interpreter: framework, record with its leaf and signature, reasons and their test; more workers would move"
    " it, or a leaner way through the framework"
)
_BY_COMPANY = (
    "cold: reading the company's records and making facts and features of them; warm, with those kept: as of ready"
    " features. Fewer Polars expressions a company would move the first"
)
AIMS: Sequence[tuple[str, str, float, str]] = (
    (READY, APP, 8.0, _BY_READY),
    (READY, MLFLOW, 15.0, _BY_READY),
    (COLD, APP, 3.0, _BY_COMPANY),
    (WARM, APP, 3.0, _BY_COMPANY),
)
"""What is compared with which peer, the ratio wanted, and what bounds it."""


@dataclass(frozen=True)
class Sizes:
    """How long is measured: seconds of a load, rounds, companies of a cold load, starts of each server."""

    seconds: float
    rounds: int
    cold: int
    starts: int


FULL, QUICK = Sizes(2.0, 3, 120, 3), Sizes(1.0, 2, 40, 1)
WARM_COMPANIES = 100


def service(measured: Measured, folder: Path, *, quick: bool = False) -> Found:
    """Requests a second of every server on each model, their ratios, and how long the service takes to start."""
    sizes = QUICK if quick else FULL
    found = Found()
    for make in (models.large,) if quick else (models.large, models.own):
        served = make(measured, folder)
        database, key = copied(folder, served.folder)
        found.add(_compared(served, database, key, sizes))
        if make is models.large:
            found.comparisons.append(start(served, database, served.folder, runs=sizes.starts))
    return found


def copied(source: Path, folder: Path) -> tuple[str, str]:
    """A copy of the alliance's store, as its URL, and the text of a key that may score."""
    file = folder / "served.db"
    with closing(sqlite3.connect(source / DATABASE)) as one, closing(sqlite3.connect(file)) as copy:
        one.backup(copy)
    store = Store(f"sqlite:///{file}")
    key = key_to(store)
    store.close()
    return f"sqlite:///{file}", key


def key_to(store: Store) -> str:
    """The text of a new key of a store that may score."""
    return register.create(store, member=OPERATOR_MEMBER, roles=frozenset({Role.ANALYST}), by="bench").text


@dataclass
class _Runs:
    """What was heard, by who answered what and the number of connections."""

    heard: dict[tuple[str, int], list[Heard]] = field(default_factory=dict)

    def add(self, name: str, connections: int, one: Heard) -> None:
        if one.refused:
            raise RuntimeError(f"{name}, {connections} connections: {one.refused} of {one.answers} requests failed")
        self.heard.setdefault((name, connections), []).append(one)

    def seconds(self, name: str, connections: int) -> tuple[float, ...]:
        return tuple(1000 / one.per_second for one in self.heard[name, connections])


def _compared(served: Served, database: str, key: str, sizes: Sizes) -> Found:
    runs = _Runs()
    with ExitStack() as stack:
        endpoints = _started(served, database, key, stack)
        _agree(served, endpoints)
        loads = _loads(served, endpoints, sizes)
        for turn in range(sizes.rounds):
            for connections in CONNECTIONS:
                for name, load in loads.items():
                    runs.add(name, connections, load(turn, connections))
    return _found(served, runs)


def _started(served: Served, database: str, key: str, stack: ExitStack) -> dict[str, Endpoint]:
    """Every server at once: who waits for requests costs the others nothing."""
    folder = served.folder
    commands = {
        READY: servers.ours(database, folder / "bundle", folder),
        APP: servers.fastapi(folder / "model.txt"),
        MLFLOW: servers.mlflow(folder / "mlflow"),
    }
    ports = {name: stack.enter_context(servers.running(command, folder)).port for name, command in commands.items()}
    secret = {"Authorization": f"Bearer {key}"}
    return {
        READY: Endpoint((ports[READY],), "/v1/scores/features", secret),
        COLD: Endpoint((ports[READY],), "/v1/scores", secret),
        APP: Endpoint((ports[APP],), "/score"),
        MLFLOW: Endpoint((ports[MLFLOW],), "/invocations"),
    }


def _agree(served: Served, endpoints: dict[str, Endpoint]) -> None:
    """Raise ``ValueError`` unless all servers say the same of a row: ours before calibration."""
    told = {
        READY: _asked(endpoints[READY], served.ready_bodies()[0]),
        APP: _asked(endpoints[APP], served.app_bodies()[0]),
        MLFLOW: _asked(endpoints[MLFLOW], served.mlflow_bodies()[0]),
    }
    raw = {APP: told[APP]["pd"], MLFLOW: told[MLFLOW]["predictions"][0]}
    for name, pd in raw.items():
        log_odds = served.bundle.calibration.apply(served.rows[:1, 0] * 0 + math.log(pd / (1 - pd)))
        if abs(float(probability(log_odds)[0]) - told[READY]["score"]["pd"]) > MOST_APART:
            raise ValueError(f"{name} and ours differ in the PD of one row")


def _asked(endpoint: Endpoint, body: bytes) -> dict[str, Any]:
    address = f"http://127.0.0.1:{endpoint.ports[0]}{endpoint.path}"
    headers = {**endpoint.headers, "Content-Type": "application/json"}
    with urlopen(Request(address, body, headers), timeout=60) as answer:
        found: dict[str, Any] = orjson.loads(answer.read())
        return found


def _loads(served: Served, endpoints: dict[str, Endpoint], sizes: Sizes) -> dict[str, Callable[[int, int], Heard]]:
    """What is asked of each, by turn and number of connections. A cold load asks of companies never asked of before."""
    companies = served.company_bodies()
    cold, warm = companies[WARM_COMPANIES:], companies[:WARM_COMPANIES]
    of_ready = {READY: served.ready_bodies(), APP: served.app_bodies(), MLFLOW: served.mlflow_bodies()}

    def again(name: str) -> Callable[[int, int], Heard]:
        return lambda _, connections: steady(
            endpoints[name], of_ready[name], connections=connections, seconds=sizes.seconds, folder=served.folder
        )

    def first_time(turn: int, connections: int) -> Heard:
        first = sizes.cold * (turn * len(CONNECTIONS) + CONNECTIONS.index(connections))
        return own(endpoints[COLD], cold[first : first + sizes.cold], connections=connections)

    def unchanged(_: int, connections: int) -> Heard:
        own(endpoints[COLD], warm, connections=connections)
        return steady(endpoints[COLD], warm, connections=connections, seconds=sizes.seconds, folder=served.folder)

    return {APP: again(APP), MLFLOW: again(MLFLOW), READY: again(READY), COLD: first_time, WARM: unchanged}


def _found(served: Served, runs: _Runs) -> Found:
    comparisons = [
        Comparison(
            f"service, {what}, {connections} connection{'s' if connections > 1 else ''}",
            f"1,000 requests, {served.name}", runs.seconds(what, connections), runs.seconds(peer, connections),
            _PEERS[peer], aim, bound,
        )
        for what, peer, aim, bound in AIMS
        for connections in CONNECTIONS
    ]  # fmt: skip
    rates = [
        Rate(
            f"{name} ({served.name})", connections, tuple(one.per_second for one in heard),
            tuple(one.p50 for one in heard), tuple(one.p99 for one in heard),
        )
        for (name, connections), heard in runs.heard.items()
    ]  # fmt: skip
    return Found(comparisons, [], rates)
