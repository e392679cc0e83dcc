"""The console command: what it prints, what it leaves in the store, how it fails."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from alliance.cli import submissions as cli
from alliance.cli.app import app
from alliance.signals import SIGNALS, signal_named
from alliance.signals.json_schema import json_schema
from alliance.store import Store

HEADCOUNT = {"signal": "headcount", "observed_on": "day", "employees": {"column": "staff", "pattern": r"^[0-9]+$"}}
HEADER = "client,name,day,staff"
LINES = ("c1,启明科技,2015-01-01,3", "c2,[bold]Markup[/nothing] :smile:,2015-01-01,[/red]", "c3,Third,2015-02-30,5")

Run = Callable[..., Result]


@pytest.fixture
def run(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ``alliance`` on a store of its own, in a wide terminal."""
    monkeypatch.setattr(cli.out, "width", 240)

    def invoke(*words: str | Path, database: str = sqlite_url) -> Result:
        return CliRunner().invoke(app, [str(word) for word in words], env={"ALLIANCE_DATABASE_URL": database})

    return invoke


@pytest.fixture
def folder(tmp_path: Path, odcs: Callable[..., str]) -> Path:
    """Two members' files beside their contracts."""
    made = tmp_path / "members"
    (made / "harbour").mkdir(parents=True)
    (made / "lighthouse").mkdir()
    name = {"companyName": {"column": "name"}}
    (made / "harbour" / "clients.contract.yaml").write_text(odcs(HEADCOUNT, **name), "utf-8")
    (made / "harbour" / "clients-1.csv").write_text("\n".join([HEADER, *LINES]), "utf-8")
    (made / "harbour" / "clients-2.csv").write_text(f"{HEADER}\nc4,Fourth,2015-01-01,9", "utf-8")
    other = odcs(HEADCOUNT, id="lighthouse", member="lighthouse", server={"path": "list.csv"}, **name)
    (made / "lighthouse" / "list.contract.yaml").write_text(other, "utf-8")
    (made / "lighthouse" / "list.csv").write_text(f"{HEADER}\nc5,Fifth,2015-01-01,9", "utf-8")
    return made


def failed(result: Result, code: str, exit_code: int = 1) -> str:
    """The one line an error is."""
    assert result.exit_code == exit_code
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith(f"error [{code}] ")
    assert "Traceback" not in result.output
    return lines[0]


def submission_ids(output: str) -> list[str]:
    return re.findall(r"sub_[0-9a-f]{16}", output)


def test_the_catalogue_lists_every_signal_and_field(run: Run) -> None:
    result = run("signals")
    assert result.exit_code == 0
    for signal in SIGNALS:
        assert f"{signal.name}  {signal.zh} / {signal.en}" in result.stdout
        for field in signal.fields:
            assert re.search(rf"^{field.name}\b.*{field.zh} +{re.escape(field.en)}", result.stdout, re.MULTILINE)
    assert re.search(r"^observed_on @ ", result.stdout, re.MULTILINE), "the day of the event is marked"
    assert re.search(r"^application_no \* ", result.stdout, re.MULTILINE), "the key is marked"


@pytest.mark.parametrize("name", ["company_profile", "market_signal"])
def test_a_schema_is_printed_as_json(run: Run, name: str) -> None:
    result = run("signals", "--json-schema", name)
    assert json.loads(result.stdout) == json_schema(signal_named(name))


def test_a_file_is_taken_in_once(run: Run, folder: Path) -> None:
    words = ("submit", folder / "harbour" / "clients-1.csv", "--contract", folder / "harbour" / "clients.contract.yaml")
    first, second = run(*words), run(*words)
    assert first.exit_code == 0
    assert first.stdout == second.stdout
    assert re.search(r" 1  sub_\w+  harbour  clients-1.csv +3 +1 +2 +1\n", first.stdout)
    assert first.stderr == ""
    assert run("submissions").stdout == first.stdout


def test_a_folder_is_taken_in_by_its_contracts(run: Run, folder: Path) -> None:
    result = run("submit-folder", folder)
    assert result.exit_code == 0
    rows = re.findall(r"^ *(\d)  sub_\w+  (\w+) +([\w.-]+) ", result.stdout, re.MULTILINE)
    assert rows == [
        ("1", "harbour", "clients-1.csv"),
        ("2", "harbour", "clients-2.csv"),
        ("3", "lighthouse", "list.csv"),
    ]
    assert run("submit-folder", folder).stdout == result.stdout == run("submissions").stdout


def test_companies_are_found_and_shown_as_written(run: Run, folder: Path, odcs: Callable[..., str]) -> None:
    run("submit-folder", folder)
    found = run("companies", "启明")
    assert re.search(r"co_[0-9a-f]{16}  启明科技 +harbour:c1", found.stdout)
    assert "Fifth" in run("companies", "c5").stdout
    assert "co_" not in run("companies", "nobody").stdout
    assert run("companies", "", "--limit", "2").stdout.count("co_") == 2


