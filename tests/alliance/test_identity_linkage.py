"""Likeness of companies: who is compared, what speaks for two being one, and what no likeness can say."""

import json
import math
from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from alliance.identity.candidates import CROWD, candidates
from alliance.identity.linkage import KNOWN_SHARE, PAIR_SCHEMA, score_pairs, shipped_model, thresholds
from alliance.identity.profiles import PROFILE_SCHEMA

MANY = 300
"""Other companies of made-up names: what is rare is rare among many."""


def profiles(*given: dict[str, Any]) -> pl.DataFrame:
    rows = [{**dict.fromkeys(PROFILE_SCHEMA), "names": [], "people": [], **one} for one in given]
    return pl.DataFrame(rows, schema=PROFILE_SCHEMA)


@pytest.fixture(scope="module")
def crowd() -> pl.DataFrame:
    """Registered companies that are none of those asked about."""
    brands = [one + other for one in "云海山川江河湖泽林石" for other in "明华光辉达远宏盛泰安"]
    trades = ("智能科技", "新材料", "生物医药")
    return profiles(
        *(
            {
                "company_id": f"co_{place:03}", "names": [f"北京{brands[place % 100]}{trades[place // 100]}有限公司"],
                "registration_number": f"no-{place}", "country": "CHN", "region": "北京市", "city": "北京",
                "founded_on": date(2010, 1, 1 + place % 28),
            }
            for place in range(MANY)
        )
    )  # fmt: skip


STAR = {
    "company_id": "star", "names": ["杭州珩芷珞智能科技有限公司"], "registration_number": "no-star", "country": "CHN",
    "region": "浙江省", "city": "杭州", "founded_on": date(2016, 5, 4), "people": ["p1", "p2", "p3"],
    "website": "https://www.hengzhiluo.example/zh",
}  # fmt: skip


def likeness(crowd: pl.DataFrame, *newcomers: dict[str, Any]) -> pl.DataFrame:
    given = ({"company_id": f"new{place}", **one} for place, one in enumerate(newcomers))
    return score_pairs(profiles(*given), pl.concat([crowd, profiles(STAR)]))


@pytest.mark.parametrize(
    ("newcomer", "says"),
    [
        ({"names": ["珩芷珞（杭州）智能科技有限公司"]}, ["the same name"]),
        ({"names": ["杭州 珩芷珞 智能科技"], "city": "Hangzhou"}, ["the same name", "the same city"]),
        (
            {"names": ["Hengzhiluo Intelligent Technology (Hangzhou) Co., Ltd."], "founded_on": date(2016, 5, 4)},
            ["place and brand are the same in pinyin", "founded on the same day"],
        ),
        (
            {"names": ["Hengzhiluo"], "website": "hengzhiluo.example", "people": ["p1", "p2"], "city": "杭州市"},
            ["different names", "the same city", "several people in common", "the same web site"],
        ),
    ],
)
def test_what_is_surely_one(crowd: pl.DataFrame, newcomer: dict[str, Any], says: list[str]) -> None:
    [pair] = likeness(crowd, newcomer).iter_rows(named=True)
    assert (pair["company_id"], pair["candidate_id"]) == ("new0", "star")
    assert pair["probability"] >= thresholds().link
    assert [one["level"] for one in json.loads(pair["evidence"])] == says


@pytest.mark.parametrize(
    "newcomer",
    [
        {"names": ["杭州珩芷珞智能科技有限公司"], "registration_number": "no-other"},
        {"names": ["上海丙丁戊软件有限公司"]},
        {"names": ["杭州智能科技有限公司"], "city": "杭州"},
        {"names": ["杭州珩芷珞智能科技有限公司"], "city": "沈阳", "region": "辽宁省", "founded_on": date(1999, 1, 1),
         "people": ["q1", "q2"], "website": "other.example"},
        {"names": []},
    ],
    ids=["another number", "another name", "only the trade", "only the name", "nothing"],
)  # fmt: skip
def test_what_is_not(crowd: pl.DataFrame, newcomer: dict[str, Any]) -> None:
    assert likeness(crowd, newcomer).filter(pl.col("probability") >= thresholds().link).is_empty()


def test_a_doubt_is_for_people(crowd: pl.DataFrame) -> None:
    [pair] = likeness(crowd, {"names": ["Hengzhiluo Intelligent (Hangzhou)"]}).iter_rows(named=True)
    assert thresholds().review <= pair["probability"] < thresholds().link


