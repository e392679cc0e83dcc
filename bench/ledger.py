"""What the ledger costs: decisions recorded durably, one by one and in a batch, with their leaves and without."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median

from alliance.store import Decision, Store
from alliance.store.decisions import insert_decisions
from alliance.store.engine import writing
from alliance.store.entries import EntryKind, append
from bench.measure import Comparison, Limit, compare

ONE_BY_ONE, BATCH = 200, 5_000

WANTED = 2_000
"""Appends a second, durable and one by one, on a disk that is quick enough."""


def ledger(folder: Path, runs: int = 7) -> list[Comparison]:
    """Each run of ours appends with leaves; the peer inserts the same rows alone, in transactions alike."""
    ours, peer = (Store(f"sqlite:///{folder / name}.db") for name in ("ledger-ours", "ledger-peer"))
    without = "the same rows without their leaves"

    def recorded(*parts: list[Decision]) -> list[bool]:
        return [ours.record_decisions(made) for made in parts]

    def alone(*parts: list[Decision]) -> None:
        for made in parts:
            with writing(peer.engine) as connection:
                insert_decisions(connection, made)

    return [
        compare(
            "ledger, entries", lambda _: _often(lambda: _entry(ours)), lambda _: _often(lambda: _bare_entry(peer)),
            unit=f"{ONE_BY_ONE:,} durable transactions of one row", peer_name=without, runs=runs,
        ),
        compare(
            "ledger, decisions",
            lambda run: recorded(*([one] for one in _decisions("one", run, ONE_BY_ONE))),
            lambda run: alone(*([one] for one in _decisions("one", run, ONE_BY_ONE))),
            unit=f"{ONE_BY_ONE:,} durable transactions", peer_name=without, runs=runs,
        ),
        compare(
            "ledger, batch", lambda run: recorded(_decisions("batch", run, BATCH)),
            lambda run: alone(_decisions("batch", run, BATCH)), unit=f"{BATCH:,} decisions at once", peer_name=without,
            runs=runs,
        ),
    ]  # fmt: skip


def appends_a_second(found: Comparison) -> Limit:
    """Seconds that as many appends as are wanted in one second take, from a comparison of ``ONE_BY_ONE``."""
    bound = (
        "the disk: every transaction waits for it, and rows without leaves take most of that, too; decisions that share"
        " a transaction do not, and a quicker disk would move it"
    )
    seconds = median(found.ours) * WANTED / ONE_BY_ONE
    return Limit(f"ledger, {WANTED:,} durable appends one by one", seconds, "s", 1.0, bound)


def _often(append_one: Callable[[], None]) -> None:
    for _ in range(ONE_BY_ONE):
        append_one()


def _entry(store: Store) -> None:
    with store.writing() as connection:
        append(connection, EntryKind.RULING, "bench")


def _bare_entry(store: Store) -> None:
    with writing(store.engine) as connection:
        append(connection, EntryKind.RULING, "bench")


def _decisions(name: str, run: int, number: int) -> list[Decision]:
    """Decisions of the size a score has."""
    reasons = [
        {"feature": f"feature_{place}", "zh": "研发人员占比高" * 3, "points": 1.5 * place} for place in range(40)
    ]
    return [
        Decision(
            decision_id=f"dec_{name}_{run}_{place}", decided_at=datetime.now(UTC), company_id=f"co_{place}",
            as_of=date(2024, 12, 31), member="bench", purpose="research", grants=("grant:open",), watermark=1,
            bundle_sha256="0" * 64, inline_records=(), result={"points": 600.0 + place, "reasons": reasons},
        )
        for place in range(number)
    ]  # fmt: skip
