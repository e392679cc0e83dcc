"""Grants as ODRL documents: what is written reads back the same; what cannot be honoured is refused by its place."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alliance.errors import InvalidInput
from alliance.rights import Disclosure, Grant, Receiver, ReceiverKind, Right, Scope
from alliance.rights.odrl import document_of, grants_of

GRANT = Grant(
    grant_id="grant_1", no=7, giver="fund", receiver=Receiver(ReceiverKind.ROLE, "bank"),
    fields=("cash_position.cash", "funding_round"), purposes=("loan_origination",), rights=(Right.SCORES, Right.HOLD),
    disclosure=Disclosure.BANDED, companies=("co_1",), valid_from=datetime(2026, 1, 1, tzinfo=UTC),
    valid_until=datetime(2027, 1, 1, tzinfo=UTC), jurisdiction="SG", legal_basis="standard contract 7", price="p-1",
)  # fmt: skip

DOCUMENT = {
    "@context": ["http://www.w3.org/ns/odrl.jsonld", {"alliance": "urn:alliance-credit:odrl:"}],
    "@type": "Agreement",
    "uid": "urn:alliance-credit:grant:grant_1",
    "profile": "urn:alliance-credit:odrl",
    "permission": [{
        "uid": "urn:alliance-credit:grant:grant_1",
        "assigner": "urn:alliance-credit:member:fund",
        "assignee": "urn:alliance-credit:role:bank",
        "target": ["urn:alliance-credit:field:cash_position.cash", "urn:alliance-credit:signal:funding_round"],
        "action": ["alliance:hold", "alliance:receiveScores"],
        "constraint": [
            {"leftOperand": "purpose", "operator": "isAnyOf", "rightOperand": ["loan_origination"]},
            {"leftOperand": "alliance:disclosure", "operator": "lteq", "rightOperand": "banded"},
            {"leftOperand": "dateTime", "operator": "gteq",
             "rightOperand": {"@value": "2026-01-01T00:00:00+00:00", "@type": "xsd:dateTime"}},
            {"leftOperand": "dateTime", "operator": "lt",
             "rightOperand": {"@value": "2027-01-01T00:00:00+00:00", "@type": "xsd:dateTime"}},
            {"leftOperand": "spatial", "operator": "eq", "rightOperand": "SG"},
            {"leftOperand": "alliance:company", "operator": "isAnyOf", "rightOperand": ["co_1"]},
        ],
        "alliance:legalBasis": "standard contract 7",
        "alliance:price": "p-1",
    }],
}  # fmt: skip


def ungiven(grant: Grant) -> Grant:
    return replace(grant, grant_id="", no=0, revoked_at=None)


def test_a_grant_as_a_document() -> None:
    assert document_of([GRANT]) == DOCUMENT
    assert grants_of(DOCUMENT) == (ungiven(GRANT),)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_written_reads_back_the_same(world: Any, data: st.DataObject) -> None:
    grants = data.draw(world.cases.filter(lambda case: case.state.grants)).state.grants
    text = orjson.dumps(document_of(grants))
    assert grants_of(orjson.loads(text)) == tuple(map(ungiven, grants))


def test_parties_may_be_named_once_for_all_permissions() -> None:
    shared = deepcopy(DOCUMENT)
    [permission] = shared["permission"]
    parties = {name: permission.pop(name) for name in ("assigner", "assignee")}
    other = deepcopy(permission) | {"target": "urn:alliance-credit:signals", "action": "use"}
    found = grants_of({**shared, **parties, "@type": "Set", "permission": [permission, other]})
    assert [one.fields for one in found] == [GRANT.fields, ("*",)]
    assert {one.receiver for one in found} == {GRANT.receiver}


def permission(change: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    return lambda document: change(document["permission"][0])


def constrained(**constraint: Any) -> Callable[[dict[str, Any]], Any]:
    named = {"leftOperand": "count", "operator": "lteq", "rightOperand": 3} | constraint
    return permission(lambda one: one["constraint"].append(named))


CANNOT = [
    (lambda one: one.update(prohibition=[]), "document.prohibition", "without duties"),
    (lambda one: one.update(obligation=[{}]), "document.obligation", "without duties"),
    (lambda one: one.update(inheritFrom="x"), "document.inheritFrom", "without duties"),
    (lambda one: one.update(colour="red"), "document.colour", "permission"),
    (lambda one: one.update({"@type": "Offer"}), "@type", "Offers"),
    (lambda one: one.update({"@context": "http://www.w3.org/ns/odrl.jsonld"}), "@context", "odrl.jsonld"),
    (lambda one: one.update(profile="urn:other"), "profile", "urn:alliance-credit:odrl"),
    (lambda one: one.update(permission=[]), "permission", "nothing is given"),
    (lambda one: one.pop("permission"), "permission", "nothing is given"),
    (permission(lambda one: one.update(duty=[{}])), "permission[0].duty", "without duties"),
    (permission(lambda one: one.update(assigner="urn:alliance-credit:members")), "permission[0].assigner", "member:ID"),
    (permission(lambda one: one.pop("assignee")), "permission[0].assignee", "text"),
    (permission(lambda one: one.update(assignee="urn:alliance-credit:role:king")), "permission[0]", "bank"),
    (permission(lambda one: one.update(assignee="urn:other:bank")), "permission[0].assignee", "Begin it with"),
    (permission(lambda one: one.update(target="urn:alliance-credit:signal:luck")), "permission[0]", "SIGNAL.FIELD"),
    (permission(lambda one: one.update(target=7)), "permission[0].target", "text"),
    (permission(lambda one: one.update(action="odrl:sell")), "permission[0].action", "alliance:hold"),
    (permission(lambda one: one["constraint"].pop(0)), "permission[0].constraint", "every purpose"),
    (permission(lambda one: one["constraint"].append(one["constraint"][0])), "permission[0].constraint[6]", "once"),
    (constrained(), "permission[0].constraint[6]", "profile"),
    (constrained(unit="x"), "permission[0].constraint[6].unit", "leftOperand"),
    (constrained(leftOperand="purpose", operator="neq"), "permission[0].constraint[6]", "profile"),
    (constrained(leftOperand="alliance:consent", operator="eq", rightOperand="no"), "permission[0].constraint[6]", ""),
    (constrained(leftOperand="dateTime", operator="gteq", rightOperand="soon"),
     "permission[0].constraint[6].rightOperand", "2026-01-31"),
    (permission(lambda one: one["constraint"][2].update(rightOperand="2026-01-01T00:00:00")),
     "permission[0]", "+08:00"),
    (permission(lambda one: one["constraint"][1].update(rightOperand="all")), "permission[0]", "score_only"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "place", "remedy"), CANNOT)
def test_what_cannot_be_honoured_is_refused(change: Callable[[dict[str, Any]], Any], place: str, remedy: str) -> None:
    document = deepcopy(DOCUMENT)
    change(document)
    with pytest.raises(InvalidInput) as caught:
        grants_of(document)
    assert caught.value.where["place"] == place
    assert remedy in caught.value.remedy


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(list(DOCUMENT)),
        lambda some: st.lists(some, max_size=3) | st.dictionaries(st.sampled_from([*DOCUMENT, "target", "x"]), some),
        max_leaves=8,
    )
)
def test_no_document_breaks_it(document: object) -> None:
    with pytest.raises(InvalidInput):
        grants_of(document)


@pytest.mark.parametrize("place", range(6))
def test_no_word_of_a_constraint_breaks_it(place: int) -> None:
    for word in (None, 7, [], {}, [None], "", {"@value": 1}, ["a", 2]):
        document = deepcopy(DOCUMENT)
        document["permission"][0]["constraint"][place]["rightOperand"] = word
        with pytest.raises(InvalidInput):
            grants_of(document)


def test_consent_is_a_limit() -> None:
    consented = replace(GRANT, companies=Scope.CONSENTED)
    assert grants_of(document_of([consented])) == (ungiven(consented),)
