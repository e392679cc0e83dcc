"""A model of companies made up, whose risk follows what companies can change; and companies to advise."""

from collections.abc import Callable, Mapping
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl
import pytest

from scoring.features import FEATURES
from scoring.features.declaration import Unit
from scoring.model import Bundle, Calibration, Outcome, ScoreScale, contract_of

ROWS = 3_000
TOP: Mapping[Unit, float] = {
    Unit.CNY: 5e7, Unit.COUNT: 20, Unit.DAYS: 900, Unit.MONTHS: 60, Unit.YEARS: 20, Unit.PEOPLE: 200, Unit.SHARE: 1,
    Unit.RATIO: 3, Unit.LEVEL: 9, Unit.FLAG: 1,
}  # fmt: skip
MATTERS = {
    "cash_runway": -1.5, "cash_burn": 0.4, "credit_utilisation": 1.0, "model_top_customer_share": 1.0,
    "model_recurring_share": -0.8, "headcount_churn": 0.8, "statement_leverage": 1.0, "company_age": -0.5,
    "product_last_milestone_age": 0.5, "certificates_valid": -0.5, "credit_days_past_due": 1.0,
}  # fmt: skip
"""Log-odds from the lowest value of a feature to the highest."""

PARAMETERS = {
    "objective": "binary", "num_leaves": 12, "max_depth": 4, "min_data_in_leaf": 30, "verbosity": -1, "num_threads": 1,
    "deterministic": True, "feature_fraction": 0.5, "seed": 1,
}  # fmt: skip


def made_up(rows: int, seed: int) -> pl.DataFrame:
    """Companies, evenly spread in every feature but the derived ones; one value in ten is unknown."""
    draw = np.random.default_rng(seed)
    columns: dict[str, Any] = {"company_id": [f"co_{place:04}" for place in range(rows)]}
    for feature in FEATURES:
        values = draw.uniform(0, TOP[feature.unit], rows)
        if feature.unit in (Unit.COUNT, Unit.LEVEL, Unit.FLAG, Unit.DAYS):
            values = values.round()
        values[draw.uniform(size=rows) < 0.1] = np.nan
        columns[feature.name] = pl.Series(values, nan_to_null=True)
    frame = pl.DataFrame(columns)
    for feature in FEATURES:
        if feature.signal is None:
            value = feature.expr.cast(pl.Float64)
            frame = frame.with_columns(pl.when(value.is_finite()).then(value).alias(feature.name))
    return frame


@pytest.fixture(scope="session")
def companies() -> Callable[[int, int], pl.DataFrame]:
    """Makes companies: how many, and the seed."""
    return made_up


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    """The model, monotone as the features declare."""
    rows, draw = made_up(ROWS, 0), np.random.default_rng(1)
    log_odds = np.full(ROWS, -4.0)
    for name, weight in MATTERS.items():
        top = TOP[next(feature.unit for feature in FEATURES if feature.name == name)]
        log_odds += weight * 2 * rows[name].fill_null(top / 2).to_numpy() / top
    labels = (draw.uniform(size=ROWS) < 1 / (1 + np.exp(-log_odds))).astype(int)
    names = [feature.name for feature in FEATURES]
    parameters = PARAMETERS | {"monotone_constraints": [feature.direction.constraint for feature in FEATURES]}
    values = rows.select(names).to_numpy().astype(np.float64)
    booster = lgb.train(parameters, lgb.Dataset(values, labels, feature_name=names), 60)
    return Bundle(
        model=booster.model_to_string(), calibration=Calibration(1.1, 0.1), scale=ScoreScale(),
        contract=contract_of(FEATURES), outcome=Outcome("default", 12), base_rate=float(labels.mean()),
        training={}, version="made-up",
    )  # fmt: skip
