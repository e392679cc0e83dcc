"""A leaf is in the log if and only if what it records is in the store; receipts stay the same."""

from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import orjson
import pytest
from sqlalchemy import select

from alliance.audit import audit
from alliance.contracts import Contract
from alliance.errors import InvalidInput, LedgerBroken, NotFound, StoreError
from alliance.intake import submit
from alliance.ledger import Leaf, LogKey, merkle
from alliance.notary import Notary
from alliance.store import Decision, Store
from alliance.store import ledger as tables
from alliance.store.entries import EntryKind, append
from alliance.store.ledger_schema import ledger_head, ledger_leaf, ledger_node, ledger_salt

HEADCOUNT = {"signal": "headcount", "observed_on": "day", "employees": "staff"}
Made = Callable[[int], Decision]

NO_MORE_LEAVES = {
    "sqlite": ["CREATE TRIGGER full BEFORE INSERT ON ledger_node BEGIN SELECT RAISE(ABORT, 'no space left'); END"],
    "postgresql": [
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no space left'; END $$",
        "CREATE TRIGGER full_disk BEFORE INSERT ON ledger_node FOR EACH ROW EXECUTE FUNCTION full_disk()",
    ],
}
"""The ledger's last rows cannot be written."""


def sound(store: Store) -> int:
    """Leaves of a store that holds."""
    found = audit(store)
    assert found.findings == []
    return found.leaves


def test_every_entry_and_decision_has_its_leaf_in_order(filled: Store) -> None:
    assert sound(filled) == filled.ledger_size() == filled.watermark() + 3
    with filled.reading() as connection:
        texts = list(connection.scalars(select(ledger_leaf.c.leaf).order_by(ledger_leaf.c.position)))
    leaves = [Leaf.decoded(text.encode()) for text in texts]
    numbers = range(1, filled.watermark() + 1)
    assert [leaf.of for leaf in leaves] == [*numbers[:-2], "dec_000000", "dec_000001", "dec_000002", *numbers[-2:]]
    kinds = [
        "submission",
        "submission",
        "linkage",
        "linkage",
        "identity",
        "identity",
        "reliability",
        "dispute",
        "ruling",
        "member",
        "grant",
        "revocation",
        "consent",
        "withdrawal",
        "promotion",
        "erasure",
        "batch",
    ]
    assert [leaf.kind for leaf in leaves] == [*kinds, *["decision"] * 3, "override", "override_ruling"]
    assert leaves[0].time == "2020-01-01T00:00:00.000000Z"
    for told in ("bank", "fund", "clerk", "arbiter", "harbour", "云海", "co_", "sub_", "1000000"):
        assert told not in "".join(texts)


def test_the_same_rows_come_to_the_same_content_on_both_databases(
    request: pytest.FixtureRequest, contract: Callable[..., Contract], now: datetime, key: LogKey, made: Made
) -> None:
    lines = ("client,day,staff", "启明,2015-01-01,3", "c2,2015-01-01,4", "c3,soon,5")
    file = request.getfixturevalue("member_file")(*lines)
    contents = []
    for kind in ("sqlite_url", "postgres_url"):
        store = Store(request.getfixturevalue(kind))
        receipt = submit(store, contract(HEADCOUNT), file, now=now)
        store.record_decisions([made(1)])
        opened = [Notary(store, key).opened(one).opening for one in (receipt.submission_id, "dec_000001")]
        contents.append(orjson.dumps([(one.author, one.tables, one.rows) for one in opened]))
        store.close()
    assert contents[0] == contents[1]
    assert b"record" in contents[0] and b"quarantine" in contents[0] and b"contract" in contents[0]


def test_what_is_taken_back_leaves_no_leaf(store: Store, made: Made) -> None:
    with pytest.raises(RuntimeError), store.writing() as connection:
        append(connection, EntryKind.RULING, "arbiter")
        raise RuntimeError
    assert (store.watermark(), store.ledger_size(), sound(store)) == (0, 0, 0)
    store.record_decisions([made(1)])
    assert sound(store) == 1


