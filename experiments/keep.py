"""An experiment put away: run, figures, card and model in MLflow; if wanted, the model as champion."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from alliance.config import Settings
from alliance.promotions import GrantsLost, promote, require_unchanged
from alliance.store import Promotion, Store
from experiments.card import model_card
from experiments.experiment import DataUsed, Experiment
from experiments.metrics import Estimate
from experiments.monitoring.development import FILE
from experiments.plots import figures
from experiments.registry import register_champion
from experiments.tracking import Logged, discard, log_run
from scoring.model.trees import sample

EXAMPLE_ROWS = 3
"""Made up: rows of the test would show companies' values to all who see the run."""


@dataclass(frozen=True)
class Kept:
    """Where an experiment was put.

    Attributes:
        run_id: MLflow's id of the run.
        model_uri: the model as MLflow serves it.
        champion: the model's version in the registry; ``None`` if it was not registered.
    """

    run_id: str
    model_uri: str
    champion: str | None


def keep(
    settings: Settings,
    store: Store,
    found: Experiment,
    data: DataUsed,
    *,
    group: str = "",
    params: Mapping[str, object] | None = None,
    metrics: Mapping[str, Estimate | float] | None = None,
    register: bool = False,
) -> Kept:
    """Keep an experiment in MLflow, if all that it was taught may still be read.

    Args:
        store: where the data were read; asked again for the rights, and told of a new champion.
        group: MLflow's experiment; by default the outcome and the horizon.
        params, metrics: more of them, besides the recipe and the measures of the test rows.
        register: make the model the champion and publish its bundle.

    Raises:
        GrantsLost: a grant the panel was read under has ended or allows less; nothing is kept.
    """
    bundle = found.bundle
    require_unchanged(store, found.panel.access)
    calibrated = {f"calibration_{name}": value for name, value in found.calibration.items()}
    logged = log_run(
        settings,
        experiment=group or f"{bundle.outcome.name}-{bundle.outcome.horizon_months}m",
        name=bundle.version,
        params={**bundle.training["recipe"], "trees": found.trained.trees, **(params or {})},
        data=data,
        metrics={**found.metrics, **calibrated, **(metrics or {})},
        figures=figures(found),
        card=model_card(found, data),
        bundle=bundle,
        example=pd.DataFrame(sample(bundle.model, EXAMPLE_ROWS), columns=list(bundle.names)),
        texts={FILE: found.trained.development.text()},
    )
    champion = _promoted(settings, store, found, logged) if register else None
    return Kept(logged.run_id, logged.model_uri, champion)


def _promoted(settings: Settings, store: Store, found: Experiment, logged: Logged) -> str:
    """Make a logged model the champion, once the store has that it becomes it; returns the registry's version."""
    bundle, access = found.bundle, found.panel.access
    wanted = Promotion(
        bundle_sha256=bundle.sha256, version=bundle.version, outcome=bundle.outcome.name,
        purpose=access.request.purpose, grants=access.grants, reason=f"trained and tested in run {logged.run_id}",
    )  # fmt: skip
    try:
        promote(store, wanted, access, author=access.request.member)
    except GrantsLost:
        discard(settings, logged)
        raise
    return register_champion(settings, logged, bundle)
