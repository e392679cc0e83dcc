"""Shallow, monotone trees, stopped early, calibrated, sealed in a bundle."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from math import ceil, log
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from alliance.store.decisions import grants_digest
from experiments.certainty.fitted import BAND, certainty_of
from experiments.certainty.rows import Rows, years_back
from experiments.grounds import reference_of
from experiments.metrics import Sample
from experiments.monitoring.development import DIGEST, Development, development
from experiments.panel import LABEL, Panel
from experiments.ranges import coarse
from experiments.splits import Split, company_folds, told_both
from scoring.features import Direction
from scoring.model import Bundle, Calibration, ScoreScale, contract_of
from scoring.model import Outcome as BundleOutcome
from scoring.model.certainty import Certainty
from scoring.model.groups import groups_of

THREADS = 1
"""Fixed, so that a model is the same to the bit wherever it is trained; more gain nothing on tables of this size."""

MAX_TREES = 2_000
"""Early stopping ends long before."""

SMALLEST_LEAF = 20

CROSSED = 4
"""Parts of the companies; each is scored by trees of the others, for the calibration and its intervals."""

NOTHING_KNOWN_WEIGHT = 1e-6
"""Weight of the one row of which nothing is known; a company's row weighs 1."""

BIN_SAMPLE = 200_000
"""Rows from which LightGBM finds bins, and whether a feature is ever unknown; drawn, where there are more."""

Floats = NDArray[np.float64]


