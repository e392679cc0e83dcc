"""The Bayes PD is calibrated, within the range aimed at, and no single observable beats it."""

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from seeds import truth
from seeds.process import factors, runway, spending, strength
from seeds.world import World


def test_bayes_auc_is_in_range(panel: pl.DataFrame) -> None:
    bayes = truth.bayes_auc(panel)
    assert 0.82 <= bayes.auc <= 0.89
    assert [str(day) for day in bayes.as_of] == ["2023-03-31", "2023-06-30", "2023-09-30", "2023-12-31"]


def test_bayes_pd_is_calibrated(panel: pl.DataFrame) -> None:
    known = panel.drop_nulls(["bayes_pd", "default_12m"])
    assert known["bayes_pd"].is_between(0.0, 1.0).all()
    spread = 3.0 * np.sqrt(
        float((known["bayes_pd"] * (1 - known["bayes_pd"])).sum()) * 4
    )  # a default counts four times
    assert abs(known["bayes_pd"].sum() - known["default_12m"].sum()) < spread + 0.25 * known["default_12m"].sum()


def test_no_observable_beats_the_bayes_pd(world: World, panel: pl.DataFrame) -> None:
    best = truth.bayes_auc(panel).auc
    scores: dict[str, list[np.ndarray]] = {}
    labels = []
    for quarter in world.test_quarters:
        at = truth.eligible_companies(world, quarter)
        state = world.snapshots[quarter].take(at)
        seen = {
            "runway": -runway(state.cash, spending(state)), "arrears": state.arrears, "cash": -state.cash,
            "since round": state.since_round, "strength": -strength(factors(state.odds)), "revenue": -state.revenue,
            "headcount": -state.headcount, "balance": -state.balance,
        }  # fmt: skip
        for name, values in seen.items():
            scores.setdefault(name, []).append(values)
        rows = panel.filter((pl.col("quarter") == quarter) & pl.col("eligible")).sort("company")
        labels.append(rows["default_12m"].to_numpy())
    truth_of_all = np.concatenate(labels)
    aucs = {name: roc_auc_score(truth_of_all, np.concatenate(parts)) for name, parts in scores.items()}
    assert max(aucs.values()) < best
    assert aucs["runway"] > 0.7 and aucs["arrears"] > 0.55 and aucs["strength"] > 0.6


def test_more_replicates_say_the_same(world: World) -> None:
    quarter = world.test_quarters[0]
    _, few = truth.bayes_pd(world, quarter, 100)
    _, many = truth.bayes_pd(world, quarter, 200)
    assert np.corrcoef(few, many)[0, 1] > 0.97
    assert few.mean() == pytest.approx(many.mean(), rel=0.1)
