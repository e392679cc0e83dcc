"""``alliance facts`` and ``alliance reliability``, as typed."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from alliance.cli.app import app
from alliance.contracts import Contract
from alliance.intake import submit
from alliance.store import Store

RECORD = {"signal": "cash_position", "observed_on": "day", "cash": "cash", "monthly_burn": "burn"}
FILES = {
    "bank": ("c1,2019-03-31,1000000,-2000", "c1,2019-06-30,900000,30000"),
    "fund": ("c1,2019-03-31,1100000,-2000", "c1,2019-06-30,200000,30000"),
}


@pytest.fixture
def run(
    sqlite_url: str, contract: Callable[..., Contract], tmp_path: Path, opened: Callable[..., Store]
) -> Callable[..., Result]:
    """Runs a command on a store in which two members tell of one company."""
    store = Store(sqlite_url)
    for member, lines in FILES.items():
        file = tmp_path / f"{member}.csv"
        file.write_text("\n".join(["client,day,cash,burn", *lines]) + "\n")
        made = contract(
            RECORD, id=member, member=member, companyId={"namespace": "shared", "column": "client"},
            knowledge={"lagDays": 10},
        )  # fmt: skip
        submit(store, made, file, now=datetime(2020, 1, 1, tzinfo=UTC))
    opened(store).close()
    return lambda *words: CliRunner().invoke(app, [*words, "--database", sqlite_url])


def test_every_fact_with_who_says_what(run: Callable[..., Result]) -> None:
    told = run("facts", "shared:c1").output
    for part in ("现金状况 / cash position", "2019-Q1", "1,050,000 CNY", "= bank 1,000,000 CNY 50% 2019-04-10",
                 "2019-Q2", "contested", "≠ fund 200,000 CNY 50%", "-2,000 CNY"):  # fmt: skip
        assert part in told
    assert "Facts: 2; by several members: 2; contested: 1." in told


def test_what_is_asked_for_alone(run: Callable[..., Result]) -> None:
    contested = run("facts", "shared:c1", "--contested").output
    assert "2019-Q2" in contested and "2019-Q1" not in contested
    early = run("facts", "shared:c1", "--as-of", "2019-05-01").output
    assert "Facts: 1; by several members: 1; contested: 0." in early and "2019-Q2" not in early
    assert "members: 1" not in run("facts", "shared:c1", "--watermark", "1").output
    assert "Facts: 0" in run("facts", "shared:c1", "--signal", "headcount").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("shared:nobody",), "no company 'shared:nobody'"),
        (("shared:c1", "--signal", "luck"), "luck"),
        (("shared:c1", "--purpose", "gossip"), "portfolio_monitoring"),
    ],
)
def test_what_cannot_be_told(run: Callable[..., Result], words: tuple[str, ...], said: str) -> None:
    answer = run("facts", *words)
    assert answer.exit_code == 1 and answer.exception is not None and "Traceback" not in answer.output
    assert said in answer.stderr


def test_reliability_from_nothing_to_a_table(run: Callable[..., Result]) -> None:
    assert "Nothing has been learned yet" in run("reliability").output
    learned = run("reliability", "learn", "--to", "2019-08-15").output
    assert "Learned as of 2 days, 2019-06-30 to 2019-08-15: entry 5." in learned
    assert "bank" in learned and "fund" in learned
    table = run("reliability").output
    assert "as learned by 2019-08-15" in table
    assert "nothing learned" in run("reliability", "--as-of", "2019-06-29").output
    assert "cash_position" in run("reliability", "--member", "bank").output
    days = run("reliability", "--history").output
    assert "2019-06-30" in days and "bank 0.8" in days
    assert "2019-06-30" in run("reliability", "--history", "--member", "bank").output


def test_there_is_nothing_to_learn_from(sqlite_url: str) -> None:
    answer = CliRunner().invoke(app, ["reliability", "learn", "--database", sqlite_url])
    assert (answer.exit_code, "nothing to learn" in answer.output) == (0, True)
