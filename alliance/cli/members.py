"""Who is a member of the alliance, in which role, and where."""

from typing import Annotated

import typer

from alliance.cli.opened import Author, Database, opened
from alliance.grants import register
from alliance.rights.grant import ROLES
from alliance.terminal import PlainErrors, out, table

members = typer.Typer(cls=PlainErrors, no_args_is_help=True, help="Who is a member, in which role, and where.")


@members.command()
def add(
    member: Annotated[str, typer.Argument(help="Id of the member.")],
    *,
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")],
    jurisdiction: Annotated[
        str | None, typer.Option(help="Where it is established, ISO 3166 alpha-2; the policy's home by default.")
    ] = None,
    author: Author,
    database: Database = None,
) -> None:
    """Register a member, or change its role or jurisdiction."""
    with opened(database) as store:
        made = register(store, member, role, jurisdiction, author=author)
    out.print(f"{made.member_id} is a member: {made.role}, {made.jurisdiction}.")


@members.command("list")
def list_(database: Database = None) -> None:
    """List the members."""
    with opened(database) as store:
        found = store.rights().members
    listing = table("members", "member", "role", "jurisdiction", "since")
    for one in found.values():
        listing.add_row(one.member_id, one.role, one.jurisdiction, f"{one.registered_at:%Y-%m-%d}")
    out.print(listing)
    out.print(f"Members: {len(found):,}.")
