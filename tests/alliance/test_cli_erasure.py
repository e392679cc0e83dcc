"""``alliance erase`` and ``alliance retention``, as typed."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from alliance.cli.app import app
from alliance.contracts import Contract
from alliance.intake import submit
from alliance.store import Store

ROLE = {"signal": "person_role", "person_key": "person", "role": "role", "started_on": "day", "ended_on": "left"}
WHY = ("--author", "clerk", "--reason", "It asked for it.", "--basis", "PIPL, Art. 47")
Run = Callable[..., Result]


@pytest.fixture
def run(sqlite_url: str, contract: Callable[..., Contract], member_file: Callable[..., Path]) -> Run:
    """Runs a command on a store with one office that ended long ago, and one that lasts."""
    store = Store(sqlite_url)
    made = contract(ROLE, id="hr", member="hr", companyId={"namespace": "hr", "column": "client"})
    file = member_file(
        "client,person,role,day,left", "c1,p1,founder,2001-01-01,2002-01-01", "c2,p2,founder,2001-01-01,"
    )
    submit(store, made, file, now=datetime(2020, 1, 1, tzinfo=UTC))
    store.close()
    return lambda *words, **given: CliRunner().invoke(app, [*words, "--database", sqlite_url], **given)


def test_a_company_is_erased_when_it_is_agreed_to(run: Run) -> None:
    refused = run("erase", "company", "hr:c1", *WHY, input="n\n")
    assert refused.exit_code == 1 and "records of person_role" in refused.stdout
    agreed = run("erase", "company", "hr:c1", *WHY, input="y\n")
    assert agreed.exit_code == 0 and "Erased by entry 2: 2." in agreed.stdout
    assert "It asked for it." in run("erase", "list").stdout
    verified = run("ledger", "verify").stdout
    assert "Erased by entry 2, in whole or in part: 1 leaves." in verified
    assert run("ledger", "receipt", "1").exit_code == run("ledger", "receipt", "2").exit_code == 0
    assert (
        '"opening"' not in run("ledger", "receipt", "1").stdout and '"opening"' in run("ledger", "receipt", "2").stdout
    )


def test_a_person_is_erased_once(run: Run) -> None:
    assert "Erased by entry 2: 1." in run("erase", "person", "p1", *WHY, "--yes").stdout
    again = run("erase", "person", "p1", *WHY, "--yes")
    assert again.exit_code == 0 and "Nothing is held" in again.stdout
    assert "not_found" in run("erase", "company", "nobody", *WHY, "--yes").stderr


def test_retention_says_first_what_is_due(run: Run) -> None:
    for words in (("--dry-run",), ("--yes", "--dry-run")):
        assert "records of person_role" in run("retention", "--author", "clerk", *words).stdout
        assert run("erase", "list").stdout.count("retention") == 0
    assert "Erased by entry 2: 1." in run("retention", "--author", "clerk", "--yes").stdout
    assert "Nothing is held" in run("retention", "--author", "clerk", "--yes").stdout
