"""How far a PD would move: by the covers of trees; and which signals are worth their cost."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.errors import InvalidInput
from scoring.advice.next_data import made_known, ranked, signals_behind
from scoring.advice.policy import SHIPPED, read_policy, shipped_policy
from scoring.advice.spread import DRAWS, Forest, forest_of, narrowing
from scoring.model import Bundle
from scoring.model.shap import raw_log_odds
from scoring.model.shap.text import Tree

Companies = Callable[[int, int], pl.DataFrame]


def stump(feature: int, left: float, right: float, share: float) -> Tree:
    """One split: this share of a hundred rows goes left, of values at most 0."""
    return Tree(
        feature=np.array([feature]), threshold=np.zeros(1), missing=np.array([2]), unknown_left=np.array([True]),
        children=np.array([[-1, -2]]), cover=np.array([100.0]), leaf_cover=np.array([100 * share, 100 * (1 - share)]),
        value=np.array([left, right]),
    )  # fmt: skip


def drawn(*columns: int, of: int = 2) -> np.ndarray:
    return np.isin(np.arange(of), columns)


def test_as_many_draws_go_either_way_as_rows_did() -> None:
    forest = Forest.of([stump(0, -1.0, 1.0, 0.25), stump(1, 2.0, 0.0, 0.5)])
    raw = forest.raw(np.array([np.nan, 5.0]), drawn(0))
    assert np.unique(raw, return_counts=True)[1].tolist() == [DRAWS // 4, 3 * DRAWS // 4]
    assert np.unique(raw).tolist() == [-1.0, 1.0]


def test_good_news_comes_with_good_news() -> None:
    # Risk rises with the first feature and falls with the second: each is drawn from its good end to its bad one.
    forest = Forest.of([stump(0, -1.0, 1.0, 0.5), stump(1, 1.0, -1.0, 0.5)])
    assert forest.risk_rises.tolist() == [True, False]
    raw = forest.raw(np.full(2, np.nan), drawn(0, 1))
    assert raw.tolist() == [-2.0] * (DRAWS // 2) + [2.0] * (DRAWS // 2)


def test_a_path_narrows_what_is_left_of_a_feature() -> None:
    # Left of 0 for half of the rows, and of these left of -1 for half: a quarter each, and half on the right.
    tree = Tree(
        feature=np.array([0, 0]), threshold=np.array([0.0, -1.0]), missing=np.array([2, 2]),
        unknown_left=np.array([True, True]), children=np.array([[1, -1], [-2, -3]]), cover=np.array([100.0, 50.0]),
        leaf_cover=np.array([50.0, 25.0, 25.0]), value=np.array([3.0, 1.0, 2.0]),
    )  # fmt: skip
    raw = Forest.of([tree]).raw(np.array([np.nan]), drawn(0, of=1))
    assert raw.tolist() == [1.0] * (DRAWS // 4) + [2.0] * (DRAWS // 4) + [3.0] * (DRAWS // 2)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1_000))
def test_where_nothing_is_drawn_the_walk_is_the_models(bundle: Bundle, companies: Companies, seed: int) -> None:
    values = companies(1, seed).select(bundle.names).to_numpy().astype(np.float64)

    raw = forest_of(bundle.model).raw(values[0], np.zeros(values.shape[1], bool))
    assert raw.tolist() == pytest.approx([raw_log_odds(bundle.booster, values)[0]] * DRAWS, abs=1e-12)
    assert narrowing(bundle, values[0], np.zeros(values.shape[1], bool)) == 0.0


def test_only_what_needs_the_signal_and_no_other_becomes_known() -> None:
    names = ("cash_balance", "cash_left_of_round", "round_last_amount", "credit_limit_to_round", "cash_burn")
    values = np.array([np.nan, np.nan, np.nan, np.nan, 1.0])
    assert signals_behind("cash_left_of_round") == {"cash_position", "funding_round"}
    assert made_known(names, values, "cash_position", {"funding_round"}).tolist() == [True, True, False, False, False]
    assert made_known(names, values, "cash_position", ()).tolist() == [True, False, False, False, False]


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1_000))
def test_signals_come_by_worth_for_their_cost(bundle: Bundle, companies: Companies, seed: int) -> None:
    hidden = [
        name for name in bundle.names if signals_behind(name) & {"cash_position", "repayment_status", "headcount"}
    ]
    row = companies(1, seed).with_columns(pl.lit(None, pl.Float64).alias(name) for name in hidden)
    values = row.select(bundle.names).to_numpy().astype(np.float64)[0]
    given_ = set(shipped_policy().signals) - {"cash_position", "repayment_status", "headcount"}
    found = ranked(bundle, values, given_)
    worth = [(one.narrows or 0.0) / one.obtaining.cost for one in found]
    assert worth == sorted(worth, reverse=True) and min(worth) > 0
    of = {one.signal: one for one in found}
    assert {"cash_position", "repayment_status", "headcount"} <= of.keys()
    assert not of["cash_position"].in_part and all(one.in_part for name, one in of.items() if name in given_)
    assert "credit_event" not in of and "market_signal" not in of
    dear = replace(shipped_policy(), signals={
        name: replace(one, cost=1e6 if name == found[0].signal else one.cost)
        for name, one in shipped_policy().signals.items()
    })  # fmt: skip
    assert ranked(bundle, values, given_, dear)[-1].signal == found[0].signal


def test_a_company_of_which_all_is_known_wants_no_data(bundle: Bundle, companies: Companies) -> None:
    values = np.nan_to_num(companies(1, 1).select(bundle.names).to_numpy().astype(np.float64)[0])
    assert ranked(bundle, values, set(shipped_policy().signals)) == ()


@pytest.mark.parametrize(
    ("was", "is_"),
    [("cost = 1.0", "cost = 0.0"), ('kind = "share"', 'kind = "wish"'), ("most = 8", "most = 900"),
     ("[signals.patent]", "[signals.horoscope]"), ("months = 6", "years = 6"), ('version = "1"', "")],
)  # fmt: skip
def test_a_policy_with_a_slip_is_refused(tmp_path: Path, was: str, is_: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert was in text
    file = tmp_path / "policy.toml"
    file.write_text(text.replace(was, is_, 1), encoding="utf-8")
    with pytest.raises((InvalidInput,)):
        read_policy(file)
