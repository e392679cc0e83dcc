"""The store keeps its promises: one writer at a time, versions, errors that say nothing of what members gave."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from alliance.contracts import Contract
from alliance.errors import NotFound, StoreError
from alliance.intake import submit
from alliance.store import Decision, Receipt, Store
from alliance.store.companies import insert_companies, insert_identifiers
from alliance.store.schema import metadata

HEADCOUNT = {"signal": "headcount", "observed_on": "day", "employees": "staff"}

MADE = Decision(
    decision_id="dec_1", decided_at=datetime(2020, 1, 1, 8, tzinfo=UTC), company_id="co_1", as_of=date(2019, 12, 31),
    member="harbour", purpose="loan_origination", grants=("grant_1", "grant_2"), watermark=3, bundle_sha256="0" * 64,
    inline_records=({"signal": "headcount", "fields": {"observed_on": "2019-01-01", "employees": 3}},),
    result={"points": 612.5, "reasons": ["研发人员占比高"]},
)  # fmt: skip


def url_of(store: Store) -> str:
    return store.engine.url.render_as_string(hide_password=False)


@pytest.mark.parametrize("shared", [True, False], ids=["one store", "a store each"])
def test_writers_at_once_get_numbers_in_a_row(
    store: Store, contract: Callable[..., Contract], tmp_path: Path, now: datetime, shared: bool
) -> None:
    files = []
    for place in range(8):
        files.append(tmp_path / f"{place}.csv")
        lines = [f"c{client},2015-01-01,{place}" for client in range(40)]
        files[-1].write_text("\n".join(["client,day,staff", *lines, "?,?,?"]))

    def take_in(file: Path) -> Receipt:
        mine = store if shared else Store(url_of(store))
        try:
            return submit(mine, contract(HEADCOUNT), file, now=now)
        finally:
            if not shared:
                mine.close()

    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(take_in, files))
    assert sorted(receipt.no for receipt in receipts) == list(range(1, 9))
    assert store.receipts() == sorted(receipts, key=lambda receipt: receipt.no)
    assert store.watermark() == 8
    assert len(store.company_ids()) == 40
    claims = store.claims().frames["headcount"]
    assert claims.height == 320
    assert sorted(claims["employees"].unique()) == list(range(8))


@pytest.mark.parametrize("kind", ["sqlite_url", "postgres_url"])
def test_openers_at_once_find_one_store(request: pytest.FixtureRequest, kind: str) -> None:
    url = request.getfixturevalue(kind)

    def opened(_: int) -> int:
        store = Store(url)
        try:
            return store.watermark()
        finally:
            store.close()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(opened, range(8))) == [0] * 8


def test_a_store_of_another_version_is_refused(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(text("UPDATE schema_version SET version = 99"))
    with pytest.raises(StoreError, match="version 99"):
        Store(url_of(store))


def test_a_store_opened_again_holds_what_it_held(
    store: Store, contract: Callable[..., Contract], member_file: Callable[..., Path], now: datetime
) -> None:
    receipt = submit(store, contract(HEADCOUNT), member_file("client,day,staff", "c1,2015-01-01,3"), now=now)
    again = Store(url_of(store))
    assert again.receipts() == [receipt]
    assert again.company_ids() == store.company_ids()
    again.close()


def test_an_error_says_nothing_of_what_members_gave(store: Store) -> None:
    with store.writing() as connection:
        insert_companies(connection, 1, ["co_1"])
    with pytest.raises(StoreError) as caught, store.writing() as connection:
        insert_identifiers(connection, 1, [("harbour", "SECRET", "co_1"), ("harbour", "SECRET", "co_1")])
    assert "SECRET" not in str(caught.value)
    assert caught.value.code == "store.unavailable"
    assert caught.value.remedy
    with pytest.raises(NotFound):
        store.company("harbour:SECRET")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://postgres@127.0.0.1:1/test",
        "postgresql+psycopg://postgres@127.0.0.1:port/test",
        "postgresql+pigeon://127.0.0.1/test",
        "mysql://127.0.0.1/test",
        "oracle-of-delphi://",
        "no url at all",
        "sqlite:////dev/null/alliance.db",
        "sqlite:///{tmp}",
        "sqlite:///{tmp}/words.db",
    ],
)
def test_a_store_that_cannot_be_opened_is_a_store_error(tmp_path: Path, url: str) -> None:
    (tmp_path / "words.db").write_text("this is no database, " * 100)
    with pytest.raises(StoreError):
        Store(url.format(tmp=tmp_path))


def test_a_missing_table_is_a_store_error_to_readers(store: Store) -> None:
    metadata.drop_all(store.engine)
    for read in (store.watermark, store.receipts, store.claims, lambda: store.receipt("sub_1")):
        with pytest.raises(StoreError):
            read()


def test_a_decision_is_read_back_as_recorded(store: Store) -> None:
    second = replace(MADE, decision_id="dec_2", inline_records=(), result={})
    store.record_decisions([MADE, second])
    found = store.decision("dec_1")
    assert replace(found, grants=tuple(found.grants), inline_records=tuple(found.inline_records)) == MADE
    assert store.decision("dec_2").result == {}
    with pytest.raises(NotFound) as caught:
        store.decision("dec_3")
    assert caught.value.where == {"decision": "dec_3"}


def test_a_receipt_nobody_was_given_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound, match="sub_9"):
        store.receipt("sub_9")


def test_contract_versions_are_those_of_submissions_so_far(
    store: Store, contract: Callable[..., Contract], member_file: Callable[..., Path], now: datetime
) -> None:
    for staff, version in (("1", "1.0.0"), ("2", "1.1.0"), ("3", "1.1.0")):
        file = member_file("client,day,staff", f"c1,2015-01-01,{staff}")
        submit(store, contract(HEADCOUNT, version=version), file, now=now)
    assert store.contract_versions(0) == []
    assert store.contract_versions(1) == ["harbour-clients@1.0.0"]
    assert store.contract_versions(3) == ["harbour-clients@1.0.0", "harbour-clients@1.1.0"]