class Input(Protocol):
    """A column trees learn from: what it is called, and how risk must move as it rises."""

    @property
    def name(self) -> str: ...

    @property
    def direction(self) -> Direction: ...


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How trees are grown: many small steps, few splits each, none by a handful of companies.

    The defaults were chosen among seven by the log-loss of the seed alliance's stop rows; no test row was looked at.

    Attributes:
        learning_rate: how much of a tree is believed.
        max_depth: most features that can act together in one tree; an explanation is read by people.
        num_leaves: leaves of a tree.
        leaf_share: share of the rows a leaf has at least (and ``SMALLEST_LEAF`` rows).
        lambda_l2: pull of leaf values to zero.
        feature_fraction, bagging_fraction: share of features and rows a tree sees.
        patience: trees without a better log-loss on the stop rows before growing ends.
        seed: of every random choice.
    """

    learning_rate: float = 0.03
    max_depth: int = 4
    num_leaves: int = 12
    leaf_share: float = 0.008
    lambda_l2: float = 20.0
    feature_fraction: float = 0.2
    bagging_fraction: float = 0.8
    patience: int = 80
    seed: int = 20131001


RECIPE = Recipe()


@dataclass(frozen=True, eq=False)
class Trained:
    """A bundle and how it came to be.

    Attributes:
        bundle: the model, calibrated.
        trees: number of trees kept.
        losses: log-loss on the stop rows after each tree grown, before calibration.
        parameters: what LightGBM was told.
        witnesses: what the calibration and its intervals were made from.
        development: what the test rows were like, by which the model is monitored; the bundle names its SHA-256.
    """

    bundle: Bundle
    trees: int
    losses: tuple[float, ...]
    parameters: Mapping[str, Any] = field(repr=False)
    witnesses: Rows = field(repr=False)
    development: Development = field(repr=False)


class Engine(Protocol):
    """Where trees grow."""

    @property
    def told(self) -> Mapping[str, Any]:
        """What a bundle says of it."""
        ...

    def learn(self, split: Split, features: Sequence[Input], recipe: Recipe) -> "tuple[Grown, Grown]":
        """Trees that ``stop`` taught nothing but their number, and as many grown on ``taught``."""
        ...

    def witnesses(
        self, chosen: "Grown", split: Split, features: Sequence[Input], horizon_months: int, recipe: Recipe, /
    ) -> Rows:
        """Rows that tell the level of the trees that are kept: each scored by trees that its company taught nothing."""
        ...


class ThisProcess:
    """Trees grow here, on one thread."""

    told: Mapping[str, Any] = MappingProxyType({})

    def learn(self, split: Split, features: Sequence[Input], recipe: Recipe) -> "tuple[Grown, Grown]":
        chosen = grow(split.fit, split.stop, features, recipe)
        return chosen, regrown(chosen, split.taught, features, recipe)

    def witnesses(
        self, chosen: "Grown", split: Split, features: Sequence[Input], horizon_months: int, recipe: Recipe
    ) -> Rows:
        return witnesses(chosen, split.taught, features, horizon_months, recipe)


HERE = ThisProcess()


def train(panel: Panel, split: Split, *, version: str, recipe: Recipe = RECIPE, engine: Engine = HERE) -> Trained:
    """A bundle from a panel's split; the same, to the bit, for the same rows and recipe.

    Trees as of ``learn``, under a calibration from ``witnesses``.

    Raises:
        InvalidInput: a part that teaches lacks either outcome.
    """
    for name in ("fit", "stop", "taught"):
        told_both(getattr(split, name), name)
    chosen, grown = engine.learn(split, panel.features, recipe)
    rows = engine.witnesses(chosen, split, panel.features, panel.horizon_months, recipe)
    contract = contract_of(panel.features)
    bundle = Bundle(
        model=grown.model,
        calibration=rows.calibration,
        scale=ScoreScale(),
        contract=contract,
        outcome=BundleOutcome(panel.outcome.name, panel.horizon_months),
        base_rate=float(split.taught[LABEL].to_numpy().mean()),
        training={
            "data_cut": panel.data_cut.isoformat(),
            "watermark": panel.watermark,
            "panel_sha256": panel.sha256,
            "purpose": panel.access.request.purpose,
            "grants": len(panel.access.grants),
            "grants_sha256": grants_digest(panel.access.grants),
            "recipe": asdict(recipe),
            "trees": grown.trees,
            **engine.told,
            **{part: _described(rows_of) for part, rows_of in vars(split).items()},
        },
        version=version,
        certainty=_certainty(rows, split, panel.names),
        groups=groups_of(contract),
    )
    bundle = replace(bundle, reference=reference_of(bundle, matrix(split.taught, panel.names)))
    made = development(bundle, split.test)
    known = replace(bundle, training={**bundle.training, DIGEST: made.sha256})
    return Trained(known, grown.trees, grown.losses, grown.parameters, rows, made)


def _certainty(rows: Rows, split: Split, names: Sequence[str]) -> Certainty:
    """Intervals from rows as ``witnesses`` gives them, and what companies were like."""
    fit, stop, taught = (matrix(part, names) for part in (split.fit, split.stop, split.taught))
    return certainty_of(rows, BAND, developed=taught, earlier=fit, later=stop)


def witnesses(
    chosen: "Grown", taught: pl.DataFrame, features: Sequence[Input], horizon_months: int, recipe: Recipe = RECIPE
) -> Rows:
    """The rows that teach, each scored by as many trees as were chosen that its company taught nothing.

    So all of them tell the level, over all years, of trees that saw next to as many rows as those that are kept; the
    ``stop`` rows are few, of one year, and of trees that saw half as many.
    """

    def without(fold: int) -> Grown:
        others = company_folds(taught["company_id"], CROSSED) != fold
        return regrown(chosen, taught.filter(pl.Series(others)), features, recipe)

    return told_by(crossed(taught, without), taught, horizon_months)


def crossed(taught: pl.DataFrame, without: "Callable[[int], Grown]") -> NDArray[np.float64]:
    """Raw log-odds of rows (n), each by trees grown without the part of the companies (``CROSSED``) that its own is of.

    Args:
        without: grows the trees that a part taught nothing.
    """
    part, raw = company_folds(taught["company_id"], CROSSED), np.empty(taught.height)
    for number in range(CROSSED):
        own = part == number
        raw[own] = without(number).raw(taught.filter(pl.Series(own)))
    return raw


def told_by(raw: NDArray[np.float64], taught: pl.DataFrame, horizon_months: int) -> Rows:
    """What such log-odds (n) say of rows that teach (n)."""
    sample = Sample.of(taught[LABEL].to_numpy(), taught["company_id"])
    return Rows.of(raw, sample, years_back(taught["as_of"], horizon_months))


Groups = Sequence[Sequence[int]]
"""Places of features that may act together in one tree; a tree keeps to one group. None: all of them may."""


def learn(
    split: Split, features: Sequence[Input], recipe: Recipe = RECIPE, *, groups: Groups = ()
) -> "tuple[Grown, Calibration]":
    """Trees and their calibration, from all of a split but its test.

    Trees learn from ``fit``; their number is the one with the least log-loss on ``stop``, where Platt's calibration is
    fitted too. Then as many trees are grown on ``taught``, which holds the latest outcomes as well, and these are kept
    under that calibration. That it was fitted to other trees, on rows that chose their number, is a little hopeful;
    the test rows then show by how much.
    """
    chosen = grow(split.fit, split.stop, features, recipe, groups=groups)
    calibration = Calibration.fit(chosen.raw(split.stop), split.stop[LABEL].to_numpy())
    return regrown(chosen, split.taught, features, recipe, groups=groups), calibration


def regrown(
    chosen: "Grown", taught: pl.DataFrame, features: Sequence[Input], recipe: Recipe = RECIPE, *, groups: Groups = ()
) -> "Grown":
    """As many trees as were chosen, grown on other rows, without watching any."""
    parameters = parameters_of(taught.height, features, recipe, groups)
    booster = lgb.train(parameters, _taught(taught, chosen.names, parameters), num_boost_round=chosen.trees)
    return replace(chosen, model=coarse(booster.model_to_string()), parameters=parameters)


def _described(rows: pl.DataFrame) -> dict[str, Any]:
    return {
        "rows": rows.height,
        "companies": rows["company_id"].n_unique(),
        "outcomes": int(rows[LABEL].sum()),
        "first": str(rows["as_of"].min()),
        "last": str(rows["as_of"].max()),
    }


@dataclass(frozen=True, eq=False)
class Grown:
    """Trees, before they are calibrated.

    Attributes:
        model: LightGBM model text, holding the trees kept.
        names: names of the features, in order.
        trees, losses, parameters: as in ``Trained``.
    """

    model: str
    names: list[str]
    trees: int
    losses: tuple[float, ...]
    parameters: Mapping[str, Any]

    def raw(self, rows: pl.DataFrame) -> Floats:
        """Raw log-odds (n) of rows with the features' columns (n)."""
        booster = lgb.Booster(model_str=self.model)
        return np.asarray(booster.predict(matrix(rows, self.names), raw_score=True, num_threads=THREADS))


