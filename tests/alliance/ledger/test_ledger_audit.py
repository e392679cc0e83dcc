"""Whatever is changed, lost or added in a store is found, and a saved head finds what was written anew as a whole."""

import shutil
import sqlite3
import struct
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Column, Connection, Table, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from alliance.audit import audit
from alliance.corroboration.reliability import RELIABILITY_SCHEMA
from alliance.ledger import LogKey, SignedHead, merkle
from alliance.notary import Notary
from alliance.store import Decision, Store, ledger_schema
from alliance.store.content import CONTENT
from alliance.store.entries import EntryKind, append
from alliance.store.reliability import insert_reliability
from alliance.store.schema import metadata

Tampering = Callable[[Store], AbstractContextManager[Connection]]
LEDGER = {table.name for table in vars(ledger_schema).values() if isinstance(table, Table)}
UNGUARDED = {"schema_version", "api_key", "api_key_end", "effect", "refusal", "aggregate_answer", "shadow_score"}
"""What a store's opener checks, and what no score rests on."""
SETS = {"grant_set", "grant_in_set"}
"""Lists of grants, under the digest that a decision commits to."""

ROUNDS, DECISIONS, ENTRIES = 5, 1_600, 400


def findings(store: Store, *saved: SignedHead, key: LogKey | None = None) -> list[str]:
    found = audit(store, saved=saved, key=key and key.public)
    assert found.faults >= len(found.findings)
    return [str(one) for one in found.findings]


def test_every_kind_and_every_table_is_guarded() -> None:
    """A new kind of entry has its line in CONTENT, and every table is somebody's."""
    assert set(CONTENT) == set(EntryKind)
    guarded = {part.table.name for parts in CONTENT.values() for part in parts} | {"entry", "decision"} | SETS
    assert guarded | LEDGER | UNGUARDED == set(metadata.tables)


def test_a_sound_store_has_no_findings(filled: Store, notary: Notary, key: LogKey) -> None:
    head = notary.head()
    seen: list[int] = []
    found = audit(filled, key=key.public, saved=[head], progress=seen.append)
    assert (found.faults, found.findings) == (0, [])
    assert found.leaves == sum(seen) == filled.watermark() + 3 == head.head.size
    assert found.root == head.head.root
    assert (found.heads, found.signatures) == (2, 2)
    with filled.reading() as connection:
        for table in (one for one in metadata.sorted_tables if one.name not in UNGUARDED):
            assert connection.scalar(select(func.count()).select_from(table)), f"nothing in {table} to be guarded"


