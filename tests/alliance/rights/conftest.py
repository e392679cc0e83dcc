"""A small world of rights: members, grants and consents of every kind, and the rule of access said in plain Python."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import strategies as st

from alliance.rights import (
    EVERYBODY,
    AccessRequest,
    Consent,
    Disclosure,
    Duty,
    Grant,
    Member,
    Receiver,
    ReceiverKind,
    Right,
    RightsState,
    Rules,
    Scope,
)
from alliance.signals import Subject, signal_named

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = [START + timedelta(days=days) for days in (0, 10, 20, 30, 40)]
MOMENTS = [moment + timedelta(microseconds=shift) for moment in DAYS for shift in (-1, 0)]
PURPOSES = ("loan_origination", "model_training")
SIGNALS = ("cash_position", "company_profile", "financing_event", "market_signal")
COMPANIES = ("co_1", "co_2", "co_3")
ALIKE = {"co_1": ("co_1b",), "co_1b": ("co_1",)}
MEMBERS = (
    Member("bank", "bank", "CN", START - timedelta(days=15)),
    Member("fund", "investor", "CN", START),
    Member("vendor", "data_vendor", "CN", START),
    Member("abroad", "bank", "SG", START),
)
RULES = Rules(
    purposes={"loan_origination": ("贷款审批", "loan origination"), "model_training": ("模型训练", "model training")},
    consent_required=frozenset({"cash_position"}),
    k=5,
    probes=20,
    home="CN",
    charter=(
        Duty("bank", ("facility", "credit_event"), 25, ("financing_event", "market_signal"), "charter, 1"),
        Duty("bank", ("repayment_status",), 60, ("cash_position",), "charter, 2"),
    ),
)
PATTERNS = (
    "*",
    "cash_position",
    "cash_position.cash",
    "company_profile.sector",
    "financing_event.kind",
    "market_signal",
)


BANK = Receiver(ReceiverKind.MEMBER, "bank")


def _grant(random: Random, place: int) -> Grant:
    """A grant of any kind; each of its words more often lets something through than not."""
    since, until = sorted(random.sample(range(len(DAYS)), 2))
    receivers = (
        EVERYBODY,
        EVERYBODY,
        Receiver(ReceiverKind.ROLE, "bank"),
        BANK,
        Receiver(ReceiverKind.MEMBER, "abroad"),
    )
    return Grant(
        grant_id=f"g{place}",
        no=random.randint(1, 3),
        giver=random.choice(["fund", "fund", "vendor", "bank", "abroad"]),
        receiver=random.choice(receivers),
        fields=tuple(random.sample(PATTERNS, random.randint(1, 2))),
        purposes=random.choice([PURPOSES] * 4 + [PURPOSES[:1], PURPOSES[1:]]),
        rights=random.choice([tuple(Right)] * 3 + [(Right.USE,), (Right.SCORES,), (Right.SCORES, Right.HOLD)]),
        disclosure=random.choice([*Disclosure, *list(Disclosure)[1:]]),
        companies=random.choice([Scope.ALL, Scope.ALL, Scope.CONSENTED, ("co_1",), ("co_2", "co_3")]),
        valid_from=random.choice([None] * 5 + [DAYS[since]]),
        valid_until=random.choice([None] * 5 + [DAYS[until]]),
        jurisdiction=random.choice([""] * 6 + ["CN", "SG"]),
        legal_basis=random.choice(["", "standard contract 7"]),
        revoked_at=random.choice([None] * 11 + [DAYS[0]]),
    )


def _consent(random: Random) -> Consent:
    return Consent(
        company_id=random.choice(COMPANIES),
        evidence="signed",
        signals=random.choice([("*",), ("cash_position",), ("company_profile", "financing_event")]),
        purposes=random.choice([("*",), PURPOSES[:1]]),
        valid_from=random.choice([None, None, DAYS[1]]),
        valid_until=random.choice([None, None, DAYS[3]]),
        withdrawn_at=random.choice([None, None, None, DAYS[0]]),
    )


@dataclass(frozen=True)
class Case:
    """A state, what is asked of it when, and a later moment."""

    state: RightsState
    request: AccessRequest
    at: datetime
    later: datetime


def _case(seed: int) -> Case:
    """A case by chance; small seeds make small ones."""
    random = Random(seed)
    given = {
        giver: {random.choice(["facility", "credit_event", "repayment_status"]): random.choice(DAYS)}
        for giver in random.sample(["bank", "abroad", "fund"], random.randint(0, 2))
    }
    state = RightsState(
        rules=RULES,
        members={one.member_id: one for one in MEMBERS},
        grants=tuple(_grant(random, place) for place in range(min(seed, random.randint(0, 8)))),
        consents=tuple(_consent(random) for _ in range(min(seed, random.randint(0, 3)))),
        given=given,
        alike=ALIKE,
    )
    member = random.choice(["bank"] * 7 + ["abroad", "fund", "stranger"])
    request = AccessRequest(member, random.choice(PURPOSES), random.choice([*Right, *[Right.USE, Right.SCORES] * 3]))
    at, later = sorted([random.choice(MOMENTS), random.choice(MOMENTS)])
    return Case(state, request, at, later)


CASES = st.integers(0, 2**48).map(_case)


def rungs_by_definition(case: Case, where: tuple[str, str, str], *, brought: bool = True) -> dict[str, Disclosure]:
    """How much of each value may be seen, grant by grant and condition by condition.

    Args:
        where: giver, signal and company.
        brought: whether a grant of a field brings key and event along.
    """
    giver, signal, company = where
    fields = list(signal_named(signal).schema)
    if giver == case.request.member:
        return dict.fromkeys(fields, Disclosure.RAW)
    best = dict.fromkeys(fields, Disclosure.NONE)
    for grant in case.state.grants:
        if grant.giver != giver or not _applies(case, grant, signal, company):
            continue
        rung = grant.disclosure
        if case.request.right == "scores" and "use" not in grant.rights and rung > Disclosure.SCORE_ONLY:
            rung = Disclosure.SCORE_ONLY
        for field in fields:
            covers = any(pattern in ("*", signal, f"{signal}.{field}") for pattern in grant.fields)
            if brought and field in signal_named(signal).settled:
                covers = covers or any(pattern.startswith(f"{signal}.") for pattern in grant.fields)
            if covers:
                best[field] = max(best[field], rung)
    return best


def _applies(case: Case, grant: Grant, signal: str, company: str) -> bool:
    state, request, at = case.state, case.request, case.at
    if request.member not in state.members:
        return False
    receiver, giver = state.members[request.member], state.members[grant.giver]
    named = {"all": "", "role": receiver.role, "member": receiver.member_id}[grant.receiver.kind]
    place = grant.jurisdiction if grant.jurisdiction else giver.jurisdiction
    conditions = (
        grant.receiver.name == named,
        grant.revoked_at is None,
        grant.valid_from is None or at >= grant.valid_from,
        grant.valid_until is None or at < grant.valid_until,
        request.purpose in grant.purposes,
        request.right in grant.rights or (request.right == "scores" and "use" in grant.rights),
        receiver.jurisdiction == place,
        receiver.jurisdiction == giver.jurisdiction or grant.legal_basis != "",
        not any(_lost(case, duty, receiver, signal) for duty in state.rules.charter),
        signal_named(signal).subject is Subject.SECTOR or _may_tell_of(case, grant, signal, company),
    )
    return all(conditions)


def _lost(case: Case, duty: Duty, member: Member, signal: str) -> bool:
    if duty.role != member.role or signal not in duty.gets:
        return False
    given = case.state.given.get(member.member_id, {})
    days = [member.registered_at, *(day for one, day in given.items() if one in duty.gives)]
    return all(case.at - day >= timedelta(days=duty.every_days) for day in days)


def _may_tell_of(case: Case, grant: Grant, signal: str, company: str) -> bool:
    consented = any(_consents(case, one, signal, company) for one in case.state.consents)
    if signal in case.state.rules.consent_required and not consented:
        return False
    if isinstance(grant.companies, Scope):
        return grant.companies is Scope.ALL or consented
    return any(_same(case, one, company) for one in grant.companies)


def _consents(case: Case, one: Consent, signal: str, company: str) -> bool:
    return (
        _same(case, one.company_id, company)
        and one.withdrawn_at is None
        and (one.valid_from is None or case.at >= one.valid_from)
        and (one.valid_until is None or case.at < one.valid_until)
        and ("*" in one.signals or signal in one.signals)
        and ("*" in one.purposes or case.request.purpose in one.purposes)
    )


def _same(case: Case, one: str, other: str) -> bool:
    return one == other or other in case.state.alike.get(one, ())


CELLS = [
    (one.member_id, signal, company)
    for one in MEMBERS for signal in SIGNALS for company in (*COMPANIES, "co_1b")
]  # fmt: skip


@dataclass(frozen=True)
class SmallWorld:
    """What the tests of rights share.

    Attributes:
        cases: a strategy.
        cells: every giver, signal and company.
        rungs: how much of each value may be seen, by definition.
    """

    rules: Rules
    members: Mapping[str, Member]
    days: Sequence[datetime]
    companies: Sequence[str]
    cases: st.SearchStrategy[Case]
    cells: Sequence[tuple[str, str, str]]
    rungs: Callable[..., dict[str, Disclosure]]


@pytest.fixture(scope="session")
def world() -> SmallWorld:
    members = {one.member_id: one for one in MEMBERS}
    companies = (*COMPANIES, "co_1b")
    return SmallWorld(RULES, members, DAYS, companies, CASES, CELLS, rungs_by_definition)
