"""``experiments ladder``, ``peers``, ``tune``, ``backtest``, ``stability``, ``probe``, ``next-data``, ``validate``."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alliance.config import Settings
from alliance.terminal import out, progress

if TYPE_CHECKING:
    from experiments.datasets.catalogue import Where
    from experiments.training import Plan

NAMES = "store, crunchbase, sba_7a, german_credit, taiwan_default or polish_bankruptcy"

Name = Annotated[str, typer.Option("--dataset", help=f"What to examine on: {NAMES}.")]
Outcome = Annotated[str, typer.Option(help="Of a store: what to foresee, default or closure.")]
Horizon = Annotated[int, typer.Option(min=1, max=60, help="Of a store: months looked ahead.")]
Last = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Of a store: last as-of day.")]
Simulated = Annotated[bool, typer.Option(help="Of a store: whether its companies are made up.")]
Data = Annotated[Path | None, typer.Option("--data", help="Folder of the real data sets.", envvar="ALLIANCE_DATA")]
Database = Annotated[
    str | None, typer.Option("--database", help="SQLAlchemy URL of the store.", envvar="ALLIANCE_DATABASE_URL")
]
Seed = Annotated[int, typer.Option(help="Of every random choice.")]
Exam = Annotated[str, typer.Option("--examination", help="One of the data set's examinations; by default the first.")]


def ladder(
    *, name: Name = "store", outcome: Outcome = "default", horizon: Horizon = 12, last: Last = None,
    simulated: Simulated = True, data: Data = None, database: Database = None, examination: Exam = "", seed: Seed = 0,
    members: Annotated[int, typer.Option(min=0, help="Of a store: how many of the largest givers to leave out.")] = 5,
    truth: Annotated[Path | None, typer.Option(help="Of a simulated store: its folder truth.")] = None,
) -> None:  # fmt: skip
    """What each pillar is worth, and each member: nested sets of signals on the same rows."""
    from experiments.ladder.run import run_ladder  # noqa: PLC0415
    from experiments.study import publish  # noqa: PLC0415

    where = _where(_plan(outcome, horizon, last, simulated), data, database)
    made = run_ladder(where, name, examination=examination, members=members, truth=truth, seed=seed)
    publish(where.settings, made)


def peers(
    *, name: Name = "store", outcome: Outcome = "default", horizon: Horizon = 12, last: Last = None,
    simulated: Simulated = True, data: Data = None, database: Database = None, seed: Seed = 0,
) -> None:  # fmt: skip
    """LightGBM against what would be used instead, taught and examined on the same rows."""
    from experiments.datasets.catalogue import dataset  # noqa: PLC0415
    from experiments.peers import PEERS  # noqa: PLC0415
    from experiments.peers.compare import compared  # noqa: PLC0415
    from experiments.peers.report import peers_study  # noqa: PLC0415
    from experiments.study import publish  # noqa: PLC0415

    where = _where(_plan(outcome, horizon, last, simulated), data, database)
    found = dataset(name, where)
    with progress("peers", len(PEERS) * len(found.examinations)) as bar:
        told = [
            compared(found, one, seed=seed, progress=lambda n: bar.advance(bar.task_ids[0], n))
            for one in found.examinations
        ]
    publish(where.settings, peers_study(found, told, seed=seed))


def tune(
    *, name: Name = "store", outcome: Outcome = "default", horizon: Horizon = 12, last: Last = None,
    simulated: Simulated = True, data: Data = None, database: Database = None, examination: Exam = "", seed: Seed = 0,
    trials: Annotated[int, typer.Option(min=2, help="Recipes tried, the standing one first.")] = 40,
) -> None:  # fmt: skip
    """Search for a better recipe on the past alone; its cost, and its gain on the test rows."""
    from experiments.datasets.catalogue import dataset  # noqa: PLC0415
    from experiments.study import publish  # noqa: PLC0415
    from experiments.tuning import run_tuning  # noqa: PLC0415

    where = _where(_plan(outcome, horizon, last, simulated), data, database)
    found = dataset(name, where)
    with progress("trials", trials) as bar:
        made = run_tuning(
            found, found.examination(examination), trials=trials, seed=seed,
            progress=lambda n: bar.advance(bar.task_ids[0], n),
        )  # fmt: skip
    publish(where.settings, made)


def backtest(
    *, name: Name = "store", outcome: Outcome = "default", horizon: Horizon = 12, last: Last = None,
    simulated: Simulated = True, data: Data = None, database: Database = None, seed: Seed = 0,
    window: Annotated[int, typer.Option(min=1, help="As-of days tested at each origin.")] = 2,
    most: Annotated[int, typer.Option("--origins", min=1, help="Origins at most, back from the last.")] = 8,
) -> None:  # fmt: skip
    """Rolling-origin back-test: the model made again as time went on, each tested on what came next."""
    from experiments import backtest as rolling  # noqa: PLC0415
    from experiments.datasets.catalogue import dataset  # noqa: PLC0415
    from experiments.study import publish  # noqa: PLC0415

    where = _where(_plan(outcome, horizon, last, simulated), data, database)
    found = dataset(name, where)
    splits = rolling.origins(found, window, most)
    with progress("origins", len(splits)) as bar:
        told = rolling.backtest(found, splits, seed=seed, progress=lambda n: bar.advance(bar.task_ids[0], n))
    publish(where.settings, rolling.backtest_study(found, told, seed))


def stability(
    *, name: Name = "store", outcome: Outcome = "default", horizon: Horizon = 12, last: Last = None,
    simulated: Simulated = True, data: Data = None, database: Database = None, examination: Exam = "",
    seeds: Annotated[int, typer.Option(min=2, help="How many seeds.")] = 10,
) -> None:  # fmt: skip
    """How much of a score is the luck of a seed."""
    from experiments import stability as luck  # noqa: PLC0415
    from experiments.datasets.catalogue import dataset  # noqa: PLC0415
    from experiments.study import publish  # noqa: PLC0415

    where = _where(_plan(outcome, horizon, last, simulated), data, database)
    found = dataset(name, where)
    with progress("seeds", seeds) as bar:
        told = luck.stability(
            found, found.examination(examination), range(seeds), progress=lambda n: bar.advance(bar.task_ids[0], n)
        )
    publish(where.settings, luck.stability_study(found, told))


def probe(
    *, name: Name = "store", outcome: Outcome = "default", horizon: Horizon = 12, last: Last = None,
    simulated: Simulated = True, data: Data = None, database: Database = None, examination: Exam = "", seed: Seed = 0,
) -> None:  # fmt: skip
    """Does the evidence leak? Plant what a leak would be, and look for it."""
    from experiments.probes_report import run_probes  # noqa: PLC0415
    from experiments.study import publish  # noqa: PLC0415

    where = _where(_plan(outcome, horizon, last, simulated), data, database)
    publish(where.settings, run_probes(where, name, examination=examination, seed=seed))


def next_data(
    *, outcome: Outcome = "default", horizon: Horizon = 12, last: Last = None, simulated: Simulated = True,
    database: Database = None, seed: Seed = 0,
    share: Annotated[float, typer.Option(min=0.05, max=1, help="Chance of each known signal to be hidden.")] = 0.5,
    most: Annotated[int, typer.Option(min=1, max=20, help="Signals revealed, one at a time.")] = 5,
) -> None:  # fmt: skip
    """Does the next best datum help? Hide signals of test companies, reveal them in three orders."""
    from experiments.next_data.report import run_next_data  # noqa: PLC0415
    from experiments.study import publish  # noqa: PLC0415
    from experiments.training import panel_from  # noqa: PLC0415

    plan = _plan(outcome, horizon, last, simulated)
    where = _where(plan, None, database)
    made, _ = panel_from(where.database, plan)
    publish(where.settings, run_next_data(made, plan, share=share, most=most, seed=seed))


def validate(
    *,
    run: Annotated[str, typer.Option(help="MLflow run of the model; by default the champion's.")] = "",
    folder: Annotated[Path, typer.Option("--out", help="Where the report goes.")] = Path("out"),
) -> None:
    """Write a model's validation report, HTML and Markdown, from its run and the studies of its panel."""
    from experiments.validation.run import validate as write  # noqa: PLC0415

    written = write(Settings.from_environment(), folder, run)
    out.print(written.report.contents().rich())
    for file in (written.html, written.text):
        out.print(str(file), highlight=False, soft_wrap=True)


COMMANDS = (ladder, peers, tune, backtest, stability, probe, next_data, validate)


def _plan(outcome: str, horizon: int, last: datetime | None, simulated: bool) -> "Plan":
    from experiments.training import Plan  # noqa: PLC0415

    return Plan(outcome=outcome, horizon=horizon, last=last.date() if last else None, simulated=simulated)


def _where(plan: "Plan", data: Path | None, database: str | None) -> "Where":
    from experiments.datasets.catalogue import Where  # noqa: PLC0415

    settings = Settings.from_environment()
    return Where(settings=settings, database=database or settings.database_url, plan=plan, data=data)