def test_evidence_adds_up_to_the_probability(crowd: pl.DataFrame) -> None:
    newcomer = {"names": ["Hengzhiluo Intelligent (Hangzhou)"], "city": "杭州", "people": ["p1"]}
    [pair] = likeness(crowd, newcomer).iter_rows(named=True)
    bits = sum(one["bits"] for one in json.loads(pair["evidence"]))
    prior = KNOWN_SHARE / (crowd.height + 2)
    odds = 2**bits * prior / (1 - prior)
    assert pair["probability"] == pytest.approx(odds / (1 + odds), abs=0.01)


def test_newcomers_are_compared_with_each_other_both_ways(crowd: pl.DataFrame) -> None:
    pairs = likeness(crowd, {"names": ["甲乙丙丁软件"]}, {"names": ["甲乙丙丁软件有限公司"]})
    assert pairs.select("company_id", "candidate_id").rows() == [("new0", "new1"), ("new1", "new0")]
    assert pairs["evidence"].n_unique() == 1 and pairs["probability"].n_unique() == 1


def test_what_a_crowd_shares_brings_nobody_together() -> None:
    same = profiles(*({"company_id": f"c{n:03}", "names": [f"Star {n}"], "people": ["all"]}
                      for n in range(CROWD + 1)))  # fmt: skip
    assert candidates(same, same.clear()).pairs.is_empty()
    few = same.head(3)
    assert candidates(few, few.clear()).pairs.height == 3


def test_nobody_is_like_nobody(crowd: pl.DataFrame) -> None:
    assert score_pairs(crowd.clear(), crowd).schema == PAIR_SCHEMA
    assert score_pairs(profiles({"company_id": "a", "names": ["甲乙"]}), crowd.clear()).is_empty()


def test_the_model_that_is_shipped_is_whole() -> None:
    model = shipped_model()
    assert 0 < model.thresholds.review < model.thresholds.link < 1
    for shares in (*model.m.values(), *model.u.values()):
        assert math.isclose(sum(shares.values()), 1.0, abs_tol=1e-6)
        assert all(0 < share < 1 for share in shares.values())
    # The better a level, the more it speaks for two being one.
    for name, m in model.m.items():
        bits = [math.log2(m[level] / model.u[name][level]) for level in m]
        assert bits[0] > 0 > bits[-1], name
        assert name == "place" or bits == sorted(bits, reverse=True), name


NAMES = ["甲乙软件", "甲乙（北京）软件", "北京甲乙软件有限公司", "丙丁", "Jiayi Ltd"]
COMPANY = st.fixed_dictionaries(
    {
        "names": st.lists(st.sampled_from(NAMES), max_size=2),
        "registration_number": st.none() | st.sampled_from(["1", "2"]),
        "city": st.none() | st.sampled_from(["北京", "Shanghai"]),
        "founded_on": st.none() | st.sampled_from([date(2015, 1, 1), date(2015, 1, 9)]),
        "people": st.lists(st.sampled_from(["p", "q"]), max_size=2, unique=True),
    }
)  # fmt: skip
FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FEW
@given(found=st.lists(COMPANY, min_size=2, max_size=6), seed=st.integers(0, 99), cut=st.integers(0, 6))
def test_order_is_no_matter_and_two_numbers_are_no_pair(found: list[Any], seed: int, cut: int) -> None:
    every = profiles(*({"company_id": f"c{place}", **one} for place, one in enumerate(found)))
    newcomers, known = every.slice(0, cut), every.slice(cut)
    pairs = score_pairs(newcomers, known)
    mixed: Callable[[pl.DataFrame], pl.DataFrame] = lambda frame: frame.sample(fraction=1, shuffle=True, seed=seed)  # noqa: E731
    assert_frame_equal(score_pairs(mixed(newcomers), mixed(known)), pairs)
    numbers = dict(every.select("company_id", "registration_number").iter_rows())
    for one, other in pairs.select("company_id", "candidate_id").iter_rows():
        assert one != other and one in newcomers["company_id"]
        assert None in (numbers[one], numbers[other]) or numbers[one] == numbers[other]
    reached = pairs["probability"]
    assert reached.is_empty() or (reached >= thresholds().review).all()
