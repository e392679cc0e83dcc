"""Steps among heaped values: what few rows or few outcomes cannot tell is not told; a planted step is still found."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import chi2

from experiments.coupling.steps import CANDIDATES, SMALLEST_SIDE, _candidates, _case, _scores, find_steps
from experiments.coupling.worlds import world
from experiments.metrics import log_likelihood, logistic
from experiments.panel import LABEL
from experiments.splits import by_company, company_folds
from experiments.train import Recipe

ROWS = 2_000

NEVER = float(chi2.isf(1e-9 / CANDIDATES, 1))
"""No statistic of one degree of freedom is beyond this in a thousand million looks at all candidates."""

heaps = st.lists(st.tuples(st.floats(-3, 3), st.floats(0.01, 0.6)), max_size=4)
"""Where values heap, and what share of those left over."""


def heaped(draw, where):
    values = draw.standard_normal(ROWS)
    for place, share in where:
        values[draw.random(ROWS) < share] = place
    return values


def statistics(values, others, labels):
    frame = pl.DataFrame({"x": values, LABEL: labels})
    case = _case(frame, "x", np.column_stack([np.zeros(ROWS), others]), 0)
    return np.zeros(0) if case is None else _scores(case, labels)


@settings(max_examples=60, deadline=None)
@given(heaps, st.integers(0, 2**32), st.floats(-7, 0), st.floats(0, 4))
def test_no_statistic_is_beyond_its_law_where_there_is_no_step(where, seed, level, effect):
    draw = np.random.default_rng(seed)
    values, others = heaped(draw, where), effect * draw.standard_normal(ROWS)
    labels = (draw.random(ROWS) < expit(level + others + 0.3 * values)).astype(float)
    assert statistics(values, others, labels).max(initial=0.0) < NEVER


@pytest.mark.parametrize("place", [-3.0, 0.0, 1.0])
def test_heaps_leave_the_law_as_it_is(place):
    found = []
    for seed in range(60):
        draw = np.random.default_rng(seed)
        values, others = heaped(draw, [(place, 0.5)]), draw.standard_normal(ROWS)
        labels = (draw.random(ROWS) < expit(-2 + others)).astype(float)
        found.append(statistics(values, others, labels).max())
    # The largest of many that hang together: above one's own 5 per cent limit, below that of as many that do not.
    assert chi2.isf(0.5, 1) < np.median(found) and np.quantile(found, 0.95) < chi2.isf(0.05 / CANDIDATES, 1)


@settings(max_examples=100, deadline=None)
@given(heaps, st.integers(0, 2**32))
def test_every_candidate_leaves_enough_rows_on_both_sides(where, seed):
    known = np.sort(heaped(np.random.default_rng(seed), where))
    thresholds, below = _candidates(known)
    for threshold, count in zip(thresholds, below, strict=True):
        assert (known < threshold).sum() == count
        assert SMALLEST_SIDE * ROWS <= count <= (1 - SMALLEST_SIDE) * ROWS


def test_a_heap_that_leaves_no_two_sides_is_no_case():
    values = np.where(np.arange(ROWS) < 40, np.arange(ROWS), 50.0)
    assert statistics(values, np.zeros(ROWS), (np.arange(ROWS) % 2).astype(float)).size == 0


def test_a_step_is_found_among_heaps():
    made = world("steps", 12_000, 1)
    column = pl.col("team_1")
    # A third of all is heaped at nought, and a tenth where the step is.
    spoiled = made.panel.frame.with_columns(
        pl.when(pl.col("technology_1") < 1 / 3).then(0.0).otherwise("technology_2").alias("technology_2"),
        pl.when(column.is_between(0.35, 0.45)).then(0.35).otherwise(column).alias("team_1"),
    )
    split = by_company(spoiled, company_folds(spoiled["company_id"], 3) == 0)
    recipe = Recipe(learning_rate=0.15, max_depth=3, num_leaves=6, leaf_share=0.02, feature_fraction=0.5, patience=15)
    found = {
        step.feature: step for step in find_steps(split, made.panel.features, recipe, 12, replicates=19) if step.found
    }
    assert set(found) == {"team_1", "venture_1"}
    assert found["team_1"].low - 0.02 <= 0.35 <= found["team_1"].high + 0.02


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.floats(-6, 6), st.floats(0, 30), st.booleans())
def test_a_logistic_fit_never_ends_below_where_it_began(seed, level, slope, apart):
    draw = np.random.default_rng(seed)
    design = np.column_stack([np.ones(200), draw.standard_normal((200, 2)) * (1, 50)])
    chance = expit(level + slope * design[:, 1])
    labels = ((chance > 0.5) if apart else (draw.random(200) < chance)).astype(float)
    fit = logistic(design, np.zeros(200), labels)
    reached = log_likelihood(design @ fit, labels)
    assert np.isfinite(fit).all()
    assert reached >= log_likelihood(np.zeros(200), labels)
    if not apart and 20 < labels.sum() < 180 and slope < 3:
        assert np.abs(design.T @ (labels - expit(design @ fit))).max() < 1e-4, "the score is nought at the top"
