"""Erasure and retention: forget a company, a person, or what was kept for long enough."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer

from alliance import erasure
from alliance.cli.opened import Database, opened
from alliance.store.erasures import Erasure
from alliance.terminal import PlainErrors, out, table

erase = typer.Typer(cls=PlainErrors, no_args_is_help=True, help="Forget a company or a person, for ever.")

Author = Annotated[str, typer.Option(help="Who erases; kept for ever.")]
Reason = Annotated[str, typer.Option(help="Why; kept for ever, so it names nobody.")]
Basis = Annotated[str, typer.Option(help="The law or rule it rests on; kept for ever.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask first.")]


@erase.command()
def company(
    reference: Annotated[str, typer.Argument(help="Company id, registration number, or namespace:id.")],
    *,
    author: Author,
    reason: Reason,
    basis: Basis,
    yes: Yes = False,
    database: Database = None,
) -> None:
    """Erase all that is held of a company, but for its registration number."""
    _erase(erasure.Company(reference), author, reason, basis, yes=yes, database=database)


@erase.command()
def person(
    key: Annotated[str, typer.Argument(help="The person's pseudonym, as members give it.")],
    *,
    author: Author,
    reason: Reason,
    basis: Basis,
    yes: Yes = False,
    database: Database = None,
) -> None:
    """Erase all that is held of a person, in all companies."""
    _erase(erasure.Person(key), author, reason, basis, yes=yes, database=database)


@erase.command("list")
def list_(database: Database = None) -> None:
    """List erasures, oldest first: that they were, why, and of how much."""
    with opened(database) as store:
        found = erasure.erasures(store)
    columns = ("entry", "when", "author", "about", "erased", "reason", "basis")
    listing = table("erasures", *columns, right=("entry", "erased"))
    for one in found:
        about = f"{one.about} {one.subject}".rstrip()
        erased = f"{sum(one.counts.values()):,}"
        listing.add_row(str(one.no), f"{one.made_at:%Y-%m-%d}", one.author, about, erased, one.reason, one.basis)
    out.print(listing)


def retention(
    *,
    author: Author,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is due.")] = False,
    yes: Yes = False,
    database: Database = None,
) -> None:
    """Erase what has been kept for as long as the policy allows."""
    today = datetime.now(UTC).date()
    with opened(database) as store:
        if _agreed(erasure.due(store, today), dry_run=dry_run, yes=yes):
            _receipt(erasure.expire(store, author=author, today=today))


def _erase(subject: erasure.Subject, author: str, reason: str, basis: str, *, yes: bool, database: str | None) -> None:
    with opened(database) as store:
        if _agreed(erasure.held(store, subject), dry_run=False, yes=yes):
            _receipt(erasure.erase(store, subject, author=author, reason=reason, basis=basis))


def _agreed(counts: Mapping[str, int], *, dry_run: bool, yes: bool) -> bool:
    """Show what would be erased, if there is anything, and ask whether it is to be."""
    if not counts:
        out.print("Nothing is held that is to be erased.")
        return False
    listing = table("to be erased", "what", "number", right=("number",))
    for what, number in counts.items():
        listing.add_row(what, f"{number:,}")
    out.print(listing)
    if dry_run:
        return False
    return yes or typer.confirm("Erase it for ever?", abort=True)


def _receipt(made: Erasure | None) -> None:
    if made is None:
        out.print("Nothing was left to erase.")
        return
    erased = sum(made.counts.values())
    out.print(f"Erased by entry {made.no}: {erased:,}. Its receipt: alliance ledger receipt {made.no}")
