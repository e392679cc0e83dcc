"""A company is found by part of its name or the start of an identifier; what is typed is taken literally."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from alliance.contracts import Contract
from alliance.intake import submit
from alliance.store import Store

NAMES = {
    "a-1": "启明科技（深圳）有限公司",
    "a-2": "100% Solar",
    "a_3": "under_score Labs",
    "b-4": "Back\\slash GmbH",
    "b-5": "O'Neil; DROP TABLE company",
    "b-6": "1000 Solar",
    "b-7": "underXscore Labs",
}


FOUND: dict[str, list[str]] = {
    "启明": ["a-1"],
    "深圳": ["a-1"],
    "Solar": ["a-2", "b-6"],
    "solar": ["a-2", "b-6"],
    "100%": ["a-2"],
    "%": ["a-2"],
    "_": ["a_3"],
    "r_s": ["a_3"],
    "\\": ["b-4"],
    "k\\s": ["b-4"],
    "'": ["b-5"],
    "O'Neil; DROP TABLE company": ["b-5"],
    "a-": ["a-1", "a-2"],
    "a_": ["a_3"],
    "-1": [],
    "b-7": ["b-7"],
    "nobody": [],
    "%%": [],
    "\0": [],
    "half \ud83d": [],
}
"""What is typed, and the member's own ids of the companies it finds."""


@pytest.fixture
def full(store: Store, contract: Callable[..., Contract], member_file: Callable[..., Path], now: datetime) -> Store:
    record = {"signal": "headcount", "observed_on": "day", "employees": "staff"}
    lines = [f'{client},"{name}",2015-01-01,3' for client, name in NAMES.items()]
    submit(
        store,
        contract(record, companyName={"column": "name"}),
        member_file("client,name,day,staff", *lines),
        now=now,
    )
    return store


def test_what_is_typed_finds(full: Store) -> None:
    found = {typed: sorted(entry.identifiers["harbour"] for entry in full.search(typed)) for typed in FOUND}
    assert found == FOUND


def test_a_company_is_found_by_the_start_of_its_id(full: Store) -> None:
    entry = full.company("harbour:a-1")
    assert full.search(entry.company_id) == [entry]
    assert full.search(entry.company_id[:12]) == [entry]
    assert entry.names == (NAMES["a-1"],)


def test_no_more_are_found_than_asked_for(full: Store) -> None:
    everyone = full.search("", limit=100)
    assert [entry.company_id for entry in everyone] == full.company_ids()
    assert full.search("", limit=3) == everyone[:3]


def test_entries_come_in_the_order_asked(full: Store) -> None:
    ids = full.company_ids()[::-1]
    assert [entry.company_id for entry in full.companies(ids)] == ids
