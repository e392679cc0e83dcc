"""API keys: made and shown once, listed, ended, replaced. Whoever has the database needs no key of his own."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from alliance.callers import register
from alliance.callers.keys import DEFAULT_DAYS, ApiKey
from alliance.callers.roles import Role, Scope
from alliance.cli.opened import Database, opened
from alliance.terminal import PlainErrors, out, table

keys = typer.Typer(cls=PlainErrors, no_args_is_help=True, help="Keys by which callers of the API are known.")

Prefix = Annotated[str, typer.Argument(help="The key's name, as `list` gives it.", metavar="PREFIX")]
By = Annotated[str, typer.Option("--author", help="Who does it; kept with the key.")]
Days = Annotated[int, typer.Option("--expires-days", help="Days until it ends by itself.")]

OPERATOR = "console"
"""Who made a key when nobody says so: the one who has the database."""


@keys.command()
def create(
    *,
    role: Annotated[list[Role], typer.Option(help="What its caller is; may be given several times.")],
    member: Annotated[str, typer.Option(help="Member its caller acts for; not for the role company.")] = "",
    company: Annotated[
        str | None, typer.Option(help="For the role company: id, registration number, or namespace:id.")
    ] = None,
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What its caller may do at most; all of its roles' by default.")
    ] = None,
    days: Days = DEFAULT_DAYS,
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    author: By = OPERATOR,
    database: Database = None,
) -> None:
    """Make a key and print it, this once: only a digest of it is kept."""
    with opened(database) as store:
        made = register.create(
            store, member=member, roles=frozenset(role), scopes=frozenset(scope) if scope else None, company=company,
            label=label, days=days, by=author,
        )  # fmt: skip
    show_made(made)


@keys.command("list")
def list_(
    member: Annotated[str | None, typer.Option(help="Only of this member.")] = None, database: Database = None
) -> None:
    """List keys, oldest first, with those that hold no more."""
    with opened(database) as store:
        found = register.listed(store, member=member)
    now = datetime.now(UTC)
    listing = table("keys", "prefix", "member", "roles", "scopes", "label", "made", "until", "state")
    for key in found:
        scopes = "all of its roles" if key.scopes is None else " ".join(sorted(key.scopes))
        roles, made = " ".join(sorted(key.roles)), f"{key.made_at:%Y-%m-%d} {key.made_by}"
        listing.add_row(key.prefix, key.member, roles, scopes, key.label, made, f"{until(key):%Y-%m-%d %H:%M}",
                        state(key, now))  # fmt: skip
    out.print(listing)
    out.print(f"Keys: {len(found):,}; holding: {sum(key.holds(now) for key in found):,}.")


@keys.command()
def revoke(
    prefix: Prefix,
    reason: Annotated[str, typer.Option(help="Why; kept with the key.")] = "",
    author: By = OPERATOR,
    database: Database = None,
) -> None:
    """End a key at once."""
    with opened(database) as store:
        key = register.revoke(store, prefix, by=author, reason=reason)
    out.print(f"Key {key.prefix} of {key.member} is ended.", highlight=False)


@keys.command()
def rotate(
    prefix: Prefix,
    *,
    overlap: Annotated[
        int, typer.Option("--overlap-hours", min=0, max=24 * 30, help="Hours the old one still holds.")
    ] = register.OVERLAP // timedelta(hours=1),
    days: Days = DEFAULT_DAYS,
    author: By = OPERATOR,
    database: Database = None,
) -> None:
    """Make a key like another and print it, this once; the old one ends after an overlap."""
    with opened(database) as store:
        made = register.rotate(store, prefix, by=author, days=days, overlap=timedelta(hours=overlap))
        old = register.find(store, prefix)
    show_made(made)
    out.print(f"Key {prefix} holds until {until(old):%Y-%m-%d %H:%M} UTC.", highlight=False)


def show_made(made: register.Made) -> None:
    out.print(made.text, soft_wrap=True, highlight=False)
    out.print(
        f"Key {made.key.prefix} of {made.key.member} holds until {made.key.expires_at:%Y-%m-%d %H:%M} UTC."
        " It is not shown again.",
        soft_wrap=True, highlight=False,
    )  # fmt: skip


def until(key: ApiKey) -> datetime:
    """When it ends, whatever ends it first."""
    return min(key.expires_at, key.ends_at or key.expires_at)


def state(key: ApiKey, now: datetime) -> str:
    if key.holds(now):
        return "holds" if key.ends_at is None else "being replaced"
    return "expired" if key.expires_at <= now else "ended"
