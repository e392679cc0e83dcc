"""The read path by example: members' files in, facts as of several days out.

Each file of ``cases/`` is one example. ``given`` lists the files submitted, in order, each under a contract of
``contracts/``, with the rows that are quarantined, if any (row: {column: rule}). ``then`` lists days, and under each
day all the facts there are, by signal; a fact by the fields that matter, ``company`` being any name it goes by.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
import yaml

from alliance.contracts import load_contract
from alliance.corroboration import Facts
from alliance.intake import submit
from alliance.rights import AccessRequest
from alliance.store import Store
from alliance.view import View

HERE = Path(__file__).parent
CASES = sorted((HERE / "cases").glob("*.yaml"))
SUBMITTED = date(2020, 1, 1)
REQUEST = AccessRequest("analyst", "loan_origination")


def given(store: Store, submission: dict[str, Any], folder: Path) -> None:
    """Submit one file, and see that exactly the rows told are quarantined."""
    contract = load_contract(HERE / "contracts" / f"{submission['contract']}.contract.yaml")
    file = folder / contract.path
    file.write_text(submission["file"], encoding="utf-8")
    on = datetime.combine(submission.get("submitted", SUBMITTED), time(12), UTC)
    receipt = submit(store, contract, file, now=on)
    found = {
        row: {fault["field"]: fault["rule"] for fault in orjson.loads(faults)}
        for row, faults in store.quarantined(receipt).select("row", "faults").rows()
    }
    assert found == submission.get("quarantined", {})


def told(store: Store, facts: Facts, expected: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The facts, each by the fields its expected counterpart tells it by."""
    answer: dict[str, list[dict[str, Any]]] = {}
    for name, frame in facts.frames.items():
        rows = frame.to_dicts()
        patterns = expected.get(name, [])
        if len(rows) != len(patterns):
            answer[name] = rows
            continue
        answer[name] = [
            {field: reference(store, row, pattern) if field == "company" else row[field] for field in pattern}
            for row, pattern in zip(sorted(rows, key=order(store)), patterns, strict=True)
        ]
    return {name: rows for name, rows in answer.items() if rows}


def reference(store: Store, row: dict[str, Any], pattern: dict[str, Any]) -> str:
    """The name the example gives the company, if that is the company's."""
    same = store.company(pattern["company"]).company_id == row["subject_id"]
    return pattern["company"] if same else row["subject_id"]


def order(store: Store) -> Any:
    """Facts are told by company, in the order of their smallest identifiers, then by day and key."""
    names = {entry.company_id: min(entry.identifiers.values()) for entry in store.companies(store.company_ids())}
    return lambda row: (names.get(row["subject_id"], row["subject_id"]), row["event_at"], row["key"])


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_the_facts_of_each_day_are_those_told(
    store: Store, case: Path, tmp_path: Path, opened: Callable[..., Store]
) -> None:
    example = yaml.safe_load(case.read_text(encoding="utf-8"))
    for submission in example["given"]:
        given(store, submission, tmp_path)
    view = View(opened(store, *{receipt.member for receipt in store.receipts()}), REQUEST)
    history = view.history()
    companies = store.company_ids()
    assert example["then"], "an example tells at least one day"
    over = {facts.as_of: facts for facts in history.over(list(example["then"]))}
    for as_of, expected in example["then"].items():
        facts = view.facts(companies, as_of)
        assert told(store, facts, expected) == expected, f"{example['says']} ({as_of})"
        remembered = history.facts(as_of)
        for name, frame in facts.frames.items():
            assert remembered.frames[name].equals(frame), name
            assert over[as_of].frames[name].equals(frame.sort("subject_id", "event_at", "key")), name
        assert dict(over[as_of].rungs) == dict(remembered.rungs)
        for company in companies:
            of_one = view.facts([company], as_of).frames
            assert all(
                of_one[name].equals(frame.filter(pl.col("subject_id") == company))
                for name, frame in facts.frames.items()
                if name != "market_signal"
            )
