"""Disputes: what is excluded no longer counts, from the ruling's day on; nothing that was read before changes."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from alliance.contracts import Contract
from alliance.corroboration import FactEvidence, Facts, Said
from alliance.disputes import Objection, find, listed, raise_dispute, rule
from alliance.errors import AllianceError, Conflict, InvalidInput, NotFound
from alliance.identity import curate
from alliance.intake import submit
from alliance.rights import AccessRequest
from alliance.store import Decision, Store
from alliance.store.disputes import Dispute, Party
from alliance.view import View

CASH = {"signal": "cash_position", "observed_on": "day", "cash": "cash", "monthly_burn": "burn"}
REQUEST = AccessRequest("harbour", "research")
SUBMITTED = datetime(2020, 1, 1, 12, tzinfo=UTC)
RAISED = datetime(2020, 2, 1, 23, tzinfo=UTC)
RULED = datetime(2020, 2, 10, 9, tzinfo=UTC)
THAT_DAY, DAY_BEFORE = date(2020, 2, 10), date(2020, 2, 9)
Give = Callable[..., None]


@pytest.fixture
def give(store: Store, contract: Callable[..., Contract], member_file: Callable[..., Path]) -> Give:
    """Submits a member's lines of client, day, cash and burn."""

    def given(member: str, *lines: str, namespace: str = "shared") -> None:
        made = contract(CASH, id=member, member=member, companyId={"namespace": namespace, "column": "client"},
                        knowledge={"lagDays": 10})  # fmt: skip
        submit(store, made, member_file("client,day,cash,burn", *lines), now=SUBMITTED)

    return given


@pytest.fixture
def doubted(store: Store, give: Give, opened: Callable[..., Store]) -> Store:
    """Three members tell of c1's cash in 2019-Q1, one of them nine times as much; one tells of Q2 and of c2."""
    give("bank", "c1,2019-03-31,100,7", "c1,2019-06-30,80,7", "c2,2019-03-31,50,5")
    give("fund", "c1,2019-03-31,900,7")
    give("park", "c1,2019-03-31,101,")
    return opened(store, "park")


def disputed(store: Store, **given: Any) -> Dispute:
    """A dispute of c1's cash in 2019-Q1."""
    said = {
        "company": "shared:c1", "signal": "cash_position", "key": "2019-Q1", "evidence": "See the statement.",
        "author": "park", **given,
    }  # fmt: skip
    return raise_dispute(store, Objection(**said), due_days=20, now=RAISED)


def ruled(store: Store, dispute: Dispute, *, excluded: bool = True, now: datetime = RULED) -> tuple[Decision, ...]:
    said = {"author": "arbiter", "reason": "The statement says so."}
    return rule(store, dispute.dispute_id, excluded=excluded, now=now, **said).touched


def company(store: Store, reference: str = "shared:c1") -> str:
    return store.company(reference).company_id


def facts(store: Store, as_of: date = THAT_DAY, **more: Any) -> Facts:
    """Facts of c1; of one company, of all and of the history alike."""
    view, one = View(store, REQUEST), company(store)
    found = view.facts([one], as_of, **more)
    every = view.history(watermark=more.get("watermark"))
    history, over = every.facts(as_of, [one]), {some.as_of: some for some in every.over([DAY_BEFORE, as_of])}
    bulk = view.facts(store.company_ids(), as_of, **more)
    for name, frame in found.frames.items():
        assert_frame_equal(history.frames[name], frame)
        assert_frame_equal(bulk.frames[name].filter(pl.col("subject_id") == one), frame)
        assert_frame_equal(over[as_of].frames[name].sort("subject_id", "key"), bulk.frames[name])
    return found


def cash(found: Facts) -> dict[str, tuple[Any, int]]:
    """Value and members of c1's cash, by quarter."""
    rows = found.frames["cash_position"].select("key", "cash", "members").iter_rows()
    return {key: (value, members) for key, value, members in rows}


def told(store: Store, as_of: date = THAT_DAY) -> dict[str, FactEvidence]:
    return {fact.key: fact for fact in View(store, REQUEST).evidence([company(store)], as_of)}


def words(fact: FactEvidence, field: str = "cash") -> dict[str, Said]:
    return {said.member: said for one in fact.fields if one.field == field for said in one.said}


