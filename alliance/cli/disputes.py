"""Disputes: raised with evidence, listed until they are decided, ruled with a reason."""

from datetime import UTC, date, datetime
from typing import Annotated

import typer

from alliance import disputes
from alliance.cli.opened import Author, Database, Reason, opened
from alliance.cli.touched import show_touched
from alliance.policy import Policy
from alliance.store.disputes import Dispute, Party
from alliance.terminal import PlainErrors, out, table

dispute = typer.Typer(cls=PlainErrors, no_args_is_help=True, help="Claims and facts that somebody says are wrong.")

DisputeId = Annotated[str, typer.Argument(help="Id of a dispute, as `list` gives it.", metavar="DISPUTE")]


def _place(text: str) -> tuple[int, int]:
    """Submission and row of a claim."""
    submission, _, row = text.partition(":")
    if not (submission.isdecimal() and row.isdecimal()):
        raise typer.BadParameter("a claim is written as its submission and row, as in 12:7", param_hint="--claim")
    return int(submission), int(row)


@dispute.command("raise")
def raise_(
    company: Annotated[str, typer.Argument(help="Company id, registration number, or namespace:id.")],
    signal: Annotated[str, typer.Argument(help="Signal of the fact, as `alliance signals` lists them.")],
    *,
    evidence: Annotated[str, typer.Option(help="What speaks against it; kept for ever.")],
    author: Annotated[str, typer.Option(help="Member that raises it.")],
    key: Annotated[str | None, typer.Option(help="Which fact of the signal; not needed where there is one.")] = None,
    field: Annotated[str | None, typer.Option(help="What of it is wrong; all by default.")] = None,
    by_member: Annotated[str | None, typer.Option(help="Member whose latest claim is meant.")] = None,
    claim: Annotated[
        str | None,
        typer.Option(help="The one claim meant, as submission and row; by default the whole fact.", metavar="NO:ROW"),
    ] = None,
    for_company: Annotated[bool, typer.Option("--for-company", help="Raised on behalf of the company.")] = False,
    database: Database = None,
) -> None:
    """Dispute a fact of a company, or one member's claim of it."""
    objection = disputes.Objection(
        company=company,
        signal=signal,
        key=key,
        field=field,
        claim=None if claim is None else _place(claim),
        member=by_member,
        evidence=evidence,
        author=author,
        on_behalf_of=Party.COMPANY if for_company else Party.MEMBER,
    )
    due_days = Policy.from_environment().due_days
    with opened(database) as store:
        made = disputes.raise_dispute(store, objection, due_days=due_days)
    out.print(f"Dispute {made.dispute_id} about {_what(made)}: to be decided by {made.due_on}.", soft_wrap=True)


@dispute.command("list")
def list_(
    *,
    undecided: Annotated[bool, typer.Option("--open", help="Only those nobody has decided.")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those that should have been decided.")] = False,
    company: Annotated[str | None, typer.Option(help="Only about this company.")] = None,
    member: Annotated[str | None, typer.Option(help="Only raised by this member, or against its claims.")] = None,
    database: Database = None,
) -> None:
    """List disputes, oldest first."""
    today = datetime.now(UTC).date()
    with opened(database) as store:
        found = disputes.listed(store, company=company, member=member, undecided=undecided)
    found = [one for one in found if one.overdue(today) or not overdue]
    listing = table("disputes", "dispute", "company", "fact", "claim of", "raised by", "due", "outcome")
    for one in found:
        about = (one.company_id, f"{one.signal} {one.key}".rstrip(), one.member or "all")
        listing.add_row(one.dispute_id, *about, _raiser(one), str(one.due_on), _state(one, today))
    out.print(listing)
    late = sum(one.overdue(today) for one in found)
    out.print(f"Disputes: {len(found):,}; open: {sum(one.ruling is None for one in found):,}; overdue: {late:,}.")


@dispute.command()
def show(dispute_id: DisputeId, database: Database = None) -> None:
    """Show a dispute: what is said against what, by whom, and what was ruled."""
    with opened(database) as store:
        show_dispute(disputes.find(store, dispute_id))


@dispute.command()
def rule(
    dispute_id: DisputeId,
    *,
    excluded: Annotated[bool, typer.Option("--exclude/--keep", help="Whether what is disputed counts no more.")],
    author: Author,
    reason: Reason,
    database: Database = None,
) -> None:
    """Decide a dispute, once for all, and list the scores made from what is excluded."""
    with opened(database) as store:
        outcome = disputes.rule(store, dispute_id, excluded=excluded, author=author, reason=reason)
    show_dispute(outcome.dispute)
    show_touched(outcome.touched)
    if outcome.touched:
        out.print(f"To score them again: scoring rescore --dispute {dispute_id}")


def show_dispute(one: Dispute) -> None:
    lines = {
        "dispute": one.dispute_id,
        "company": one.company_id,
        "about": _what(one),
        "raised": f"{one.raised_at:%Y-%m-%d %H:%M} by {_raiser(one)}",
        "evidence": one.evidence,
        "due": str(one.due_on),
        "outcome": _state(one, datetime.now(UTC).date()),
    }
    if one.ruling is not None:
        lines |= {"ruled": f"{one.ruling.made_at:%Y-%m-%d %H:%M} by {one.ruling.author}", "reason": one.ruling.reason}
    for name, value in lines.items():
        out.print(f"{name:<9} {value}", soft_wrap=True)


def _what(one: Dispute) -> str:
    """What is disputed, in words."""
    fact = " ".join(part for part in (one.signal, one.key) if part)
    of_it = f"{one.field} of {fact}" if one.field else fact
    whose = "all claims" if one.member is None else f"the claim of {one.member} ({one.submission_no}:{one.row})"
    return f"{of_it}, {whose}"


def _raiser(one: Dispute) -> str:
    return f"{one.raised_by} for the company" if one.on_behalf_of is Party.COMPANY else one.raised_by


def _state(one: Dispute, today: date) -> str:
    if one.ruling is None:
        return "overdue" if one.overdue(today) else "open"
    return "excluded" if one.ruling.excluded else "kept"
