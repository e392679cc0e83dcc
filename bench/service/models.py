"""What is served: one model, and rows of its features, for every server alike."""

from dataclasses import dataclass
from pathlib import Path

import lightgbm as lgb
import mlflow
import numpy as np
import orjson
import polars as pl
from mlflow.models import infer_signature

from bench.alliance import AS_OF, Measured
from scoring.features import FEATURES_BY_NAME
from scoring.model import Bundle, Calibration, Outcome, ScoreScale, contract_of

PURPOSE = "loan_origination"
FEATURES, TREES, LEAVES = 60, 400, 31
"""The model most figures are of: more and deeper trees than the small alliance's own would have."""

_TAUGHT = 20_000


@dataclass(frozen=True)
class Served:
    """A model as its servers load it, and rows of its features.

    Attributes:
        name: what it is called in the report.
        bundle: it, as we hold it.
        folder: of what is kept for the servers: ``bundle`` for ours, ``model.txt`` for the app, ``mlflow`` for MLflow.
        companies: ids.
        rows: their features in the model's order, NaN for unknown (n, f).
    """

    name: str
    bundle: Bundle
    folder: Path
    companies: list[str]
    rows: "np.ndarray[tuple[int, int], np.dtype[np.float64]]"

    def ready_bodies(self) -> list[bytes]:
        """For ours: company and features, ``null`` for unknown."""
        return [
            orjson.dumps({"company": company, "as_of": AS_OF, "purpose": PURPOSE, "features": self._named(row)})
            for company, row in zip(self.companies, self.rows, strict=True)
        ]

    def company_bodies(self) -> list[bytes]:
        """For ours: the company alone."""
        return [orjson.dumps({"company": one, "as_of": AS_OF, "purpose": PURPOSE}) for one in self.companies]

    def app_bodies(self) -> list[bytes]:
        """For the FastAPI app: the features."""
        return [orjson.dumps(self._named(row)) for row in self.rows]

    def mlflow_bodies(self) -> list[bytes]:
        """For MLflow: a data frame of one row, as it wants it."""
        names = list(self.bundle.names)
        return [
            orjson.dumps({"dataframe_split": {"columns": names, "data": [list(self._named(row).values())]}})
            for row in self.rows
        ]

    def _named(self, row: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> dict[str, float | None]:
        return {
            name: None if np.isnan(value) else value
            for name, value in zip(self.bundle.names, row.tolist(), strict=True)
        }


def large(measured: Measured, folder: Path) -> Served:
    """The alliance's features that are known most often, and a model of made-up rows and outcomes like them."""
    known = measured.features.drop("company_id").null_count().row(0, named=True)
    names = sorted(known, key=lambda name: (known[name], name))[:FEATURES]
    rows = measured.features.select(names).to_numpy().astype(np.float64)
    generator = np.random.default_rng(7)
    taught = np.column_stack([generator.choice(column, _TAUGHT) for column in rows.T])
    contract = contract_of([FEATURES_BY_NAME[name] for name in names])
    signs = np.array([feature.direction.constraint for feature in contract])
    spread = np.nan_to_num((taught - np.nanmean(rows, axis=0)) / (np.nanstd(rows, axis=0) + 1e-9))
    effect = spread @ np.where(signs, signs * 0.4, 0.2) + generator.logistic(size=_TAUGHT)
    outcome = (effect > np.quantile(effect, 0.9)).astype(np.float64)
    parameters = {
        "objective": "binary", "num_leaves": LEAVES, "learning_rate": 0.05, "min_data_in_leaf": 20, "verbosity": -1,
        "monotone_constraints": signs.tolist(), "deterministic": True, "seed": 1, "num_threads": 1,
    }  # fmt: skip
    booster = lgb.train(parameters, lgb.Dataset(taught, outcome, feature_name=names), TREES)
    bundle = Bundle(
        model=booster.model_to_string(), calibration=Calibration(1.0, 0.0), scale=ScoreScale(), contract=contract,
        outcome=Outcome("default", 12), base_rate=0.1, training={"data": "made up"}, version="bench-large",
    )  # fmt: skip
    return _kept(f"{FEATURES} features, {TREES} trees of {LEAVES} leaves", bundle, measured, folder / "large")


def own(measured: Measured, folder: Path) -> Served:
    """The model trained on the small alliance."""
    bundle = measured.scorer.bundle
    name = f"{len(bundle.names)} features, {bundle.booster.num_trees()} trees of depth 5"
    return _kept(name, bundle, measured, folder / "own")


def _kept(name: str, bundle: Bundle, measured: Measured, folder: Path) -> Served:
    """Saves a model for its servers."""
    bundle.save(folder / "bundle")
    (folder / "model.txt").write_text(bundle.model, encoding="utf-8")
    frame = measured.features.select(pl.col(bundle.names).cast(pl.Float64)).to_pandas()
    signature = infer_signature(frame.head(5), bundle.booster.predict(frame.head(5)))
    mlflow.lightgbm.save_model(bundle.booster, str(folder / "mlflow"), signature=signature)
    return Served(name, bundle, folder, measured.features["company_id"].to_list(), frame.to_numpy())
