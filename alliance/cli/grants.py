"""Grants and consents: given, listed, shown as ODRL, revoked and withdrawn."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from alliance.cli.opened import Author, Database, Reason, opened
from alliance.cli.touched import show_models, show_touched
from alliance.errors import InvalidInput, UnreadableFile
from alliance.grants import consent as record_consent
from alliance.grants import find, give, in_force, revoke, withdraw
from alliance.rights import Consent, Disclosure, Grant, Receiver, ReceiverKind, Right, Scope
from alliance.rights.grant import EVERYTHING
from alliance.rights.odrl import document_of, grants_of
from alliance.terminal import PlainErrors, out, table

grants = typer.Typer(cls=PlainErrors, no_args_is_help=True, help="What members let others do with their data.")
consent = typer.Typer(cls=PlainErrors, no_args_is_help=True, help="Companies' consents, with their evidence.")

GrantId = Annotated[str, typer.Argument(help="Id of a grant, as `list` gives it.", metavar="GRANT")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day, UTC.")]
Names = Annotated[list[str] | None, typer.Option(help="May be given several times.")]


@grants.command("give")
def give_(
    *,
    file: Annotated[Path | None, typer.Option(help="ODRL document, JSON-LD; instead of the options below.")] = None,
    giver: Annotated[str, typer.Option(help="Member whose data they are.")] = "",
    to: Annotated[str, typer.Option(help="member:ID, role:ROLE or all.")] = "",
    field: Names = None,
    purpose: Names = None,
    right: Names = None,
    disclosure: Annotated[str, typer.Option(help=", ".join(rung.code for rung in Disclosure))] = "raw",
    companies: Annotated[str, typer.Option(help="all or consented; or ids, divided by commas.")] = "all",
    since: Day = None,
    until: Day = None,
    jurisdiction: Annotated[str, typer.Option(help="Where it may be used; the giver's own by default.")] = "",
    legal_basis: Annotated[str, typer.Option(help="What lets it leave the giver's jurisdiction.")] = "",
    price: Annotated[str, typer.Option(help="Reference of the price agreed on.")] = "",
    author: Author,
    database: Database = None,
) -> None:
    """Give what an ODRL document says, or one grant by options: --field * for all, SIGNAL, or SIGNAL.FIELD."""
    if file is not None:
        wanted = grants_of(_read(file))
    else:
        listed = tuple(part.strip() for part in companies.split(","))
        wanted = (
            Grant(
                giver=giver, receiver=_receiver(to), fields=tuple(field or ()), purposes=tuple(purpose or ()),
                rights=tuple(_right(one) for one in right or ["use"]), disclosure=Disclosure.coded(disclosure),
                companies=Scope(companies) if companies in list(Scope) else listed, valid_from=_utc(since),
                valid_until=_utc(until), jurisdiction=jurisdiction, legal_basis=legal_basis, price=price,
            ),
        )  # fmt: skip
    with opened(database) as store:
        made = give(store, wanted, author=author)
    for one in made[:_SHOWN]:
        out.print(f"{one.grant_id}  {_what(one)}", soft_wrap=True)
    out.print(f"Grants given: {len(made):,}, by entry {made[0].no:,}.")


_SHOWN = 20


def _read(file: Path) -> Any:
    try:
        return orjson.loads(file.read_bytes())
    except OSError as error:
        raise UnreadableFile(f"The file cannot be read: {error.strerror}.", file=file.name) from error
    except orjson.JSONDecodeError as error:
        raise UnreadableFile(f"It is not JSON: {error}.", file=file.name) from error


def _receiver(text: str) -> Receiver:
    kind, _, name = text.partition(":")
    if kind not in list(ReceiverKind):
        raise InvalidInput(f"{text!r} is no receiver.", remedy="Write member:ID, role:ROLE or all.", field="to")
    return Receiver(ReceiverKind(kind), name)


def _right(text: str) -> Right:
    if text not in list(Right):
        raise InvalidInput(f"There is no right {text!r}.", remedy=f"Use one of {', '.join(Right)}.", field="right")
    return Right(text)


def _utc(day: datetime | None) -> datetime | None:
    return None if day is None else day.replace(tzinfo=UTC)


@grants.command("list")
def list_(
    *,
    giver: Annotated[str | None, typer.Option(help="Only of this member.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Those that are not in force as well.")] = False,
    database: Database = None,
) -> None:
    """List grants, oldest first."""
    with opened(database) as store:
        now, found = store.clock(), store.rights().grants
    found = [one for one in found if giver in (None, one.giver) and (every or in_force(one, now))]
    listing = table("grants", "grant", "giver", "to", "what", "for", "how", "until")
    for one in found:
        ends = "revoked" if one.revoked_at else f"{one.valid_until:%Y-%m-%d}" if one.valid_until else ""
        how = f"{', '.join(one.rights)}: {one.disclosure.code}"
        listing.add_row(
            one.grant_id, one.giver, str(one.receiver), _fields(one), ", ".join(one.purposes), how, ends
        )  # fmt: skip
    out.print(listing)
    out.print(f"Grants: {len(found):,}.")


@grants.command()
def show(grant_id: GrantId, database: Database = None) -> None:
    """Print a grant as an ODRL document."""
    with opened(database) as store:
        found = find(store, grant_id)
    out.print(orjson.dumps(document_of([found]), option=orjson.OPT_INDENT_2).decode(), highlight=False, soft_wrap=True)


@grants.command("revoke")
def revoke_(grant_id: GrantId, *, author: Author, reason: Reason, database: Database = None) -> None:
    """End a grant, from the next read on; list the scores that relied on it, and the models trained under it."""
    with opened(database) as store:
        done = revoke(store, grant_id, author=author, reason=reason)
    out.print(f"Revoked: {_what(done.grant)}.", soft_wrap=True)
    show_touched(done.touched)
    out.print(f"Scores that relied on it: {len(done.touched):,}.")
    show_models(done)


@consent.command("give")
def consent_give(
    company: Annotated[str, typer.Argument(help="Company id, registration number, or namespace:id.")],
    *,
    evidence: Annotated[str, typer.Option(help="How it was given; kept for ever.")],
    document: Annotated[Path | None, typer.Option(help="Document that shows it; only its SHA-256 is kept.")] = None,
    signal: Names = None,
    purpose: Names = None,
    since: Day = None,
    until: Day = None,
    author: Author,
    database: Database = None,
) -> None:
    """Record a company's consent: to all signals and purposes unless some are named."""
    given = Consent(
        company_id=company, evidence=evidence, signals=tuple(signal or (EVERYTHING,)),
        purposes=tuple(purpose or (EVERYTHING,)), document_sha256=_digest(document), valid_from=_utc(since),
        valid_until=_utc(until),
    )  # fmt: skip
    with opened(database) as store:
        made = record_consent(store, given, author=author)
    out.print(f"{made.consent_id}: {made.company_id} consents to {', '.join(made.signals)}.", soft_wrap=True)


