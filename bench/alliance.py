"""A small seed alliance with a trained model, to measure on."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from alliance.contracts import files_by_contract
from alliance.intake import submit
from alliance.store import Store
from experiments.experiment import experiment
from experiments.outcome import outcome_named
from experiments.own_study import open_to_operator
from experiments.panel import panel, quarter_ends
from experiments.splits import out_of_time
from experiments.training import training_history
from scoring.decide import Scorer
from scoring.features import feature_frame
from seeds import members
from seeds.world import simulate

COMPANIES, SEED = 800, 7
AS_OF = date(2024, 12, 31)
DATABASE = "alliance.db"


@dataclass(frozen=True)
class Measured:
    """What the benchmarks share: a scorer, companies with a facility, and every company's features for a peer."""

    scorer: Scorer
    borrowers: list[str]
    features: pl.DataFrame


def prepared(folder: Path, database: str = "", companies: int = COMPANIES) -> Measured:
    """Simulate, take in and train in a folder; the store is there, or in an empty database by its SQLAlchemy URL."""
    members.write(simulate(companies, SEED), folder)
    store = Store(database or f"sqlite:///{folder / DATABASE}")
    for contract, file in files_by_contract(folder / "members"):
        submit(store, contract, file)
    for purpose in ("model_training", "loan_origination", "portfolio_monitoring"):
        open_to_operator(store, purpose)
    history, _ = training_history(store)
    made = panel(history, quarter_ends(date(2019, 6, 30), date(2023, 12, 31)), outcome_named("default"), 12)
    bundle = experiment(made, out_of_time(made, 4), version="bench").bundle
    facts = history.facts(AS_OF)
    borrowers = outcome_named("default").at_risk(facts).to_list()
    return Measured(Scorer(store, bundle), borrowers, feature_frame(facts).select("company_id", *bundle.names))
