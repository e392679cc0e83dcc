"""Rights on the console: members, grants by options and as ODRL, consents, explanations, figures."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from click.testing import Result
from typer.testing import CliRunner

from alliance.cli.app import app
from alliance.contracts import Contract
from alliance.intake import submit
from alliance.store import Store

RECORD = {"signal": "cash_position", "observed_on": "day", "cash": "cash", "monthly_burn": "burn"}
Run = Callable[..., Result]


@pytest.fixture
def run(sqlite_url: str, contract: Callable[..., Contract], member_file: Callable[..., Path]) -> Run:
    """Runs a command on a store in which a bank and a fund tell of one company."""
    store = Store(sqlite_url)
    for member, role in {"bank": "bank", "fund": "investor"}.items():
        made = contract(RECORD, id=member, member=member, memberRole=role, knowledge={"lagDays": 0},
                        companyId={"namespace": "shared", "column": "client"})  # fmt: skip
        submit(store, made, member_file("client,day,cash,burn", "c1,2019-03-31,1234567,2000"), now=datetime.now(UTC))
    store.close()
    return lambda *words: CliRunner().invoke(app, [*words, "--database", sqlite_url])


GIVE = ("grants", "give", "--giver", "fund", "--to", "role:bank", "--field", "cash_position", "--purpose",
        "loan_origination", "--author", "fund")  # fmt: skip


def done(result: Result) -> str:
    assert result.exit_code == 0, result.output + result.stderr
    return result.output


def given(run: Run, *words: str) -> str:
    found = re.search(r"grant_[0-9a-f]{12}", done(run(*GIVE, *words)))
    assert found
    return found[0]


def test_from_given_to_revoked(run: Run, tmp_path: Path) -> None:
    one = given(run, "--disclosure", "banded", "--until", "2099-01-01", "--right", "scores", "--right", "use")
    assert "banded" in done(run("grants", "list")) and "2099-01-01" in done(run("grants", "list", "--giver", "fund"))
    shown = done(run("grants", "show", one))
    facts = done(run("facts", "shared:c1", "--member", "bank"))
    assert "1,000,000 – 2,000,000 CNY" in facts and "a member" in facts and one in facts
    assert "1,234,567" in facts, "the bank's own"
    ended = done(run("grants", "revoke", one, "--author", "fund", "--reason", "No more."))
    assert "Scores that relied on it: 0." in ended
    assert one not in done(run("grants", "list")) and "revoked" in done(run("grants", "list", "--all"))
    assert "a member" not in done(run("facts", "shared:c1", "--member", "bank"))

    document = tmp_path / "grant.json"
    document.write_text(shown)
    assert orjson.loads(shown)["permission"][0]["assigner"] == "urn:alliance-credit:member:fund"
    again = done(run("grants", "give", "--file", str(document), "--author", "fund"))
    assert "Grants given: 1, by entry" in again and one not in again


def test_what_may_be_read_in_words(run: Run) -> None:
    one = given(run, "--disclosure", "score_only")
    told = done(run("rights", "explain", "--member", "bank", "--purpose", "loan_origination", "--company", "shared:c1"))
    for part in ("贷款审批", "loan origination", f"fund let be seen for scores only: cash_position (by {one})",
                 "What it gave itself: as it is.", "仅用于评分"):  # fmt: skip
        assert part in told
    done(run("grants", "revoke", one, "--author", "fund", "--reason", "No."))
    told = done(run("rights", "explain", "--member", "bank", "--purpose", "loan_origination"))
    assert f"Grant {one} (fund) is revoked." in told and "已撤销" in told
    assert "Nothing that others gave may be read." in told
    told = done(run("rights", "explain", "--member", "nobody", "--purpose", "research"))
    assert "is no member of the alliance" in told


def test_members_and_consents(run: Run, tmp_path: Path) -> None:
    assert "SG" in done(run("members", "add", "far", "--role", "bank", "--jurisdiction", "SG", "--author", "x"))
    listed = done(run("members", "list"))
    assert "investor" in listed and "Members: 3." in listed
    form = tmp_path / "form.pdf"
    form.write_bytes(b"signed")
    made = done(
        run("consent", "give", "shared:c1", "--evidence", "Form 7.", "--document", str(form), "--author", "fund")
    )
    found = re.search(r"consent_[0-9a-f]{12}", made)
    assert found and "yes" in done(run("consent", "list"))
    done(run("consent", "withdraw", found[0], "--author", "fund", "--reason", "Asked."))
    assert "Consents: 1." in done(run("consent", "list")) and "yes" not in done(run("consent", "list"))


def test_refusals_are_listed(run: Run) -> None:
    refused = run("facts", "shared:c1", "--member", "nobody")
    assert refused.exit_code == 1 and "rights.refused" in refused.stderr
    listed = done(run("rights", "refusals"))
    assert "nobody" in listed and "not_a_member" in listed and "Refusals: 1." in listed
    few = run("aggregate", "cash_position.cash", "--member", "bank", "--where", "sector=software")
    assert few.exit_code == 1 and "too few companies" in few.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*GIVE[:-2], "--to", "king", "--author", "x"), "member:ID"),
        ((*GIVE, "--right", "own"), "operate"),
        ((*GIVE, "--disclosure", "all"), "score_only"),
        ((*GIVE, "--purpose", "gossip"), "gossip"),
        ((*GIVE, "--field", "luck"), "SIGNAL.FIELD"),
        ((*GIVE, "--companies", "co_9"), "co_9"),
        ((*GIVE, "--jurisdiction", "SG"), "legal basis"),
        (("grants", "give", "--file", "nowhere.json", "--author", "x"), "nowhere.json"),
        (("grants", "give", "--file", __file__, "--author", "x"), "not JSON"),
        (("grants", "show", "grant_9"), "grants list"),
        (("rights", "explain", "--member", "bank", "--purpose", "research", "--right", "own"), "operate"),
        (("rights", "explain", "--member", "bank", "--purpose", "gossip"), "settlement"),
        (("aggregate", "cash_position.cash", "--member", "bank", "--where", "sector"), "sector=software"),
        (("members", "add", "x", "--role", "king", "--author", "x"), "data_vendor"),
        (("consent", "give", "shared:c1", "--evidence", "x", "--document", "nowhere", "--author", "x"), "nowhere"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(run: Run, words: tuple[str, ...], said: str) -> None:
    failed = run(*words)
    assert failed.exit_code == 1
    assert failed.stderr.startswith("error [") and said in failed.stderr
    assert len(failed.stderr.splitlines()) == 1
