"""``alliance keys``, as typed."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from alliance.callers import Role, Scope, register
from alliance.cli import keys as cli
from alliance.cli.app import app
from alliance.contracts import Contract
from alliance.intake import submit
from alliance.store import Store

Run = Callable[..., Result]


@pytest.fixture
def run(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(cli.out, "width", 240)
    return lambda *words: CliRunner().invoke(app, ["keys", *words, "--database", sqlite_url])


def made(run: Run, *words: str) -> str:
    answer = run("create", *words)
    assert answer.exit_code == 0, answer.output + answer.stderr
    found = re.fullmatch(r"(alc_[0-9a-f]{12}_[0-9a-f]{64})\nKey .* It is not shown again\.\n", answer.stdout)
    assert found, answer.stdout
    return found[1]


def caller(url: str, text: str) -> Any:
    store = Store(url)
    try:
        return register.authenticated(store, text, datetime.now(UTC))
    finally:
        store.close()


def test_made_listed_replaced_ended(run: Run, sqlite_url: str) -> None:
    text = made(run, "--member", "bank", "--role", "analyst", "--role", "data_scientist", "--label", "the portal")
    assert caller(sqlite_url, text).roles == {Role.ANALYST, Role.DATA_SCIENTIST}
    prefix = text[4:16]
    listed = run("list").stdout
    assert re.search(
        rf"{prefix}  bank +analyst data_scientist +all of its roles +the portal .* console .* holds", listed
    )
    assert text[17:] not in listed
    replaced = run("rotate", prefix, "--overlap-hours", "1").stdout
    assert f"Key {prefix} holds until" in replaced
    states = re.findall(r"(holds|being replaced|ended) *$", run("list", "--member", "bank").stdout, re.M)
    assert states == ["being replaced", "holds"]
    assert run("revoke", prefix, "--reason", "lost").exit_code == 0
    with pytest.raises(register.Unauthenticated):
        caller(sqlite_url, text)
    assert "Keys: 2; holding: 1." in run("list").stdout
    assert "Keys: 0; holding: 0." in run("list", "--member", "nobody").stdout


def test_narrowed(run: Run, sqlite_url: str) -> None:
    text = made(
        run, "--member", "feed", "--role", "member_admin", "--scope", "submissions:write", "--expires-days", "9"
    )
    assert caller(sqlite_url, text).scopes == {Scope.SUBMISSIONS_WRITE}
    assert (datetime.now(UTC) - caller_key(sqlite_url, text).expires_at).days == -9


def caller_key(url: str, text: str) -> Any:
    store = Store(url)
    try:
        return register.find(store, text[4:16])
    finally:
        store.close()


def test_of_a_company(
    run: Run, sqlite_url: str, contract: Callable[..., Contract], member_file: Callable[..., Any], now: datetime
) -> None:
    store = Store(sqlite_url)
    submit(store, contract({"signal": "headcount", "observed_on": "day", "employees": "staff"}),
           member_file("client,day,staff", "c1,2015-01-01,3"), now=now)  # fmt: skip
    company = store.company("harbour:c1").company_id
    store.close()
    known = caller(sqlite_url, made(run, "--role", "company", "--company", "harbour:c1"))
    assert (known.member, known.company) == (company, company)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("create", "--member", "a b", "--role", "analyst"), "no member's id"),
        (("create", "--role", "analyst"), "no member's id"),
        (("create", "--member", "bank", "--role", "company"), "for one company"),
        (("create", "--member", "bank", "--role", "analyst", "--scope", "keys:write"), "do not have keys:write"),
        (("create", "--member", "bank", "--role", "analyst", "--expires-days", "0"), "1 to 730 days"),
        (("create", "--role", "company", "--company", "nobody"), "no company 'nobody'"),
        (("revoke", "0123456789ab"), "no key '0123456789ab'"),
        (("rotate", "0123456789ab"), "no key '0123456789ab'"),
    ],
)
def test_what_is_refused(run: Run, words: tuple[str, ...], said: str) -> None:
    answer = run(*words)
    assert answer.exit_code == 1 and said in answer.stderr and "Traceback" not in answer.output