ALL = {"2019-Q1": (100, 3), "2019-Q2": (80, 1)}


def test_an_excluded_claim_counts_no_more_from_the_rulings_day_on(doubted: Store) -> None:
    dispute = disputed(doubted, member="fund", on_behalf_of=Party.COMPANY)
    assert (dispute.member, dispute.submission_no, dispute.row, dispute.due_on) == ("fund", 2, 1, date(2020, 2, 21))
    assert cash(facts(doubted)) == ALL
    mark = doubted.watermark()
    ruled(doubted, dispute)
    assert cash(facts(doubted)) == {**ALL, "2019-Q1": (100, 2)}
    assert cash(facts(doubted, DAY_BEFORE)) == ALL
    assert cash(facts(doubted, watermark=mark)) == ALL
    found = find(doubted, dispute.dispute_id)
    assert found.ruling is not None and found.ruling.excluded
    assert (found.ruling.author, found.ruling.reason, found.ruling.made_at) == (
        "arbiter", "The statement says so.", RULED,
    )  # fmt: skip
    assert (found.raised_at, found.raised_by, found.on_behalf_of) == (RAISED, "park", Party.COMPANY)


def test_a_kept_claim_changes_nothing(doubted: Store) -> None:
    before = facts(doubted).frames
    assert ruled(doubted, disputed(doubted, member="fund"), excluded=False) == ()
    for name, frame in facts(doubted).frames.items():
        assert_frame_equal(frame, before[name])
    assert words(told(doubted)["2019-Q1"])["fund"].dispute == ""
    assert words(told(doubted, DAY_BEFORE)["2019-Q1"])["fund"].dispute != ""


def test_a_whole_fact_goes_and_what_is_claimed_later_counts(doubted: Store, give: Give) -> None:
    dispute = disputed(doubted)
    assert (dispute.member, dispute.submission_no, dispute.row) == (None, None, None)
    give("fund", "c1,2019-03-31,55,7")
    ruled(doubted, dispute)
    assert cash(facts(doubted)) == {**ALL, "2019-Q1": (55, 1)}
    give("fund", "c1,2019-03-31,56,7")
    assert cash(facts(doubted)) == {**ALL, "2019-Q1": (56, 1)}


def test_marks(doubted: Store) -> None:
    dispute = disputed(doubted, member="fund", field="cash")
    fact = told(doubted)["2019-Q1"]
    assert {member: said.dispute for member, said in words(fact).items()} == {
        "bank": "", "park": "", "fund": dispute.dispute_id,
    }  # fmt: skip
    assert words(fact, "monthly_burn")["fund"].dispute == ""
    assert words(told(doubted, date(2020, 1, 31))["2019-Q1"])["fund"].dispute == ""
    ruled(doubted, dispute)
    for field in ("cash", "monthly_burn"):
        said = words(told(doubted)["2019-Q1"], field)["fund"]
        assert (said.standing.value, said.weight, said.dispute) == ("excluded", 0.0, dispute.dispute_id)
    said = words(told(doubted, DAY_BEFORE)["2019-Q1"])["fund"]
    assert (said.standing.value, said.dispute) == ("differs", dispute.dispute_id)
    assert sum(one.weight for one in words(told(doubted)["2019-Q1"]).values()) == pytest.approx(1.0)


def test_a_fact_without_claims_is_told_without_value(doubted: Store) -> None:
    ruled(doubted, disputed(doubted))
    assert list(cash(facts(doubted))) == ["2019-Q2"]
    fact = told(doubted)["2019-Q1"]
    assert list(told(doubted)) == ["2019-Q1", "2019-Q2"]
    assert (fact.members, fact.agreement, {field.value for field in fact.fields}) == (0, None, {None})
    assert [said.standing.value for said in words(fact).values()] == ["excluded"] * 3


@pytest.mark.parametrize("turns", list(permutations(range(3))))
def test_the_order_of_rulings_does_not_matter(doubted: Store, turns: tuple[int, ...]) -> None:
    raised = [disputed(doubted, member="fund"), disputed(doubted, member="fund", author="bank"),
              disputed(doubted, member="park")]  # fmt: skip
    for turn in turns:
        ruled(doubted, raised[turn], excluded=turn != 1)
    assert cash(facts(doubted)) == {**ALL, "2019-Q1": (100, 1)}