def test_the_quarantine_shows_field_rule_and_remedy(run: Run, folder: Path) -> None:
    run("submit-folder", folder)
    shown = run("quarantine", "list").stdout
    assert re.search(r"  2  staff +integer +\[/red\] +Write a whole number.", shown)
    assert re.search(r"  2  staff +pattern +\[/red\] +It must match \^\[0-9\]\+\$\.", shown)
    assert re.search(r"  3  day +date +2015-02-30 ", shown)
    assert "2 of 2 rows shown." in shown
    assert "1 of 2 rows shown." in run("quarantine", "list", "--limit", "1").stdout
    (first, *_) = submission_ids(run("submissions").stdout)
    assert run("quarantine", "list", first).stdout == shown


def test_the_quarantine_is_tried_again(run: Run, folder: Path, odcs: Callable[..., str]) -> None:
    run("submit-folder", folder)
    (first, *_) = submission_ids(run("submissions").stdout)
    mended = folder / "mended.yaml"
    lenient = {**HEADCOUNT, "employees": {"column": "staff", "extract": r"^(\d+)$"}}
    mended.write_text(odcs(lenient, version="2", companyName={"column": "name"}), "utf-8")
    again = run("quarantine", "retry", first, "--contract", mended)
    assert re.search(r" 5  sub_\w+  harbour  clients-1.csv +2 +1 +1 +1\n", again.stdout)
    assert "1 of 1 rows shown." in run("quarantine", "list").stdout, "only what is still outstanding"
    assert "[bold]Markup[/nothing] :smile:" in run("companies", "markup").stdout

    line = failed(
        run("quarantine", "retry", first, "--contract", folder / "harbour" / "clients.contract.yaml"), "conflict"
    )
    assert f"Retry {submission_ids(again.stdout)[0]} instead." in line


def test_a_contract_is_checked_without_a_store(run: Run, folder: Path) -> None:
    result = run("contract-check", folder / "harbour" / "clients.contract.yaml", database="no url at all")
    assert result.exit_code == 0
    assert "harbour-clients 1.0.0 of harbour (bank)" in " ".join(result.stdout.split())
    assert re.search(r"headcount +employees +staff", result.stdout)


def test_failures_are_one_line_with_code_place_and_remedy(run: Run, folder: Path, tmp_path: Path) -> None:
    contract = folder / "harbour" / "clients.contract.yaml"
    file = folder / "harbour" / "clients-1.csv"
    (tmp_path / "bad.yaml").write_text("id: [", "utf-8")
    (tmp_path / "empty").mkdir()
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", "utf-8")

    assert "'absent.csv'" not in failed(
        run("submit", tmp_path / "absent.csv", "--contract", contract), "file.unreadable"
    )
    assert "'client'" in failed(run("submit", tmp_path / "other.csv", "--contract", contract), "file.unreadable")
    assert "not YAML" in failed(run("submit", file, "--contract", tmp_path / "bad.yaml"), "contract.invalid")
    assert "not YAML" in failed(run("contract-check", tmp_path / "bad.yaml"), "contract.invalid")
    assert "Remedy: " in failed(run("submit-folder", tmp_path / "empty"), "input.invalid")
    assert "sub_9" in failed(run("quarantine", "retry", "sub_9", "--contract", contract), "not_found")
    assert "sub_9" in failed(run("quarantine", "list", "sub_9"), "not_found")
    assert "headcount" in failed(run("signals", "--json-schema", "horoscope"), "not_found")
    assert run("submissions").stdout.count("sub_") == 0


@pytest.mark.parametrize(
    "words", [("submissions",), ("companies", "x"), ("quarantine", "list"), ("submit-folder", ".")]
)
def test_a_failing_store_has_an_exit_code_of_its_own(run: Run, words: tuple[str, ...]) -> None:
    failed(run(*words, database="postgresql+psycopg://nobody@127.0.0.1:1/none"), "store.unavailable", exit_code=4)


def test_a_store_of_another_version_is_a_failing_store(run: Run, sqlite_url: str) -> None:
    store = Store(sqlite_url)
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE schema_version SET version = 99")
    store.close()
    assert "version 99" in failed(run("submissions"), "store.unavailable", exit_code=4)


@pytest.mark.parametrize("words", [("frobnicate",), ("submit",), ("companies",), ("companies", "x", "--limit", "many")])
def test_a_wrong_command_line_is_told_apart(run: Run, words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert "Usage" in result.stderr


def test_a_process_fails_by_its_exit_code_without_a_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from alliance.cli.app import app; app()", "quarantine", "list", "sub_9"]
    place = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "ALLIANCE_HOME": str(tmp_path),
        "ALLIANCE_DATABASE_URL": "",
    }
    done = subprocess.run(command, env=place, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error [not_found] There is no submission 'sub_9'.")
    assert len(done.stderr.splitlines()) == 1
    assert (tmp_path / "alliance.db").is_file(), "the store is in the home of the settings"