def another(value: Any) -> Any:
    """A value near to another, of its kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return value[:-1] + "~"
    if isinstance(value, bytes):
        return value[:-1] + bytes([value[-1] ^ 1])
    nearest = {datetime: timedelta(microseconds=1), date: timedelta(days=1), float: 1e-9, int: 1_000}
    return value + nearest[type(value)]


def test_every_column_of_every_table_is_guarded(filled: Store, notary: Notary, tampering: Tampering) -> None:
    notary.head()
    tried = 0
    for table in metadata.sorted_tables:
        for column in table.c if table.name not in UNGUARDED else ():
            with filled.reading() as connection:
                row = next(iter(connection.execute(select(table).where(column.is_not(None)).limit(1))), None)
            if row is None:
                assert column.nullable
                continue
            value = row._mapping[column.name]
            same = [one == row._mapping[one.name] for one in table.primary_key]
            with tampering(filled) as connection:
                connection.execute(update(table).where(*same).values({column: another(value)}))
            found = findings(filled)
            assert found or keeps_no_word_of_it(column), f"{column} was changed unseen"
            mended = [one == (another(value) if one is column else row._mapping[one.name]) for one in table.primary_key]
            with tampering(filled) as connection:
                connection.execute(update(table).where(*mended).values({column: value}))
            tried += 1
    assert tried > 90
    assert findings(filled) == []


def keeps_no_word_of_it(column: Column[Any]) -> bool:
    """Without the public key a signature, its moment and its signer cannot be checked."""
    return column.table.name == "ledger_head" and column.name in ("signature", "timestamp", "log_id")


def test_every_lost_and_every_added_row_is_found(filled: Store, notary: Notary, tampering: Tampering) -> None:
    notary.head()
    for table in metadata.sorted_tables:
        if table.name in UNGUARDED | {"ledger_head"}:
            continue
        with filled.reading() as connection:
            row = connection.execute(select(table).limit(1)).mappings().one()
        same = [one == row[one.name] for one in table.primary_key]
        with tampering(filled) as connection:
            connection.execute(delete(table).where(*same))
        assert findings(filled), f"a row of {table} was lost unseen"
        with tampering(filled) as connection:
            connection.execute(insert(table), dict(row))
        assert findings(filled) == [], f"a row of {table} was put back"
        added = {column.name: added_value(column, row[column.name]) for column in table.c}
        with tampering(filled) as connection:
            connection.execute(insert(table), added)
        assert findings(filled), f"a row of {table} was added unseen"
        with tampering(filled) as connection:
            connection.execute(delete(table).where(*(one == added[one.name] for one in table.primary_key)))
    assert findings(filled) == []


def added_value(column: Column[Any], value: Any) -> Any:
    """The value of a row like another, where the two may not be equal."""
    alone = column.primary_key or column.unique
    return another(value) if alone and value is not None else value


def test_a_head_that_is_not_the_logs_own_is_found(
    filled: Store, notary: Notary, key: LogKey, tampering: Tampering, tmp_path: Path
) -> None:
    head = notary.head()
    with tampering(filled) as connection:
        connection.execute(update(ledger_schema.ledger_head).values(signature="00" * 64))
    assert any("not signed by this log's key" in one for one in findings(filled, key=key))
    stranger = LogKey.at(tmp_path / "stranger.key").sign(head.head.size, bytes.fromhex(head.head.root), 0)
    assert any("saved head" in one for one in findings(filled, stranger, key=key))


def test_what_is_wrong_is_named_with_its_position(filled: Store, tampering: Tampering) -> None:
    with tampering(filled) as connection:
        connection.exec_driver_sql("UPDATE record SET payload = payload || ' ' WHERE submission_no = 2")
        connection.exec_driver_sql("UPDATE decision SET member = 'fund' WHERE decision_id = 'dec_000001'")
    place = filled.watermark() - 1  # the last two entries follow the decisions
    found = findings(filled)
    assert found[0].startswith("position 1, entry 2: its rows") and "record" in found[0]
    assert {one.split(":")[0] for one in found[1:]} == {f"position {place}, decision dec_000001"}


@pytest.fixture
def copies(sqlite_url: str, tmp_path: Path, key: LogKey, made: Callable[[int], Decision]) -> Iterator[tuple[Any, ...]]:
    """A store of four decisions, and a way to open another copy of how it is."""
    store = Store(sqlite_url)
    store.record_decisions([made(number) for number in range(4)])
    opened: list[Store] = [store]

    def copy() -> Store:
        target = tmp_path / f"copy-{len(opened)}.db"
        with closing(sqlite3.connect(store.engine.url.database)) as source, closing(sqlite3.connect(target)) as other:
            source.backup(other)
        opened.append(Store(f"sqlite:///{target}"))
        return opened[-1]

    yield store, copy
    for one in opened:
        one.close()


def test_an_older_copy_is_found_from_a_saved_head(
    copies: tuple[Store, Callable[[], Store]], key: LogKey, made: Callable[[int], Decision]
) -> None:
    store, copy = copies
    older = copy()
    store.record_decisions([made(9)])
    head = Notary(store, key).head()
    assert findings(older) == []  # nothing in it tells
    assert findings(older, head) == [
        "position 4, saved head of size 5: the store is cut short or an older copy: it has 4 of 5 leaves"
    ]
    older.record_decisions([made(10), made(11)])
    assert findings(older, head)  # as long, and longer, but another


def test_a_store_cut_short_is_found(copies: tuple[Store, Callable[[], Store]], key: LogKey) -> None:
    store, _ = copies
    head = Notary(store, key).head()
    with store.engine.begin() as connection:
        for statement in (
            "DELETE FROM decision WHERE decision_id = 'dec_000003'", "DELETE FROM ledger_leaf WHERE position = 3",
            "DELETE FROM ledger_salt WHERE position = 3", "DELETE FROM ledger_node WHERE place NOT IN (0, 1, 2, 4)",
        ):  # fmt: skip
            connection.exec_driver_sql(statement)
    assert any("cut short" in one for one in findings(store))  # from the head it keeps itself
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM ledger_head")
    assert findings(store) == []
    assert any("cut short" in one for one in findings(store, head))


def test_a_forked_log_is_found(
    copies: tuple[Store, Callable[[], Store]], key: LogKey, made: Callable[[int], Decision]
) -> None:
    """Two stores with one past and one key show each of their readers another present."""
    store, copy = copies
    fork = copy()
    common = Notary(store, key).head()
    store.record_decisions([made(5)])
    fork.record_decisions([made(6)])
    one, other = Notary(store, key), Notary(fork, key)
    heads = one.head(), other.head()
    assert [findings(fork, common), findings(fork, heads[1])] == [[], []]
    assert any("saved head of size 5: the first 5 leaves are others" in found for found in findings(fork, heads[0]))
    assert one.consistency(4).joins(common, heads[0]) and other.consistency(4).joins(common, heads[1])
    store.record_decisions([made(7)])
    assert not one.consistency(5).joins(heads[1], one.head())


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store with 2,000 leaves."""
    path = tmp_path_factory.mktemp("large") / "large.db"
    store = Store(f"sqlite:///{path}")
    with store.writing() as connection:
        for number in range(ENTRIES):
            entry = append(connection, EntryKind.RELIABILITY, f"成员{number}", datetime(2020, 1, 1, tzinfo=UTC))
            row = ("bank", "cash_position", 0.9 + number / 1e6, 0.8, 0.99, number, 1.5, "fund")
            learned = dict(zip(list(RELIABILITY_SCHEMA)[2:], row, strict=True)) | {"as_of": date(2020, 1, 1)}
            insert_reliability(connection, entry.no, pl.DataFrame([learned]))
    store.record_decisions([_decision(number) for number in range(DECISIONS)])
    assert findings(store) == []
    store.close()
    return path


