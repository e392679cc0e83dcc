"""Who is at risk, as tables: claims in, companies out."""

from datetime import date

import pytest

from alliance.errors import NotFound
from experiments.outcome import outcome_named

START, BEFORE, AS_OF, AFTER = date(2019, 1, 1), date(2020, 3, 1), date(2020, 6, 30), date(2020, 9, 1)


def profile(claim, company="a", **fields):
    return claim("company_profile", company, **{"name": "A", "observed_on": START, **fields})


def facility(claim, company="a", **fields):
    return claim("facility", company, **{"facility_no": "f1", "opened_on": BEFORE, "matures_on": AFTER, **fields})


def event(claim, kind, on=AS_OF, company="a", **fields):
    return claim("credit_event", company, kind=kind, happened_on=on, **fields)


@pytest.mark.parametrize(
    ("claims", "at_risk"),
    [
        ([], True),
        ([("company_profile", {"status": "operating"})], True),
        *(([("company_profile", {"status": status})], False) for status in ("closed", "acquired", "listed")),
        *(([("credit_event", kind, AS_OF)], False) for kind in ("closure", "acquisition", "listing", "write_off")),
        *(([("credit_event", kind, AFTER)], True) for kind in ("closure", "acquisition", "listing", "write_off")),
        ([("credit_event", "default", BEFORE)], False),
        ([("credit_event", "default", START), ("credit_event", "cure", BEFORE)], True),
        ([("credit_event", "default", BEFORE), ("credit_event", "cure", START)], False),
        ([("credit_event", "default", BEFORE), ("credit_event", "cure", BEFORE)], True),
        ([("credit_event", "write_off", START), ("credit_event", "cure", BEFORE)], False),
        ([("credit_event", "repaid", BEFORE)], True),
    ],
)
def test_alive(claim, history, claims, at_risk):
    made = [profile(claim)]
    for name, *content in claims:
        made.append(
            profile(claim, known_at=BEFORE, **content[0]) if name == "company_profile" else event(claim, *content)
        )
    assert ("a" in outcome_named("closure").at_risk(history(*made).facts(AS_OF))) is at_risk


def test_an_event_known_only_later_changes_nothing_yet(claim, history):
    found = history(profile(claim), event(claim, "closure", BEFORE, known_at=AFTER))
    assert outcome_named("closure").at_risk(found.facts(AS_OF)).to_list() == ["a"]
    assert outcome_named("closure").at_risk(found.facts(AFTER)).to_list() == []


def test_a_company_not_known_yet_is_not_at_risk(claim, history):
    found = history(profile(claim, known_at=AFTER), facility(claim))
    assert all(outcome_named(name).at_risk(found.facts(AS_OF)).is_empty() for name in ("default", "closure"))


@pytest.mark.parametrize(
    ("facilities", "events", "at_risk"),
    [
        ([], [], False),
        ([{}], [], True),
        ([{"matures_on": None}], [], True),
        ([{"matures_on": AS_OF}], [], False),
        ([{"opened_on": AFTER}], [], False),
        ([{}], [("repaid", {"facility_no": "f1"})], False),
        ([{}], [("repaid", {"facility_no": "f2"})], True),
        ([{}], [("repaid", {})], False),
        ([{"opened_on": AS_OF}], [("repaid", {"on": BEFORE})], True),
        ([{}, {"facility_no": "f2"}], [("repaid", {"facility_no": "f1"})], True),
        ([{}], [("default", {})], False),
        ([{}], [("closure", {})], False),
    ],
)
def test_borrowing(claim, history, facilities, events, at_risk):
    claims = [facility(claim, key=str(place), **fields) for place, fields in enumerate(facilities)]
    claims += [event(claim, kind, **fields) for kind, fields in events]
    found = outcome_named("default").at_risk(history(profile(claim), *claims).facts(AS_OF))
    assert found.to_list() == (["a"] if at_risk else [])


def test_an_unknown_outcome_is_refused_with_those_there_are():
    with pytest.raises(NotFound, match="closure"):
        outcome_named("bankruptcy")
