"""A small model on made-up companies, trained once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl
import pytest

from alliance.signals import Pillar
from scoring.features.declaration import Direction, Feature, Unit
from scoring.model import Bundle, Calibration, Outcome, ScoreScale, contract_of


def feature(name: str, pillar: Pillar, unit: Unit, direction: Direction = Direction.FREE) -> Feature:
    return Feature(
        name=name, pillar=pillar, signal="patent", expr=pl.len(), zh=f"中文 {name}", en=f"english {name}",
        unit=unit, direction=direction,
    )  # fmt: skip


FEATURES = (
    feature("cash", Pillar.VENTURE, Unit.CNY, Direction.LOWERS_RISK),
    feature("patents", Pillar.TECHNOLOGY, Unit.COUNT),
    feature("churn", Pillar.TEAM, Unit.SHARE, Direction.RAISES_RISK),
    feature("late", Pillar.VENTURE, Unit.DAYS, Direction.RAISES_RISK),
    feature("launched", Pillar.TECHNOLOGY, Unit.FLAG),
    feature("staff", Pillar.TEAM, Unit.PEOPLE),
    feature("noise", Pillar.FINANCIAL, Unit.RATIO),
)
PARAMETERS = {
    "objective": "binary", "num_leaves": 8, "max_depth": 4, "verbosity": -1, "num_threads": 1, "deterministic": True,
}  # fmt: skip
ROUNDS = 40


@dataclass(frozen=True)
class Sample:
    """Companies (n by f, NaN for unknown) and whether they defaulted (n)."""

    values: np.ndarray[Any, np.dtype[np.float64]]
    defaulted: np.ndarray[Any, np.dtype[np.int64]]

    def frame(self) -> pl.DataFrame:
        columns = {f.name: self.values[:, i] for i, f in enumerate(FEATURES)}
        ids = {"company_id": [f"C{i:04d}" for i in range(len(self.values))]}
        return pl.DataFrame({**ids, **columns}).with_columns(pl.col(*columns).fill_nan(None))


def draw(rows: int, seed: int) -> Sample:
    generator = np.random.default_rng(seed)
    scale = np.array([1e7, 5, 0.3, 100, 1, 40, 1])
    values = np.abs(generator.normal(size=(rows, len(FEATURES)))) * scale
    values[:, 4] = generator.random(rows) < 0.5
    effect = (values / scale) @ np.array([-1.5, 0.4, 1.0, 1.0, -0.5, 0.1, 0.0]) - 2
    defaulted = (generator.random(rows) < 1 / (1 + np.exp(-effect))).astype(np.int64)
    values[generator.random(values.shape) < 0.2] = np.nan
    return Sample(values, defaulted)


def train(sample: Sample, given: Mapping[str, Any] | None = None) -> lgb.Booster:
    constraints = [f.direction.constraint for f in FEATURES]
    parameters = {**PARAMETERS, "monotone_constraints": constraints, **(given or {})}
    names = [f.name for f in FEATURES]
    return lgb.train(parameters, lgb.Dataset(sample.values, sample.defaulted, feature_name=names), ROUNDS)


def bundle_of(booster: lgb.Booster) -> Bundle:
    return Bundle(
        model=booster.model_to_string(),
        calibration=Calibration(0.9, -0.1),
        scale=ScoreScale(),
        contract=contract_of(FEATURES),
        outcome=Outcome("default", 12),
        base_rate=0.1,
        training={"as_of": ["2021-01-31", "2024-12-31"], "data": "指纹"},
        version="test",
    )


@pytest.fixture(scope="session")
def sample() -> Sample:
    return draw(1500, seed=1)


@pytest.fixture(scope="session")
def booster(sample: Sample) -> lgb.Booster:
    return train(sample)


@pytest.fixture(scope="session")
def bundle(booster: lgb.Booster) -> Bundle:
    return bundle_of(booster)


@pytest.fixture(scope="session")
def frame() -> pl.DataFrame:
    return draw(400, seed=2).frame()


@pytest.fixture(scope="session")
def known() -> dict[str, Feature]:
    return {f.name: f for f in FEATURES}


@pytest.fixture(scope="session")
def constant(sample: Sample) -> Bundle:
    """A model that found nothing to split on."""
    return bundle_of(train(sample, given={"min_data_in_leaf": len(sample.values)}))