def test_disputes_follow_merges(doubted: Store, give: Give) -> None:
    give("lab", "x1,2019-03-31,999,7", namespace="lab")
    of_fund, of_lab = disputed(doubted, member="fund"), disputed(doubted, company="lab:x1", member="lab")
    first, other = company(doubted), company(doubted, "lab:x1")
    for dispute in (of_fund, of_lab):
        ruled(doubted, dispute)
    curate.merge(doubted, first, "lab:x1", "arbiter", "One firm.")
    assert company(doubted) == other
    assert cash(facts(doubted)) == {**ALL, "2019-Q1": (100, 2)}
    assert {one.company_id for one in listed(doubted, company="shared:c1")} == {other}
    raised_merged = disputed(doubted, member="bank")
    curate.split(doubted, first, "arbiter", "Two firms.")
    ruled(doubted, raised_merged)
    assert cash(facts(doubted)) == {**ALL, "2019-Q1": (101, 1)}
    assert find(doubted, raised_merged.dispute_id).company_id == first


def test_what_a_dispute_covers_stays_what_it_covered(doubted: Store, give: Give) -> None:
    """A whole fact is its claims when it was disputed: a later merge adds none to it, a later split takes none away."""
    give("lab", "x1,2019-03-31,999,7", namespace="lab")
    ruled(doubted, disputed(doubted))
    assert "2019-Q1" not in cash(facts(doubted))
    merged = curate.merge(doubted, "lab:x1", "shared:c1", "arbiter", "One firm.")
    assert cash(facts(doubted))["2019-Q1"] == (999, 1), "of the other company nobody disputed anything"
    curate.split(doubted, merged.company_id, "arbiter", "Two firms.")
    assert "2019-Q1" not in cash(facts(doubted))

    curate.merge(doubted, "shared:c1", "lab:x1", "arbiter", "One firm after all.")
    ruled(doubted, disputed(doubted, company="lab:x1"))
    assert "2019-Q1" not in cash(facts(doubted))
    curate.split(doubted, "shared:c1", "arbiter", "No.")
    lab = View(doubted, REQUEST).facts([company(doubted, "lab:x1")], THAT_DAY)
    assert "2019-Q1" not in cash(lab)


def test_decisions_that_rest_on_it(doubted: Store) -> None:
    def decided(name: str, reference: str = "shared:c1", as_of: date = THAT_DAY, watermark: int = 3) -> Decision:
        about = company(doubted, reference)
        return Decision(name, SUBMITTED, about, as_of, "bank", "research", (), watermark, "", (), {})

    doubted.record_decisions([
        decided("saw"), decided("before-known", as_of=date(2019, 4, 9)), decided("on-the-day", as_of=date(2019, 4, 10)),
        decided("before-submitted", watermark=1), decided("other", "shared:c2"),
    ])  # fmt: skip
    dispute = disputed(doubted, member="fund")
    doubted.record_decisions([decided("while-open", watermark=doubted.watermark())])
    touched = ruled(doubted, dispute)
    doubted.record_decisions([decided("after", watermark=doubted.watermark())])
    assert {one.decision_id for one in touched} == {"saw", "on-the-day", "while-open"}


def test_lists(doubted: Store) -> None:
    one, two = disputed(doubted, member="fund"), disputed(doubted, company="shared:c2", author="c2-park")
    assert [found.dispute_id for found in listed(doubted)] == [one.dispute_id, two.dispute_id]
    ruled(doubted, one)
    assert [found.dispute_id for found in listed(doubted, undecided=True)] == [two.dispute_id]
    assert [found.dispute_id for found in listed(doubted, company="shared:c2")] == [two.dispute_id]
    for member, ids in {"fund": [one], "park": [one], "c2-park": [two], "bank": [two]}.items():
        assert [found.dispute_id for found in listed(doubted, member=member)] == [one.dispute_id for one in ids]
    assert [two.overdue(day) for day in (date(2020, 2, 21), date(2020, 2, 22))] == [False, True]
    assert not find(doubted, one.dispute_id).overdue(date(2021, 1, 1))


