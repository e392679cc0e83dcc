"""``experiments``: train models, have them examined and promoted, look at runs, the study on real start-ups.

MLflow and the plots take seconds to import, so each command imports what it needs of them.
"""

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from alliance.config import Settings
from alliance.store import Store
from alliance.terminal import PlainErrors, out
from experiments import evidence_cli, lifecycle_cli, panel_cli, watching_cli
from experiments.distributed import cli as distributed_cli
from experiments.distributed.cli import EngineName, PanelPath, Scheduler, Workers

HELP = "Train models, examine and promote them, look at runs, gather evidence on what scores are worth."

app = typer.Typer(cls=PlainErrors, no_args_is_help=True, pretty_exceptions_enable=False, help=HELP)

Database = Annotated[
    str | None, typer.Option("--database", help="SQLAlchemy URL of the store.", envvar="ALLIANCE_DATABASE_URL")
]


@app.command()
def train(
    *,
    outcome: Annotated[str, typer.Option(help="What to foresee: default or closure.")] = "default",
    horizon: Annotated[int, typer.Option(min=1, max=60, help="Months looked ahead.")] = 12,
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First as-of day.")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last as-of day.")] = None,
    test_quarters: Annotated[int, typer.Option(min=1, help="Quarters of test, the last ones.")] = 4,
    companies_apart: Annotated[bool, typer.Option(help="Test on companies that teach nothing.")] = False,
    register: Annotated[bool, typer.Option(help="Make the model the challenger; the first, the champion.")] = True,
    promote: Annotated[bool, typer.Option(help="Ask the gates, and make it champion if all are passed.")] = False,
    simulated: Annotated[bool, typer.Option(help="Whether the data are made up; the model card says so.")] = True,
    name: Annotated[str, typer.Option(help="Name of the model's version.")] = "",
    engine: Annotated[EngineName, typer.Option(help="Where trees grow: in this process, or on Dask workers.")] = (
        EngineName.LOCAL
    ),
    panel: PanelPath = None,
    scheduler: Scheduler = "",
    workers: Workers = 2,
    database: Database = None,
) -> None:
    """Train a model on quarterly panels, test it out of time, keep it in MLflow as the challenger."""
    from experiments.lifecycle_report import promote_if_open, show_kept  # noqa: PLC0415
    from experiments.report import measures_table, parts_table, pillars_table  # noqa: PLC0415
    from experiments.training import Plan, train_and_keep, training_history  # noqa: PLC0415

    settings = Settings.from_environment()
    plan = Plan(
        outcome=outcome,
        horizon=horizon,
        first=first.date() if first else None,
        last=last.date() if last else None,
        test_quarters=test_quarters,
        companies_apart=companies_apart,
        register=register,
        simulated=simulated,
        name=name,
    )
    store = Store(database or settings.database_url)
    try:
        if engine is EngineName.DASK:
            from experiments.distributed.run import train_and_keep_on_cluster  # noqa: PLC0415

            found, kept = train_and_keep_on_cluster(settings, store, plan, panel, address=scheduler, workers=workers)
        else:
            history, contracts = training_history(store)
            found, kept = train_and_keep(settings, store, history, contracts, plan)
        for listing in (parts_table(found), measures_table(found), pillars_table(found)):
            out.print(listing)
        show_kept(settings, kept)
        if promote and kept.challenger:
            promote_if_open(settings, store, training_history(store)[0], kept.challenger)
    finally:
        store.close()


@app.command()
def runs(
    group: Annotated[str | None, typer.Option("--experiment", help="Of one MLflow experiment only.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Runs shown at most.")] = 20,
) -> None:
    """List the latest runs with their measures, and which of them is the champion."""
    from experiments import tracking  # noqa: PLC0415
    from experiments.registry import champion_run  # noqa: PLC0415
    from experiments.report import runs_table  # noqa: PLC0415

    settings = Settings.from_environment()
    found, groups = tracking.runs(settings, group, limit)
    out.print(runs_table(found, groups, champion_run(settings)))


