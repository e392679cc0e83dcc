"""How far each member is to be believed."""

from datetime import UTC, datetime
from typing import Annotated

import polars as pl
import typer

from alliance.cli.opened import Author, Database, opened
from alliance.corroboration import Reliabilities
from alliance.terminal import PlainErrors, out, progress, table
from alliance.trust import days_to_learn, learn_reliabilities

reliability = typer.Typer(
    cls=PlainErrors, invoke_without_command=True, help="How far each member is to be believed, by signal."
)

_DAY = ["%Y-%m-%d"]


@reliability.callback()
def show(
    context: typer.Context,
    as_of: Annotated[datetime | None, typer.Option("--as-of", formats=_DAY, help="As learned by a day.")] = None,
    member: Annotated[str | None, typer.Option(help="Signal by signal, of one member.")] = None,
    history: Annotated[bool, typer.Option("--history", help="How it came to be, day by day.")] = False,
    database: Database = None,
) -> None:
    """Show the members' table: the least reliable first, copies of others marked."""
    if context.invoked_subcommand:
        return
    day = datetime.now(UTC).date() if as_of is None else as_of.date()
    with opened(database) as store:
        known = store.reliabilities()
    if history and member is None:
        show_history(known)
    elif history:
        of_day = [of_members(known.as_of(day).filter(pl.col("member") == member)) for day in known.days]
        show_table(pl.concat([of_members(known.frame.clear()), *of_day]), "as_of", f"reliability of {member}")
    elif member is not None:
        rows = known.as_of(day).filter(pl.col("member") == member).sort("reliability", "signal")
        show_table(rows, "signal", f"reliability of {member}, {_learned_by(rows)}")
    else:
        rows = of_members(known.as_of(day))
        show_table(rows, "member", f"reliability, {_learned_by(rows)}")
    if not known.days:
        out.print("Nothing has been learned yet: alliance reliability learn.")


@reliability.command()
def learn(
    since: Annotated[
        datetime | None, typer.Option("--from", formats=_DAY, help="First day; the first claim's.")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=_DAY, help="Last day; today by default.")] = None,
    author: Author = "alliance",
    database: Database = None,
) -> None:
    """Learn it from agreement: at the end of each quarter not learned yet, and on the last day."""
    with opened(database) as store:
        days = days_to_learn(store, since and since.date(), until and until.date())
        with progress("days learned", len(days)) as bar:
            made = learn_reliabilities(store, days, author=author, progress=lambda n: bar.advance(bar.task_ids[0], n))
    if made.days:
        out.print(f"Learned as of {len(made.days)} days, {made.days[0]} to {made.days[-1]}: entry {made.no}.")
        rows = of_members(made.latest)
        show_table(rows, "member", f"reliability, {_learned_by(rows)}")
    else:
        out.print("There is nothing to learn from.")


def of_members(learned: pl.DataFrame) -> pl.DataFrame:
    """One row a member, over its signals, each weighing as many values as were checked; the least reliable first."""
    weight = pl.col("checked") + 1
    pooled = [((pl.col(name) * weight).sum() / weight.sum()).alias(name) for name in ("reliability", "low", "high")]
    return (
        learned.group_by("member")
        .agg(pl.col("as_of").first(), *pooled, pl.col("checked").sum(), pl.col("copies").drop_nulls().first())
        .sort("reliability", "member")
    )


def _learned_by(rows: pl.DataFrame) -> str:
    return "nothing learned" if rows.is_empty() else f"as learned by {rows['as_of'][0]}"


def show_table(rows: pl.DataFrame, by: str, title: str) -> None:
    """Rows named by one of their columns, in their order."""
    numbers = ("reliability", "90 % interval", "values checked")
    listing = table(title, by.replace("_", " "), *numbers, "note", right=numbers)
    for row in rows.iter_rows(named=True):
        note = f"repeats {row['copies']}" if row["copies"] else "" if row["checked"] else "not checked by others yet"
        interval = f"{row['low']:.3f} to {row['high']:.3f}"
        listing.add_row(str(row[by]), f"{row['reliability']:.3f}", interval, f"{row['checked']:,}", note)
    out.print(listing)


def show_history(known: Reliabilities) -> None:
    """Who was least to be believed, day by day."""
    listing = table("reliability, day by day", "as of", "members", "least reliable", right=("members",))
    for day in known.days:
        rows = of_members(known.as_of(day))
        least = [f"{name} {value:.2f}" for name, value in rows.head(3).select("member", "reliability").iter_rows()]
        listing.add_row(str(day), str(rows.height), ", ".join(least))
    out.print(listing)
