"""Decisions of many threads, recorded together: each as if it were alone."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from sqlalchemy import Connection, text

from alliance.audit import audit
from alliance.errors import Conflict, StoreError
from alliance.ledger import LogKey
from alliance.notary import Notary
from alliance.recorder import Recorder
from alliance.store import Decision, Store


def made(name: str) -> Decision:
    return Decision(
        decision_id=f"dec_{name}", decided_at=datetime(2020, 1, 1, tzinfo=UTC), company_id="co_1",
        as_of=date(2020, 1, 1),
        member="bank", purpose="research", grants=(), watermark=0, bundle_sha256="0" * 64, inline_records=(), result={},
    )  # fmt: skip


@pytest.fixture
def notary(store: Store, tmp_path: Path) -> Notary:
    return Notary(store, LogKey.at(tmp_path / "key"))


def together(recorder: Recorder, *calls: Callable[[], object]) -> list[Any]:
    """What calls on a recorder give or raise, made while another has the writer, so that they share a transaction."""
    with ThreadPoolExecutor(len(calls)) as pool:
        with recorder._writer:
            made = [pool.submit(call) for call in calls]
            while len(recorder._waiting) < len(calls):
                sleep(0.001)
        return [one.exception() or one.result() for one in made]


def ids(store: Store) -> set[str]:
    with store.reading() as connection:
        return set(connection.scalars(text("SELECT decision_id FROM decision")))


def test_many_threads_lose_and_double_nothing(store: Store, notary: Notary) -> None:
    recorder = Recorder(store, notary)
    names = [f"{place:03}" for place in range(200)]
    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(lambda name: recorder.record([made(name)]), names))
        receipts = list(pool.map(lambda name: notary.of_decisions([f"dec_{name}"])[f"dec_{name}"], names))
    assert ids(store) == {f"dec_{name}" for name in names}
    assert sorted(one.position for one in receipts) == list(range(200))
    assert [list(one.faults(notary.public_key)) for one in receipts] == [[]] * 200
    assert not audit(store).faults


def test_a_receipt_kept_is_the_one_the_store_gives(store: Store, notary: Notary, tmp_path: Path) -> None:
    recorder = Recorder(store, notary)
    for size in (1, 3, 1, 8, 5):
        some = [made(f"{size}_{place}_{len(ids(store))}") for place in range(size)]
        recorder.record(some)
        named = [one.decision_id for one in some]
        kept = notary.of_decisions(named)
        assert kept == Notary(store, LogKey.at(tmp_path / "key")).of_decisions(named) == notary.of_decisions(named)


def test_what_goes_along_is_stored_or_undone_for_its_own_caller_alone(store: Store, notary: Notary) -> None:
    recorder = Recorder(store, notary)

    def refused(connection: Connection, decision_id: str) -> None:
        connection.execute(text("INSERT INTO schema_version VALUES (77)"))
        raise Conflict(f"Not {decision_id}.")

    def kept(connection: Connection, decision_id: str) -> None:
        connection.execute(text("INSERT INTO schema_version VALUES (78)"))

    found = together(
        recorder,
        lambda: recorder.record([made("a")]),
        lambda: recorder.record([made("b")], refused),
        lambda: recorder.record([made("c")], kept),
        lambda: recorder.record([made("d")], rights=99),
    )
    assert [found[0], found[2], found[3]] == [True, True, False], "by rights that are no more, nothing is recorded"
    assert isinstance(found[1], Conflict)
    assert ids(store) == {"dec_a", "dec_c"}
    with store.reading() as connection:
        versions = set(connection.scalars(text("SELECT version FROM schema_version")))
    assert 78 in versions and 77 not in versions
    with store.writing() as connection:  # the next test reads this table
        connection.execute(text("DELETE FROM schema_version WHERE version = 78"))


def test_a_store_that_fails_tells_everybody_and_keeps_nothing(
    store: Store, notary: Notary, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(store, notary)

    def full(connection: Connection, *_: object) -> None:
        connection.execute(text("INSERT INTO no_such_table VALUES (1)"))

    with monkeypatch.context() as failing:
        failing.setattr(notary, "seal", full)
        found = together(recorder, *[lambda name=name: recorder.record([made(name)]) for name in "ab"])
    assert [type(one) for one in found] == [StoreError, StoreError]
    assert ids(store) == set() and store.ledger_size() == 0
    assert recorder.record([made("a")]), "and the next goes on"
    assert ids(store) == {"dec_a"}


def test_a_database_that_fails_one_fails_all(store: Store, notary: Notary) -> None:
    recorder = Recorder(store, notary)

    def broken(connection: Connection, _decision_id: str) -> None:
        connection.execute(text("INSERT INTO no_such_table VALUES (1)"))

    found = together(recorder, lambda: recorder.record([made("a")]), lambda: recorder.record([made("b")], broken))
    assert [type(one) for one in found] == [StoreError, StoreError]
    assert ids(store) == set()


def test_who_is_interrupted_leaves_nobody_in_the_belief_that_it_is_recorded(
    store: Store, notary: Notary, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(store, notary)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as failing:
        failing.setattr(notary, "seal", interrupted)
        found = together(recorder, *[lambda name=name: recorder.record([made(name)]) for name in "ab"])
    assert {type(one) for one in found} == {KeyboardInterrupt, StoreError}
    assert ids(store) == set()
