"""Figures of cohorts: too few, one giver, or too near to an earlier answer, and nothing is told."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.rights import Reason
from alliance.rights.cohort import Contribution, contributions, difference, figures, objection
from alliance.signals import signal_named

CASH = signal_named("cash_position").field("cash")
K = 5


def cohort(*companies: int, givers: tuple[str, ...] = ("a", "b"), hidden: bool = True) -> list[Contribution]:
    """Contributions of companies by number, the givers taking turns."""
    return [
        Contribution(f"co_{one}", 1_000_000.0 * one, "2026-Q1", frozenset({givers[one % len(givers)]}), hidden)
        for one in companies
    ]


def test_figures_of_a_cohort() -> None:
    found = figures(CASH, cohort(1, 2, 3, 4, 5))
    assert (found.companies, found.mean) == (5, 3_000_000)
    assert found.quartiles == ("2,000,000 – 5,000,000",) * 2 + ("2,000,000 – 5,000,000",)


def test_a_smallest_cell() -> None:
    assert objection(cohort(1, 2, 3, 4), [], K) is Reason.TOO_FEW
    assert objection(cohort(1, 2, 3, 4, 5), [], K) is None


def test_what_one_may_see_anyway_hides_nobody() -> None:
    known = [replace(one, hidden=place > 3) for place, one in enumerate(cohort(1, 2, 3, 4, 5, 6, 7, 8))]
    assert objection(known, [], K) is Reason.TOO_FEW, "the four that are hidden could be worked out"
    assert objection([replace(one, hidden=False) for one in known], [], K) is None


@pytest.mark.parametrize(
    ("givers", "found"),
    [
        (("a",), Reason.DOMINATED),
        (("a", "a", "a", "a", "a", "b"), Reason.DOMINATED),
        (("a", "a", "a", "a", "b"), None),
        (("a", "b"), None),
    ],
)
def test_no_giver_brings_most_of_it(givers: tuple[str, ...], found: Reason | None) -> None:
    assert objection(cohort(*range(30), givers=givers), [], K) is found


def test_a_value_two_give_is_half_of_each() -> None:
    both = [replace(one, givers=frozenset({"a", "b"})) for one in cohort(1, 2, 3, 4, 5)]
    assert objection(both, [], K) is None


def test_k_and_one_more_cannot_be_told_apart() -> None:
    told = [contributions(cohort(*range(1, 6)))]
    assert objection(cohort(*range(1, 7)), told, K) is Reason.DIFFERENCE
    assert objection(cohort(*range(1, 6)), told, K) is None, "the same again says nothing new"
    assert objection(cohort(*range(1, 11)), told, K) is None
    assert objection(cohort(*range(2, 7)), told, K) is Reason.DIFFERENCE, "one less and one more"


def test_a_fact_that_came_since_is_another_contribution() -> None:
    before = cohort(*range(1, 6))
    later = [replace(before[0], fact="2026-Q2"), *before[1:]]
    assert objection(later, [contributions(before)], K) is Reason.DIFFERENCE
    assert objection([replace(one, fact="2026-Q2") for one in before], [contributions(before)], K) is None


@given(st.lists(st.sets(st.integers(0, 14), min_size=1), min_size=1, max_size=12), st.integers(0, 99))
def test_whatever_is_asked_no_two_answers_differ_by_less_than_a_cell(asked: list[set[int]], seed: int) -> None:
    told: list[dict[str, str]] = []
    for one in asked:
        wanted = cohort(*Random(seed).sample(sorted(one), len(one)))
        if objection(wanted, told, K) is None:
            told.append(contributions(wanted))
    for place, one in enumerate(told):
        assert len(one) >= K
        assert all(difference(one, other) not in range(1, K) for other in told[:place])
