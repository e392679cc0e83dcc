"""Most prudent PDs: the published example, the defining equation, and the order of grades."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from alliance.errors import InvalidInput
from experiments.low_default import CONFIDENCES, GradeCount, bounds_table, by_grade, chance_of_so_few, upper_bounds


def example(*defaults):
    """The three grades of Pluto and Tasche."""
    return [GradeCount(g, n, k) for g, n, k in zip("ABC", (100, 400, 300), defaults, strict=True)]


@pytest.mark.parametrize("confidence", [0.5, 0.75, 0.9, 0.95, 0.99, 0.999])
def test_without_defaults_the_bound_has_a_closed_form(confidence):
    expected = [1 - (1 - confidence) ** (1 / pooled) for pooled in (800, 700, 300)]
    assert upper_bounds(example(0, 0, 0), confidence) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("confidence", "expected"),
    [(0.5, (0.0009, 0.0010, 0.0023)), (0.9, (0.0029, 0.0033, 0.0076)), (0.999, (0.0086, 0.0098, 0.0228))],
)
def test_the_example_without_defaults_to_the_hundredth_of_a_per_cent(confidence, expected):
    assert [round(bound, 4) for bound in upper_bounds(example(0, 0, 0), confidence)] == list(expected)


@pytest.mark.parametrize("correlation", [0.0, 0.12, 0.4])
@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.99])
def test_at_the_bound_so_few_defaults_have_the_chance_that_is_left(confidence, correlation):
    bounds = upper_bounds(example(0, 2, 1), confidence, correlation=correlation)
    for bound, obligors, defaults in zip(bounds, (800, 700, 300), (3, 3, 1), strict=True):
        assert chance_of_so_few(bound, obligors, defaults, correlation) == pytest.approx(1 - confidence, abs=1e-6)


def test_the_mean_over_the_factor_is_the_mean_of_drawn_portfolios():
    import numpy as np
    from scipy.stats import norm

    draw = np.random.default_rng(1).standard_normal(200_000)
    given_factor = norm.cdf((norm.ppf(0.02) - np.sqrt(0.2) * draw) / np.sqrt(0.8))
    assert chance_of_so_few(0.02, 150, 1, 0.2) == pytest.approx(binom.cdf(1, 150, given_factor).mean(), abs=2e-3)


counts = st.lists(st.tuples(st.integers(1, 500), st.floats(0, 1)), min_size=1, max_size=6)


@settings(max_examples=25, deadline=None)
@given(counts, st.sampled_from(CONFIDENCES), st.sampled_from([0.0, 0.12]))
def test_bounds_never_fall_towards_worse_grades_nor_below_what_a_higher_confidence_gives(grades, confidence, rho):
    made = [GradeCount(str(place), n, round(n * share)) for place, (n, share) in enumerate(grades)]
    bounds = upper_bounds(made, confidence, correlation=rho)
    assert bounds == sorted(bounds) and all(0 < bound <= 1 for bound in bounds)
    surer = upper_bounds(made, 0.995, correlation=rho)
    assert all(more >= less - 1e-9 for more, less in zip(surer, bounds, strict=True))
    last = made[-1]
    assert bounds[-1] >= last.defaults / last.obligors or confidence <= 0.5


def test_more_defaults_or_correlation_raise_what_prudence_asks():
    assert upper_bounds(example(0, 2, 1), 0.9)[0] > upper_bounds(example(0, 0, 0), 0.9)[0]
    assert upper_bounds(example(0, 0, 0), 0.9, correlation=0.12)[0] > upper_bounds(example(0, 0, 0), 0.9)[0]


def test_cohorts_are_counted_by_grade():
    import numpy as np

    counted = by_grade(["B", "A", "B"], np.array([True, False, False]), ("A", "B", "C"))
    assert counted == [GradeCount("A", 1, 0), GradeCount("B", 2, 1)]
    assert bounds_table("t", counted, 0.12).row_count == 2


@pytest.mark.parametrize(
    ("grades", "confidence", "correlation"),
    [([], 0.9, 0.0), ([("A", 0, 0)], 0.9, 0.0), ([("A", 5, 0)], 1.0, 0.0), ([("A", 5, 0)], 0.9, 1.0)],
)
def test_what_cannot_be_bounded_is_refused(grades, confidence, correlation):
    with pytest.raises(InvalidInput, match="Remedy"):
        upper_bounds([GradeCount(*grade) for grade in grades], confidence, correlation=correlation)


def test_more_defaults_than_obligors_are_refused():
    with pytest.raises(InvalidInput, match="6 defaults among 5"):
        GradeCount("A", 5, 6)
