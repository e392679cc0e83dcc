"""``scoring lending``: what a loan would be limited to, cost and bring."""

from pathlib import Path
from typing import Annotated

import typer

from alliance.terminal import out
from scoring.lending import LendingPolicy, Terms, term_sheet
from scoring.lending.page import page
from scoring.lending.policy import SHIPPED, read_policy
from scoring.lending.render import tables
from scoring.lending.term_sheet import NO_ADVICE
from scoring.opened import BundleSource, Database, opened


def lending(
    decision: Annotated[str, typer.Argument(help="Id of a recorded decision.")],
    *,
    amount: Annotated[int, typer.Option(help="Whole yuan.")],
    rate: Annotated[float, typer.Option(help="Interest a year, as a share: 0.09.")],
    term_months: Annotated[int, typer.Option("--term", help="Months until it is repaid.")],
    lgd: Annotated[float | None, typer.Option(help="Loss given default; the policy's by default.")] = None,
    subordinated: Annotated[bool, typer.Option("--subordinated", help="Other debts are paid before it.")] = False,
    fee: Annotated[float, typer.Option(help="Paid once, as a share of the amount.")] = 0.0,
    warrants: Annotated[float, typer.Option(help="What warrants may buy, as a share of the amount.")] = 0.0,
    winter: Annotated[list[int] | None, typer.Option(help="Months without a next round; may be repeated.")] = None,
    database: Database = None,
    bundle: BundleSource = None,
) -> None:
    """Reckon a loan to a decision's company: limits, loss, return, a funding winter. No advice; nothing is recorded."""
    terms = Terms(
        amount=amount, rate=rate, term_months=term_months, lgd=lgd, subordinated=subordinated, fee=fee,
        warrant_coverage=warrants, winter_months=tuple(winter) if winter else None,
    )  # fmt: skip
    with opened(database, bundle) as scorer:
        made = term_sheet(scorer, decision, terms, LendingPolicy.from_environment())
    for one in tables(made):
        out.print(one)
        out.print()
    for line in NO_ADVICE:
        out.print(line, style="bright_black")


def formulas(
    write: Annotated[Path | None, typer.Option(help="File to write it to, such as docs/lending.md.")] = None,
) -> None:
    """Print every number of the lending aid with formula and source, by the policy that is shipped, as Markdown."""
    told = page(read_policy(SHIPPED))
    if write is None:
        typer.echo(told, nl=False)
    else:
        write.write_text(told, encoding="utf-8")
