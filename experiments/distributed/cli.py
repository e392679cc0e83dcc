"""``experiments engines``, and the options of ``experiments train`` that it shares."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from alliance.config import Settings
from alliance.store import Store
from experiments.evidence_cli import Database, Horizon, Last, Outcome, Simulated


class EngineName(StrEnum):
    """Where trees grow."""

    LOCAL = "local"
    DASK = "dask"


PanelPath = Annotated[
    Path | None, typer.Option("--panel", help="On Dask: Parquet file of the panel; by default the store's is made.")
]
Scheduler = Annotated[
    str, typer.Option("--dask", help="Address of a Dask scheduler, tcp://HOST:PORT.", envvar="ALLIANCE_DASK_SCHEDULER")
]
Workers = Annotated[int, typer.Option(min=1, help="On Dask without a scheduler: workers started on this machine.")]


def engines(
    *, outcome: Outcome = "default", horizon: Horizon = 12, last: Last = None, simulated: Simulated = True,
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First as-of day.")] = None,
    test_quarters: Annotated[int, typer.Option(min=1, help="Quarters of test, the last ones.")] = 4,
    panel: PanelPath = None, scheduler: Scheduler = "", workers: Workers = 2, database: Database = None,
) -> None:  # fmt: skip
    """Whether trees grown on Dask workers are as good as those of one process: one table, one run."""
    from experiments.distributed.run import compare  # noqa: PLC0415
    from experiments.study import publish  # noqa: PLC0415
    from experiments.training import Plan  # noqa: PLC0415

    settings = Settings.from_environment()
    plan = Plan(
        outcome=outcome, horizon=horizon, first=first.date() if first else None, last=last.date() if last else None,
        test_quarters=test_quarters, simulated=simulated,
    )  # fmt: skip
    store = Store(database or settings.database_url)
    try:
        publish(settings, compare(store, plan, panel, address=scheduler, workers=workers))
    finally:
        store.close()


COMMANDS = (engines,)
