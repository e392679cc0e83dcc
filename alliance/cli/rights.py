"""What somebody may read and why; figures over cohorts; who was refused what."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from alliance.aggregates import Question, cohort_of
from alliance.aggregates import aggregate as aggregated
from alliance.cli.facts import in_words
from alliance.cli.opened import Database, opened
from alliance.errors import InvalidInput
from alliance.rights import AccessRequest, Right
from alliance.rights.words import explained
from alliance.signals import signal_named
from alliance.terminal import PlainErrors, out, table

rights = typer.Typer(cls=PlainErrors, no_args_is_help=True, help="Who may read what, and why.")

Member = Annotated[str, typer.Option(help="Who asks.")]
Purpose = Annotated[str, typer.Option(help="What it is for.")]
RightName = Annotated[str, typer.Option("--right", help=f"One of {', '.join(Right)}.")]


@rights.command()
def explain(
    *,
    member: Member,
    purpose: Purpose,
    right: RightName = "scores",
    company: Annotated[str | None, typer.Option(help="Of this company; of all alike by default.")] = None,
    database: Database = None,
) -> None:
    """Say in words what a member may read now, how far it may be seen, and why; and what it may not."""
    with opened(database) as store:
        company_id = None if company is None else store.company(company).company_id
        access, state = store.access(AccessRequest(member, purpose, _right(right))), store.rights()
    for sentence in explained(access, state, company_id):
        out.print(sentence.zh, soft_wrap=True)
        out.print(sentence.en, style="bright_black", soft_wrap=True)


def _right(text: str) -> Right:
    if text not in list(Right):
        raise InvalidInput(f"There is no right {text!r}.", remedy=f"Use one of {', '.join(Right)}.", field="right")
    return Right(text)


@rights.command()
def refusals(database: Database = None) -> None:
    """List who was refused what, oldest first."""
    with opened(database) as store:
        found = store.refusals()
    listing = table("refusals", "when", "member", "purpose", "right", "companies", "reasons", right=("companies",))
    for one in found:
        companies = "all" if one.companies is None else f"{one.companies:,}"
        reasons = ", ".join(one.reasons)
        listing.add_row(f"{one.refused_at:%Y-%m-%d %H:%M}", one.member, one.purpose, one.right, companies, reasons)
    out.print(listing)
    out.print(f"Refusals: {len(found):,}.")


def aggregate(
    field: Annotated[str, typer.Argument(help="Which number: SIGNAL.FIELD.")],
    *,
    where: Annotated[
        list[str] | None, typer.Option(help="Cohort: field of the company profile=value; may be given several times.")
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="Day whose knowledge is used; today by default."),
    ] = None,
    member: Member,
    purpose: Purpose = "research",
    database: Database = None,
) -> None:
    """Figures over a cohort of companies whose values may not be seen one by one."""
    day = datetime.now(UTC).date() if as_of is None else as_of.date()
    question = Question(field=field, cohort=cohort_of(where or ()), as_of=day)
    with opened(database) as store:
        found = aggregated(store, AccessRequest(member, purpose), question)
    signal, _, name = field.partition(".")
    declared = signal_named(signal).field(name)
    listing = table(f"{declared.zh} / {declared.en} as of {day}", "figure", "value", right=("value",))
    listing.add_row("companies", f"{found.companies:,}")
    listing.add_row("mean", in_words(declared, found.mean))
    for which, band in zip(("lower quartile", "median", "upper quartile"), found.quartiles, strict=True):
        listing.add_row(which, in_words(declared, band))
    out.print(listing)
