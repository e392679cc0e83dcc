import math

import pytest

from scoring.features.declaration import Unit
from scoring.model import Bundle
from scoring.model.groups import FeatureGroup
from scoring.model.reasons import reason, worded


@pytest.mark.parametrize(
    ("unit", "value", "zh", "en"),
    [
        (Unit.CNY, 12_340_000, "1,234 万元", "CNY 12.3m"),
        (Unit.CNY, 1_234_000_000, "12.34 亿元", "CNY 1.2bn"),
        (Unit.CNY, 45_600, "5 万元", "CNY 45.6k"),
        (Unit.CNY, -20_000_000, "-2,000 万元", "CNY -20m"),
        (Unit.CNY, 800, "800 元", "CNY 800"),
        (Unit.CNY, 0, "0 元", "CNY 0"),
        (Unit.SHARE, 0.125, "12.5%", "12.5%"),
        (Unit.SHARE, -0.0001, "0%", "0%"),
        (Unit.SHARE, 1.0, "100%", "100%"),
        (Unit.DAYS, 1, "1 天", "1 day"),
        (Unit.DAYS, 1234, "1,234 天", "1,234 days"),
        (Unit.MONTHS, 5.5, "5.5 个月", "5.5 months"),
        (Unit.YEARS, 1.0, "1 年", "1 year"),
        (Unit.PEOPLE, 35, "35 人", "35 people"),
        (Unit.COUNT, 0, "0", "0"),
        (Unit.COUNT, 100, "100", "100"),
        (Unit.RATIO, 1.238, "1.24", "1.24"),
        (Unit.LEVEL, 7, "7", "7"),
        (Unit.FLAG, 1, "是", "yes"),
        (Unit.FLAG, 0, "否", "no"),
        *((unit, math.nan, "未知", "unknown") for unit in Unit),
    ],
)
def test_values_are_worded_with_their_unit(unit: Unit, value: float, zh: str, en: str) -> None:
    assert worded(unit, value) == (zh, en)


def test_a_reason_names_the_feature_and_its_value(bundle: Bundle) -> None:
    cash = bundle.contract[0]
    given_ = reason([cash], [12_340_000.0], -3.5)
    assert (given_.feature, given_.pillar, given_.value, given_.points) == ("cash", "venture", 12_340_000.0, -3.5)
    assert given_.zh == "中文 cash：1,234 万元"
    assert given_.en == "English cash: CNY 12.3m"
    assert (given_.group, given_.also) == ("", ())
    assert reason([cash], [math.nan], 1.0).value is None


def test_a_reason_of_a_group_names_what_matters_of_it(bundle: Bundle) -> None:
    group = FeatureGroup(name="payment", zh="付款", en="payment", features=("cash", "late"))
    given_ = reason([bundle.contract[3], bundle.contract[0]], [3.0, math.nan], -3.5, group)
    assert (given_.group, given_.feature, given_.also, given_.value) == ("payment", "late", ("cash",), 3.0)
    assert given_.zh == "付款（中文 late：3 天；中文 cash：未知）"
    assert given_.en == "Payment (english late: 3 days; english cash: unknown)"
