"""Hand-built histories, and a small made-up panel with a known relation."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from mlflow.store.db import utils as mlflow_tables
from sqlalchemy import Engine

from alliance.contracts import files_by_contract
from alliance.intake import submit
from alliance.policy import shipped_rules
from alliance.rights import Access, AccessRequest, RightsState, decide
from alliance.signals import SIGNALS, signal_named
from alliance.signals.claims import Claims, claim_schema, ordered
from alliance.store import Store
from alliance.view import History
from experiments.datasets.dataset import Column, Dataset, Examination
from experiments.outcome import outcome_named
from experiments.own_study import open_to_operator
from experiments.panel import LABEL, VINTAGE, Panel, quarter_ends
from experiments.splits import out_of_time
from scoring.features import feature_named
from seeds import members, truth
from seeds.world import simulate

Record = Mapping[str, Any]
MakeHistory = Callable[..., History]


@pytest.fixture(scope="session", autouse=True)
def _mlflow_backend_made_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """MLflow makes a backend by all the migrations of its history: here once, and each further one is a copy."""
    first, by_migrations = tmp_path_factory.mktemp("mlflow") / "mlflow.db", mlflow_tables._initialize_tables

    def made(engine: Engine) -> None:
        if not (copied := first.exists()):
            by_migrations(engine)
        with closing(sqlite3.connect(first)) as kept, closing(engine.raw_connection()) as connection:
            new = connection.driver_connection
            assert isinstance(new, sqlite3.Connection)
            source, target = (kept, new) if copied else (new, kept)
            source.backup(target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mlflow_tables, "_initialize_tables", made)
        yield


@pytest.fixture(scope="session")
def claim() -> Callable[..., tuple[str, Record]]:
    """A claim: signal, company, fields; known on the day of the event unless said otherwise."""

    def made(signal: str, company: str, *, known_at: date | None = None, key: str = "", **fields: Any) -> Any:
        event = fields[signal_named(signal).event]
        own = {"subject_id": company, "key": key or f"{event} {fields.get('kind', '')}", "member": "m",
               "event_at": event, "known_at": known_at or event, "submission_no": 1, "row": 1}  # fmt: skip
        return signal, own | fields

    return made


@pytest.fixture(scope="session")
def history() -> MakeHistory:
    """A history of claims made by ``claim``."""

    def made(*claims: tuple[str, Record]) -> History:
        frames = {
            signal.name: ordered(
                signal,
                pl.DataFrame(
                    [dict.fromkeys(claim_schema(signal)) | record for name, record in claims if name == signal.name],
                    schema=claim_schema(signal),
                ),
            )
            for signal in SIGNALS
        }
        companies = sorted({record["subject_id"] for _, record in claims})
        access = decide(RightsState(rules=shipped_rules()), AccessRequest("m", "research"), datetime.now(UTC))
        return History(Claims(frames, 1), access, companies)

    return made


FEATURES = ("company_age", "round_last_age", "round_total_amount", "cash_runway")


@pytest.fixture(scope="session")
def panel() -> Panel:
    """400 companies x 20 quarters: risk rises with days since the last round and falls with the cash runway."""
    generator = np.random.default_rng(3)
    days = quarter_ends(date(2018, 1, 1), date(2022, 12, 31))
    count = 400 * len(days)
    values = {
        "company_age": generator.uniform(100, 4000, count),
        "round_last_age": generator.uniform(0, 1500, count),
        "round_total_amount": generator.lognormal(16, 1, count).round(),
        "cash_runway": generator.uniform(0, 48, count),
    }
    log_odds = -1.6 + values["round_last_age"] / 500 - values["cash_runway"] / 12
    label = generator.random(count) < 1 / (1 + np.exp(-log_odds))
    values["cash_runway"][generator.random(count) < 0.2] = np.nan
    frame = pl.DataFrame(
        {
            "company_id": [f"co_{place % 400:03}" for place in range(count)],
            "as_of": [days[place // 400] for place in range(count)],
            **{name: pl.Series(values[name], nan_to_null=True) for name in FEATURES},
            LABEL: label,
            VINTAGE: pl.Series([2015] * count, dtype=pl.Int32),
        }
    )
    return Panel(
        frame=frame,
        features=tuple(map(feature_named, FEATURES)),
        outcome=outcome_named("default"),
        horizon_months=6,
        data_cut=date(2023, 6, 30),
        watermark=7,
        access=Access(AccessRequest("m", "model_training"), (), {}, (), None),
    )


STRATEGIC = ("statement_leverage", "patents_in_force", "team_best_exits", "model_recurring_share", "round_last_age")
"""One feature of each pillar of the ladder."""


@pytest.fixture(scope="session")
def strategic() -> Callable[..., Dataset]:
    """Companies on ten quarters whose risk follows the pillars by given weights, examined out of time on the last two.

    Every pillar has one feature, spread evenly over 0 to 1, which stays with its company but for some noise.
    """

    def made(companies: int = 500, seed: int = 1, horizon: int = 6, **weights: float) -> Dataset:
        draw, days = np.random.default_rng(seed), quarter_ends(date(2019, 9, 1), date(2021, 12, 31))
        traits = draw.uniform(size=(companies, len(STRATEGIC)))
        rows, log_odds = [], np.full((len(days), companies), -2.0)
        for place, day in enumerate(days):
            values = np.clip(traits + draw.normal(scale=0.25, size=traits.shape), 0, 1)
            for column, name in enumerate(STRATEGIC):
                log_odds[place] += weights.get(name, 0.0) * (values[:, column] - 0.5)
            ids = [f"co_{one:04}" for one in range(companies)]
            rows.append(pl.DataFrame({"company_id": ids, "as_of": [day] * companies}).hstack(
                pl.DataFrame(values, schema=list(STRATEGIC))))  # fmt: skip
        labels = draw.uniform(size=log_odds.size) < 1 / (1 + np.exp(-log_odds.ravel()))
        frame = pl.concat(rows).with_columns(pl.Series(LABEL, labels))
        dataset = Dataset(
            name="made up",
            about="made up",
            frame=frame,
            columns=tuple(Column.of(feature_named(name)) for name in STRATEGIC),
            horizon_months=horizon,
            examinations=(),
            simulated=True,
        )
        return replace(dataset, examinations=(Examination("out of time", "made up", (out_of_time(dataset, 2),)),))

    return made


@pytest.fixture(scope="session")
def alliance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a small seed alliance in its store, and its truth beside it."""
    home = tmp_path_factory.mktemp("alliance")
    world = simulate(400, 12)
    truth.write(world, members.write(world, home), home)
    store = Store(f"sqlite:///{home / 'alliance.db'}")
    for contract, file in files_by_contract(home / "members"):
        submit(store, contract, file)
    open_to_operator(store, "model_training")
    store.close()
    return home
