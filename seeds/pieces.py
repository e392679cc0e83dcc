"""Panels of further seed alliances, a piece at a time: what a model could learn if the alliance were larger.

Each piece is an alliance of its own seed, gone through as the demo is: members' files written, taken in by their
contracts, linked, reliabilities learned, corroborated, features computed. Left out is what no feature rests on:
portions of the hand-in (each piece is linked once, when all is in), MLflow. Beside the panel lies the simulator's own
chance of default of its last rows. The store is deleted once both are on disk, so a larger alliance needs no more room
or memory than one piece.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from alliance.contracts import files_by_contract
from alliance.identity.link import link_newcomers
from alliance.intake import submit
from alliance.store import Store
from alliance.trust import days_to_learn, learn_reliabilities
from experiments.foreseeable import numbers_of
from experiments.training import Plan, panel_of, training_history
from seeds import members, truth
from seeds.charter import give_charter
from seeds.parameters import WINDOW_START
from seeds.world import simulate


def piece(folder: Path, companies: int, seed: int, plan: Plan) -> Path:
    """The panel of a seed alliance as ``panel-COMPANIES-SEED.parquet``; made at need, whole or not at all.

    Company ids begin with the seed, so that pieces can be put together. ``plan.last`` is given.
    """
    target = folder / f"panel-{companies}-{seed}.parquet"
    if not (target.exists() and truth_beside(target).exists()):
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f"piece-{seed}-", dir=folder) as made:
            frame, chances = _panel(Path(made), companies, seed, plan)
            for rows, kept in ((chances, truth_beside(target)), (frame, target)):
                begun = Path(made) / kept.name
                rows.with_columns(pl.format("{}:{}", pl.lit(seed), "company_id").alias("company_id")).write_parquet(
                    begun
                )
                shutil.move(begun, kept)
    return target


def truth_beside(panel: Path) -> Path:
    """Where the chances of a piece are: ``company_id``, ``as_of`` and ``bayes_pd``, of the out-of-time window."""
    return panel.with_name(panel.name.replace("panel-", "truth-"))


def _panel(folder: Path, companies: int, seed: int, plan: Plan) -> tuple[pl.DataFrame, pl.DataFrame]:
    world = simulate(companies, seed)
    members.write(world, folder)
    store = Store(f"sqlite:///{folder / 'alliance.db'}")
    try:
        for contract, file in files_by_contract(folder / "members"):
            submit(store, contract, file)
        link_newcomers(store)
        give_charter(store, folder)
        learn_reliabilities(store, days_to_learn(store, WINDOW_START, plan.last))
        history, _ = training_history(store)
        frame = panel_of(history, plan).frame
        numbers = numbers_of(store, frame["company_id"])
    finally:
        store.close()
    ids = pl.DataFrame({"company_id": list(numbers), "registration_number": list(numbers.values())}).drop_nulls()
    chances = truth.with_bayes_pd(world, truth.panel(world)).drop_nulls("bayes_pd")
    return frame, chances.join(ids, on="registration_number").select("company_id", "as_of", "bayes_pd")


def together(pieces: Sequence[Path]) -> pl.DataFrame:
    """The panels of some pieces as one, by day, then company."""
    return pl.concat([pl.read_parquet(one) for one in pieces]).sort("as_of", "company_id")
