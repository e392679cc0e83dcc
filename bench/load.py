"""Many connections at once: no error, bounded memory and latency, and equal scores whoever answers.

    python -m bench.load                                            # SQLite
    python -m bench.load --database postgresql+psycopg://.../bench  # a new database there, of this run alone

200 connections ask one worker, and then two workers on one store, for scores by company and by ready features. No
timed test holds this; it prints a table, and fails if an answer is no decision, a score differs between workers or a
decision that was told of is not in the store.
"""

from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from sqlalchemy import select

from alliance.store import Store
from alliance.store.schema import decision
from alliance.terminal import out, table
from bench.alliance import prepared
from bench.service import models
from bench.service.compared import key_to
from bench.service.load import Endpoint, Heard, own
from bench.service.models import Served
from bench.service.servers import memory, ours, running

CONNECTIONS, SECONDS = 200, 20.0
BODIES = 400
"""Different requests, asked over and over, so that the same are answered by both workers."""
MOST_GROWTH_MIB, SLOWEST_MS = 200.0, 5_000.0
"""Limits of our own: what a worker may grow by under the load, and within what 99 of 100 requests are to be answered:
with 200 requests under way a worker that makes 40 a second keeps the last one waiting for five."""


@dataclass(frozen=True)
class Loaded:
    """What came of one load: who was asked what, what was heard, and MiB held before and after."""

    name: str
    heard: Heard
    before: float
    after: float


def load(
    database: Annotated[str, typer.Option(help="SQLAlchemy URL of an empty store; by default SQLite.")] = "",
    seconds: Annotated[float, typer.Option(help="Seconds of each load.")] = SECONDS,
    connections: Annotated[int, typer.Option(help="Connections open at a time.")] = CONNECTIONS,
) -> None:
    """Load one worker, then two on one store; print what came of it, and check every answer."""
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        out.print("Making a small alliance to measure on ...")
        measured = prepared(folder, database)
        url = database or measured.scorer.store.engine.url.render_as_string(hide_password=False)
        served, key = models.large(measured, folder), key_to(measured.scorer.store)
        found = [
            one for workers in (1, 2)
            for one in loaded(served, url, key, workers=workers, connections=connections, seconds=seconds)
        ]  # fmt: skip
        check([one.heard for one in found], measured.scorer.store)
        measured.scorer.store.close()
    show(found, connections)


def loaded(served: Served, database: str, key: str, *, workers: int, connections: int, seconds: float) -> list[Loaded]:
    """Loads of workers on one store, by company and by ready features; memory is of all workers together."""
    found = []
    with ExitStack() as stack:
        command = ours(database, served.folder / "bundle", served.folder)
        started = [stack.enter_context(running(command, served.folder)) for _ in range(workers)]
        ports, pids = tuple(one.port for one in started), [one.pid for one in started]
        asked = (("company id", "/v1/scores", served.company_bodies()),
                 ("ready features", "/v1/scores/features", served.ready_bodies()))  # fmt: skip
        for name, path, bodies in asked:
            endpoint = Endpoint(ports, path, {"Authorization": f"Bearer {key}"})
            own(endpoint, bodies[:BODIES], connections=connections)  # what is kept for later is kept from here on
            before = memory(pids)
            heard = own(endpoint, bodies[:BODIES], connections=connections, seconds=seconds, keep=True)
            called = f"{name}, {workers} worker{'s' if workers > 1 else ''}"
            found.append(Loaded(called, heard, before, memory(pids)))
    return found


def check(heard: Sequence[Heard], store: Store) -> None:
    """Raise ``ValueError`` unless every request was decided, alike by all workers, and every decision is recorded."""
    if refused := sum(one.refused for one in heard):
        raise ValueError(f"{refused} requests were not answered by a decision")
    for one in heard:
        scores: dict[int, set[str]] = {}
        for place, _, _, digest in one.kept:
            scores.setdefault(place, set()).add(digest)
        if unlike := [place for place, found in scores.items() if len(found) > 1]:
            raise ValueError(f"{len(unlike)} equal requests were scored differently")
    told = [decision_id for one in heard for _, _, decision_id, _ in one.kept]
    with closing(store.engine.connect()) as connection:
        recorded = set(connection.scalars(select(decision.c.decision_id)))
    if len({*told}) < len(told) or not recorded.issuperset(told):
        raise ValueError("a decision that was told of is not recorded under an id of its own")


def show(found: Sequence[Loaded], connections: int) -> None:
    numbers = ("answers", "a second", "p50", "p99", "memory before", "after")
    listing = table(f"{connections} connections: every answer a decision, recorded; scores equal", "load", *numbers,
                    right=numbers)  # fmt: skip
    for one in found:
        heard = one.heard
        listing.add_row(
            one.name, f"{heard.answers:,}", f"{heard.per_second:.0f}", f"{heard.p50:.0f} ms", f"{heard.p99:.0f} ms",
            f"{one.before:.0f} MiB", f"{one.after:.0f} MiB",
        )  # fmt: skip
    out.print(listing)
    too_much = [
        one.name for one in found if one.after > one.before + MOST_GROWTH_MIB or one.heard.p99 > SLOWEST_MS
    ]  # fmt: skip
    if too_much:
        raise ValueError(
            f"memory grew by more than {MOST_GROWTH_MIB:g} MiB or p99 passed {SLOWEST_MS:g} ms: {too_much}"
        )


if __name__ == "__main__":
    typer.run(load)
