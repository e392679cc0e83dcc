"""``alliance ledger``, as typed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from alliance.cli.app import app
from alliance.contracts import Contract
from alliance.store import Decision, Store
from alliance.store.entries import EntryKind, append

Run = Callable[..., Result]


@pytest.fixture
def kept(
    sqlite_url: str, contract: Callable[..., Contract], tmp_path: Path, made: Callable[[int], Decision],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Store]:  # fmt: skip
    """A store of a submission and two decisions, whose log has a key of its own."""
    monkeypatch.setenv("ALLIANCE_LEDGER_KEY", str(tmp_path / "log.key"))
    store = Store(sqlite_url)
    file = tmp_path / "rows.csv"
    file.write_text("client,day,staff\nc1,2015-01-01,3\n")
    run = CliRunner().invoke(app, ["submit", str(file), "--contract", str(contract_file(tmp_path, contract)),
                                   "--database", sqlite_url])  # fmt: skip
    assert run.exit_code == 0, run.output
    store.record_decisions([made(1), made(2)])
    yield store
    store.close()


def contract_file(folder: Path, contract: Callable[..., Contract]) -> Path:
    path = folder / "rows.contract.yaml"
    path.write_text(contract({"signal": "headcount", "observed_on": "day", "employees": "staff"}).source, "utf-8")
    return path


@pytest.fixture
def run(kept: Store) -> Run:
    url = kept.engine.url.render_as_string()
    return lambda *words: CliRunner().invoke(app, ["ledger", *map(str, words), "--database", url])


def alone(*words: object) -> Result:
    """A command that needs no store."""
    return CliRunner().invoke(app, ["ledger", *map(str, words)])


def test_a_saved_head_and_the_whole_store(run: Run, kept: Store, tmp_path: Path) -> None:
    head = tmp_path / "head.json"
    assert f"written: {head}" in run("head", "--save", head).output.replace("\n", "")
    signed = orjson.loads(head.read_bytes())
    assert signed["size"] == kept.ledger_size()
    assert orjson.loads(run("head").output) == signed
    told = run("verify", "--head", head)
    assert told.exit_code == 0, told.stderr
    assert f"All is as recorded: {signed['size']} leaves; heads: 2, 2 signatures checked." in told.output
    assert signed["root"] in told.output


def test_what_was_changed_is_told_in_one_line(run: Run, kept: Store) -> None:
    with kept.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE decision SET purpose = 'research' WHERE decision_id = 'dec_000002'")
    told = run("verify")
    position = kept.ledger_size() - 1
    assert told.exit_code == 1
    assert f"position {position}, decision dec_000002: its rows" in told.stderr and "[ledger.broken]" in told.stderr
    assert told.stderr.count("\n") == 1
    assert "not as recorded" in told.output


def test_a_receipt_is_checked_without_the_store(run: Run, kept: Store, tmp_path: Path) -> None:
    receipt, head, public, joined = (tmp_path / name for name in ("r.json", "h.json", "log.pem", "c.json"))
    assert run("receipt", kept.receipts()[0].submission_id, "--out", receipt).exit_code == 0
    assert alone("public-key", "--out", public).exit_code == 0
    assert public.read_text() == alone("public-key").output
    assert "BEGIN PUBLIC KEY" in public.read_text()
    (tmp_path / "log.key").rename(tmp_path / "taken.away")
    words = ("verify", "--receipt", receipt, "--public-key", public)
    assert "The receipt holds: position 0" in alone(*words).output
    assert "Name it: --public-key" in alone("verify", "--receipt", receipt).stderr
    (tmp_path / "taken.away").rename(tmp_path / "log.key")

    before = orjson.loads(receipt.read_bytes())["head"]["size"]
    with kept.writing() as connection:
        append(connection, EntryKind.RULING, "arbiter")
    run("head", "--save", head)
    told = alone(*words, "--head", head)
    assert told.exit_code == 1 and f"--first {before} --second {before + 1}" in told.stderr
    assert run("prove", "--first", before, "--second", before + 1, "--out", joined).exit_code == 0
    assert alone(*words, "--head", head, "--consistency", joined).exit_code == 0

    plain = orjson.loads(receipt.read_bytes())
    plain["opening"]["author"] = "somebody"
    receipt.write_bytes(orjson.dumps(plain))
    told = alone(*words)
    assert told.exit_code == 1 and "the author is not whom the leaf commits to" in told.stderr


def test_proofs(run: Run) -> None:
    proof = orjson.loads(run("prove", "--position", 0).output)
    assert proof["position"] == 0 and proof["size"] >= 3 and len(proof["proof"][0]) == 64
    assert orjson.loads(run("prove", "--position", 0, "--size", 1).output) == {"position": 0, "size": 1, "proof": []}
    assert run("prove").exit_code == 1
    assert run("prove", "--position", 1, "--first", 1).exit_code == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("receipt", "sub_9"), "no submission, decision or entry 'sub_9'"),
        (("prove", "--position", "99"), "no position 99"),
        (("prove", "--first", "99"), "leaves there, not 99"),
        (("verify", "--head", "{tmp}/none"), "No such file"),
        (("verify", "--head", "{tmp}/words"), "cannot be used"),
        (("verify", "--receipt", "{tmp}/list"), "a receipt has position"),
        (("verify", "--public-key", "{tmp}/words"), "cannot be used"),
        (("head", "--save", "{tmp}"), "cannot be written"),
        (("head", "--key", "{tmp}/words"), "The ledger's key"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(run: Run, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    (tmp_path / "words").write_text("no key, no head")
    (tmp_path / "list").write_text("[]")
    run("head")
    answer = run(*(word.format(tmp=tmp_path) for word in words))
    assert answer.exit_code == 1 and answer.exception is not None and "Traceback" not in answer.output
    assert said in answer.stderr and answer.stderr.count("\n") == 1
