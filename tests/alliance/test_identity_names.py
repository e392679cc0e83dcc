"""Names as linkage compares them: tables of spellings, and what holds for any name."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.identity.names import normalised, romanised_word

SPELLINGS = [
    ["杭州珩芷珞智能科技有限公司", "杭州珩芷珞智能科技", "珩芷珞（杭州）智能科技有限公司",
     "杭州智能科技有限公司(珩芷珞)", "杭州　珩芷珞智能科技　有限公司", "杭州珩芷珞智能科技股份有限公司",
     "杭州珩芷珞智能科技有限责任公司"],
    ["苏州潼烨珩微电子有限公司", "蘇州潼燁珩微電子有限公司", "苏州潼烨珩微电子集团", "苏州【潼烨珩】微电子有限公司"],
    ["Star Micro Inc.", "STAR MICRO, INC", "Star Micro Co., Ltd.", "ｓｔａｒ　ｍｉｃｒｏ",
     "Star-Micro Incorporated", "star micro.com"],
    ["Société Générale d'Énergie SA", "Societe Generale dEnergie"],
    ["A.B.C. Robotics GmbH", "ABC Robotics"],
    ["北京AI芯片有限公司", "北京ＡＩ芯片有限责任公司", "北京ai芯片"],
]  # fmt: skip

DIFFERENT = [
    ("杭州珩芷珞智能科技有限公司", "杭州珩芷珞智能装备有限公司"),
    ("杭州珩芷珞智能科技有限公司", "上海珩芷珞智能科技有限公司"),
    ("Star Micro Inc.", "Star Macro Inc."),
    ("A B", "B C"),
]


def key(name: str) -> str:
    return str(normalised(pl.Series([name]))["key"].item())


@pytest.mark.parametrize("spellings", SPELLINGS, ids=lambda spellings: spellings[0])
def test_one_name_however_it_is_written(spellings: list[str]) -> None:
    assert {key(name) for name in spellings} == {key(spellings[0])}


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert key(one) != key(other)


@pytest.mark.parametrize(
    ("chinese", "latin"),
    [
        ("杭州珩芷珞智能科技有限公司", "Hengzhiluo Intelligent Technology (Hangzhou) Co., Ltd."),
        ("重庆长安汽车有限公司", "Chongqing Changan Automobile Company Limited"),
        ("西安翊枢筠软件有限公司", "YISHUYUN Software (Xi'an) Co., Ltd."),
    ],
)
def test_a_chinese_name_and_its_pinyin_meet(chinese: str, latin: str) -> None:
    one, other = (set(normalised(pl.Series([name]))["romanised"].item()) for name in (chinese, latin))
    assert one & other


def test_places_meet_across_scripts() -> None:
    places = pl.DataFrame({"place": ["杭州", "Hangzhou", "HANG ZHOU", "Xi'an", "西安"]})
    assert places.select(romanised_word(pl.col("place"))).to_series().to_list() == ["hangzhou"] * 3 + ["xian"] * 2


def test_a_name_of_nothing_but_a_legal_form_is_none() -> None:
    assert normalised(pl.Series(["有限公司", "---", "", None], dtype=pl.String)).is_empty()
    assert key("Limited") == "limited", "there is nothing else to know it by"


NAMES = st.text(st.sampled_from("杭州深圳珩芷珞智能科技股份有限公司()（） AbCéco.,&'-"), max_size=14)


@settings(max_examples=150, deadline=None)
@given(names=st.lists(NAMES, max_size=8))
def test_a_name_is_the_same_alone_and_among_others(names: list[str]) -> None:
    every = normalised(pl.Series(names, dtype=pl.String))
    assert every["name"].to_list() == sorted(set(every["name"]))
    alone = [normalised(pl.Series([name])) for name in every["name"]]
    assert pl.concat([every.clear(), *alone]).equals(every)


@settings(max_examples=150, deadline=None)
@given(name=NAMES)
def test_case_width_and_forms_make_no_difference(name: str) -> None:
    for other in (name.upper(), name.lower(), f" {name} ", name.replace("(", "（").replace(")", "）")):
        assert normalised(pl.Series([other]))["key"].to_list() == normalised(pl.Series([name]))["key"].to_list()
