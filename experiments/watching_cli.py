"""``experiments monitor``, ``alarms``, ``fairness``: what a model does once it is in use, on the console."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from alliance.config import Settings
from experiments.evidence_cli import Data, Database, Name, Seed, Simulated

if TYPE_CHECKING:
    from experiments.monitoring.run import Watched

Model = Annotated[
    str | None, typer.Option("--bundle", help="Folder or MLflow URI of the model.", envvar="ALLIANCE_BUNDLE")
]
Until = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day looked at.")]


def monitor(
    *, bundle: Model = None, until: Until = None, simulated: Simulated = True, database: Database = None
) -> None:  # fmt: skip
    """Is the champion still right? Quarter by quarter since it was examined; whether a challenger is proposed."""
    from experiments.monitoring.run import run_monitoring  # noqa: PLC0415
    from experiments.study import publish  # noqa: PLC0415

    watched = _watched(bundle, database, simulated)
    publish(watched.settings, run_monitoring(watched, until.date() if until else None))


def alarms(
    *, bundle: Model = None, simulated: Simulated = True, database: Database = None, seed: Seed = 0,
    years: Annotated[int, typer.Option(min=20, help="Years simulated of each world.")] = 400,
    companies: Annotated[list[int] | None, typer.Option(min=100, help="More sizes of the stable world.")] = None,
) -> None:  # fmt: skip
    """How often monitoring proposes a challenger that is not needed, and one that is: planted drifts."""
    from experiments.monitoring.run import run_alarms  # noqa: PLC0415
    from experiments.study import publish  # noqa: PLC0415

    watched = _watched(bundle, database, simulated)
    publish(watched.settings, run_alarms(watched, years=years, sizes=companies or [], seed=seed))


def fairness(
    *, name: Name = "store", jurisdiction: Annotated[str, typer.Option(help="Whose policy: CN, EU or US.")] = "CN",
    approve_below: Annotated[float | None, typer.Option(min=0, max=1, help="PD below which is approved.")] = None,
    bundle: Model = None, simulated: Simulated = True, data: Data = None, database: Database = None, seed: Seed = 0,
) -> None:  # fmt: skip
    """Does the model treat groups alike? By region, stage, sector and size; insufficient evidence is a verdict."""
    from experiments.datasets.catalogue import Where  # noqa: PLC0415
    from experiments.fairness.policy import policy_of  # noqa: PLC0415
    from experiments.fairness.run import run_fairness  # noqa: PLC0415
    from experiments.study import publish  # noqa: PLC0415
    from experiments.training import Plan  # noqa: PLC0415

    settings, policy = Settings.from_environment(), policy_of(jurisdiction)
    plan = Plan(simulated=simulated)
    where = Where(settings=settings, database=database or settings.database_url, plan=plan, data=data)
    made = run_fairness(where, name, policy, bundle=bundle or settings.bundle, cut=approve_below, seed=seed)
    publish(settings, made)


COMMANDS = (monitor, alarms, fairness)


def _watched(bundle: str | None, database: str | None, simulated: bool) -> "Watched":
    from experiments.monitoring.run import Watched  # noqa: PLC0415

    settings = Settings.from_environment()
    return Watched(
        settings=settings,
        database=database or settings.database_url,
        bundle=bundle or settings.bundle,
        simulated=simulated,
    )
