"""A receipt accounts for every row; the same file has one effect; a submission is stored whole or not at all."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alliance import intake
from alliance.contracts import Contract
from alliance.errors import HostileFile, StoreError, UnreadableFile
from alliance.intake import submit
from alliance.store import Store

Make = Callable[..., Contract]
Write = Callable[..., Path]
Everything = Callable[[Store], dict[str, list[tuple[Any, ...]]]]

HEADCOUNT = {
    "signal": "headcount", "observed_on": "day", "employees": "staff", "rd_employees": "rd",
    "quality": [("rd_employees", "<=", "employees")],
}  # fmt: skip
PROFILE = {"signal": "company_profile", "observed_on": "day", "name": "name"}

CLIENTS = st.sampled_from(["c1", "c2", "c3", "启明", ""])
DAYS = st.sampled_from(["2015-01-01", "2015-04-01", "2019-12-31", "2015-02-30", "2030-01-01", "soon", ""])
COUNTS = st.sampled_from(["", "0", "3", "7", "-1", "2.5", "a few", "nan"])
ROWS = st.lists(st.tuples(CLIENTS, DAYS, COUNTS, COUNTS, st.sampled_from(["", "", "", ",surplus"])), max_size=25)


def sound(client: str, day: str, staff: str, rd: str, surplus: str) -> bool:
    """Whether the row ought to be accepted, by the contract read naively."""
    counts_read = {staff, rd} <= {"", "0", "3", "7"}
    ordered = not (counts_read and staff and rd) or int(rd) <= int(staff)
    return (
        bool(client) and day in {"2015-01-01", "2015-04-01", "2019-12-31"} and counts_read and ordered and not surplus
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_every_row_ends_accepted_or_quarantined(  # noqa: PLR0917
    store: Store, contract: Make, tmp_path: Path, now: datetime, everything: Everything, rows: list[tuple[str, ...]]
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("client,day,staff,rd\n" + "".join(",".join(row[:4]) + row[4] + "\n" for row in rows), "utf-8")
    receipt = submit(store, contract(HEADCOUNT), file, now=now)

    wrong = [number for number, row in enumerate(rows, start=1) if not sound(*row)]
    assert (receipt.rows, receipt.quarantined) == (len(rows), len(wrong))
    assert receipt.accepted + receipt.quarantined == receipt.rows
    assert receipt.records == receipt.accepted
    assert store.quarantined(receipt)["row"].to_list() == wrong

    before = everything(store)
    assert submit(store, contract(HEADCOUNT), file, now=now + timedelta(days=1)) == receipt
    assert everything(store) == before


def test_changed_bytes_or_a_changed_contract_are_another_submission(
    store: Store, contract: Make, member_file: Write, now: datetime
) -> None:
    file = member_file("client,day,staff,rd", "c1,2015-01-01,3,1")
    first = submit(store, contract(HEADCOUNT), file, now=now)
    renamed = submit(store, contract(HEADCOUNT), file.rename(file.with_name("renamed.csv")), now=now)
    changed = submit(store, contract(HEADCOUNT), member_file("client,day,staff,rd", "c1,2015-01-01,4,1"), now=now)
    mended = submit(store, contract(HEADCOUNT, version="1.0.1"), member_file("client,day,staff,rd"), now=now)
    assert renamed == first
    assert [receipt.no for receipt in (first, changed, mended)] == [1, 2, 3]
    assert len({receipt.submission_id for receipt in (first, changed, mended)}) == 3
    assert store.receipts() == [first, changed, mended]
    assert store.watermark() == 3


def test_a_receipt_is_the_same_read_back(store: Store, contract: Make, member_file: Write) -> None:
    beijing = datetime(2020, 1, 2, 3, 4, 5, 678901, tzinfo=timezone(timedelta(hours=8)))
    receipt = submit(store, contract(HEADCOUNT), member_file("client,day,staff,rd", "c1,2015-01-01,3,1"), now=beijing)
    found = store.receipt(receipt.submission_id)
    assert found == receipt
    assert found.received_at.astimezone(UTC) == datetime(2020, 1, 1, 19, 4, 5, 678901, tzinfo=UTC)


def test_a_file_without_rows_is_a_submission_of_none(store: Store, contract: Make, member_file: Write) -> None:
    receipt = submit(store, contract(HEADCOUNT), member_file("client,day,staff,rd"))
    assert (receipt.no, receipt.rows, receipt.accepted, receipt.quarantined, receipt.records) == (1, 0, 0, 0, 0)


def test_progress_is_told_every_row(store: Store, contract: Make, member_file: Write) -> None:
    told: list[int] = []
    file = member_file("client,day,staff,rd", *(f"c{n % 9},2015-01-01,3,9" for n in range(60_000)))
    receipt = submit(store, contract({**HEADCOUNT, "quality": ()}), file, progress=told.append)
    assert sum(told) == receipt.rows == receipt.accepted == 60_000
    assert len(told) > 1, "a large file comes in batches"


STEPS = ("insert_contract", "insert_submission", "resolve", "insert_records", "insert_names", "insert_quarantine")


@pytest.mark.parametrize("step", STEPS)
def test_a_failure_on_the_way_stores_nothing(  # noqa: PLR0917
    store: Store, contract: Make, member_file: Write, now: datetime, everything: Everything,
    monkeypatch: pytest.MonkeyPatch, step: str,
) -> None:  # fmt: skip
    header = "client,day,staff,rd,name"
    submit(store, contract(HEADCOUNT, PROFILE), member_file(header, "c1,2015-01-01,3,1,A", "c2,?,,,B"), now=now)
    before = everything(store)
    file = member_file(header, "c3,2015-01-01,3,1,C", "c4,?,,,D")

    class Cut(Exception):
        """The power fails just after the step."""

    def then_cut(*args: Any) -> None:
        done(*args)
        raise Cut

    done = getattr(intake, step)
    with monkeypatch.context() as patch, pytest.raises(Cut):
        patch.setattr(intake, step, then_cut)
        submit(store, contract(HEADCOUNT, PROFILE, version="2"), file, now=now)
    assert everything(store) == before
    assert store.watermark() == 1

    assert submit(store, contract(HEADCOUNT, PROFILE, version="2"), file, now=now).no == 2


@pytest.mark.parametrize("table", ["record", "quarantine", "identifier"])
def test_a_failing_database_is_a_store_error_and_stores_nothing(
    store: Store, contract: Make, member_file: Write, now: datetime, table: str
) -> None:
    with store.writing() as connection:
        connection.exec_driver_sql(f"DROP TABLE {table}")
    with pytest.raises(StoreError) as caught:
        submit(
            store, contract(HEADCOUNT), member_file("client,day,staff,rd", "SECRET,2015-01-01,3,1", "c2,?,,"), now=now
        )
    assert "SECRET" not in str(caught.value)
    assert store.receipts() == []
    assert store.company_ids() == []


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("rows.csv", b"", UnreadableFile),
        ("rows.csv", b"client,day,staff\nc1,2015-01-01,3\n", UnreadableFile),
        ("rows.csv", b'client,day,staff,rd\nc1,2015-01-01,3,1\nc2,2015-01-01,"3,1\n', UnreadableFile),
        ("rows.csv.gz", gzip.compress(b"client,day,staff,rd\nc1,2015-01-01,3,1\n" * 99)[:-20], UnreadableFile),
        ("rows.csv.gz", gzip.compress(b"client,day,staff,rd\n" + b" " * 100_000_000), HostileFile),
    ],
    ids=["empty", "no such column", "open quote", "cut off", "bomb"],
)  # fmt: skip
def test_of_a_file_that_cannot_be_read_nothing_is_stored(  # noqa: PLR0917
    store: Store, contract: Make, tmp_path: Path, everything: Everything, name: str, content: bytes,
    error: type[UnreadableFile],
) -> None:  # fmt: skip
    (tmp_path / name).write_bytes(content)
    before = everything(store)
    with pytest.raises(error):
        submit(store, contract(HEADCOUNT), tmp_path / name)
    with pytest.raises(UnreadableFile):
        submit(store, contract(HEADCOUNT), tmp_path / "absent.csv")
    assert everything(store) == before


def test_two_that_take_the_same_file_in_have_one_effect(
    store: Store, contract: Make, member_file: Write, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = member_file("client,day,staff,rd", "c1,2015-01-01,3,1")
    other: list[Any] = []
    set_aside = intake._set_aside

    def overtaken(*args: Any) -> Any:
        monkeypatch.setattr(intake, "_set_aside", set_aside)
        other.append(submit(store, contract(HEADCOUNT), file, now=now))
        return set_aside(*args)

    monkeypatch.setattr(intake, "_set_aside", overtaken)
    assert [submit(store, contract(HEADCOUNT), file, now=now)] == other == store.receipts()


def test_rows_are_kept_as_read_and_records_by_row(
    store: Store, contract: Make, member_file: Write, now: datetime
) -> None:
    lines = [f"c{n % 3},2015-0{1 + n % 9}-01,{n},1" for n in range(1, 30)]
    receipt = submit(store, contract(HEADCOUNT), member_file("client,day,staff,rd", *lines), now=now)
    claims = store.claims().frames["headcount"].sort("row")
    assert claims.select("row", "employees").rows() == [(n, n) for n in range(1, 30)]
    assert claims["member"].unique().to_list() == ["harbour"]
    assert replace(receipt, no=1) == receipt


def test_a_name_of_any_length_does_no_harm(store: Store, contract: Make, member_file: Write, now: datetime) -> None:
    # Characters that do not compress, as the index of a database sees them.
    long = "".join(chr(0x4E00 + (place * 7919) % 20_000) for place in range(3_000))
    lines = [f"c1,2015-01-01,{long},{long[:2000]}", "c2,2015-01-01,短,短名"]
    receipt = submit(
        store,
        contract(PROFILE, companyName={"column": "called"}),
        member_file("client,day,called,name", *lines),
        now=now,
    )
    assert receipt.accepted == 2
    assert store.claims().frames["company_profile"]["name"].to_list() == [long[:2000], "短名"]
    assert [entry.identifiers for entry in store.search(long[:50])] == [{"harbour": "c1"}]
