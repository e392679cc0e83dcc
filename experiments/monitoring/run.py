"""From a store to a monitoring study, and to one of how often the rule is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from alliance.config import Settings
from alliance.store import Store
from alliance.terminal import progress
from experiments.monitoring.alarms import Alarms, alarms, worlds
from experiments.monitoring.alarms_report import alarms_study
from experiments.monitoring.findings import Monitoring
from experiments.monitoring.plan import Plan, shipped_plan
from experiments.monitoring.quarters import Monitored
from experiments.monitoring.reference import reference_of
from experiments.monitoring.report import monitoring_study
from experiments.outcome import outcome_named
from experiments.study import Study
from experiments.training import training_history
from scoring.bundle_source import load_bundle
from scoring.features import feature_frame, feature_named
from scoring.score import score_arrays

ABOUT = "Companies at risk at each quarter's end, as the alliance's members tell of them."
ABOUT_SIMULATED = "Simulated start-ups as the alliance's members tell of them: no evidence about the world."


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What is monitored.

    Attributes:
        settings: the home, and the tracking backend.
        database: SQLAlchemy URL of the store.
        bundle: folder or MLflow URI of the model.
        simulated: whether the store's companies are made up.
    """

    settings: Settings
    database: str
    bundle: str
    simulated: bool

    @property
    def about(self) -> str:
        return ABOUT_SIMULATED if self.simulated else ABOUT


def monitored(watched: Watched, until: date | None = None, plan: Plan | None = None) -> Monitoring:
    """Read every quarter since a model was examined.

    Claims are read for the training of models, of which looking after one is a part.

    Args:
        until: last day looked at; by default the last day anything became known.
        plan: by default the one that is shipped.

    Raises:
        InvalidInput: no quarter has ended since.
        Refused: no member grants the operator the training of models.
    """
    bundle = load_bundle(watched.bundle, watched.settings.tracking_uri)
    store = Store(watched.database)
    try:
        history, _ = training_history(store)
        reference = reference_of(watched.settings, history, bundle)
        course = Monitored(history, bundle, reference.made, until)
        with progress("quarters", len(course.days)) as bar:
            readings = course.readings(lambda n: bar.advance(bar.task_ids[0], n))
    finally:
        store.close()
    return Monitoring(bundle=bundle, reference=reference, plan=plan or shipped_plan(), readings=readings)


def run_monitoring(watched: Watched, until: date | None = None) -> Study:
    """``monitored``, as a study."""
    return monitoring_study(monitored(watched, until), watched.about, simulated=watched.simulated)


def run_alarms(watched: Watched, *, years: int, sizes: Sequence[int], seed: int) -> Study:
    """How often the rule is wrong about a model and companies like those it was last examined on.

    Args:
        years: simulated of each world.
        sizes: companies a quarter, for the stable world; drifts are planted among as many companies as there are.
    """
    bundle = load_bundle(watched.bundle, watched.settings.tracking_uri)
    store = Store(watched.database)
    try:
        history, _ = training_history(store)
        made = reference_of(watched.settings, history, bundle).made
        facts = history.facts(date.fromisoformat(made.last))
        at_risk = outcome_named(bundle.outcome.name).at_risk(facts)
        every = feature_frame(facts, [feature_named(name) for name in bundle.names])
        rows = every.filter(pl.col("company_id").is_in(at_risk.implode()))
    finally:
        store.close()
    plan, (stable, *drifts) = shipped_plan(), worlds(bundle, rows, made)
    wanted = [(stable, size) for size in (*sizes, rows.height)] + [(world, rows.height) for world in drifts]
    found: list[Alarms] = []
    with progress("years", years * len(wanted)) as bar:
        for world, size in wanted:
            told = alarms(plan, made, stable, world, companies=size, years=years, seed=seed,
                          progress=lambda n: bar.advance(bar.task_ids[0], n))  # fmt: skip
            found.append(told)
    params = {"seed": seed, "years": years, "bundle_sha256": bundle.sha256}
    outcomes = float(score_arrays(bundle, rows).pd.sum())
    return alarms_study(plan, found, watched.about, params=params, outcomes=outcomes, simulated=watched.simulated)
