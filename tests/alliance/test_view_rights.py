"""Rights on the read path, through files and both databases: what is read, masked, refused and recorded, and when."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from alliance import disputes, grants
from alliance.contracts import Contract
from alliance.corroboration import FactEvidence, Standing
from alliance.errors import Refused
from alliance.identity import curate
from alliance.inline import inline_claims
from alliance.intake import submit
from alliance.policy import Policy, shipped_rules
from alliance.rights import (
    EVERYBODY,
    AccessRequest,
    Consent,
    Disclosure,
    Duty,
    Grant,
    Reason,
    Receiver,
    ReceiverKind,
    Right,
    Scope,
)
from alliance.store import Store
from alliance.view import View

NOW = datetime(2020, 1, 1, 12, tzinfo=UTC)
AS_OF = date(2019, 12, 31)
LOANS, SCORES = ("loan_origination",), AccessRequest("bank", "loan_origination", Right.SCORES)
USE = AccessRequest("bank", "loan_origination")
CASH, PROFILE = "cash_position", "company_profile"


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(store: Store) -> Clock:
    """Sets the time of the store, in which no charter holds."""
    set_to = Clock()
    store.clock = set_to
    store.policy = Policy(20, "a test", replace(shipped_rules(), charter=()))
    return set_to


@pytest.fixture
def told(
    store: Store, clock: Clock, contract: Callable[..., Contract], member_file: Callable[..., Path]
) -> Callable[..., None]:
    """Submits what a member tells of companies: client, day, cash, burn and city."""

    def tell(member: str, *lines: str, role: str = "investor") -> None:
        made = contract(
            {"signal": CASH, "observed_on": "day", "cash": "cash", "monthly_burn": "burn"},
            {"signal": PROFILE, "observed_on": "day", "city": "city", "sector": "sector"},
            id=f"{member}-{len(lines)}", member=member, memberRole=role, knowledge={"lagDays": 0},
            companyId={"namespace": "shared", "column": "client"},
        )  # fmt: skip
        submit(store, made, member_file("client,day,cash,burn,city,sector", *lines), now=clock.now)

    return tell


@pytest.fixture
def alliance(store: Store, told: Callable[..., None]) -> Store:
    """Two funds and a bank tell of c1, the funds of c2 as well; nobody has granted anything."""
    told("fund", "c1,2019-03-31,4960064,70000,上海,software", "c2,2019-03-31,8000000,70000,北京,software")
    told("other", "c1,2019-03-31,5100000,70000,上海,software", "c2,2019-06-30,9000000,70000,北京,software")
    told("bank", "c1,2019-06-30,3000000,70000,上海,software", role="bank")
    return store


def company(store: Store, reference: str = "shared:c1") -> str:
    return store.company(reference).company_id


def given(store: Store, giver: str = "fund", *fields: str, **words: Any) -> Grant:
    """A grant of a fund to all, unless said otherwise."""
    usual = {"receiver": EVERYBODY, "purposes": LOANS, "fields": fields or ("*",)}
    [made] = grants.give(store, [Grant(giver=giver, **usual | words)], author=giver)
    return made


def cash(store: Store, request: AccessRequest = SCORES, reference: str = "shared:c1", **more: Any) -> list[Any]:
    """Cash by quarter, as one reads it."""
    facts = View(store, request).facts([company(store, reference)], AS_OF, **more)
    return facts.frames[CASH].sort("key").select("key", "cash").rows()


OWN = [("2019-Q2", 3_000_000)]
BOTH = [("2019-Q1", 4_960_064), *OWN]


def test_nothing_is_read_by_default_but_ones_own(alliance: Store) -> None:
    assert cash(alliance) == cash(alliance, USE) == OWN
    for request in (AccessRequest("other", "research"), AccessRequest("stranger", "research")):
        view = View(alliance, request)
        if request.member == "other":
            assert view.history().claims.frames[CASH]["member"].unique().to_list() == ["other"]
            continue
        for read in (lambda v=view: v.facts([company(alliance)], AS_OF), view.history,
                     lambda v=view: v.evidence([company(alliance)], AS_OF)):  # fmt: skip
            with pytest.raises(Refused, match="not_a_member"):
                read()
    refused = alliance.refusals()
    assert [(one.member, one.purpose, one.companies) for one in refused] == [
        ("stranger", "research", 1), ("stranger", "research", None), ("stranger", "research", 1),
    ]  # fmt: skip
    assert all(one.reasons == (Reason.NOT_A_MEMBER,) and one.refused_at == NOW for one in refused)


def test_records_of_ones_own_may_be_scored_without_any_grant(alliance: Store) -> None:
    one = company(alliance)
    fields = {"observed_on": "2019-09-30", "cash": 7, "monthly_burn": 1}
    own = inline_claims(
        [{"signal": CASH, "fields": fields}], subject=one, member="new", as_of=AS_OF, watermark=alliance.watermark()
    )
    facts = View(alliance, AccessRequest("new", "loan_origination", Right.SCORES)).facts([one], AS_OF, inline=own)
    assert facts.frames[CASH].select("key", "cash").rows() == [("2019-Q3", 7)]
    assert not alliance.refusals()


def test_a_revocation_counts_from_the_next_read_on_in_every_process(alliance: Store) -> None:
    grant = given(alliance)
    view, elsewhere = View(alliance, SCORES), Store(alliance.engine.url.render_as_string(False), clock=alliance.clock)
    mark = alliance.watermark()
    assert cash(alliance) == cash(elsewhere) == BOTH
    assert view.facts([company(alliance)], AS_OF).frames[CASH].height == 2
    grants.revoke(elsewhere, grant.grant_id, author="fund", reason="We fell out.")
    assert cash(alliance) == cash(elsewhere) == OWN
    assert view.facts([company(alliance)], AS_OF).frames[CASH].height == 1, "a view does not outlive it"
    assert cash(alliance, watermark=mark) == OWN, "nor does what was read before come back by a replay"
    assert View(alliance, SCORES).access.grants == ("own",)
    elsewhere.close()


def test_a_grant_begins_and_ends_by_the_stores_clock(alliance: Store, clock: Clock) -> None:
    given(alliance, valid_from=NOW + timedelta(days=1), valid_until=NOW + timedelta(days=2))
    found = []
    for hours in (0, 24, 47.999, 48):
        clock.now = NOW + timedelta(hours=hours)
        found.append(cash(alliance))
    assert found == [OWN, BOTH, BOTH, OWN]


def test_scores_rest_on_what_their_receiver_may_not_see(alliance: Store) -> None:
    shown = given(alliance, "fund", f"{PROFILE}.city")
    hidden = given(alliance, "fund", CASH, rights=(Right.SCORES,))
    assert cash(alliance) == BOTH
    assert cash(alliance, USE) == OWN
    [one] = [company(alliance)]
    view = View(alliance, SCORES)
    facts = view.facts([one], AS_OF)
    assert view.access.grants == ("own", shown.grant_id, hidden.grant_id)
    held = facts.rungs[one]
    assert set(held) == {f"{CASH}.observed_on", f"{CASH}.cash", f"{CASH}.monthly_burn"}
    assert {(of.rung, of.grants) for of in held.values()} == {(Disclosure.SCORE_ONLY, (hidden.grant_id,))}
    assert not View(alliance, USE).facts([one], AS_OF).rungs


def test_history_and_bulk_read_what_one_by_one_reads(alliance: Store) -> None:
    given(alliance, "fund", f"{CASH}.cash", disclosure=Disclosure.BANDED)
    given(alliance, "other", PROFILE, companies=(company(alliance, "shared:c2"),))
    companies = alliance.company_ids()
    for request in (SCORES, USE):
        view = View(alliance, request)
        history, bulk = view.history().facts(AS_OF), view.facts(companies, AS_OF)
        assert {one: dict(of) for one, of in history.rungs.items()} == {one: dict(of) for one, of in bulk.rungs.items()}
        for name, frame in bulk.frames.items():
            assert_frame_equal(history.frames[name], frame)
            for one in companies:
                alone = view.facts([one], AS_OF).frames[name]
                assert_frame_equal(frame.filter(pl.col("subject_id") == one), alone)
    assert cash(alliance, reference="shared:c2") == [("2019-Q1", 8_000_000)]
    facts = View(alliance, SCORES).facts(companies, AS_OF)
    assert facts.frames[CASH]["monthly_burn"].drop_nulls().len() == 1, "only one's own burn"


def test_consent_opens_one_company_and_its_withdrawal_closes_it(alliance: Store) -> None:
    given(alliance, companies=Scope.CONSENTED)
    assert cash(alliance) == OWN
    said = Consent(company_id="shared:c1", evidence="Signed form 7.", signals=(CASH,))
    consent = grants.consent(alliance, said, author="fund")
    assert consent.company_id == company(alliance)
    assert cash(alliance) == BOTH
    assert cash(alliance, reference="shared:c2") == []
    assert View(alliance, SCORES).facts([company(alliance)], AS_OF).frames[PROFILE]["members"].to_list() == [1]
    grants.withdraw(alliance, consent.consent_id, author="fund", reason="The firm changed its mind.")
    assert cash(alliance) == OWN


def test_a_signal_may_need_consent_whatever_is_granted(alliance: Store) -> None:
    rules = replace(alliance.policy.rights, consent_required=frozenset({CASH}))
    strict = Store(alliance.engine.url.render_as_string(False), policy=Policy(20, "a test", rules))
    given(strict)
    assert cash(strict) == OWN
    grants.consent(strict, Consent(company_id="shared:c1", evidence="Signed."), author="fund")
    assert cash(strict) == BOTH
    strict.close()


def test_consent_and_lists_follow_merges(alliance: Store) -> None:
    given(alliance, "fund", companies=("shared:c2",))
    assert cash(alliance) == OWN
    curate.merge(alliance, "shared:c2", "shared:c1", "arbiter", "One firm.")
    merged = company(alliance)
    assert company(alliance, "shared:c2") == merged
    assert [key for key, _ in cash(alliance)] == ["2019-Q1", "2019-Q2"]
    curate.split(alliance, "shared:c2", "arbiter", "No.")
    assert cash(alliance) == OWN


def test_no_foreign_receiver_without_a_legal_basis(alliance: Store) -> None:
    grants.register(alliance, "abroad", "bank", "SG", author="operator")
    given(alliance)
    request = AccessRequest("abroad", "loan_origination", Right.SCORES)
    with pytest.raises(Refused, match="border"):
        cash(alliance, request)
    [logged] = alliance.refusals()
    assert (logged.member, logged.reasons, len(logged.grants)) == ("abroad", (Reason.BORDER,), 1)
    given(alliance, jurisdiction="SG", legal_basis="Standard contract filed as 2024-17.")
    assert cash(alliance, request) == BOTH[:1]
    assert len(alliance.refusals()) == 2, "the other grant is still refused, and that is kept as well"
    assert cash(alliance) == BOTH, "at home the first one holds"


def test_who_stops_giving_loses_the_reads_that_go_with_it(
    alliance: Store, told: Callable[..., None], clock: Clock
) -> None:
    duty = Duty("bank", (CASH,), 90, (CASH,), "a test")
    alliance.policy = Policy(20, "a test", replace(alliance.policy.rights, charter=(duty,)))
    given(alliance)
    assert cash(alliance) == BOTH
    clock.now = NOW + timedelta(days=90)
    assert cash(alliance) == OWN
    told("bank", "c1,2019-06-30,3000000,70001,上海,software", role="bank")
    assert cash(alliance) == BOTH


RAW_CASH = 4_960_064


def evidence(store: Store, request: AccessRequest = SCORES) -> dict[tuple[str, str], FactEvidence]:
    found = View(store, request).evidence([company(store)], AS_OF)
    return {(fact.signal, fact.key): fact for fact in found}


def test_evidence_shows_of_each_value_what_its_rung_allows(alliance: Store) -> None:
    banded = given(alliance, "fund", CASH, disclosure=Disclosure.BANDED)
    hidden = given(alliance, "other", CASH, disclosure=Disclosure.SCORE_ONLY)
    facts = evidence(alliance)
    [withheld] = [fact for (signal, key), fact in facts.items() if signal == CASH and key == ""]
    assert (withheld.event_at, withheld.known_at, withheld.agreement, withheld.members) == (None, None, None, 2)
    field = {one.field: one for one in withheld.fields}["cash"]
    assert (field.value, field.rung, field.grants) == (None, Disclosure.SCORE_ONLY, (hidden.grant_id,))
    assert (field.agreement, field.contested) == (None, None)
    assert {(one.value, one.rung, one.grants) for one in field.said} == {
        ("2,000,000 – 5,000,000", Disclosure.BANDED, (banded.grant_id,)),
        (None, Disclosure.SCORE_ONLY, (hidden.grant_id,)),
    }
    for said in field.said:
        assert (said.member, said.standing, said.weight) == ("a member", Standing.WITHHELD, None)
        assert (said.event_at, said.known_at, said.submission_no, said.row) == (None, None, None, None)
    own = {one.field: one for one in facts[CASH, "2019-Q2"].fields}["cash"]
    assert (own.value, own.rung, [one.member for one in own.said]) == (3_000_000, Disclosure.RAW, ["bank"])


def test_a_value_is_seen_as_far_as_the_most_guarded_claim_of_it(alliance: Store) -> None:
    given(alliance, "fund", CASH)
    given(alliance, "other", CASH, disclosure=Disclosure.BANDED)
    fact = evidence(alliance)[CASH, "2019-Q1"]
    field = {one.field: one for one in fact.fields}["cash"]
    assert (field.value, field.rung) == ("5,000,000 – 10,000,000", Disclosure.BANDED)
    assert [(one.member, one.value, one.standing) for one in sorted(field.said, key=lambda one: one.rung)] == [
        ("a member", "5,000,000 – 10,000,000", Standing.WITHHELD), ("fund", RAW_CASH, Standing.WITHHELD),
    ]  # fmt: skip


def test_what_is_excluded_is_no_more_seen_than_before(alliance: Store) -> None:
    given(alliance, "fund", CASH, disclosure=Disclosure.SCORE_ONLY)
    objection = disputes.Objection(
        company="shared:c1", signal=CASH, key="2019-Q1", member="fund", evidence="Wrong.", author="bank"
    )
    made = disputes.raise_dispute(alliance, objection, due_days=20, now=NOW - timedelta(days=2))
    disputes.rule(alliance, made.dispute_id, excluded=True, author="x", reason="So.", now=NOW - timedelta(days=1))
    told = View(alliance, SCORES).evidence([company(alliance)], AS_OF)
    excluded = [said for fact in told for field in fact.fields for said in field.said
                if said.standing is Standing.EXCLUDED]  # fmt: skip
    assert excluded and all((one.member, one.value) == ("a member", None) for one in excluded)
    assert str(RAW_CASH) not in repr(told)


@pytest.mark.parametrize("rung", [Disclosure.NONE, Disclosure.SCORE_ONLY, Disclosure.AGGREGATE, Disclosure.BANDED])
def test_no_value_below_raw_leaves_the_read_path(alliance: Store, rung: Disclosure) -> None:
    given(alliance, disclosure=rung)
    told = View(alliance, SCORES).evidence([company(alliance)], AS_OF)
    assert str(RAW_CASH) not in repr(told) and "'fund'" not in repr(told)
    held = View(alliance, USE).history().claims
    assert all("fund" not in frame["member"].to_list() for frame in held.frames.values())
    assert cash(alliance, USE) == OWN


def test_training_reads_what_is_granted_for_training(alliance: Store) -> None:
    given(alliance, "fund", purposes=("model_training",))
    given(alliance, "other", purposes=LOANS)
    reader = AccessRequest("bank", "model_training")
    members = View(alliance, reader).history().claims.frames[CASH]["member"].unique().sort().to_list()
    assert members == ["bank", "fund"]


def test_a_grant_to_a_role_or_a_member_is_for_no_other(alliance: Store) -> None:
    given(alliance, receiver=Receiver(ReceiverKind.ROLE, "investor"))
    assert cash(alliance) == OWN
    reader = AccessRequest("other", "loan_origination", Right.SCORES)
    assert cash(alliance, reader) == [("2019-Q1", (RAW_CASH + 5_100_000) // 2)]
