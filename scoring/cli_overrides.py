"""``scoring overrides``: made, ruled, listed, and how overridden cases ended."""

from datetime import datetime
from typing import Annotated

import typer

from alliance.cli.opened import Database
from alliance.cli.opened import opened as store_opened
from alliance.store.overrides import Override, State
from alliance.terminal import PlainErrors, out
from scoring import overrides as domain
from scoring.lending import LendingPolicy
from scoring.model.certainty import Advice
from scoring.overrides import OverridesPolicy, Wish
from scoring.overrides.render import listing, report_table
from scoring.overrides.report import report as reported

overrides = typer.Typer(cls=PlainErrors, no_args_is_help=True, help="An analyst's result beside the model's.")

Person = Annotated[str, typer.Option("--author", help="Who decides: a person, not a member; kept.")]


@overrides.command()
def add(
    decision: Annotated[str, typer.Argument(help="Id of a recorded decision.")],
    *,
    reason_code: Annotated[str, typer.Option("--reason", help="Code of the policy's closed list.")],
    text: Annotated[str, typer.Option(help="Why, in words; kept until the company is erased.")],
    author: Person,
    outcome: Annotated[Advice | None, typer.Option(help="Another outcome; the model's by default.")] = None,
    grade: Annotated[str | None, typer.Option(help="Another grade; the model's by default.")] = None,
    exposure: Annotated[int | None, typer.Option(help="Whole yuan it is about.")] = None,
    database: Database = None,
) -> None:
    """Override a decision; above the policy's limits a second person must approve."""
    wish = Wish(
        outcome=outcome, grade=grade, reason_code=reason_code, text=text, exposure=exposure, person=_person(author)
    )
    policy, band = OverridesPolicy.from_environment(), LendingPolicy.from_environment().band
    with store_opened(database) as store:
        made = domain.override(store, decision, wish, policy, band)
    _say(made)


@overrides.command("rule")
def rule_(
    override_id: Annotated[str, typer.Argument(help="Id of an override, as `list` gives it.", metavar="OVERRIDE")],
    *,
    approved: Annotated[bool, typer.Option("--approve/--reject", help="Whether it holds.")],
    reason: Annotated[str, typer.Option(help="Why; kept.")],
    author: Person,
    database: Database = None,
) -> None:
    """Approve or reject a pending override, as a second person."""
    with store_opened(database) as store:
        _say(domain.rule(store, override_id, approved=approved, person=_person(author), reason=reason))


@overrides.command("list")
def list_(
    *,
    member: Annotated[str | None, typer.Option(help="Only of this member.")] = None,
    state: Annotated[State | None, typer.Option(help="Only those that stand so.")] = None,
    database: Database = None,
) -> None:
    """List overrides, oldest first."""
    with store_opened(database) as store:
        found = domain.listed(store, member=member, state=state)
    out.print(listing(found, OverridesPolicy.from_environment()))
    pending = sum(one.state is State.PENDING for one in found)
    out.print(f"Overrides: {len(found):,}; waiting for a second person: {pending:,}.")


@overrides.command()
def report(
    *,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day whose knowledge is used; today by default.")
    ] = None,
    member: Annotated[str | None, typer.Option(help="Only of this member.")] = None,
    database: Database = None,
) -> None:
    """How often results are overridden, why and by whom, and how such cases ended against the model's PD."""
    policy = OverridesPolicy.from_environment()
    with store_opened(database) as store:
        day = store.clock().date() if as_of is None else as_of.date()
        lines = reported(store, policy, as_of=day, member=member)
    out.print(report_table(lines, day))
    out.print(f"Below {policy.least} cases followed to their end nothing is said of how they ended.")


def _person(author: str) -> str:
    """A person at the console, told apart from callers of the API."""
    return f"console:{author.strip()}" if author.strip() else ""


def _say(made: Override) -> None:
    waits = " It waits for a second person." if made.state is State.PENDING else ""
    out.print(f"Override {made.override_id} of {made.decision_id}: {made.state.value.replace('_', ' ')}.{waits}")
