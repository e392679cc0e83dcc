"""Quarantined rows are tried again under a mended contract: sound ones are stored, the others stay quarantined."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from alliance import intake
from alliance.contracts import Contract
from alliance.errors import Conflict, NotFound
from alliance.intake import retry, submit
from alliance.store import Receipt, Store

Make = Callable[..., Contract]
Write = Callable[..., Path]

HEADER = "client,day,staff,status,note"
LINES = [
    "c1,2015-01-01,3,存续,",
    "c2,2015-01-01,3,吊销,",
    "c3,2015-01-01,3,吊销,",
    "c4,2015-01-01,many,存续,",
    "c5,2015-01-01,3,存续",
    "c6,2015-01-01,3,存续,seen",
]


def profile(**words: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A contract's records under which the member's words for a status are these."""
    return (
        {"signal": "headcount", "observed_on": "day", "employees": "staff"},
        {"signal": "company_profile", "observed_on": "day", "status": {"column": "status", "values": words},
         "website": "note"},
    )  # fmt: skip


FIRST = profile(存续="operating")
MENDED = profile(存续="operating", 吊销="closed")


@pytest.fixture
def first(store: Store, contract: Make, member_file: Write, now: datetime) -> Receipt:
    """A submission that left rows 2 to 5 in quarantine; row 5 could not be read."""
    receipt = submit(store, contract(*FIRST), member_file(HEADER, *LINES), now=now)
    assert (receipt.accepted, receipt.quarantined) == (2, 4)
    return receipt


def quarantined(store: Store, receipt: Receipt) -> dict[int, list[tuple[str, str]]]:
    rows = store.quarantined(receipt).select("row", "faults").rows()
    return {row: [(fault["field"], fault["rule"]) for fault in orjson.loads(faults)] for row, faults in rows}


def test_sound_rows_are_stored_and_the_rest_stays(store: Store, contract: Make, first: Receipt, now: datetime) -> None:
    later = now + timedelta(days=30)
    second = retry(store, contract(*MENDED, version="1.1.0"), first.submission_id, now=later)
    assert (second.no, second.rows, second.accepted, second.quarantined, second.records) == (2, 4, 2, 2, 4)
    assert (second.retry_of, second.file_name, second.sha256) == (first.submission_id, first.file_name, first.sha256)
    assert quarantined(store, second) == {4: [("staff", "integer")], 5: [("", "csv.cells")]}
    assert quarantined(store, first).keys() == {2, 3, 4, 5}, "what was submitted then is not rewritten"

    profiles = store.claims().frames["company_profile"].sort("submission_no", "row")
    assert profiles.select("submission_no", "row", "status").rows() == [
        (1, 1, "operating"), (1, 6, "operating"), (2, 2, "closed"), (2, 3, "closed"),
    ]  # fmt: skip
    assert profiles["known_at"].to_list() == [now.date()] * 2 + [later.date()] * 2


def test_a_retry_has_one_effect(
    store: Store, contract: Make, first: Receipt, now: datetime, everything: Callable[[Store], Any]
) -> None:
    second = retry(store, contract(*MENDED), first.submission_id, now=now)
    before = everything(store)
    assert retry(store, contract(*MENDED), first.submission_id, now=now + timedelta(days=1)) == second
    assert everything(store) == before


def test_a_second_retry_goes_to_what_is_left(store: Store, contract: Make, first: Receipt, now: datetime) -> None:
    second = retry(store, contract(*MENDED), first.submission_id, now=now)
    with pytest.raises(Conflict, match=second.submission_id) as caught:
        retry(store, contract(*MENDED, version="2"), first.submission_id, now=now)
    assert caught.value.where == {"submission": first.submission_id}

    lenient = list(MENDED)
    lenient[0] = {**lenient[0], "employees": {"column": "staff", "extract": r"^(\d+)$"}}
    third = retry(store, contract(*lenient), second.submission_id, now=now)
    assert (third.no, third.rows, third.accepted, third.retry_of) == (3, 2, 1, second.submission_id)
    assert quarantined(store, third) == {5: [("", "csv.cells")]}


def test_rows_that_could_not_be_read_stay_with_their_fault(
    store: Store, contract: Make, member_file: Write, now: datetime
) -> None:
    first = submit(store, contract(*MENDED), member_file(HEADER, "c1,2015-01-01,3,存续", LINES[0]), now=now)
    second = retry(store, contract(*MENDED), first.submission_id, now=now)
    assert (second.rows, second.accepted, second.quarantined) == (1, 0, 1)
    assert store.quarantined(second).equals(store.quarantined(first))


def test_two_retries_at_once_are_one(
    store: Store, contract: Make, first: Receipt, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_aside = intake._set_aside

    def overtaken(*args: Any) -> Any:
        monkeypatch.setattr(intake, "_set_aside", set_aside)
        retry(store, contract(*MENDED, version="other"), first.submission_id, now=now)
        return set_aside(*args)

    monkeypatch.setattr(intake, "_set_aside", overtaken)
    with pytest.raises(Conflict):
        retry(store, contract(*MENDED), first.submission_id, now=now)
    assert [receipt.contract_version for receipt in store.receipts()] == ["1.0.0", "other"]


def test_what_is_not_there_or_not_ones_own_is_not_retried(
    store: Store, contract: Make, first: Receipt, now: datetime
) -> None:
    with pytest.raises(NotFound, match="sub_0"):
        retry(store, contract(*MENDED), "sub_0", now=now)
    with pytest.raises(Conflict, match="harbour"):
        retry(store, contract(*MENDED, member="lighthouse"), first.submission_id, now=now)
    assert store.receipts() == [first]
