"""Experts' scorecards: read from their files, monotone in what they ask, honest about what they are."""

from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.errors import InvalidInput
from experiments.expert.scorecard import AGE, CARDS, Scorecard, load_scorecard
from scoring.features import FEATURES_BY_NAME

LOADED = [load_scorecard(file) for file in CARDS]

cards = pytest.mark.parametrize("card", LOADED, ids=lambda card: card.name)


@cards
def test_a_card_says_what_it_is_and_asks_for_features_there_are(card: Scorecard):
    assert "unofficial" in card.status and "unverified" in card.status and card.source and card.read_on == "2026-11-21"
    assert set(card.features) <= set(FEATURES_BY_NAME)
    assert {indicator.origin for indicator in card.indicators} <= {"reported", "nearest", "ours"}


def test_the_cards_have_the_reported_number_of_indicators():
    first, second = (Counter(indicator.kind for indicator in card.indicators) for card in LOADED)
    assert first == {"technology": 7, "growth": 6, "auxiliary": 5}
    assert sum(second.values()) - second["bonus"] == 9 and second["bonus"] == 3
    assert all(sum(stage.weights.values()) == 100 for stage in LOADED[0].stages)
    assert sum(LOADED[1].stages[0].weights.values()) == 130


@cards
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_points_move_with_their_drivers_only_one_way(card: Scorecard, data: st.DataObject):
    value = st.one_of(st.none(), st.floats(-1e9, 1e9))
    answers = data.draw(st.fixed_dictionaries({AGE: st.floats(0, 9_000), **dict.fromkeys(card.features, value)}))
    indicator = data.draw(st.sampled_from(card.indicators))
    low, high = sorted(data.draw(st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))))
    worse, better = (low, high) if indicator.full > indicator.none else (high, low)
    rows = pl.DataFrame([answers | {indicator.feature: one} for one in (None, worse, better)],
                        schema=dict.fromkeys(answers, pl.Float64))  # fmt: skip
    unknown, less, more = card.points(rows)
    most = max(sum(stage.weights.values()) for stage in card.stages)
    assert 0 <= unknown <= less + 1e-9 and less <= more + 1e-9 and more <= most + 1e-9


@cards
def test_all_and_nothing(card: Scorecard):
    full = {indicator.feature: indicator.full for indicator in card.indicators}
    for age in (0.0, 7 * 366.0, 40 * 366.0):
        best = card.points(pl.DataFrame(full | {AGE: age}))
        assert best[0] == pytest.approx(100 if card.version == 1 else 130)
    assert card.points(pl.DataFrame({AGE: [1.0, None]})).tolist() == [0.0, 0.0]


def test_the_stage_decides_what_counts():
    card = LOADED[0]
    rows = pl.DataFrame({AGE: [365.0, 3_000.0, 9_000.0, None], "rd_expense": [2e7] * 4})
    points = card.points(rows)
    shares = np.array([card.stages[place].weights["technology"] for place in (0, 1, 2, 0)]) / 7
    assert points == pytest.approx(shares)


CARD = """
[card]
name = "small"
version = 1
status = "ours"
source = "nowhere"
read_on = 2026-01-01
[[stage]]
name = "any"
weights = { technology = 10.0 }
[[indicator]]
name = "patents"
kind = "technology"
feature = "patents_in_force"
none = 0.0
full = 4.0
origin = "ours"
"""


def test_a_card_of_one_s_own(tmp_path: Path):
    file = tmp_path / "own.toml"
    file.write_text(CARD)
    assert load_scorecard(file).points(pl.DataFrame({"patents_in_force": [-1.0, 1.0, 9.0]})).tolist() == [
        0.0,
        2.5,
        10.0,
    ]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("full = 4.0", "full = 0.0", "patents"),
        ('origin = "ours"', 'origin = "theirs"', "patents"),
        ("technology = 10.0", "team = 10.0", "weigh"),
        ('name = "any"', 'name = "any"\nuntil_years = 3.0', "ends"),
        ("[card]", "[cart]", "no scorecard"),
        ("none = 0.0", "none = ", "no scorecard"),
        ('kind = "technology"', 'sort = "technology"', "no scorecard"),
    ],
)
def test_a_card_that_cannot_be_used_is_refused(tmp_path: Path, before, after, said):
    file = tmp_path / "own.toml"
    file.write_text(CARD.replace(before, after))
    with pytest.raises(InvalidInput, match=said):
        load_scorecard(file)
