"""What the ledger proves of an erasure: receipts stay, salts go, whoever tampers is found."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from alliance import erasure
from alliance.audit import audit
from alliance.erasure import Company, Person
from alliance.errors import InvalidInput, NotFound
from alliance.ledger import LedgerReceipt
from alliance.notary import Notary
from alliance.store import Store
from alliance.store.ledger_schema import ledger_salt
from alliance.store.schema import metadata

House = Any
"""See ``conftest``: tests import nothing of each other."""


Receipts = dict[str, LedgerReceipt]


@pytest.fixture
def receipts(house: House, notary: Notary) -> Receipts:
    """Receipts given before the erasure, of what it will touch."""
    return {one: notary.opened(one) for one in (house.first.submission_id, "dec_1", "dec_2")}


def test_receipts_still_prove_and_no_longer_open(house: House, notary: Notary, receipts: Receipts) -> None:
    made = erasure.erase(house.store, Company(house.number), **house.why)
    assert made is not None
    for reference, before in receipts.items():
        after = notary.opened(reference)
        assert after.faults(notary.public_key) == []
        assert (after.position, after.leaf) == (before.position, before.leaf)
        assert (after.opening is None) == (reference != "dec_2")
    own = notary.opened(str(made.no))
    assert own.faults(notary.public_key) == []
    assert own.opening is not None and own.opening.rows["erasure"][0][1:4] == ("company", house.id, house.why["reason"])


def test_the_salts_are_destroyed(house: House, receipts: Receipts) -> None:
    erasure.erase(house.store, Company(house.number), **house.why)
    with house.store.reading() as connection:
        salts = {bytes(salt) for salt in connection.scalars(select(ledger_salt.c.salt))}
    kept = {reference: one.opening.salt in salts for reference, one in receipts.items() if one.opening}
    assert kept == {house.first.submission_id: False, "dec_1": False, "dec_2": True}


TAMPERED = (
    "UPDATE record SET payload = payload || ' ' WHERE submission_no = 1",
    "DELETE FROM record WHERE submission_no = 1",
    "UPDATE quarantine SET content = '{}' WHERE submission_no = 1 AND row = 5",
    "UPDATE decision SET member = 'x' WHERE decision_id = 'dec_1'",
    "UPDATE decision SET result = '{}' WHERE decision_id = 'dec_1'",
    "UPDATE dispute SET evidence = 'x' WHERE evidence = ''",
    "UPDATE entry SET author = 'x' WHERE no = 1",
    "UPDATE erasure SET reason = 'x'",
    "UPDATE erasure_touched SET remains = '0'",
    "DELETE FROM erasure_touched",
    "DELETE FROM ledger_salt WHERE position = 0",
)


def test_whoever_tampers_with_what_remains_is_found(house: House, tmp_path: Path) -> None:
    """On SQLite, where a store is a file to be copied; its rows read alike on PostgreSQL."""
    path = house.store.engine.url.database
    if house.store.engine.dialect.name != "sqlite":
        path = None
    erasure.erase(house.store, Company(house.number), **house.why)
    erasure.erase(house.store, Person("canary-person"), **house.why)
    assert house.findings() == []
    for place, statement in enumerate(TAMPERED if path else ()):
        copied = shutil.copy(path, tmp_path / f"tampered-{place}.db")
        with closing(sqlite3.connect(copied)) as database, database:
            assert database.execute(statement).rowcount
        tampered = Store(f"sqlite:///{copied}")
        assert audit(tampered).findings, statement
        tampered.close()


def test_a_salt_that_is_gone_without_an_erasure_is_found(house: House) -> None:
    with house.store.engine.begin() as connection:
        connection.execute(delete(ledger_salt).where(ledger_salt.c.position == 0))
    assert any("salt is gone" in one for one in house.findings())


def test_the_audit_says_what_was_erased_by_which_entry(house: House) -> None:
    erasure.erase(house.store, Company(house.number), **house.why)
    erasure.erase(house.store, Person("canary-person"), **house.why)
    first, second = (one.no for one in erasure.erasures(house.store))
    found = audit(house.store).erased
    assert set(found) == {first, second}
    with house.store.reading() as connection:
        touched = connection.scalar(select(func.count(metadata.tables["erasure_touched"].c.position.distinct())))
    assert sum(found.values()) == touched


@pytest.mark.parametrize("blank", ["author", "reason", "basis"])
def test_an_erasure_says_who_and_why(house: House, blank: str) -> None:
    with pytest.raises(InvalidInput):
        erasure.erase(house.store, Company(house.number), **house.why | {blank: " "})
    with pytest.raises(InvalidInput):
        erasure.erase(house.store, Person(" "), **house.why)
    with pytest.raises(NotFound):
        erasure.erase(house.store, Company("nobody"), **house.why)
