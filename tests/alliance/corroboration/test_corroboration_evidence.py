"""Who says what of a fact, and how each word counts."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from alliance.corroboration import FieldEvidence, corroborate, evidence
from alliance.corroboration.reliability import voice
from alliance.signals.claims import Claims

AS_OF, DAY = date(2021, 1, 1), date(2020, 3, 31)


def cash(member: str, amount: int | None, later: int = 0, **more: Any) -> dict[str, Any]:
    return {"signal": "cash_position", "member": member, "cash": amount, "key": "2020-Q1", "observed_on": DAY,
            "known_at": DAY + timedelta(days=later), **more}  # fmt: skip


def told(claims: Claims, voices: Any = None, signal: str = "cash_position") -> dict[str, FieldEvidence]:
    learned = {signal: voices or {}}
    facts = corroborate(claims, ["co"], AS_OF, learned)
    [fact] = evidence(claims, facts, learned)
    row = facts.frames[signal].row(0, named=True)
    assert (fact.members, fact.agreement, fact.event_at) == (row["members"], row["agreement"], row["event_at"])
    assert {field.field: field.value for field in fact.fields} == {
        name: row[name] for name in row if any(field.field == name for field in fact.fields)
    }
    return {field.field: field for field in fact.fields}


def standings(field: FieldEvidence) -> list[tuple[str, Any, str]]:
    return [(said.member, said.value, said.standing.value) for said in field.said]


@pytest.mark.parametrize(
    ("said", "voices", "expected", "agreement"),
    [
        ([cash("a", 100)], {}, [("a", 100, "agrees")], None),
        ([cash("a", 100), cash("b", 110)], {}, [("a", 100, "agrees"), ("b", 110, "agrees")], 1.0),
        ([cash("a", 100), cash("b", 900)], {}, [("a", 100, "differs"), ("b", 900, "differs")], 0.5),
        (
            [cash("a", 100), cash("b", 900), cash("c", 100)], {},
            [("a", 100, "agrees"), ("b", 900, "differs"), ("c", 100, "agrees")], 2 / 3,
        ),
        ([cash("a", 100), cash("a", 120, later=9)], {}, [("a", 120, "agrees"), ("a", 100, "corrected")], None),
        (
            [cash("a", 100), cash("b", 100, later=9), cash("c", 101)], {"b": voice("a", 0.8, 0.3)},
            [("a", 100, "agrees"), ("c", 101, "agrees"), ("b", 100, "copies")], 1.0,
        ),
    ],
)  # fmt: skip
def test_how_words_count(
    claims: Callable[..., Claims], said: Any, voices: Any, expected: Any, agreement: float | None
) -> None:
    found = told(claims(*said), voices)["cash"]
    assert standings(found) == expected
    assert found.agreement == pytest.approx(agreement)
    assert sum(one.weight for one in found.said) == pytest.approx(1.0)
    assert found.contested is (found.value is None)


def test_old_news_is_shown_and_does_not_count(claims: Callable[..., Claims]) -> None:
    profile = [
        {"signal": "company_profile", "member": member, "status": status, "name": name, "observed_on": day}
        for member, status, name, day in (("a", "operating", "Qi", date(2018, 1, 1)), ("b", "closed", "Qi Ltd.", DAY))
    ]
    found = told(claims(*profile), signal="company_profile")
    assert standings(found["status"]) == [("b", "closed", "agrees"), ("a", "operating", "outdated")]
    assert standings(found["name"]) == [("a", "Qi", "differs"), ("b", "Qi Ltd.", "agrees")]
    assert (found["name"].agreement, found["name"].contested) == (None, False)


def test_old_news_that_agrees_counts(claims: Callable[..., Claims]) -> None:
    profile = [
        {"signal": "company_profile", "member": member, "status": status, "observed_on": day}
        for member, status, day in (("a", "closed", date(2018, 1, 1)), ("b", "closed", DAY), ("c", "operating", DAY))
    ]
    found = told(claims(*profile), signal="company_profile")["status"]
    assert standings(found) == [("a", "closed", "agrees"), ("b", "closed", "agrees"), ("c", "operating", "differs")]
    assert found.agreement == pytest.approx(2 / 3) and sum(one.weight for one in found.said) == pytest.approx(1.0)


def test_each_word_says_where_it_stands(claims: Callable[..., Claims]) -> None:
    [said] = told(claims(cash("a", 100, later=5, submission_no=7, row=3)))["cash"].said
    assert (said.submission_no, said.row, said.event_at, said.known_at) == (7, 3, DAY, DAY + timedelta(days=5))
