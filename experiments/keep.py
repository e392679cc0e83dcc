"""An experiment put away: run, figures, card and model in MLflow; if wanted, the model as challenger."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from alliance.config import Settings
from alliance.promotions import GrantsLost, champions, promote, require_unchanged
from alliance.store import Promotion, Store
from experiments.card import model_card
from experiments.experiment import DataUsed, Experiment
from experiments.metrics import Estimate
from experiments.monitoring.development import FILE
from experiments.plots import figures
from experiments.registry import CHALLENGER, CHAMPION, crown, register
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
        champion: the model's version in the registry, if it is the champion; ``None`` else.
        challenger: the same, if it is the challenger.
    """

    run_id: str
    model_uri: str
    champion: str | None = None
    challenger: str | None = None


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
        store: where the data were read; asked again for the rights, and told of a first champion.
        group: MLflow's experiment; by default the outcome and the horizon.
        params, metrics: more of them, besides the recipe and the measures of the test rows.
        register: make the model the challenger; where there is no champion yet, the champion. One that is the
            champion already stays so, and nothing is registered anew.

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
        metrics={**found.metrics, **calibrated, "reasons_hold": found.reasons_hold, **(metrics or {})},
        figures=figures(found),
        card=model_card(found, data),
        bundle=bundle,
        example=pd.DataFrame(sample(bundle.model, EXAMPLE_ROWS), columns=list(bundle.names)),
        texts={FILE: found.trained.development.text()},
    )
    if not register:
        return Kept(logged.run_id, logged.model_uri)
    try:
        return _registered(settings, store, found, logged)
    except GrantsLost:
        discard(settings, logged)
        raise


def _registered(settings: Settings, store: Store, found: Experiment, logged: Logged) -> Kept:
    """A logged model as challenger, or as champion once the store has that it is."""
    bundle, access, line = found.bundle, found.panel.access, champions(store)
    if line and line[-1].bundle_sha256 != bundle.sha256:
        require_unchanged(store, access)
        return Kept(logged.run_id, logged.model_uri, challenger=register(settings, logged, bundle, CHALLENGER))
    wanted = Promotion(
        bundle_sha256=bundle.sha256, version=bundle.version, outcome=bundle.outcome.name,
        purpose=access.request.purpose, grants=access.grants,
        reason=f"the first champion, trained and tested in run {logged.run_id}",
    )  # fmt: skip
    made = promote(store, wanted, access, author=access.request.member)
    version = crown(settings, bundle, made) if line else None
    return Kept(logged.run_id, logged.model_uri, version or register(settings, logged, bundle, CHAMPION))
