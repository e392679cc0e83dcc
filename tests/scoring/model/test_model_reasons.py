import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scoring.features.declaration import Unit
from scoring.model import Bundle
from scoring.model.reasons import MAX_REASONS, MIN_POINTS, NOBODY, pick, reason, worded

few_values = st.sampled_from([-3.0, -2.0, -0.5, -0.49, -0.0, 0.0, 0.49, 0.5, 2.0, 3.0])
points = arrays(np.float64, st.tuples(st.integers(0, 6), st.integers(1, 9)), elements=few_values | st.floats(-50, 50))


@given(points)
def test_picks_what_sorting_by_hand_picks(matrix: Any) -> None:
    raises, lowers = pick(matrix)
    for row, worst, best in zip(matrix.tolist(), raises.tolist(), lowers.tolist(), strict=True):
        lost = sorted((p, c) for c, p in enumerate(row) if p <= -MIN_POINTS)
        won = sorted((-p, c) for c, p in enumerate(row) if p >= MIN_POINTS)
        assert [c for c in worst if c != NOBODY] == [c for _, c in lost[:MAX_REASONS]]
        assert [c for c in best if c != NOBODY] == [c for _, c in won[:MAX_REASONS]]


def test_ties_rank_in_the_order_of_the_model() -> None:
    raises, lowers = pick(np.array([[-1.0, 2.0, -1.0, 2.0, -1.0, -1.0, -1.0]]))
    assert raises.tolist() == [[0, 2, 4, 5]]
    assert lowers.tolist() == [[1, 3, NOBODY, NOBODY]]


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
    given_ = reason(bundle.contract[0], 12_340_000.0, -3.5)
    assert (given_.feature, given_.pillar, given_.value, given_.points) == ("cash", "venture", 12_340_000.0, -3.5)
    assert given_.zh == "中文 cash：1,234 万元"
    assert given_.en == "English cash: CNY 12.3m"
    assert reason(bundle.contract[0], math.nan, 1.0).value is None
