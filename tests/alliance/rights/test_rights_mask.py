"""Claims as an access lets them be read: as defined value by value, in bulk as one by one."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from alliance.rights import EVERYBODY, Access, AccessRequest, Disclosure, Grant, Right, RightsState, decide
from alliance.rights.held import RungsOf
from alliance.rights.mask import masked
from alliance.signals import SIGNALS, signal_named
from alliance.signals.claims import FACT, Claims, claim_schema, no_claims, ordered

CASES = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
FLOORS = (Disclosure.SCORE_ONLY, Disclosure.AGGREGATE, Disclosure.BANDED, Disclosure.RAW)
TOLD: Mapping[str, Mapping[str, Any]] = {
    "cash_position": {"cash": 10**6, "monthly_burn": 10**5},
    "company_profile": {"name": "星辰", "city": "上海", "status": "operating"},
    "financing_event": {"kind": "bridge"},
    "market_signal": {"sector": "software", "deals": 7},
}


def claims_by_chance(world: Any, seed: int, rows: int = 40) -> Claims:
    """Claims of every member about every company, some values missing."""
    random = Random(seed)
    made: dict[str, list[dict[str, Any]]] = {name: [] for name in TOLD}
    for row in range(rows):
        name = random.choice(list(TOLD))
        day = date(2025, random.randint(1, 12), 1)
        values = {field: value for field, value in TOLD[name].items() if field == "kind" or random.random() < 0.6}
        made[name].append({
            **dict.fromkeys(claim_schema(signal_named(name))), **values, "row": row, "submission_no": 1,
            "key": str(day),
            "subject_id": "software" if name == "market_signal" else random.choice(world.companies),
            "member": random.choice(list(world.members)), "event_at": day, "known_at": day,
            signal_named(name).event: day,
        })  # fmt: skip
    return claims_of(made)


def claims_of(rows: Mapping[str, list[dict[str, Any]]]) -> Claims:
    frames = {
        one.name: ordered(one, pl.DataFrame(rows[one.name], schema=claim_schema(one))) if rows.get(one.name)
        else no_claims(one)
        for one in SIGNALS
    }  # fmt: skip
    return Claims(frames, 1)


def plain(claims: Claims) -> dict[str, list[dict[str, Any]]]:
    return {name: frame.drop(FACT).to_dicts() for name, frame in claims.frames.items() if not frame.is_empty()}


def seen(world: Any, case: Any, claims: Claims, floor: Disclosure) -> dict[str, list[dict[str, Any]]]:
    """The claims that may be read, claim by claim and value by value."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name, rows in plain(claims).items():
        for row in rows:
            fields = signal_named(name).schema
            where = (row["member"], name, row["subject_id"])
            allowed = {one for one, rung in world.rungs(case, where).items() if rung >= floor}
            meant = {one for one, rung in world.rungs(case, where, brought=False).items() if rung >= floor}
            if any(row[one] is not None for one in meant):
                hidden = {one: None for one in fields if one not in allowed}
                found.setdefault(name, []).append(row | hidden)
    return found


@CASES
@given(data=st.data())
def test_claims_are_masked_value_by_value(world: Any, data: st.DataObject) -> None:
    case, floor = data.draw(world.cases), data.draw(st.sampled_from(FLOORS))
    claims = claims_by_chance(world, data.draw(st.integers(0, 10**6)))
    access = decide(case.state, case.request, case.at)
    found = masked(claims, access, floor)
    assert plain(found) == seen(world, case, claims, floor)
    assert found.watermark == claims.watermark
    for name, frame in found.frames.items():
        assert frame.schema == claims.frames[name].schema


@settings(CASES, max_examples=100)
@given(data=st.data())
def test_in_bulk_as_one_by_one(world: Any, data: st.DataObject) -> None:
    case, floor = data.draw(world.cases), data.draw(st.sampled_from(FLOORS))
    claims = claims_by_chance(world, data.draw(st.integers(0, 10**6)))
    access = decide(case.state, case.request, case.at)
    bulk = masked(claims, access, floor)
    for company in (*world.companies, "software"):
        of_one = Claims({name: only(frame, company) for name, frame in claims.frames.items()}, claims.watermark)
        one = masked(of_one, access, floor)
        for name, frame in bulk.frames.items():
            assert_frame_equal(only(frame, company), one.frames[name])
        rungs, of_bulk = RungsOf(one, access), RungsOf(bulk, access)
        assert rungs.get(company) == of_bulk.get(company)


def only(frame: pl.DataFrame, company: str) -> pl.DataFrame:
    return frame.filter(pl.col("subject_id") == company)


@CASES
@given(data=st.data())
def test_rungs_are_the_lowest_of_the_claims_that_may_speak(world: Any, data: st.DataObject) -> None:
    case = data.draw(world.cases)
    access = decide(case.state, case.request, case.at)
    claims = masked(claims_by_chance(world, data.draw(st.integers(0, 10**6))), access, Disclosure.SCORE_ONLY)
    found = RungsOf(claims, access)
    expected: dict[str, dict[str, Disclosure]] = {}
    for name, rows in plain(claims).items():
        for row in rows:
            of_subject = expected.setdefault(row["subject_id"], {})
            for field, rung in world.rungs(case, (row["member"], name, row["subject_id"])).items():
                if row[field] is not None:
                    named = f"{name}.{field}"
                    of_subject[named] = min(of_subject.get(named, Disclosure.RAW), rung)
    expected.pop("software", None)  # no company is said to be of it
    below = {one: {name: rung for name, rung in of.items() if rung < Disclosure.RAW} for one, of in expected.items()}
    assert {one: {name: held.rung for name, held in of.items()} for one, of in found.items()} == {
        one: of for one, of in below.items() if of
    }
    assert all(set(held.grants) <= set(access.grants) for of in found.values() for held in of.values())


