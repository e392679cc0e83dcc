"""``alliance dispute``, as typed; and the policy it goes by."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from alliance.cli.app import app
from alliance.contracts import Contract
from alliance.disputes import Objection, raise_dispute
from alliance.errors import InvalidInput
from alliance.intake import submit
from alliance.policy import Policy
from alliance.store import Store

RECORD = {"signal": "cash_position", "observed_on": "day", "cash": "cash", "monthly_burn": "burn"}
FACT = ("shared:c1", "cash_position")
DISPUTES = '[disputes]\ndue_days = 5\nsource = "x"\n'
Run = Callable[..., Result]


@pytest.fixture
def run(
    sqlite_url: str, contract: Callable[..., Contract], member_file: Callable[..., Path], opened: Callable[..., Store]
) -> Run:
    """Runs a command on a store in which two members tell of one company."""
    store = Store(sqlite_url)
    for member, cash in {"bank": 1_000_000, "fund": 9_000_000}.items():
        made = contract(RECORD, id=member, member=member, companyId={"namespace": "shared", "column": "client"})
        file = member_file("client,day,cash,burn", f"c1,2019-03-31,{cash},2000")
        submit(store, made, file, now=datetime(2020, 1, 1, tzinfo=UTC))
    opened(store).close()
    return lambda *words: CliRunner().invoke(app, [*words, "--database", sqlite_url])


def raised(run: Run, *words: str) -> str:
    """Id of a dispute just raised."""
    answer = run("dispute", "raise", *FACT, "--evidence", "See the statement.", "--author", "bank", *words)
    assert answer.exit_code == 0, answer.output + answer.stderr
    found = re.search(r"dis_[0-9a-f]{12}", answer.output)
    assert found
    return found[0]


def test_from_raised_to_excluded(run: Run) -> None:
    one = raised(run, "--by-member", "fund", "--field", "cash", "--for-company")
    due = datetime.now(UTC).date() + timedelta(days=20)
    shown = run("dispute", "show", one).output
    for part in ("cash of cash_position 2019-Q1, the claim of fund (2:1)", "by bank for the company", str(due), "open"):
        assert part in shown
    assert f"disputed: {one}" in run("facts", FACT[0]).output
    ruled = run("dispute", "rule", one, "--exclude", "--author", "arbiter", "--reason", "The statement says so.")
    assert ruled.exit_code == 0 and "excluded" in ruled.output and "The statement says so." in ruled.output
    facts = run("facts", FACT[0]).output
    assert "excluded fund 9,000,000 CNY" in facts and "1,000,000 CNY" in facts and "contested: 0" in facts
    assert "Disputes: 1; open: 0; overdue: 0." in run("dispute", "list").output


def test_lists(run: Run, sqlite_url: str) -> None:
    store = Store(sqlite_url)
    said = Objection(company=FACT[0], signal=FACT[1], evidence="See.", author="park")
    raise_dispute(store, said, due_days=20, now=datetime(2020, 1, 1, tzinfo=UTC))
    store.close()
    kept = raised(run, "--claim", "1:1")
    assert run("dispute", "rule", kept, "--keep", "--author", "arbiter", "--reason", "It is right.").exit_code == 0
    every = run("dispute", "list").output
    assert "overdue" in every and "kept" in every and "2020-01-21" in every
    assert "Disputes: 2; open: 1; overdue: 1." in every
    assert "Disputes: 1; open: 1; overdue: 1." in run("dispute", "list", "--open").output
    assert "Disputes: 1; open: 1; overdue: 1." in run("dispute", "list", "--overdue").output
    assert "Disputes: 2" in run("dispute", "list", "--company", FACT[0]).output
    assert "Disputes: 1" in run("dispute", "list", "--member", "fund").output  # of the whole fact it claims, too
    assert "Disputes: 2" in run("dispute", "list", "--member", "bank").output
    assert "Disputes: 0" in run("dispute", "list", "--member", "nobody").output


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("raise", *FACT, "--author", "a", "--evidence", "b", "--by-member", "nobody"), 1, "bank 1:1, fund 2:1"),
        (("raise", *FACT, "--author", "a", "--evidence", "b", "--claim", "7"), 2, "12:7"),
        (("show", "dis_0"), 1, "no dispute 'dis_0'"),
        (("rule", "dis_0", "--keep", "--author", "a", "--reason", "b"), 1, "no dispute 'dis_0'"),
        (("rule", "dis_0", "--author", "a", "--reason", "b"), 2, "--exclude"),
        (("list", "--company", "nobody"), 1, "no company 'nobody'"),
    ],
)
def test_what_is_refused(run: Run, words: tuple[str, ...], code: int, said: str) -> None:
    answer = run("dispute", *words)
    assert answer.exit_code == code and said in answer.stderr and "Traceback" not in answer.output


def test_the_policys_days(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = Policy.from_environment({})
    assert shipped.due_days == 20 and "征信业管理条例" in shipped.due_source
    file = tmp_path / "policy.toml"
    file.write_text('[disputes]\ndue_days = 5\nsource = "the members, 2026"\n', encoding="utf-8")
    monkeypatch.setenv("ALLIANCE_POLICY", str(file))
    assert Policy.from_environment() == Policy(5, "the members, 2026")
    due: date = datetime.now(UTC).date() + timedelta(days=5)
    assert str(due) in run("dispute", "show", raised(run)).output


@pytest.mark.parametrize(
    "text",
    [
        None, "disputes", "[disputes]\ndue_days = 5\n", '[disputes]\ndue_days = "5"\nsource = "x"\n',
        '[disputes]\ndue_days = true\nsource = "x"\n', '[disputes]\ndue_days = 0\nsource = "x"\n',
        '[disputes]\ndue_days = 5\nsource = " "\n', '[disputes]\ndue_days = 99999\nsource = "x"\n', "disputes = 1\n",
        f"{DISPUTES}[limits]\nburst = 5\n", f"limits = 5\n{DISPUTES}",
        f"{DISPUTES}[limits]\nrequests_per_minute = 0\nburst = 5\nfailures_per_minute = 5\nsource = 'x'\n",
        f"{DISPUTES}[limits]\nrequests_per_minute = true\nburst = 5\nfailures_per_minute = 5\nsource = 'x'\n",
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_used(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "policy.toml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        Policy.from_environment({"ALLIANCE_POLICY": str(file)})
    assert caught.value.where == {"file": str(file)} and "ALLIANCE_POLICY" in caught.value.remedy
