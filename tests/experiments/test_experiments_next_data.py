"""Signals hidden and revealed, and the verdict on the order."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from experiments.metrics import Estimate
from experiments.next_data.report import next_data_study, sentence
from experiments.next_data.revealing import (
    GLOBAL,
    OURS,
    RANDOM,
    WAYS,
    Revealed,
    hideable,
    importance,
    known_signals,
    revealed,
    seen,
)
from experiments.panel import LABEL
from experiments.splits import out_of_time
from experiments.train import Recipe, train
from scoring.features import feature_named
from scoring.model import Bundle

NAMES = ("company_age", "round_last_age", "cash_runway", "cash_left_of_round", "headcount_churn", "patents_in_force",
         "model_recurring_share", "evidence_agreement")  # fmt: skip
SMALL = Recipe(learning_rate=0.1, num_leaves=6, patience=10)


@pytest.fixture(scope="module")
def made(panel) -> tuple[Bundle, pl.DataFrame, dict[str, float]]:
    """A model of eight features of six signals, and its test rows; most depends on rounds, then on cash."""
    draw, frame = np.random.default_rng(5), panel.frame.select("company_id", "as_of", "vintage")
    values = {name: draw.uniform(0, 1, frame.height) for name in NAMES}
    log_odds = -3 + 3 * values["round_last_age"] * (1 - values["cash_runway"]) - 2 * values["model_recurring_share"]
    labels = draw.uniform(size=frame.height) < 1 / (1 + np.exp(-log_odds - values["headcount_churn"]))
    frame = frame.with_columns(**values, **{LABEL: pl.Series(labels)})
    made_up = replace(panel, frame=frame, features=tuple(map(feature_named, NAMES)))
    split = out_of_time(made_up, 4)
    bundle = train(made_up, split, version="x", recipe=SMALL).bundle
    rows = split.test.unique("company_id", keep="last", maintain_order=True)
    return bundle, rows, importance(bundle, split.taught)


@pytest.fixture(scope="module")
def found(made) -> Revealed:
    bundle, rows, weights = made
    return revealed(bundle, rows, weights, share=1.0, most=5)


def error(found: Revealed, way: str) -> np.ndarray:
    return np.abs(found.pd[way] - found.whole[:, None]).mean(axis=0)


def test_a_feature_is_dark_as_long_as_any_of_its_signals_is():
    values = np.arange(8.0)
    dark = np.isnan(seen(NAMES, values, frozenset({"funding_round"})))
    assert [name for name, one in zip(NAMES, dark, strict=True) if one] == ["round_last_age", "cash_left_of_round"]
    assert known_signals(NAMES, np.where(dark, np.nan, values)) == {
        "company_profile", "cash_position", "headcount", "patent", "revenue_model",
    }  # fmt: skip


def test_whoever_the_company_is_stays_known():
    assert "company_profile" not in hideable() and "market_signal" not in hideable() and "patent" in hideable()


def test_all_orders_begin_alike_and_end_where_all_is_known(found):
    for way in WAYS:
        assert found.pd[way][:, 0].tolist() == found.pd[OURS][:, 0].tolist() != found.whole.tolist()
        assert found.pd[way][:, -1].tolist() == found.whole.tolist(), "five signals are hidden, and five revealed"
    assert found.hidden.tolist() == [5.0] * len(found.labels)


def test_what_matters_is_revealed_before_what_does_not(found, made):
    assert error(found, OURS)[1:5].mean() < 0.7 * error(found, RANDOM)[1:5].mean()
    _, _, weights = made
    assert max(weights, key=weights.__getitem__) in ("funding_round", "revenue_model", "cash_position")
    assert weights["facility"] == 0.0


def test_the_same_seed_hides_the_same(made, found):
    bundle, rows, weights = made
    again = revealed(bundle, rows, weights, share=1.0, most=5)
    assert all(np.array_equal(again.pd[way], found.pd[way]) for way in WAYS)
    some = revealed(bundle, rows, weights, share=0.3, most=1, seed=2)
    assert some.hidden.min() >= 1 and 1.2 < some.hidden.mean() < 2.5


def test_a_study_says_what_its_tables_say(found):
    told = next_data_study(found, about="made up", simulated=True, params={"seed": 0})
    assert told.kind == "next-data" and len(told.says) == 4 and "simulated" in told.card()
    by = {row[0]: row for row in told.listings[0].rows}
    assert [float(cell) for cell in by[OURS][1:]] == pytest.approx(100 * error(found, OURS), abs=6e-4)
    gained = told.metrics[f"error.gain_over.{RANDOM}"]
    assert gained.value == pytest.approx((error(found, RANDOM) - error(found, OURS))[1:].mean())
    assert told.says[0].startswith("The next best datum cuts the error faster than random")
    assert gained.low <= gained.value <= gained.high and {*told.figures} == {"error"}


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [(0.1, 0.3, "faster than"), (-0.3, -0.1, "more slowly than"), (-0.1, 0.1, "No gain"), (0.0, 0.1, "No gain")],
)
def test_a_verdict_needs_an_interval_on_one_side(low, high, says):
    assert says in sentence("error", GLOBAL, Estimate((low + high) / 2, low, high))
