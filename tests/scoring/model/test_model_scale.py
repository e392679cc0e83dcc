import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.errors import InvalidInput
from scoring.model.scale import GRADES, ScoreScale, probability

log_odds = st.floats(-700, 700)


def test_anchor_and_doubling() -> None:
    scale = ScoreScale()
    assert scale.points(-math.log(50)) == pytest.approx(600)
    assert scale.points(-math.log(100)) == pytest.approx(620)
    assert scale.points(-math.log(25)) == pytest.approx(580)


@given(log_odds, st.floats(1e-3, 50))
def test_more_risk_is_fewer_points(x: float, more: float) -> None:
    scale = ScoreScale(base_points=500, base_odds=20, points_to_double=40)
    assert scale.points(x + more) < scale.points(x)
    assert scale.points(x + math.log(2)) - scale.points(x) == pytest.approx(-40)


@given(st.lists(log_odds, min_size=1, max_size=50))
def test_points_of_parts_add_up(parts: list[float]) -> None:
    scale = ScoreScale()
    whole = scale.points(0.0) + sum(scale.change(part) for part in parts)
    assert whole == pytest.approx(scale.points(sum(parts)), abs=1e-6)


@given(st.lists(log_odds, min_size=1, max_size=40))
def test_probability_is_the_same_alone_and_in_bulk(many: list[float]) -> None:
    together = probability(np.array(many))
    assert [probability(np.array([x]))[0] for x in many] == together.tolist()
    assert (together >= 0).all() and (together <= 1).all()
    assert together == pytest.approx(1 - probability(-np.array(many)))


def test_grades_change_at_doublings_of_pd() -> None:
    scale = ScoreScale()
    limits = (0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32)
    assert scale.limits == limits
    assert scale.grades(np.array(limits)) == list(GRADES[1:])
    assert scale.grades(np.nextafter(limits, 0)) == list(GRADES[:-1])
    assert scale.grades(np.array([0.0, 1.0])) == ["AAA", "C"]


@given(st.lists(st.floats(0, 1), min_size=2, max_size=30))
def test_grades_never_better_with_more_risk(pds: list[float]) -> None:
    places = [GRADES.index(grade) for grade in ScoreScale().grades(np.sort(pds))]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "wrong", [{"base_odds": 0}, {"points_to_double": -20}, {"best_grade_pd": 0.01}, {"base_points": math.nan}]
)
def test_unusable_scales_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        ScoreScale(**wrong)