def test_what_the_ledger_cannot_hold_is_not_stored(
    store: Store, contract: Callable[..., Contract], member_file: Callable[..., Path], now: datetime, made: Made
) -> None:
    with store.engine.begin() as connection:
        for statement in NO_MORE_LEAVES[store.engine.dialect.name]:
            connection.exec_driver_sql(statement)
    with pytest.raises(StoreError, match="no space left"):
        store.record_decisions([made(1)])
    with pytest.raises(NotFound):
        store.decision("dec_000001")
    with pytest.raises(StoreError, match="no space left"):
        submit(store, contract(HEADCOUNT), member_file("client,day,staff", "c1,2015-01-01,3"), now=now)
    assert (store.watermark(), store.receipts(), store.company_ids(), sound(store)) == (0, [], [], 0)


def test_a_decision_recorded_again_has_one_leaf(store: Store, made: Made) -> None:
    store.record_decisions([made(1), made(2)])
    store.record_decisions([made(2), replace(made(1), member="other"), made(3), made(3), replace(made(3), member="x")])
    assert sound(store) == 3
    assert [store.decision(f"dec_{number:06}").member for number in (1, 2, 3)] == ["harbour"] * 3


@pytest.mark.parametrize("kind", ["sqlite_url", "postgres_url"])
def test_processes_that_append_at_once_make_one_log(request: pytest.FixtureRequest, kind: str, key: LogKey) -> None:
    url = request.getfixturevalue(kind)
    Store(url).close()
    with ProcessPoolExecutor(3) as pool:
        list(pool.map(write_some, [url] * 3, range(3)))
    store = Store(url)
    assert sound(store) == 3 * 20
    head = Notary(store, key).head()
    assert audit(store, key=key.public, saved=[head]).findings == []
    store.close()


def write_some(url: str, process: int) -> None:
    """Ten entries and ten decisions, one by one."""
    store = Store(url)
    for number in range(10):
        with store.writing() as connection:
            append(connection, EntryKind.RULING, f"process {process}")
        made = Decision(
            f"dec_{process}_{number}", datetime(2020, 1, 1, tzinfo=UTC), "co_1", date(2019, 12, 31), "harbour",
            "research", (), 0, "0" * 64, (), {},
        )  # fmt: skip
        store.record_decisions([made])
    store.close()


def test_an_append_writes_few_rows(store: Store, made: Made) -> None:
    """Of a log of 130 leaves, the last append wrote its leaf, its salt and the subtree it completes; no more."""
    store.record_decisions([made(number) for number in range(129)])
    before = [everything(store, table) for table in (ledger_leaf, ledger_salt, ledger_node)]
    store.record_decisions([made(129)])
    after = [everything(store, table) for table in (ledger_leaf, ledger_salt, ledger_node)]
    assert [len(now - then) for now, then in zip(after, before, strict=True)] == [1, 1, 2]
    assert [len(then - now) for now, then in zip(after, before, strict=True)] == [0, 0, 0]


def everything(store: Store, table: object) -> set[tuple[object, ...]]:
    with store.reading() as connection:
        return {tuple(row) for row in connection.execute(select(table))}  # type: ignore[call-overload]


def test_heads_are_kept_once_for_each_size(store: Store, key: LogKey, made: Made) -> None:
    moments = iter(datetime(2020, 1, day, tzinfo=UTC) for day in range(1, 9))
    notary = Notary(store, key, now=lambda: next(moments))
    empty = notary.head()
    assert (empty.head.size, empty.head.root) == (0, merkle.EMPTY_ROOT.hex())
    assert notary.head() == empty
    store.record_decisions([made(1)])
    first, again = notary.head(), Notary(store, key).head()
    assert first == again and first.head.size == 1 and first.head.timestamp == 1_577_923_200_000
    assert len(everything(store, ledger_head)) == 2


def test_receipts_hold_and_stay_the_same(store: Store, key: LogKey, made: Made) -> None:
    notary = Notary(store, key)
    store.record_decisions([made(number) for number in range(5)])
    early = notary.of_decisions(["dec_000002"])
    store.record_decisions([made(number) for number in range(5, 40)])
    ids = [f"dec_{number:06}" for number in range(40)]
    receipts = notary.of_decisions(ids)
    assert receipts["dec_000002"] == early["dec_000002"]
    assert notary.of_decisions(ids) == receipts
    assert [receipts[one].head.head.size for one in ids] == [5] * 5 + [40] * 35
    for number, one in enumerate(ids):
        assert (receipts[one].position, receipts[one].faults(key.public)) == (number, [])
        assert receipts[one].opening is None


