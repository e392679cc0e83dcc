"""``alliance identity``, as typed."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from alliance.cli.app import app

RECORD = {"signal": "headcount", "observed_on": "day", "employees": "staff"}
OTHERS = "云海山川江河湖泽林石明华光辉达远宏盛泰安"
Run = Callable[..., Result]


@pytest.fixture
def run(sqlite_url: str, odcs: Callable[..., str], code: Callable[[int], str], tmp_path: Path) -> Run:
    """Runs a command on a store of registered companies, beside whom a bank knows some by name alone."""
    folder = tmp_path / "members"
    folder.mkdir()
    given = {
        "registry": [f"r{n},北京{OTHERS[n]}{OTHERS[n - 1]}软件有限公司,{code(n + 1)},4" for n in range(20)]
        + [f"r99,杭州珩芷珞智能科技有限公司,{code(99)},4"],
        "bank": ["b1,杭州珩芷珞智能科技,,42", "b2,珩芷珞,,7", "b3,上海丙丁戊,,9"],
    }
    for member, rows in given.items():
        (folder / f"{member}.csv").write_text("\n".join(["id,name,code,staff,day", *(f"{r},2019-06-30" for r in rows)]))
        text = odcs(
            RECORD, id=member, member=member, server={"path": f"{member}.csv"}, companyName={"column": "name"},
            companyId={"namespace": member, "column": "id"}, registrationNumber={"column": "code"},
            knowledge={"lagDays": 0},
        )  # fmt: skip
        (folder / f"{member}.contract.yaml").write_text(text, "utf-8")
    return lambda *words: CliRunner().invoke(app, [*words, *(["--database", sqlite_url] if words else [])])


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / "members")


def test_a_folder_is_linked_as_it_is_taken_in(run: Run, folder: str) -> None:
    told = run("submit-folder", folder).output
    assert "Linked to companies known before: 1." in told
    assert "Pairs for a person to decide: 1; see alliance identity review." in told
    assert "Newcomers compared: 0." in run("identity", "link").output


def test_or_later(run: Run, folder: str) -> None:
    assert "Linked" not in run("submit-folder", folder, "--no-link").output
    told = run("identity", "link").output
    assert "Newcomers compared: 24." in told and "Linked to companies known before: 1." in told


def test_cases_are_reviewed_and_decided(run: Run, folder: str) -> None:
    run("submit-folder", folder)
    listed = run("identity", "review").output
    assert "one name holds the other" in listed and "1 of 1 open cases shown." in listed
    [case] = set(re.findall(r"case_\w+", listed))
    asked = ("--author", "analyst", "--reason", "One licence.")
    accepted = run("identity", "accept", case, *asked)
    assert re.search(r"From entry \d+ on co_\w+ means co_\w+\.", accepted.output)
    assert "0 of 0 open cases shown." in run("identity", "review").output
    again = run("identity", "reject", case, *asked)
    assert again.exit_code == 1 and "has been decided: one company" in again.stderr


def test_companies_are_merged_split_and_explained(run: Run, folder: str) -> None:
    run("submit-folder", folder)
    merged = run("identity", "merge", "bank:b3", "registry:r3", "--author", "ann", "--reason", "Renamed.").output
    assert re.search(r"From entry \d+ on co_\w+ means co_\w+\.", merged)
    told = run("identity", "explain", "bank:b3").output
    for part in ("registry:r3", "bank:b3", "上海丙丁戊", "ann", "Renamed."):
        assert part in told
    parted = run("identity", "split", "bank:b3", "--author", "bob", "--reason", "Sold.").output
    assert re.search(r"From entry \d+ on co_\w+ stands for itself\.", parted)
    assert "registry:r3" not in run("identity", "explain", "bank:b3").output
    assert "registry:r3" in run("identity", "explain", "bank:b3", "--watermark", "4").output


def test_what_linked_two_is_told(run: Run, folder: str) -> None:
    run("submit-folder", folder)
    told = run("identity", "explain", "bank:b1").output
    assert "name: the same name" in told and re.search(r"\+\d+\.\d", told)


def test_numbers_stand_between_two(run: Run, folder: str) -> None:
    run("submit-folder", folder)
    words = ("identity", "merge", "registry:r3", "registry:r4", "--author", "ann", "--reason", "One.")
    refused = run(*words)
    assert refused.exit_code == 1 and "different registration numbers" in refused.stderr
    assert run(*words, "--despite-numbers").exit_code == 0
