"""``experiments panel``: the panel of a store as a file."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alliance.config import Settings
from alliance.store import Store
from alliance.terminal import out, progress, table
from experiments.evidence_cli import Database, Horizon, Last, Outcome
from scoring.opened import EngineName, KeepExport, Master, WorkFolder

if TYPE_CHECKING:
    from experiments.streamed_panel import WrittenPanel


def panel(
    *,
    target: Annotated[Path, typer.Option("--out", help="Parquet file of the panel.")],
    outcome: Outcome = "default",
    horizon: Horizon = 12,
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First as-of day.")] = None,
    last: Last = None,
    engine: EngineName = "local",
    master: Master = "local[*]",
    work: WorkFolder = None,
    keep: KeepExport = False,
    database: Database = None,
) -> None:
    """Write companies x quarters, with features and labels, to a file; memory does not grow with the companies."""
    from experiments.streamed_panel import write_panel  # noqa: PLC0415
    from experiments.training import Plan  # noqa: PLC0415
    from scoring.engines import engine_named  # noqa: PLC0415

    plan = Plan(
        outcome=outcome,
        horizon=horizon,
        first=first.date() if first else None,
        last=last.date() if last else None,
    )
    store = Store(database or Settings.from_environment().database_url)
    try:
        with engine_named(engine, master) as chosen, progress("export", None) as bar:
            made = write_panel(
                store, plan, target, chosen, work=work or target.with_name(target.name + ".export"), keep=keep,
                progress=lambda what, done, total: bar.update(
                    bar.task_ids[0], description=what, completed=done, total=total
                ),
            )  # fmt: skip
    finally:
        store.close()
    show(made)


def show(made: "WrittenPanel") -> None:
    listing = table(
        f"{made.asked.outcome} within {made.asked.horizon_months} months, as known on {made.asked.data_cut}",
        "as of", "rows", "outcomes", "share", right=("rows", "outcomes", "share"),
    )  # fmt: skip
    for day, rows, labels in made.by_day.iter_rows():
        listing.add_row(str(day), f"{rows:,}", f"{labels:,}", f"{labels / rows:.2%}" if rows else "")
    out.print(listing)
    rows = made.by_day["rows"].sum()
    out.print(
        f"{rows:,} rows of {made.companies:,} companies; watermark {made.watermark},"
        f" {len(made.access.grants)} grants; SHA-256 {made.sha256}",
        soft_wrap=True, highlight=False,
    )  # fmt: skip
    out.print(str(made.path), soft_wrap=True, highlight=False)


COMMANDS = (panel,)