@pytest.fixture
def access(world: Any) -> Access:
    """What the bank may read: of the fund all, of the vendor one field of the profile, for scores only."""
    grants = (
        Grant(grant_id="all", giver="fund", receiver=EVERYBODY, fields=("*",), purposes=("loan_origination",)),
        Grant(
            grant_id="some", giver="vendor", receiver=EVERYBODY, fields=("company_profile.status",),
            purposes=("loan_origination",), rights=(Right.SCORES,), disclosure=Disclosure.SCORE_ONLY,
        ),
    )  # fmt: skip
    rules = replace(world.rules, consent_required=frozenset(), charter=())
    state = RightsState(rules=rules, members=world.members, grants=grants)
    return decide(state, AccessRequest("bank", "loan_origination", Right.SCORES), world.days[0])


def of_members(claims: Claims, members: Iterable[str]) -> Claims:
    frames = {name: frame.filter(pl.col("member").is_in(list(members))) for name, frame in claims.frames.items()}
    return Claims(frames, claims.watermark)


def test_where_nothing_is_withheld_nothing_is_done(world: Any, access: Access) -> None:
    claims = of_members(claims_by_chance(world, 1), ["fund", "bank"])
    assert masked(claims, access, Disclosure.RAW) is claims
    assert len(RungsOf(claims, access)) == 0


def test_a_claim_of_which_nothing_that_was_granted_is_left_is_left_out(world: Any, access: Access) -> None:
    claims = of_members(claims_by_chance(world, 2), ["vendor"])
    profiles = masked(claims, access, Disclosure.SCORE_ONLY).frames["company_profile"]
    told = claims.frames["company_profile"].filter(pl.col("status").is_not_null())
    assert 0 < profiles.height == told.height < claims.frames["company_profile"].height
    assert profiles["status"].to_list() == told["status"].to_list()
    assert profiles["observed_on"].null_count() == 0, "the day comes along"
    assert profiles["name"].null_count() == profiles["city"].null_count() == profiles.height
    assert all(
        frame.is_empty()
        for name, frame in masked(claims, access, Disclosure.AGGREGATE).frames.items()
    )  # fmt: skip
    held = RungsOf(masked(claims, access, Disclosure.SCORE_ONLY), access)
    assert {(name, one.rung, one.grants) for of in held.values() for name, one in of.items()} == {
        ("company_profile.status", Disclosure.SCORE_ONLY, ("some",)),
        ("company_profile.observed_on", Disclosure.SCORE_ONLY, ("some",)),
    }


def test_the_climate_of_a_companys_sector_is_held_like_the_company(world: Any) -> None:
    day = date(2025, 1, 1)
    usual = {"key": "", "event_at": day, "known_at": day, "submission_no": 1, "row": 1, "observed_on": day}
    made = {
        "company_profile": {"subject_id": "co_1", "member": "bank", "sector": "software"},
        "market_signal": {"subject_id": "software", "member": "vendor", "sector": "software", "deals": 7},
    }
    claims = claims_of({
        name: [{**dict.fromkeys(claim_schema(signal_named(name))), **usual, **said}] for name, said in made.items()
    })  # fmt: skip
    grant = Grant(
        grant_id="m", giver="vendor", receiver=EVERYBODY, fields=("market_signal",), purposes=("model_training",),
        disclosure=Disclosure.AGGREGATE,
    )  # fmt: skip
    rules = replace(world.rules, charter=())
    state = RightsState(rules=rules, members=world.members, grants=(grant,))
    access = decide(state, AccessRequest("bank", "model_training"), world.days[0])
    found = RungsOf(masked(claims, access, Disclosure.SCORE_ONLY), access)
    assert list(found) == ["co_1"]
    assert found["co_1"]["market_signal.deals"].rung is Disclosure.AGGREGATE
    assert found["co_1"]["market_signal.deals"].grants == ("m",)


def test_few_claims_and_many_are_walked_alike(world: Any, access: Access) -> None:
    few = of_members(claims_by_chance(world, 5, rows=60), ["vendor", "bank"])
    many = Claims({name: pl.concat([frame] * 200) for name, frame in few.frames.items()}, 1)
    for floor in FLOORS:
        once, often = masked(few, access, floor), masked(many, access, floor)
        for name, frame in once.frames.items():
            assert_frame_equal(often.frames[name].unique().sort(frame.columns), frame.unique().sort(frame.columns))
    held, held_often = (RungsOf(masked(one, access, Disclosure.SCORE_ONLY), access) for one in (few, many))
    assert {one: dict(of) for one, of in held.items()} == {one: dict(of) for one, of in held_often.items()} != {}