def test_an_opened_receipt_tells_what_was_recorded(filled: Store, notary: Notary, key: LogKey) -> None:
    submission = filled.receipts()[1]
    opened = notary.opened(submission.submission_id)
    assert opened == notary.opened("2")
    assert opened.faults(key.public) == [] and opened.opening is not None
    assert opened.opening.author == "fund"
    assert opened.opening.tables["record"]["rows"] == submission.records
    assert set(opened.opening.rows) == {"entry", "submission"}
    assert submission.sha256 in opened.opening.rows["submission"][0]
    decision = notary.opened("dec_000001")
    assert decision.faults(key.public) == [] and decision.opening is not None
    assert decision.opening.rows["decision"][0][0] == "dec_000001"
    for number in range(1, filled.watermark() + 1):
        assert notary.opened(str(number)).faults(key.public) == []


def test_proofs_of_any_two_sizes(store: Store, key: LogKey, made: Made) -> None:
    notary, heads = Notary(store, key), []
    for number in range(20):
        heads.append(notary.head())
        store.record_decisions([made(number)])
    heads.append(notary.head())
    for first in heads:
        for second in heads[first.head.size :]:
            assert notary.consistency(first.head.size, second.head.size).joins(first, second)
    size, proof = notary.inclusion(7)
    root = bytes.fromhex(heads[-1].head.root)
    assert size == 20 and merkle.includes(merkle.leaf_hash(notary.leaf(7)), 7, 20, proof, root)
    assert notary.inclusion(7, 8)[0] == 8
    assert notary.consistency(3).second == 20


@pytest.mark.parametrize("asked", [(0, 0), (3, 3), (9, None), (0, 4)])
def test_there_is_no_proof_of_what_never_was(store: Store, key: LogKey, made: Made, asked: tuple[int, int]) -> None:
    store.record_decisions([made(number) for number in range(3)])
    with pytest.raises(InvalidInput):
        Notary(store, key).inclusion(*asked)


@pytest.mark.parametrize("asked", [(4, None), (2, 4), (2, 1)])
def test_the_log_never_had_such_sizes(store: Store, key: LogKey, made: Made, asked: tuple[int, int]) -> None:
    store.record_decisions([made(number) for number in range(3)])
    with pytest.raises(InvalidInput):
        Notary(store, key).consistency(*asked)


def test_there_is_no_receipt_of_what_is_not_there(store: Store, key: LogKey, made: Made) -> None:
    store.record_decisions([made(1)])
    notary = Notary(store, key)
    for reference in ("sub_1", "dec_9", "0", "1", "-1", "9" * 30, "", "١"):
        with pytest.raises(NotFound):
            notary.opened(reference)
    with pytest.raises(NotFound):
        notary.of_entry(99)
    with pytest.raises(NotFound):
        notary.leaf(99)


def test_a_log_with_a_hole_gives_no_receipt(store: Store, key: LogKey, made: Made) -> None:
    store.record_decisions([made(number) for number in range(3)])
    notary = Notary(store, key)
    notary.head()
    for statement in ("DELETE FROM ledger_node WHERE place = 0", "DELETE FROM ledger_leaf WHERE position = 2"):
        with store.engine.begin() as connection:
            connection.exec_driver_sql(statement)
    for broken in ("dec_000001", "dec_000002"):
        with pytest.raises(LedgerBroken, match="ledger"):
            notary.of_decisions([broken])


def test_a_destroyed_salt_leaves_the_commitment_and_opens_nothing(store: Store, key: LogKey, made: Made) -> None:
    store.record_decisions([made(1)])
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM ledger_salt")
    left = Notary(store, key).opened("dec_000001")
    assert (left.opening, left.faults(key.public)) == (None, [])


def test_many_nodes_are_read_in_parts(store: Store, monkeypatch: pytest.MonkeyPatch, made: Made, key: LogKey) -> None:
    monkeypatch.setattr(tables, "_PARAMETERS", 3)
    ids = [made(number).decision_id for number in range(30)]
    store.record_decisions([made(number) for number in range(30)])
    receipts: Iterable[list[str]] = (one.faults(key.public) for one in Notary(store, key).of_decisions(ids).values())
    assert list(receipts) == [[]] * 30
