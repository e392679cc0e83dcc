"""Overrides: what they come to beside the model's result, who must agree, and that they go with their company."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from alliance import erasure
from alliance.audit import audit
from alliance.errors import Conflict, Erased, InvalidInput, NotFound
from alliance.store import Decision, Store
from alliance.store.overrides import Override, State
from alliance.store.schema import metadata
from scoring import overrides
from scoring.model.certainty import Advice, Band
from scoring.overrides import OverridesPolicy, Wish
from scoring.overrides.policy import SHIPPED
from scoring.overrides.record import SamePerson

POLICY = OverridesPolicy.from_environment({})
BAND = Band(0.02, 0.16)
APPROVE, REFER, DECLINE = Advice.APPROVE, Advice.REFER, Advice.DECLINE


def decided(store: Store, decision_id: str = "dec_1", company: str = "co_1", **said: Any) -> str:
    result = {"pd": 0.05, "grade": "B", "outcome": "default", "horizon_months": 12, "contested": [], **said}
    made = Decision(
        decision_id=decision_id, decided_at=datetime(2026, 1, 1, tzinfo=UTC), company_id=company,
        as_of=date(2025, 12, 31), member="bank", purpose="loan_origination", grants=(), watermark=0,
        bundle_sha256="0" * 64, inline_records=(), result=result,
    )  # fmt: skip
    store.record_decisions([made])
    return decision_id


def wish(outcome: Advice | None = None, grade: str | None = None, **more: Any) -> Wish:
    return Wish(
        outcome=outcome, grade=grade, **{"reason_code": "policy", "text": "So it is.", "person": "anna", **more}
    )


def made(store: Store, *given: Any, **more: Any) -> Override:
    return overrides.override(store, "dec_1", wish(*given, **more), POLICY, BAND)


@pytest.mark.parametrize(
    ("given", "exposure", "direction", "steps", "notches", "state"),
    [  # the model says refer, B
        ((DECLINE, None), None, "downgrade", 1, 0, "in_force"),
        ((None, "CCC"), None, "downgrade", 0, 1, "in_force"),
        ((None, "CC"), None, "downgrade", 0, 2, "pending"),  # two notches
        ((DECLINE, "C"), 1, "downgrade", 1, 3, "pending"),
        ((APPROVE, None), 5_000_000, "upgrade", 1, 0, "in_force"),
        ((APPROVE, None), 5_000_001, "upgrade", 1, 0, "pending"),  # more yuan than the limit
        ((APPROVE, None), None, "upgrade", 1, 0, "pending"),  # of how many nobody says
        ((APPROVE, "BB"), 0, "upgrade", 1, 1, "in_force"),
        ((REFER, "AAA"), 0, "upgrade", 0, 5, "pending"),
        ((DECLINE, None), 6_000_000, "downgrade", 1, 0, "pending"),
    ],
)
def test_what_a_wish_comes_to(
    sqlite_url: str, *, given: Any, exposure: int | None, direction: str, steps: int, notches: int, state: str
) -> None:
    store = Store(sqlite_url)
    decided(store)
    found = made(store, *given, exposure=exposure)
    assert found.said is not None and found.state is State(state) and found.second is (state == "pending")
    assert (found.said.direction, found.said.steps, found.said.notches) == (direction, steps, notches)
    assert (found.said.model_outcome, found.said.model_grade, found.said.model_pd) == ("refer", "B", 0.05)
    assert overrides.find(store, found.override_id) == found == overrides.listed(store, member="bank")[0]
    assert overrides.listed(store, member="other") == []
    store.close()


@pytest.mark.parametrize(
    ("given", "more", "says"),
    [
        ((None, None), {}, "Nothing is overridden"), ((REFER, "B"), {}, "Nothing is overridden"),
        ((APPROVE, "CC"), {}, "opposite ways"), ((DECLINE, "AAA"), {}, "opposite ways"),
        ((None, "D"), {}, "no grade"), ((DECLINE, None), {"reason_code": "luck"}, "no reason"),
        ((DECLINE, None), {"reason_code": "collateral"}, "no reason for this downgrade"),
        ((APPROVE, None), {"reason_code": "integrity"}, "no reason for this upgrade"),
        ((DECLINE, None), {"text": " "}, "No text"), ((DECLINE, None), {"person": ""}, "No person"),
        ((DECLINE, None), {"exposure": -1}, "no debt"),
    ],
)  # fmt: skip
def test_what_is_no_override(sqlite_url: str, given: Any, more: dict[str, Any], says: str) -> None:
    store = Store(sqlite_url)
    decided(store)
    before = store.ledger_size()
    with pytest.raises(InvalidInput, match=says):
        made(store, *given, **more)
    assert overrides.listed(store) == [] and store.ledger_size() == before
    store.close()


def test_the_decisions_own_advice_counts_before_the_band(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    decided(store, advice="approve")
    with pytest.raises(InvalidInput, match="the model says approve, B"):
        made(store, APPROVE)
    assert made(store, DECLINE).whole().steps == 2
    store.close()


def test_two_people(store: Store) -> None:
    decided(store)
    waiting = made(store, grade="AAA", person="anna")
    with pytest.raises(Conflict, match="waits for a second person"):
        made(store, DECLINE, person="otto")
    with pytest.raises(SamePerson):
        overrides.rule(store, waiting.override_id, approved=False, person="anna", reason="I think so.")
    assert overrides.find(store, waiting.override_id).state is State.PENDING
    rejected = overrides.rule(store, waiting.override_id, approved=False, person="otto", reason="Too far.")
    assert rejected.state is State.REJECTED and rejected.ruling is not None
    assert (rejected.ruling.person, rejected.ruling.reason) == ("otto", "Too far.")
    with pytest.raises(Conflict, match="waits for nobody"):
        overrides.rule(store, waiting.override_id, approved=True, person="otto", reason="After all.")
    again = made(store, grade="A", person="otto")
    assert overrides.rule(store, again.override_id, approved=True, person="anna", reason="Yes.").state is State.IN_FORCE
    assert [one.state for one in overrides.of_decision(store, ["dec_1"])] == [State.REJECTED, State.IN_FORCE]
    assert store.decision("dec_1").result["grade"] == "B"  # the model's stands as it was
    assert audit(store).findings == [] and audit(store).leaves == 5
    with pytest.raises(NotFound):
        overrides.rule(store, "ovr_none", approved=True, person="anna", reason="Yes.")
    with pytest.raises(NotFound):
        overrides.override(store, "dec_none", wish(DECLINE), POLICY, BAND)


CANARIES = ("canary text", "canary ruling", "7310000001")


def everything(store: Store) -> str:
    with store.reading() as connection:
        tables = [connection.execute(select(table)).all() for table in metadata.sorted_tables]
    return "\n".join(str(value) for rows in tables for row in rows for value in row)


def test_they_go_with_their_company(store: Store, toy: Any) -> None:
    toy.fill(store)
    company = store.company("hr:c1").company_id
    decided(store, company=company)
    waiting = made(store, grade="AAA", text="canary text", exposure=7310000001)
    overrides.rule(store, waiting.override_id, approved=True, person="otto", reason="canary ruling")
    other = decided(store, "dec_2", store.company("hr:c2").company_id)
    kept = overrides.override(store, other, wish(DECLINE, text="kept words"), POLICY, BAND)
    assert all(one in everything(store) for one in CANARIES)
    done = erasure.erase(store, erasure.Company("hr:c1"), author="clerk", reason="It asked.", basis="Its contract.")
    assert done is not None and (done.counts["overrides"], done.counts["rulings on overrides"]) == (1, 1)
    assert not any(one in everything(store) for one in CANARIES) and "kept words" in everything(store)
    gone = overrides.find(store, waiting.override_id)
    assert gone.said is None and gone.person == "anna" and gone.ruling is not None and gone.ruling.reason == ""
    assert overrides.listed(store) == [kept]
    with pytest.raises(Erased):
        made(store, DECLINE)
    with pytest.raises(Erased):
        overrides.rule(store, waiting.override_id, approved=True, person="otto", reason="Yes.")
    assert audit(store).findings == []
    assert erasure.erase(store, erasure.Company(company), author="c", reason="r", basis="b") is None


def test_words_on_a_person_go_with_the_person(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    for number in (1, 2, 3):
        decided(store, f"dec_{number}", f"co_{number}")
    told = [
        overrides.override(store, f"dec_{number}", wish(grade="AAA", text=text), POLICY, BAND)
        for number, text in ((1, "Founder p-77 left."), (2, "Founder p-778 left."), (3, "The founder left."))
    ]
    overrides.rule(store, told[2].override_id, approved=True, person="otto", reason="p-77, I know him.")
    done = erasure.erase(store, erasure.Person("p-77"), author="clerk", reason="Asked.", basis="PIPL Art. 47")
    assert done is not None and done.counts == {"overrides": 2, "rulings on overrides": 1}
    assert [overrides.find(store, one.override_id).said is None for one in told] == [True, False, True]
    assert audit(store).findings == []
    store.close()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [("notches = 1", "notches = -1", "four_eyes"), ('code = "policy"', 'code = "integrity"', "two [[reason]]"),
     ('directions = ["downgrade"]', 'directions = ["sideways"]', "[[reason]] 6"),
     ("least = 30", "least = 0", "[report]"),
     ("[four_eyes]", "[four", "cannot be read")],
)  # fmt: skip
def test_a_policy_that_cannot_be_used_says_why(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "policy.toml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidInput) as refused:
        OverridesPolicy.from_environment({"ALLIANCE_OVERRIDES_POLICY": str(file)})
    assert says in str(refused.value)


def test_every_reason_has_words_in_both_languages() -> None:
    assert all(one.zh and one.en and not one.zh.isascii() for one in POLICY.reasons.values())


def test_from_the_console(sqlite_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    from scoring.cli import app

    store = Store(sqlite_url)
    decided(store)

    def run(*words: str) -> str:
        with pytest.raises(SystemExit) as left:
            app(["overrides", *words, "--database", sqlite_url])
        told = capsys.readouterr()
        assert left.value.code == (1 if "error" in told.err else 0)
        return told.out + told.err

    given = ("--grade", "AAA", "--reason", "collateral", "--text", "A deposit.", "--author", "anna")
    assert "It waits for a second person" in run("add", "dec_1", *given)
    [waiting] = overrides.listed(store)
    assert "overrides.same_person" in run(
        "rule", waiting.override_id, "--approve", "--reason", "Yes.", "--author", "anna"
    )
    assert "in force" in run("rule", waiting.override_id, "--approve", "--reason", "Yes.", "--author", "otto")
    listed = run("list")
    assert waiting.override_id in listed and "上调" in listed and "waiting for a second person: 0" in listed
    assert "insufficient evidence" in " ".join(run("report").split())
    store.close()
    assert json.dumps(POLICY.least) in run("report")