def _decision(number: int) -> Decision:
    return Decision(
        f"dec_{number}", datetime(2020, 1, 1, 8, tzinfo=UTC), f"co_{number}", date(2019, 12, 31), "港口", "research",
        (), 3, "0" * 64, (), {"points": 600.0 + number, "reason": "研发人员占比高"},
    )  # fmt: skip


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_ten_thousand_flipped_bytes_are_all_found(large: Path, tmp_path: Path, turn: int) -> None:
    """In each of five rounds, one byte of something each of 2,000 leaves rests on is changed; each leaf is named."""
    path, draw = tmp_path / "tampered.db", Random(turn)
    shutil.copy(large, path)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("BEGIN")
        flipped = [flip(database, position, draw) for position in range(ENTRIES + DECISIONS)]
        database.execute("COMMIT")
    store = Store(f"sqlite:///{path}")
    found = audit(store)
    store.close()
    named = {one.position for one in found.findings}
    hashes = {one.about for one in found.findings}
    missed = [what for position, what in enumerate(flipped) if position not in named or hash_unnamed(what, hashes)]
    assert (len(flipped) * ROUNDS, missed) == (10_000, [])


def hash_unnamed(what: tuple[str, str, object], named: set[str]) -> bool:
    return what[0] == "ledger_node" and f"hash at place {what[2]}" not in named


def flip(database: sqlite3.Connection, position: int, draw: Random) -> tuple[str, str, object]:
    """Change one byte of one value a leaf rests on; table, column and key of it."""
    if position < ENTRIES:
        own = [("entry", "no", position + 1), ("reliability", "no", position + 1)]
    else:
        own = [("decision", "decision_id", f"dec_{position - ENTRIES}")] * 2
    table, key, value = draw.choice([
        *own, ("ledger_leaf", "position", position), ("ledger_salt", "position", position),
        ("ledger_node", "place", merkle.place(0, position)),
    ])  # fmt: skip
    columns = [name for _, name, *_ in database.execute(f"PRAGMA table_info({table})") if name != key]
    while True:
        column = draw.choice(columns)
        stored, kind = database.execute(
            f"SELECT CASE typeof({column}) WHEN 'text' THEN CAST({column} AS BLOB) ELSE {column} END, typeof({column})"
            f" FROM {table} WHERE {key} = ?", [value],
        ).fetchone()  # fmt: skip
        cast = "CAST(? AS TEXT)" if kind == "text" else "?"
        try:
            database.execute(f"UPDATE {table} SET {column} = {cast} WHERE {key} = ?", [changed(stored, draw), value])
        except (sqlite3.IntegrityError, IntegrityError):  # two of one key, or a number that is none
            continue
        return table, column, value


def changed(stored: Any, draw: Random) -> Any:
    if stored is None:
        return "x"
    if isinstance(stored, int):
        return stored ^ 1 << draw.randrange(31)
    packed = bytearray(struct.pack("<d", stored) if isinstance(stored, float) else stored)
    packed[draw.randrange(len(packed))] ^= draw.randrange(1, 256)
    return struct.unpack("<d", packed)[0] if isinstance(stored, float) else bytes(packed)
