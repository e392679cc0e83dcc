"""A small model on made-up companies, trained once; and random trees, never trained."""

from collections.abc import Callable, Mapping
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


THRESHOLDS = (0.0, -0.0, 1.0000000180025095e-35, -1.0000000180025095e-35, 1e300, -1e300, 5e-324)
VALUES = (*THRESHOLDS, 1e-36, -1e-36, 1.1e-35, np.inf, -np.inf, np.nan, np.nan, np.nan)
MISSING = {"none": 0, "zero": 4, "nan": 8}  # as in a split's decision type


def random_model(
    seed: int, *, features: int, depth: int, trees: int = 3, splits: int = 40, missing: str | None = None
) -> str:
    """LightGBM's text of random trees, no deeper than ``depth``: quicker than training, and wilder than what it gives.

    Every split has one missing type, or each its own.
    """
    generator = np.random.default_rng(seed)
    head = [
        "tree", "version=v4", "num_class=1", "num_tree_per_iteration=1", "label_index=0",
        f"max_feature_idx={features - 1}", "objective=binary sigmoid:1",
        f"feature_names={' '.join(f'f{place}' for place in range(features))}",
        f"feature_infos={' '.join(['[-3:3]'] * features)}", "",
    ]  # fmt: skip
    grown = [_tree(generator, features, depth, splits, missing) for _ in range(trees)]
    body = [f"Tree={number}\n{text}\n\n" for number, text in enumerate(grown)]
    return "\n".join(head) + "\n" + "\n".join(body) + "\nend of trees\n\nparameters:\nend of parameters\n"


def random_rows(seed: int, features: int, count: int = 11) -> Any:
    """Rows for such a model: numbers near its thresholds, one in five of them unknown, zero, tiny or infinite."""
    generator = np.random.default_rng(seed)
    values = generator.normal(size=(count, features)).round(1)
    odd = generator.random(values.shape) < 0.2
    values[odd] = generator.choice(VALUES, odd.sum())
    return values


def _tree(generator: Any, features: int, depth: int, splits: int, missing: str | None) -> str:
    """One tree, split by split where there is room; a chain as likely as a bush."""
    left, right, cover, leaf_cover, depths = [], [], [], [int(generator.integers(2, 2**31))], [0]
    parent: list[tuple[list[int], int] | None] = [None]
    chosen: Callable[[list[int]], int] = (lambda open_: open_[-1]) if generator.random() < 0.3 else generator.choice
    for split in range(int(generator.integers(0, splits + 1))):
        open_ = [leaf for leaf, level in enumerate(depths) if level < depth and leaf_cover[leaf] > 1]
        if not open_:
            break
        leaf, new = int(chosen(open_)), len(leaf_cover)
        if (above := parent[leaf]) is not None:
            above[0][above[1]] = split
        left.append(~leaf)
        right.append(~new)
        parent[leaf], total = (left, split), leaf_cover[leaf]
        parent.append((right, split))
        cover.append(total)
        leaf_cover[leaf] = int(generator.integers(1, total))
        leaf_cover.append(total - leaf_cover[leaf])
        depths[leaf] += 1
        depths.append(depths[leaf])
    count = len(left)
    kinds = [MISSING[missing]] if missing else list(MISSING.values())
    thresholds = np.where(
        generator.random(count) < 0.2, generator.choice(THRESHOLDS, count), generator.normal(size=count).round(1)
    )
    fields: dict[str, Any] = {
        "num_leaves": count + 1, "num_cat": 0, "split_feature": generator.integers(0, features, count),
        "split_gain": np.ones(count, int), "threshold": [repr(float(one)) for one in thresholds],
        "decision_type": generator.choice(kinds, count) + generator.choice([0, 2], count),
        "left_child": left, "right_child": right,
        "leaf_value": [repr(float(one)) for one in generator.normal(size=count + 1)],
        "leaf_weight": leaf_cover, "leaf_count": leaf_cover, "internal_value": np.zeros(count, int),
        "internal_weight": cover, "internal_count": cover, "is_linear": 0, "shrinkage": 1,
    }  # fmt: skip
    return "\n".join(f"{name}={_line(value)}" for name, value in fields.items())


def _line(value: Any) -> str:
    return str(value) if isinstance(value, int) else " ".join(map(str, value))


@pytest.fixture(scope="session")
def grow() -> Callable[..., str]:
    """Makes a model of random trees."""
    return random_model


@pytest.fixture(scope="session")
def draw_rows() -> Callable[..., Any]:
    """Draws rows for such a model."""
    return random_rows
