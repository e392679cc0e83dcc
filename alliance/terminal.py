"""What the console commands of all packages share: one-line errors, tables, progress bars."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

from alliance.errors import AllianceError, StoreError

FAILED, STORE_FAILED = 1, 4
"""Exit codes: the request could not be met; the store failed. (2 is a wrong command line, 3 too many rejects.)"""

PIPED_WIDTH = 120
"""Columns of what goes to a file or a pipe, which have no width of their own."""

# No markup: what members write is shown as it is.
out = Console(markup=False, emoji=False, width=None if sys.stdout.isatty() else PIPED_WIDTH)
err = Console(stderr=True, markup=False, emoji=False)


class PlainErrors(TyperGroup):
    """A command group that says in one line what went wrong, where and what to do, and exits non-zero."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except AllianceError as error:
            err.print(Text.assemble(("error ", "bold red"), f"[{error.code}] {error}"), soft_wrap=True)
            sys.exit(STORE_FAILED if isinstance(error, StoreError) else FAILED)


def table(title: str, *columns: str, right: tuple[str, ...] = ()) -> Table:
    """An empty table of the house style; the columns named in ``right`` are numbers."""
    made = Table(
        title=title, title_justify="left", title_style="bold", header_style="bold cyan", box=None, pad_edge=False
    )
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return made


class RateColumn(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="progress.data.speed")


@contextmanager
def progress(description: str, total: int | None) -> Iterator[Progress]:
    """A progress bar with count, rate and time left; silent on a pipe, so that an error is one line there."""
    columns = (
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), RateColumn(),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=err, disable=not err.is_terminal) as bar:
        bar.add_task(description, total=total)
        yield bar
