"""``scoring rescore``: new decisions beside the old ones."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from alliance.disputes import Objection, raise_dispute, rule, touched
from alliance.errors import AllianceError, Conflict
from alliance.store import Decision, Store
from alliance.store.disputes import Dispute
from scoring.cli import app
from scoring.decide import Scorer, ScoreRequest
from scoring.rescore import rescore, touched_by

TODAY = date(2026, 6, 30)
NOW = datetime(2026, 6, 30, 18, tzinfo=UTC)
Ask = Callable[..., Decision]


@pytest.fixture
def scorer(store: Store, toy: Any, plant: Callable[[Store, str], None]) -> Scorer:
    """A scorer of the toy alliance with a bad word about the fifth company in the last quarter."""
    toy.fill(store)
    plant(store, "2026-06-20")
    scorer: Scorer = toy.scorer(store)
    return scorer


@pytest.fixture
def ask(scorer: Scorer) -> Ask:
    def asked(company: str = "hr:c4", as_of: date = TODAY, **given: Any) -> Decision:
        said = {"member": "bank", "purpose": "loan_origination", **given}
        return scorer.decide(ScoreRequest(company=company, as_of=as_of, **said))

    return asked


def excluded(store: Store, *, keep: bool = False) -> Dispute:
    """A dispute of the planted word, decided."""
    planted = store.watermark()
    claim = store.claims().frames["cash_position"]
    [(key, row)] = claim.filter(claim["submission_no"] == planted).select("key", "row").iter_rows()
    said = Objection(
        company="hr:c4", signal="cash_position", key=key, claim=(planted, row), evidence="See.", author="x"
    )
    made = raise_dispute(store, said, due_days=20, now=NOW)
    return rule(store, made.dispute_id, excluded=not keep, author="arbiter", reason="So it is.", now=NOW).dispute


def test_once_for_each_company_member_and_purpose(scorer: Scorer, ask: Ask) -> None:
    store = scorer.store
    first, second = ask(), ask()
    other = ask(purpose="portfolio_monitoring")
    ask("hr:c5"), ask(as_of=date(2026, 6, 19))
    found = touched(store, excluded(store))
    assert {one.decision_id for one in found} == {one.decision_id for one in (first, second, other)}
    made = rescore(scorer, found, TODAY)
    assert [(one.before.decision_id, one.earlier) for one in made] == [(second.decision_id, 2), (other.decision_id, 1)]
    for one in made:
        assert isinstance(one.after, Decision) and store.decision(one.after.decision_id).result == one.after.result
        assert (one.after.member, one.after.purpose) == (one.before.member, one.before.purpose)
        assert one.after.result["points"] != one.before.result["points"]
        assert scorer.replay(one.after.decision_id).same
    for one in (first, second, other):
        assert scorer.replay(one.decision_id).same


def test_again_records_nothing_twice(scorer: Scorer, ask: Ask) -> None:
    ask()
    found = touched(scorer.store, excluded(scorer.store))
    again = [[one.after for one in rescore(scorer, found, TODAY)] for _ in range(2)]
    ids = [[one.decision_id for one in made if isinstance(one, Decision)] for made in again]
    assert ids[0] == ids[1] and len(ids[0]) == 1
    company = scorer.store.company("hr:c4").company_id
    assert len(scorer.store.decisions_about([company])) == 2


def test_a_kept_claim_touches_nothing(scorer: Scorer, ask: Ask) -> None:
    ask()
    dispute = excluded(scorer.store, keep=True)
    assert touched(scorer.store, dispute) == () and rescore(scorer, [], TODAY) == []


def test_what_cannot_be_scored_again_says_why(scorer: Scorer, ask: Ask) -> None:
    made = rescore(scorer, [ask()], date(2027, 1, 1))
    assert isinstance(made[0].after, AllianceError) and "future" in str(made[0].after)


def test_the_records_of_the_applicant_are_used_again(scorer: Scorer, ask: Ask) -> None:
    record = {"signal": "headcount", "fields": {"observed_on": "2026-06-29", "employees": 48}}
    made = rescore(scorer, [ask(records=[record])], TODAY)
    assert isinstance(made[0].after, Decision) and list(made[0].after.inline_records) == [record]


def test_the_command(sqlite_url: str, toy: Any, plant: Callable[[Store, str], None], tmp_path: Path) -> None:
    store = Store(sqlite_url)
    toy.fill(store)
    plant(store, "2026-06-20")
    before = toy.scorer(store).decide(
        ScoreRequest(company="hr:c4", as_of=TODAY, member="bank", purpose="loan_origination")
    )
    dispute = excluded(store)
    store.close()
    bundle = tmp_path / "bundle"
    toy.bundle.save(bundle)

    def run(*words: str) -> Any:
        where = ("--database", sqlite_url, "--bundle", str(bundle))
        return CliRunner().invoke(app, ["rescore", *words, *where])

    answer = run("--dispute", dispute.dispute_id, "--as-of", "2026-06-30")
    assert answer.exit_code == 0, answer.output
    old = f"{before.result['points']:.0f} →"
    assert old in answer.output and before.decision_id in answer.output.replace("\n", "")
    assert "Earlier scores: 1." in answer.output
    assert run("--dispute", "dis_0").exit_code == 1
    early = run("--dispute", dispute.dispute_id, "--as-of", "2026-06-29")
    assert early.exit_code == 1 and "counts from 2026-06-30" in early.stderr


def test_an_open_dispute_touches_nothing_yet(scorer: Scorer) -> None:
    said = Objection(company="hr:c5", signal="company_profile", evidence="See.", author="x")
    made = raise_dispute(scorer.store, said, due_days=20, now=NOW)
    with pytest.raises(Conflict, match="is open"):
        touched_by(scorer.store, made.dispute_id, TODAY)
