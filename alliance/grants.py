"""Rights written: members registered, grants given and revoked, consents recorded and withdrawn. All of it is appended.

Who may read what is always read as of the last entry: a revocation counts from the next read on, in every process, and
for replays of earlier decisions as well.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import orjson
from sqlalchemy import Connection

from alliance.errors import Conflict, InvalidInput, NotFound
from alliance.promotions import trained_under
from alliance.rights import Consent, Grant, Member, ReceiverKind, Scope
from alliance.rights.grant import EVERYTHING
from alliance.store import Decision, Promotion, Store, no_company
from alliance.store.effects import Along
from alliance.store.entries import Entry, EntryKind, append
from alliance.store.rights import (
    find_member,
    insert_consent,
    insert_grants,
    insert_member,
    insert_revocation,
    insert_withdrawal,
    select_consents,
    select_grants,
)


@dataclass(frozen=True)
class Revoked:
    """A grant as revoked.

    Attributes:
        grant: with its revocation.
        touched: decisions that relied on it, oldest first. They stay as they are; what is read from now on lacks it.
        models: promotions of models trained under it, oldest first; see ``alliance.promotions.what_follows``.
    """

    grant: Grant
    touched: tuple[Decision, ...]
    models: tuple[Promotion, ...]


def register(store: Store, member_id: str, role: str, jurisdiction: str | None = None, *, author: str) -> Member:
    """Make somebody a member, or change the role or the jurisdiction of one.

    Args:
        jurisdiction: ISO 3166 alpha-2; the alliance's home by default.

    Raises:
        InvalidInput: role or jurisdiction cannot be used.
        Conflict: it is a member already, just so.
    """
    _refuse_blank(author=author)
    one = Member(member_id, role, jurisdiction or store.policy.rights.home, store.clock())
    with store.writing() as connection:
        known = find_member(connection, member_id)
        if known is not None and (known.role, known.jurisdiction) == (one.role, one.jurisdiction):
            raise Conflict(f"{member_id} is a member already.", remedy="Nothing is left to do.", member=member_id)
        insert_member(connection, append(connection, EntryKind.MEMBER, author, one.registered_at), one)
    return one if known is None else replace(one, registered_at=known.registered_at)


def give(store: Store, grants: Sequence[Grant], *, author: str, along: Along | None = None) -> tuple[Grant, ...]:
    """Append grants, all by one entry or none.

    Args:
        along: what is to be stored with them, under the id of the first.

    Raises:
        InvalidInput: there is none; or a purpose, a company or a jurisdiction of one cannot be used.
        NotFound: giver or receiver of one is no member.
        Conflict: one is in force already, word for word.
    """
    _refuse_blank(author=author)
    if not grants:
        raise InvalidInput("No grant is given.", remedy="Give at least one.")
    members = store.rights().members
    checked = [_checked(store, members, one) for one in grants]
    with store.writing() as connection:
        known = {_content(one): one for one in select_grants(connection) if one.revoked_at is None}
        for one in checked:
            if (same := known.get(_content(one))) is not None:
                raise Conflict(
                    f"{one.giver} has given it already: {same.grant_id}.",
                    remedy="Nothing is left to do.",
                    grant=same.grant_id,
                )
        entry = append(connection, EntryKind.GRANT, author, store.clock())
        made = tuple(replace(one, no=entry.no, grant_id=_grant_id(entry, one)) for one in dict.fromkeys(checked))
        insert_grants(connection, made)
        if along:
            along(connection, made[0].grant_id)
    return made


def revoke(store: Store, grant_id: str, *, author: str, reason: str) -> Revoked:
    """End a grant, from the next read on and for ever.

    Raises:
        NotFound: no such grant.
        Conflict: it is revoked already.
        InvalidInput: no reason or author is given.
    """
    _refuse_blank(author=author, reason=reason)
    with store.writing() as connection:
        found = _grant(connection, grant_id)
        if found.revoked_at is not None:
            raise Conflict(
                f"{grant_id} was revoked {found.revoked_at:%Y-%m-%d}.", remedy="Nothing is left to do.", grant=grant_id
            )
        entry = append(connection, EntryKind.REVOCATION, author, store.clock())
        insert_revocation(connection, entry, grant_id, reason)
        models = trained_under(connection, grant_id)
    return Revoked(replace(found, revoked_at=entry.made_at), tuple(store.decisions_under(grant_id)), models)


def consent(store: Store, given: Consent, *, author: str, along: Along | None = None) -> Consent:
    """Record a company's consent.

    Args:
        given: its ``company_id`` may be any reference that ``Store.find_companies`` understands.
        author: the member that obtained it.
        along: what is to be stored with it, under its id.

    Raises:
        NotFound: the reference means no company.
        InvalidInput: a purpose or the digest of the document cannot be used.
    """
    _refuse_blank(author=author)
    for purpose in given.purposes:
        if purpose != EVERYTHING:
            store.policy.rights.check_purpose(purpose)
    if given.document_sha256 and not _is_digest(given.document_sha256):
        raise InvalidInput("The document's digest is no SHA-256.", remedy="Give its 64 hexadecimal digits.")
    company_id = store.company(given.company_id).company_id
    with store.writing() as connection:
        entry = append(connection, EntryKind.CONSENT, author, store.clock())
        content = f"{entry.no}:{company_id}:{given.signals}:{given.purposes}"
        consent_id = _id("consent", content)
        made = replace(given, company_id=company_id, no=entry.no, consent_id=consent_id, obtained_by=author)
        insert_consent(connection, made)
        if along:
            along(connection, made.consent_id)
    return made


def withdraw(store: Store, consent_id: str, *, author: str, reason: str) -> Consent:
    """End a consent, from the next read on and for ever.

    Raises:
        NotFound: no such consent.
        Conflict: it is withdrawn already.
        InvalidInput: no reason or author is given.
    """
    _refuse_blank(author=author, reason=reason)
    with store.writing() as connection:
        found = _consent(connection, consent_id)
        if found.withdrawn_at is not None:
            raise Conflict(f"{consent_id} is withdrawn already.", remedy="Nothing is left to do.", consent=consent_id)
        entry = append(connection, EntryKind.WITHDRAWAL, author, store.clock())
        insert_withdrawal(connection, entry, consent_id, reason)
    return replace(found, withdrawn_at=entry.made_at)


def find(store: Store, grant_id: str) -> Grant:
    """A grant as it stands; ``NotFound`` if there is none."""
    with store.reading() as connection:
        return _grant(connection, grant_id)


def given_with(store: Store, grant_id: str) -> tuple[Grant, ...]:
    """The grants that were given by one entry with a grant, as they stand; ``NotFound`` if there is no such grant."""
    with store.reading() as connection:
        no = _grant(connection, grant_id).no
        return tuple(one for one in select_grants(connection) if one.no == no)


def find_consent(store: Store, consent_id: str) -> Consent:
    """A consent as it stands; ``NotFound`` if there is none."""
    with store.reading() as connection:
        return _consent(connection, consent_id)


def revoked(store: Store) -> frozenset[str]:
    """Ids of all grants that have been revoked."""
    return frozenset(one.grant_id for one in store.rights().grants if one.revoked_at is not None)


def in_force(grant: Grant, at: datetime) -> bool:
    """Whether a grant allows anything to anybody at a moment."""
    begun = grant.valid_from is None or grant.valid_from <= at
    return grant.revoked_at is None and begun and (grant.valid_until is None or at < grant.valid_until)


def _checked(store: Store, members: Mapping[str, Member], one: Grant) -> Grant:
    """The grant with its companies by their ids, if all it names is there."""
    for purpose in one.purposes:
        store.policy.rights.check_purpose(purpose)
    for member in (one.giver, *([one.receiver.name] if one.receiver.kind is ReceiverKind.MEMBER else [])):
        if member not in members:
            remedy = "Register it: alliance members add."
            raise NotFound(f"There is no member {member!r}.", remedy=remedy, member=member)
    home = members[one.giver].jurisdiction
    if one.jurisdiction not in ("", home) and not one.legal_basis.strip():
        raise InvalidInput(
            f"The data of {one.giver} would leave {home} for {one.jurisdiction}.",
            remedy="Name the legal basis, such as the filing of a standard contract.",
            field="legal_basis",
        )
    if isinstance(one.companies, Scope):
        return one
    known = store.find_companies(one.companies)
    for company in one.companies:
        if company not in known:
            raise no_company(company)
    return replace(one, companies=tuple(known[company] for company in one.companies))


def _grant(connection: Connection, grant_id: str) -> Grant:
    found = next((one for one in select_grants(connection) if one.grant_id == grant_id), None)
    if found is None:
        raise no_grant(grant_id)
    return found


def _consent(connection: Connection, consent_id: str) -> Consent:
    found = next(iter(select_consents(connection, consent_id)), None)
    if found is None:
        raise no_consent(consent_id)
    return found


def no_grant(grant_id: str) -> NotFound:
    return NotFound(f"There is no grant {grant_id!r}.", remedy="List them: alliance grants list.", grant=grant_id)


def no_consent(consent_id: str) -> NotFound:
    remedy = "List them: alliance consent list."
    return NotFound(f"There is no consent {consent_id!r}.", remedy=remedy, consent=consent_id)


def _content(one: Grant) -> Grant:
    """What a grant says, whoever and whenever entered it."""
    return replace(one, grant_id="", no=0, revoked_at=None)


def _grant_id(entry: Entry, one: Grant) -> str:
    return _id("grant", f"{entry.no}:{orjson.dumps(vars(_content(one)), default=str).decode()}")


def _id(kind: str, content: str) -> str:
    return f"{kind}_" + hashlib.sha256(content.encode()).hexdigest()[:12]


def _is_digest(text: str) -> bool:
    return len(text) == 64 and all(letter in "0123456789abcdef" for letter in text)


def _refuse_blank(**given: str) -> None:
    for name, words in given.items():
        if not words.strip():
            raise InvalidInput(f"No {name} is given.", remedy=f"Say it: the {name} is kept for ever.", field=name)