@app.command()
def ui(port: Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine.")] = 5000) -> None:
    """Run MLflow's own pages on the backend, on this machine only, until interrupted."""
    from experiments import tracking  # noqa: PLC0415

    settings = Settings.from_environment()
    if not tracking.is_local(settings):
        out.print(f"The runs are kept by a server of their own: {settings.tracking_uri}", highlight=False)
        return
    out.print(f"MLflow's pages at http://127.0.0.1:{port}", highlight=False)
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", settings.tracking_uri]
    command += ["--default-artifact-root", tracking.artifact_root(settings), "--workers", "1"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    # In this process's place, so that whoever ends this ends MLflow; its job runner would be six processes for nothing.
    os.execve(sys.executable, command, {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"})


@app.command()
def crunchbase(
    data: Annotated[Path, typer.Option(help="Folder of the data sets.", envvar="ALLIANCE_DATA")],
    database: Annotated[str | None, typer.Option(help="SQLAlchemy URL of the study's own store.")] = None,
    folder: Annotated[Path, typer.Option("--out", help="Where the later cohort's scores go.")] = Path("out"),
) -> None:
    """The study on real start-ups: who closed between two exports of Crunchbase, and what foretold it."""
    from experiments.crunchbase.report import run_study  # noqa: PLC0415

    run_study(Settings.from_environment(), data, database, folder)


@app.command()
def corroboration(
    *,
    outcome: Annotated[str, typer.Option(help="What to foresee: default or closure.")] = "default",
    horizon: Annotated[int, typer.Option(min=1, max=60, help="Months looked ahead.")] = 12,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last as-of day.")] = None,
    simulated: Annotated[bool, typer.Option(help="Whether the store's data are made up.")] = True,
    database: Database = None,
) -> None:
    """What corroboration is worth to a model: AUC out of time, against facts by the latest claim alone."""
    from experiments.corroboration import run_corroboration  # noqa: PLC0415
    from experiments.study import publish  # noqa: PLC0415
    from experiments.training import Plan  # noqa: PLC0415

    settings = Settings.from_environment()
    plan = Plan(outcome=outcome, horizon=horizon, last=last.date() if last else None, simulated=simulated)
    publish(settings, run_corroboration(database or settings.database_url, plan))


@app.command("crunchbase-linkage")
def crunchbase_linkage(
    data: Annotated[Path, typer.Option(help="Folder of the data sets.", envvar="ALLIANCE_DATA")],
) -> None:
    """Link the companies of two exports of Crunchbase, permalinks hidden: precision and recall."""
    from experiments.crunchbase.linkage import linked_table, run_linkage  # noqa: PLC0415

    out.print(linked_table(run_linkage(data)))


@app.command()
def coupling(
    *,
    dataset: Annotated[str, typer.Option(help="store, crunchbase, or a world of a known law.")] = "store",
    outcome: Annotated[str, typer.Option(help="What to foresee: default or closure.")] = "default",
    horizon: Annotated[int, typer.Option(min=1, max=60, help="Months looked ahead.")] = 12,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last as-of day.")] = None,
    companies: Annotated[int, typer.Option(min=1_000, help="Companies of a world.")] = 16_000,
    seed: Annotated[int, typer.Option(help="Seed of a world.")] = 1,
    simulated: Annotated[bool, typer.Option(help="Whether the store's data are made up.")] = True,
    data: Annotated[Path, typer.Option(help="Folder of the data sets.", envvar="ALLIANCE_DATA")] = Path("data"),
    kept: Annotated[bool, typer.Option("--kept", help="Only list the latest verdict on each set of data.")] = False,
    database: Database = None,
) -> None:
    """Do pillars multiply ("x") or add up ("+")? Three instruments, and a verdict, which may be: not decided."""
    if kept:
        _list_verdicts()
        return
    from experiments.coupling.datasets import CRUNCHBASE, STORE, asked, from_crunchbase, from_store, from_world  # noqa: PLC0415
    from experiments.coupling.report import run_laboratory  # noqa: PLC0415
    from experiments.training import Plan  # noqa: PLC0415

    settings = Settings.from_environment()
    asked(dataset)
    if dataset == STORE:
        plan = Plan(outcome=outcome, horizon=horizon, last=last.date() if last else None, simulated=simulated)
        given = from_store(database or settings.database_url, plan)
    elif dataset == CRUNCHBASE:
        given = from_crunchbase(settings, data, database)
    else:
        given = from_world(dataset, companies, seed)
    run_laboratory(settings, given)


def _list_verdicts() -> None:
    from experiments import tracking  # noqa: PLC0415
    from experiments.coupling.kept import verdicts  # noqa: PLC0415

    found, _ = tracking.runs(Settings.from_environment(), "coupling", limit=200)
    out.print(verdicts(found).rich())


@app.command()
def hazard(
    *,
    outcome: Annotated[str, typer.Option(help="What to foresee: default or closure.")] = "default",
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First as-of day.")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last as-of day.")] = None,
    test_from: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day of the test.")] = None,
    simulated: Annotated[bool, typer.Option(help="Whether the store's data are made up.")] = True,
    database: Database = None,
) -> None:
    """PDs of 6, 12, 18, 24 and 36 months from one model of when, tested out of time, late records allowed for."""
    from experiments.hazard.plan import run_hazard  # noqa: PLC0415
    from experiments.training import Plan  # noqa: PLC0415

    settings = Settings.from_environment()
    plan = Plan(
        outcome=outcome,
        first=first.date() if first else None,
        last=last.date() if last else None,
        simulated=simulated,
    )
    run_hazard(settings, database or settings.database_url, plan, test_from.date() if test_from else None)


@app.command()
def certainty(
    *,
    outcome: Annotated[str, typer.Option(help="What to foresee: default or closure.")] = "default",
    horizon: Annotated[int, typer.Option(min=1, max=60, help="Months looked ahead.")] = 12,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last as-of day.")] = None,
    bad_loan: Annotated[float, typer.Option(help="Cost of a default.")] = 60.0,
    lost_good: Annotated[float, typer.Option(help="Cost of declining a sound company.")] = 4.0,
    review: Annotated[float, typer.Option(help="Cost of a person's look.")] = 1.0,
    simulated: Annotated[bool, typer.Option(help="Whether the store's data are made up.")] = True,
    database: Database = None,
) -> None:
    """How sure a PD is: intervals chosen on evidence, the flag for unlike companies, the refer band."""
    from experiments.certainty.report import evidence, run_certainty  # noqa: PLC0415
    from experiments.splits import out_of_time  # noqa: PLC0415
    from experiments.training import Plan, data_used, panel_from  # noqa: PLC0415
    from scoring.model.certainty import Band  # noqa: PLC0415

    settings = Settings.from_environment()
    band = Band.by_cost(bad_loan=bad_loan, lost_good=lost_good, review=review)
    plan = Plan(outcome=outcome, horizon=horizon, last=last.date() if last else None, simulated=simulated)
    made, contracts = panel_from(database or settings.database_url, plan)
    split, data = out_of_time(made, plan.test_quarters), data_used(made, contracts, plan)
    run_certainty(settings, evidence(), made, split, data=data, band=band)


@app.command("low-default")
def low_default(
    *,
    outcome: Annotated[str, typer.Option(help="What to foresee: default or closure.")] = "default",
    horizon: Annotated[int, typer.Option(min=1, max=60, help="Months looked ahead.")] = 12,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last as-of day.")] = None,
    correlation: Annotated[float, typer.Option(min=0, max=0.99, help="Of assets; 0 for independent defaults.")] = 0.12,
    database: Database = None,
) -> None:
    """Most prudent PD of each grade: upper bounds where few or none defaulted (Pluto and Tasche)."""
    from experiments.low_default import bounds_of_test  # noqa: PLC0415
    from experiments.training import Plan, panel_from  # noqa: PLC0415

    plan = Plan(outcome=outcome, horizon=horizon, last=last.date() if last else None)
    made, _ = panel_from(database or Settings.from_environment().database_url, plan)
    for listing in bounds_of_test(made, plan.test_quarters, correlation):
        out.print(listing)


COMMANDS = (
    *panel_cli.COMMANDS, *distributed_cli.COMMANDS, *evidence_cli.COMMANDS, *lifecycle_cli.COMMANDS,
    *watching_cli.COMMANDS,
)  # fmt: skip
for command in COMMANDS:
    app.command()(command)


if __name__ == "__main__":
    app()