def _digest(document: Path | None) -> str:
    if document is None:
        return ""
    try:
        return hashlib.sha256(document.read_bytes()).hexdigest()
    except OSError as error:
        raise UnreadableFile(f"The document cannot be read: {error.strerror}.", file=document.name) from error


@consent.command("withdraw")
def consent_withdraw(
    consent_id: Annotated[str, typer.Argument(help="Id of a consent, as `list` gives it.", metavar="CONSENT")],
    *,
    author: Author,
    reason: Reason,
    database: Database = None,
) -> None:
    """End a consent, from the next read on."""
    with opened(database) as store:
        done = withdraw(store, consent_id, author=author, reason=reason)
    out.print(f"Withdrawn: {done.consent_id} of {done.company_id}.")


@consent.command("list")
def consent_list(database: Database = None) -> None:
    """List consents, oldest first."""
    with opened(database) as store:
        now, found = store.clock(), store.rights().consents
    listing = table("consents", "consent", "company", "signals", "purposes", "evidence", "in force")
    for one in found:
        listing.add_row(
            one.consent_id, one.company_id, ", ".join(one.signals), ", ".join(one.purposes), one.evidence,
            "yes" if one.in_force(now) else "no",
        )  # fmt: skip
    out.print(listing)
    out.print(f"Consents: {len(found):,}.")


def _what(one: Grant) -> str:
    return f"{one.giver} to {one.receiver}: {_fields(one)}, {one.disclosure.code}, for {', '.join(one.purposes)}"


def _fields(one: Grant) -> str:
    """The patterns, or how many they are."""
    return ", ".join(one.fields) if len(one.fields) <= _FEW else f"{len(one.fields)} fields"


_FEW = 4
