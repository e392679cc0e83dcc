"""The decision on rights: equal to its definition on ten thousand sets of grants; a table of what each word does."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alliance.errors import InvalidInput, Refused
from alliance.rights import (
    EVERYBODY,
    Access,
    AccessRequest,
    Consent,
    Disclosure,
    Grant,
    Reason,
    Receiver,
    ReceiverKind,
    Right,
    RightsState,
    Scope,
    decide,
)
from alliance.signals import signal_named

MANY = settings(max_examples=5_000, deadline=None, suppress_health_check=list(HealthCheck))
SOME = settings(max_examples=2_500, deadline=None, suppress_health_check=list(HealthCheck))


def rungs(access: Access, giver: str, signal: str, company: str) -> tuple[Disclosure, ...]:
    terms = access.terms(giver, signal, company)
    return (Disclosure.NONE,) * len(signal_named(signal).fields) if terms is None else terms.rungs


@MANY
@given(data=st.data())
def test_every_cell_is_as_defined_and_no_cell_is_open_by_default(world: Any, data: st.DataObject) -> None:
    case = data.draw(world.cases)
    state, request, at = case.state, case.request, case.at
    access = decide(state, request, at)
    for giver, signal, company in world.cells:
        found = rungs(access, giver, signal, company)
        expected = world.rungs(case, (giver, signal, company))
        assert list(found) == list(expected.values()), (giver, signal, company)
        terms = access.terms(giver, signal, company)
        for rung, grants in zip(found, () if terms is None else terms.grants, strict=terms is not None):
            assert bool(grants) == (rung > Disclosure.NONE)
            assert giver == request.member or set(grants) <= set(access.grants)


@SOME
@given(data=st.data())
def test_it_does_not_depend_on_order_and_holds_until_it_says(world: Any, data: st.DataObject) -> None:
    case = data.draw(world.cases)
    state, request, at = case.state, case.request, case.at
    access = decide(state, request, at)
    random = Random(len(state.grants))
    shuffled = replace(
        state,
        grants=random.sample(state.grants, len(state.grants)),
        consents=random.sample(state.consents, len(state.consents)),
        members=dict(reversed(state.members.items())),
    )
    assert decide(shuffled, request, at) == access
    if access.until is None or case.later < access.until:
        assert decide(state, request, case.later) == access
    assert access.until is None or at < access.until


@SOME
@given(data=st.data())
def test_a_revoked_grant_is_as_if_never_given_and_one_more_never_takes_away(world: Any, data: st.DataObject) -> None:
    case = data.draw(world.cases)
    state, request, at = case.state, case.request, case.at
    if not state.grants:
        return
    without = decide(replace(state, grants=state.grants[1:]), request, at)
    revoked = (replace(state.grants[0], revoked_at=at), *state.grants[1:])
    again, with_it = decide(replace(state, grants=revoked), request, at), decide(state, request, at)
    assert again.clauses == without.clauses
    assert again.grants == without.grants
    for cell in world.cells:
        less, more = rungs(without, *cell), rungs(with_it, *cell)
        assert all(one <= other for one, other in zip(less, more, strict=True))


SCORES, USE = Right.SCORES, Right.USE
RAW, SCORE_ONLY, NONE = Disclosure.RAW, Disclosure.SCORE_ONLY, Disclosure.NONE
BANK = Receiver(ReceiverKind.MEMBER, "bank")
ABROAD = Receiver(ReceiverKind.MEMBER, "abroad")

# What is asked of one grant (fund to bank, company_profile.sector, to use, for loans, days 1 to 3), and what it gives.
TABLE = [
    ({"right": USE}, {"rights": (USE,)}, RAW),
    ({"right": SCORES}, {"rights": (USE,)}, RAW),
    ({"right": SCORES}, {"rights": (SCORES,)}, SCORE_ONLY),
    ({"right": USE}, {"rights": (SCORES,)}, NONE),
    ({"right": Right.HOLD}, {"rights": (USE,)}, NONE),
    ({"right": USE}, {"rights": (Right.HOLD,)}, NONE),
    ({"right": Right.OPERATE}, {"rights": (USE, Right.HOLD)}, NONE),
    ({"right": Right.OPERATE}, {"rights": (Right.OPERATE,)}, RAW),
    ({"right": SCORES}, {"rights": (Right.OPERATE, Right.HOLD)}, NONE),
    ({"purpose": "model_training"}, {}, NONE),
    ({"purpose": "model_training"}, {"purposes": ("model_training", "loan_origination")}, RAW),
    ({"day": 0}, {}, NONE),
    ({"day": 1}, {}, RAW),
    ({"day": 2.999}, {}, RAW),
    ({"day": 3}, {}, NONE),
    ({"day": 3}, {"valid_until": None}, RAW),
    ({"day": 0}, {"valid_from": None}, RAW),
    ({"member": "stranger"}, {"receiver": EVERYBODY}, NONE),
    ({"member": "vendor"}, {"receiver": EVERYBODY}, RAW),
    ({"member": "vendor"}, {}, NONE),
    ({}, {"receiver": Receiver(ReceiverKind.ROLE, "bank")}, RAW),
    ({}, {"receiver": Receiver(ReceiverKind.ROLE, "investor")}, NONE),
    ({"member": "abroad"}, {"receiver": ABROAD}, NONE),
    ({"member": "abroad"}, {"receiver": ABROAD, "legal_basis": "contract 7"}, NONE),
    ({"member": "abroad"}, {"receiver": ABROAD, "jurisdiction": "SG"}, NONE),
    ({"member": "abroad"}, {"receiver": ABROAD, "jurisdiction": "SG", "legal_basis": "contract 7"}, RAW),
    ({}, {"jurisdiction": "SG", "legal_basis": "contract 7"}, NONE),
    ({}, {"companies": ("co_1", "co_2")}, RAW),
    ({"company": "co_3"}, {"companies": ("co_1", "co_2")}, NONE),
    ({"company": "co_1b"}, {"companies": ("co_1",)}, RAW),
    ({}, {"companies": Scope.CONSENTED}, NONE),
    ({"company": "co_2"}, {"companies": Scope.CONSENTED}, RAW),
    ({}, {"fields": ("company_profile.city",)}, NONE),
    ({}, {"fields": ("company_profile",)}, RAW),
    ({}, {"fields": ("*",)}, RAW),
    ({"field": "observed_on"}, {}, RAW),  # comes along
    ({}, {"disclosure": Disclosure.BANDED}, Disclosure.BANDED),
    ({}, {"disclosure": NONE}, NONE),
    ({"signal": "cash_position", "field": "cash"}, {"fields": ("*",)}, NONE),  # needs consent
    ({"signal": "cash_position", "field": "cash", "company": "co_2"}, {"fields": ("*",)}, RAW),
    ({"signal": "market_signal", "field": "deals", "day": 0},
     {"fields": ("*",), "companies": ("co_3",), "valid_from": None}, RAW),
    ({"signal": "market_signal", "field": "deals"}, {"fields": ("*",)}, NONE),  # lapsed under the charter
]  # fmt: skip


@pytest.mark.parametrize(("asked", "given_", "found"), TABLE)
def test_what_each_word_of_a_grant_does(
    world: Any, asked: dict[str, Any], given_: dict[str, Any], found: Disclosure
) -> None:
    usual = {
        "giver": "fund", "receiver": BANK, "fields": ("company_profile.sector",), "purposes": ("loan_origination",),
        "valid_from": world.days[1], "valid_until": world.days[3],
    }  # fmt: skip
    consent = Consent(company_id="co_2", evidence="signed")
    state = RightsState(
        rules=world.rules, members=world.members, grants=(Grant(**usual | given_),), consents=(consent,),
        alike={"co_1": ("co_1b",)},
    )  # fmt: skip
    at: datetime = world.days[0] + timedelta(days=10 * asked.get("day", 1))
    request = AccessRequest(
        asked.get("member", "bank"), asked.get("purpose", "loan_origination"), asked.get("right", Right.USE)
    )
    signal, field = asked.get("signal", "company_profile"), asked.get("field", "sector")
    cell = rungs(decide(state, request, at), "fund", signal, asked.get("company", "co_1"))
    assert cell[list(signal_named(signal).schema).index(field)] is found


def test_without_a_grant_nothing_may_be_read_but_ones_own(world: Any) -> None:
    state = RightsState(rules=world.rules, members=world.members)
    access = decide(state, AccessRequest("bank", "loan_origination"), world.days[0])
    assert not access.anything
    with pytest.raises(Refused, match=r"bank.*loan_origination.*no_grant"):
        access.require()
    giving = replace(state, given={"bank": {"facility": world.days[0]}})
    access = decide(giving, AccessRequest("bank", "loan_origination"), world.days[0])
    access.require()
    assert access.grants == ("own",)
    assert access.terms("fund", "facility", "co_1") is None


def test_a_refusal_says_which_grant_does_not_help_and_why(world: Any) -> None:
    given_ = {"giver": "fund", "receiver": BANK, "fields": ("*",), "purposes": ("loan_origination",)}
    grants = (
        Grant(**given_, grant_id="a", revoked_at=world.days[0]),
        Grant(**given_, grant_id="b", valid_from=world.days[3]),
        Grant(**given_, grant_id="c", valid_until=world.days[0]),
        Grant(**given_ | {"purposes": ("model_training",)}, grant_id="d"),
        Grant(**given_, grant_id="e", rights=(Right.HOLD,)),
        Grant(**given_, grant_id="f", jurisdiction="SG"),
        Grant(**given_ | {"fields": ("financing_event",)}, grant_id="g"),
        Grant(**given_ | {"fields": ("cash_position",)}, grant_id="h"),
    )
    state = RightsState(rules=world.rules, members=world.members, grants=grants)
    access = decide(state, AccessRequest("bank", "loan_origination"), world.days[1])
    assert {one.grant_id: one.reason for one in access.refusals} == {
        "a": Reason.REVOKED, "b": Reason.NOT_YET, "c": Reason.EXPIRED, "d": Reason.PURPOSE, "e": Reason.RIGHT,
        "f": Reason.BORDER, "g": Reason.LAPSED, "h": Reason.NO_CONSENT,
    }  # fmt: skip


def test_giving_again_restores_what_was_lost(world: Any) -> None:
    grant = Grant(giver="fund", receiver=BANK, fields=("financing_event",), purposes=("loan_origination",))
    state = RightsState(rules=world.rules, members=world.members, grants=(grant,))
    request = AccessRequest("bank", "loan_origination")
    registered = world.members["bank"].registered_at
    lapses = registered + timedelta(days=25)
    assert decide(state, request, lapses - timedelta(microseconds=1)).anything
    assert decide(state, request, lapses - timedelta(microseconds=1)).until == lapses
    assert not decide(state, request, lapses).anything
    again = replace(state, given={"bank": {"credit_event": lapses}})
    assert decide(again, request, lapses).terms("fund", "financing_event", "co_1") is not None


def test_a_purpose_is_one_of_the_list(world: Any) -> None:
    with pytest.raises(InvalidInput, match="curiosity") as caught:
        decide(RightsState(rules=world.rules), AccessRequest("bank", "curiosity"), world.days[0])
    assert caught.value.where == {"field": "purpose"}
    assert "loan_origination" in caught.value.remedy
