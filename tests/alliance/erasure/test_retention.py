"""Retention: what the policy no longer lets be kept goes, by a giver's last word on a fact."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from alliance import erasure, grants
from alliance.errors import InvalidInput
from alliance.policy import read_policy
from alliance.retention import Retention
from alliance.store import Store

House = Any
"""See ``conftest``: tests import nothing of each other."""


@pytest.fixture
def roles(silent: House) -> House:
    """Offices that ended five years ago, a day less, one that lasts, and one of a member elsewhere."""
    made = silent
    grants.register(made.store, "elsewhere", "hr_platform", "SG", author="secretary")
    made.give_people("elsewhere", (f"{made.number},abroad,founder,2008-01-01,2009-01-01",))
    made.give_people(
        "bureau",
        (f"{made.number},gone,founder,2008-01-01,2014-12-31",
         f"{made.number},going,founder,2008-01-01,2015-01-01",
         f"{made.number},there,founder,2008-01-01,"),
    )  # fmt: skip
    return made


def people(store: Store) -> set[str]:
    return set(store.claims().frames["person_role"]["person_key"])


def test_what_was_kept_for_long_enough_is_erased_the_day_after(roles: House) -> None:
    """An office that ended on 2014-12-31 is kept to 2019-12-31."""
    store, everybody = roles.store, people(roles.store)
    assert erasure.due(store, date(2019, 12, 31)) == {}
    assert erasure.expire(store, author="clerk", today=date(2019, 12, 31)) is None
    assert erasure.due(store, date(2020, 1, 1)) == {"records of person_role": 1}
    made = erasure.expire(store, author="clerk", today=date(2020, 1, 1))
    assert made is not None and made.counts == {"records of person_role": 1}
    assert "Art. 16" in made.basis
    assert people(store) == everybody - {"gone"}
    erasure.expire(store, author="clerk", today=date(2020, 1, 2))
    assert people(store) == everybody - {"gone", "going"}
    erasure.expire(store, author="clerk", today=date(2100, 1, 1))
    assert people(store) == {"abroad", "canary-person", "somebody", "there"}
    assert roles.findings() == []


def test_a_word_that_an_office_ended_takes_what_was_said_before_with_it(roles: House) -> None:
    """Else the office would stand again, as if it had not ended."""
    roles.give_people("bureau", (f"{roles.number},there,founder,2008-01-01,2012-01-01",))
    erasure.expire(roles.store, author="clerk", today=date(2020, 1, 1))
    assert "there" not in people(roles.store)


def test_a_rule_may_count_from_the_event(house: House) -> None:
    rule_ = Retention("CN", ("cash_position",), 1, "event_at", "a test", "a test")
    house.store.policy = replace(house.store.policy, retention=(rule_,))
    made = erasure.expire(house.store, author="clerk", today=date(2020, 4, 1))
    assert made is not None
    assert made.counts == {"records of cash_position": 2, "disputes": 1, "rulings": 1}
    assert house.store.claims().frames["cash_position"]["event_at"].unique().to_list() == [date(2019, 6, 30)]
    assert house.findings() == []


@pytest.mark.parametrize(
    ("since", "last"),
    [
        (date(2015, 3, 1), date(2020, 3, 1)),
        (date(2016, 2, 29), date(2021, 2, 28)),
        (date(2015, 12, 31), date(2020, 12, 31)),
    ],
)
def test_years_end_with_the_same_day(since: date, last: date) -> None:
    assert Retention("CN", ("person_role",), 5, "ended_on", "x", "x").last_day(since) == last


RULE = """
[[retention]]
jurisdiction = "CN"
signals = ["person_role"]
years = 5
from = "ended_on"
source = "x"
status = "y"
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [("5", "0"), ("5", "true"), ('"ended_on"', '"role"'), ('"person_role"', '"nothing"'), ('"CN"', '"China"'),
     ('"x"', '" "'), ("status", "state")],
)  # fmt: skip
def test_a_rule_that_cannot_be_used_is_named(tmp_path: Path, old: str, new: str) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('[disputes]\ndue_days = 5\nsource = "x"\n' + RULE, encoding="utf-8")
    assert read_policy(file).retention == (Retention("CN", ("person_role",), 5, "ended_on", "x", "y"),)
    broken = RULE.replace(old, new, 1)
    file.write_text('[disputes]\ndue_days = 5\nsource = "x"\n' + broken, encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"\[\[retention\]\] 1"):
        read_policy(file)
    file.write_text('[disputes]\ndue_days = 5\nsource = "x"\n' + RULE + RULE, encoding="utf-8")
    with pytest.raises(InvalidInput, match="two"):
        read_policy(file)