def test_every_giver_of_a_whole_fact_is_a_party(doubted: Store, give: Give) -> None:
    dispute = disputed(doubted, author="arbiter")
    give("late", "c1,2019-03-31,100,7")
    give("lab", "x1,2019-03-31,999,7", namespace="lab")
    parties = {"bank", "fund", "park", "late", "lab", "arbiter"}
    seen = {member for member in parties if [one.dispute_id for one in listed(doubted, member=member)]}
    assert seen == {"bank", "fund", "park", "arbiter"}
    curate.merge(doubted, "shared:c1", "lab:x1", "arbiter", "One firm.")
    assert {member for member in parties if listed(doubted, member=member)} == seen
    assert listed(doubted, member="fund")[0].dispute_id == dispute.dispute_id


def test_a_second_exclusion_touches_nothing_made_after_the_first(doubted: Store) -> None:
    one, two = disputed(doubted, member="fund"), disputed(doubted, member="fund", author="bank")

    def decided(name: str, as_of: date) -> Decision:
        mark = doubted.watermark()
        return Decision(name, RULED, company(doubted), as_of, "bank", "research", (), mark, "", (), {})

    doubted.record_decisions([decided("before", THAT_DAY)])
    ruled(doubted, one)
    doubted.record_decisions([decided("without-it", THAT_DAY), decided("as-of-the-day-before", DAY_BEFORE)])
    assert {made.decision_id for made in ruled(doubted, two)} == {"before", "as-of-the-day-before"}


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"company": "nobody"}, NotFound, "no company 'nobody'"),
        ({"signal": "luck"}, NotFound, "Use one of"),
        ({"signal": "market_signal"}, InvalidInput, "of sectors"),
        ({"signal": "headcount"}, NotFound, "none at all"),
        ({"key": "2018-Q1"}, NotFound, "'2019-Q1', '2019-Q2'"),
        ({"key": None}, NotFound, "'2019-Q1', '2019-Q2'"),
        ({"member": "nobody"}, NotFound, "bank 1:1, fund 2:1, park 3:1"),
        ({"claim": (1, 2)}, NotFound, "bank 1:1"),
        ({"claim": (1, 1), "member": "bank"}, InvalidInput, "Name one"),
        ({"field": "luck"}, InvalidInput, "monthly_burn"),
        ({"evidence": " "}, InvalidInput, "No evidence"),
        ({"author": ""}, InvalidInput, "No author"),
    ],
)
def test_what_cannot_be_disputed(
    doubted: Store, given: dict[str, Any], error: type[AllianceError], said: str,
    everything: Callable[[Store], Any],
) -> None:  # fmt: skip
    before = everything(doubted)
    with pytest.raises(error) as caught:
        disputed(doubted, **given)
    assert said in str(caught.value)
    assert everything(doubted) == before


def test_the_only_fact_of_a_signal_needs_no_key(doubted: Store) -> None:
    assert disputed(doubted, company="shared:c2", key=None).key == "2019-Q1"


def test_what_is_said_already(doubted: Store) -> None:
    dispute = disputed(doubted, member="fund")
    with pytest.raises(Conflict, match=f"already: {dispute.dispute_id}"):
        disputed(doubted, claim=(2, 1))
    ruled(doubted, dispute)
    with pytest.raises(Conflict, match="excluded already"):
        disputed(doubted, member="fund", author="bank")
    ruled(doubted, disputed(doubted))
    with pytest.raises(Conflict, match="excluded already"):
        disputed(doubted, author="bank")
    kept = disputed(doubted, key="2019-Q2")
    ruled(doubted, kept, excluded=False)
    assert disputed(doubted, key="2019-Q2").dispute_id != kept.dispute_id


def test_what_cannot_be_ruled(doubted: Store, everything: Callable[[Store], Any]) -> None:
    dispute = disputed(doubted)
    with pytest.raises(NotFound, match="no dispute 'dis_0'"):
        rule(doubted, "dis_0", excluded=True, author="arbiter", reason="So.")
    with pytest.raises(InvalidInput, match="No reason"):
        rule(doubted, dispute.dispute_id, excluded=True, author="arbiter", reason=" ")
    ruled(doubted, dispute)
    before = everything(doubted)
    with pytest.raises(Conflict, match="decided by arbiter: excluded"):
        rule(doubted, dispute.dispute_id, excluded=False, author="fund", reason="No.")
    assert everything(doubted) == before
