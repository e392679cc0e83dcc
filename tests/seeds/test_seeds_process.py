"""The coupling is a product: a factor at nothing is not made up for by the others."""

from dataclasses import replace

import numpy as np
import pytest

from seeds import parameters as p
from seeds.process import advance, factors, grown, progressed, round_chance, strength, stress
from seeds.state import State, Status, Traits, unborn

NOTHING = -60.0
"""Log-odds of a factor that is as good as nought."""

ONE = np.ones(1)


def lived(companies: int, quarters: int, knocked: str | None = None) -> State:
    """Equal companies after some quarters, sheltered from ruin; one factor may be knocked out."""
    levels = np.ones((len(p.FACTORS), companies))
    if knocked:
        levels[p.FACTORS.index(knocked)] = NOTHING
    none = np.zeros(companies, dtype=np.int64)
    traits = Traits(none, none, levels, np.ones(companies))
    state, draw = unborn(traits), np.random.default_rng(5)
    for quarter in range(quarters):
        state, _ = advance(state, traits, np.ones(companies), quarter, draw, lending=False, sheltered=True)
    return state


@pytest.mark.parametrize("knocked", ["technology", "team"])
def test_progress_collapses_without_technology_or_team(knocked: str) -> None:
    assert lived(500, 24).readiness.mean() > 0.8
    assert lived(500, 24, knocked).readiness.max() < 1e-9
    assert lived(500, 24, knocked).revenue.max() == 0.0


def test_rounds_stop_without_a_network() -> None:
    assert lived(500, 24).rounds.mean() > 1.5
    assert lived(500, 24, "network").rounds.max() == 0


def test_revenue_does_not_grow_without_model_fit() -> None:
    assert lived(500, 30, "model_fit").revenue.mean() < 0.5 * lived(500, 30).revenue.mean()


def test_halving_a_factor_halves_the_gain_whatever_the_other() -> None:
    for team in (0.2, 0.5, 0.9):
        whole = progressed(0 * ONE, 0.8 * ONE, team * ONE)
        half = progressed(0 * ONE, 0.4 * ONE, team * ONE)
        assert half == pytest.approx(whole / 2)


def test_growth_is_readiness_times_fit() -> None:
    revenue = 1e6 * ONE
    flat = grown(revenue, 0 * ONE, ONE, ONE)
    assert grown(revenue, ONE, 0 * ONE, ONE) == pytest.approx(flat)
    assert grown(revenue, ONE, ONE, ONE) > flat


def test_no_round_when_any_factor_is_nought() -> None:
    late = np.full(1, 9)
    assert round_chance(ONE, ONE, ONE, late) > 0.5
    assert round_chance(ONE, 0 * ONE, ONE, late) == 0.0
    assert round_chance(ONE, ONE, 0 * ONE, late) == 0.0
    assert round_chance(ONE, ONE, ONE, np.zeros(1)) == 0.0


def test_stress_needs_both_shortage_and_weakness() -> None:
    assert stress(0 * ONE, 0 * ONE) == 1.0
    assert stress(99 * ONE, 0 * ONE) == 0.0
    assert stress(0 * ONE, ONE) == 0.0


def test_strength_is_nought_when_one_factor_is() -> None:
    assert strength(np.array([[0.9], [0.9], [0.9], [0.0]])) == 0.0
    assert strength(factors(np.zeros((4, 1)))) == pytest.approx(0.5)


def test_replicates_move_as_the_world_does() -> None:
    state = lived(40, 12)
    traits = Traits(np.zeros(40, dtype=np.int64), np.zeros(40, dtype=np.int64), np.ones((4, 40)), np.ones(40))
    many = state.replicated(50)
    after, moves = advance(many, traits, np.ones((50, 40)), 12, np.random.default_rng(1))
    assert after.cash.shape == moves.default_chance.shape == (50, 40)
    assert after.odds.shape == (4, 50, 40)


def test_only_active_companies_move() -> None:
    state = lived(40, 12)
    gone = replace(state, status=np.full(40, int(Status.CLOSED)))
    traits = Traits(np.zeros(40, dtype=np.int64), np.zeros(40, dtype=np.int64), np.ones((4, 40)), np.ones(40))
    after, moves = advance(gone, traits, np.ones(40), 12, np.random.default_rng(1))
    assert (after.cash == gone.cash).all() and not moves.talks.any() and not moves.default_chance.any()