def grow(
    fit: pl.DataFrame, stop: pl.DataFrame, features: Sequence[Input], recipe: Recipe = RECIPE, *, groups: Groups = ()
) -> Grown:
    """Trees that learn ``label`` from the features' columns of ``fit`` until ``stop`` is foretold no better."""
    names = [feature.name for feature in features]
    parameters = parameters_of(fit.height, features, recipe, groups)
    learning = _taught(fit, names, parameters)
    watching = learning.create_valid(matrix(stop, names), stop[LABEL].to_numpy())
    history: dict[str, dict[str, list[float]]] = {}
    booster = lgb.train(
        parameters,
        learning,
        num_boost_round=MAX_TREES,
        valid_sets=[watching],
        valid_names=["stop"],
        callbacks=[lgb.early_stopping(recipe.patience, verbose=False), lgb.record_evaluation(history)],
    )
    trees = booster.best_iteration
    losses = tuple(history["stop"]["binary_logloss"])
    return Grown(coarse(booster.model_to_string(num_iteration=trees)), names, trees, losses, parameters)


class Unknown(NamedTuple):
    """How many rows of which nothing is known, and what each weighs."""

    rows: int
    weight: float


def unknown_rows(rows: int) -> Unknown:
    """Rows of which nothing is known, to be taught beside so many: together of the weight of one.

    Without them LightGBM would read a value that is unknown only when scoring as 0: "never raised" as "raised today".
    One is enough where bins are found from all rows; of more rows, so many that the ``BIN_SAMPLE`` drawn holds one of
    them but for one chance in a billion.
    """
    count = 1 if rows < BIN_SAMPLE else ceil(rows / BIN_SAMPLE * log(1e9))
    return Unknown(count, NOTHING_KNOWN_WEIGHT / count)


def _taught(fit: pl.DataFrame, names: list[str], parameters: Mapping[str, Any]) -> lgb.Dataset:
    """The rows to learn from, and those of next to no weight of which nothing is known."""
    unknown = unknown_rows(fit.height)
    values = np.vstack([matrix(fit, names), np.full((unknown.rows, len(names)), np.nan)])
    labels = np.append(fit[LABEL].to_numpy().astype(np.float64), np.zeros(unknown.rows))
    weights = np.append(np.ones(fit.height), np.full(unknown.rows, unknown.weight))
    return lgb.Dataset(values, labels, weight=weights, feature_name=names, params=dict(parameters))


def parameters_of(rows: int, features: Sequence[Input], recipe: Recipe, groups: Groups = ()) -> dict[str, Any]:
    """LightGBM's words for a recipe, for so many rows."""
    return {
        **({"interaction_constraints": [list(group) for group in groups]} if groups else {}),
        "objective": "binary",
        "metric": "binary_logloss",
        "learning_rate": recipe.learning_rate,
        "max_depth": recipe.max_depth,
        "num_leaves": recipe.num_leaves,
        "min_data_in_leaf": max(SMALLEST_LEAF, round(rows * recipe.leaf_share)),
        "lambda_l2": recipe.lambda_l2,
        "feature_fraction": recipe.feature_fraction,
        "bagging_fraction": recipe.bagging_fraction,
        "bagging_freq": 1,
        "monotone_constraints": [feature.direction.constraint for feature in features],
        "monotone_constraints_method": "intermediate",
        "seed": recipe.seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": THREADS,
        "verbosity": -1,
    }


def matrix(rows: pl.DataFrame, names: Sequence[str]) -> Floats:
    """The columns as an array (n, f), row by row in memory, NaN for unknown."""
    return np.ascontiguousarray(rows.select(names).to_numpy(), dtype=np.float64)
