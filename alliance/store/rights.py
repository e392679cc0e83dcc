"""Members, grants and consents in and out; always read as of the last entry, never as of a past watermark."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, func, insert, select, union_all

from alliance.rights import Consent, Disclosure, Grant, Member, Receiver, ReceiverKind, Right, Scope
from alliance.store.driver import number
from alliance.store.entries import Entry
from alliance.store.schema import entry, submission
from alliance.store.schema_rights import consent, consent_withdrawal, given_signal, grant, member, revocation

_CHANGED_BY = (member, grant, revocation, consent, consent_withdrawal)
_LASTS = union_all(*(select(func.max(table.c.no).label("no")) for table in _CHANGED_BY)).subquery()
_LAST = select(func.max(_LASTS.c.no))  # made once: to make the query takes longer than to ask it

_LISTS = ("fields", "companies", "purposes", "rights", "signals")


@dataclass(frozen=True)
class Granted:
    """Members by id, every grant and every consent, with what has been revoked and withdrawn."""

    members: Mapping[str, Member]
    grants: tuple[Grant, ...]
    consents: tuple[Consent, ...]


def last_of_rights(connection: Connection) -> int:
    """Number of the last entry that changed who may read what; 0 if there is none."""
    return number(connection, _LAST)


def insert_member(connection: Connection, made: Entry, one: Member) -> None:
    connection.execute(
        insert(member).values(no=made.no, member_id=one.member_id, role=one.role, jurisdiction=one.jurisdiction)
    )


def find_member(connection: Connection, member_id: str) -> Member | None:
    """A member as last registered, since its first registration."""
    return select_members(connection, member_id).get(member_id)


def select_members(connection: Connection, member_id: str | None = None) -> dict[str, Member]:
    """Members by id, or one of them."""
    query = select(member, entry.c.made_at).join(entry, entry.c.no == member.c.no).order_by(member.c.no)
    if member_id is not None:
        query = query.where(member.c.member_id == member_id)
    found: dict[str, Member] = {}
    for row in connection.execute(query):
        since = found[row.member_id].registered_at if row.member_id in found else row.made_at
        found[row.member_id] = Member(row.member_id, row.role, row.jurisdiction, since)
    return dict(sorted(found.items()))


def insert_grants(connection: Connection, made: Sequence[Grant]) -> None:
    """Append grants; their entry has been made, and they bear its number."""
    rows = [
        {
            **_plain(one, grant.c.keys()),
            "receiver_kind": one.receiver.kind.value,
            "receiver_name": one.receiver.name,
            "disclosure": one.disclosure.code,
        }
        for one in made
    ]
    connection.execute(insert(grant), rows)


def insert_revocation(connection: Connection, made: Entry, grant_id: str, reason: str) -> None:
    connection.execute(insert(revocation).values(no=made.no, grant_id=grant_id, reason=reason))


def insert_consent(connection: Connection, made: Consent) -> None:
    """Append a consent; its entry has been made, and it bears its number."""
    connection.execute(insert(consent).values(_plain(made, consent.c.keys())))


def insert_withdrawal(connection: Connection, made: Entry, consent_id: str, reason: str) -> None:
    connection.execute(insert(consent_withdrawal).values(no=made.no, consent_id=consent_id, reason=reason))


def _plain(one: object, columns: Sequence[str]) -> dict[str, Any]:
    values = {name: getattr(one, name, None) for name in columns}
    return {name: orjson.dumps(value).decode() if name in _LISTS else value for name, value in values.items()}


def select_granted(connection: Connection) -> Granted:
    """All there is."""
    return Granted(select_members(connection), tuple(select_grants(connection)), tuple(select_consents(connection)))


def select_grants(connection: Connection) -> list[Grant]:
    """Every grant, oldest first."""
    ended = revocation.outerjoin(entry, entry.c.no == revocation.c.no)
    found = grant.outerjoin(ended, revocation.c.grant_id == grant.c.grant_id)
    query = select(grant, entry.c.made_at).select_from(found).order_by(grant.c.no, grant.c.grant_id)
    return [_grant(dict(row._mapping)) for row in connection.execute(query)]


def _grant(row: dict[str, Any]) -> Grant:
    receiver = Receiver(ReceiverKind(row.pop("receiver_kind")), row.pop("receiver_name"))
    companies = orjson.loads(row["companies"])
    own = {
        "receiver": receiver,
        "fields": tuple(orjson.loads(row["fields"])),
        "purposes": tuple(orjson.loads(row["purposes"])),
        "rights": tuple(map(Right, orjson.loads(row["rights"]))),
        "companies": Scope(companies) if isinstance(companies, str) else tuple(companies),
        "disclosure": Disclosure.coded(row["disclosure"]),
        "revoked_at": row.pop("made_at"),
    }
    return Grant(**row | own)


def select_consents(connection: Connection, consent_id: str | None = None) -> list[Consent]:
    """Every consent, or one, oldest first."""
    given = entry.alias("given")
    ended = consent_withdrawal.outerjoin(entry, entry.c.no == consent_withdrawal.c.no)
    found = consent.join(given, given.c.no == consent.c.no)
    found = found.outerjoin(ended, consent_withdrawal.c.consent_id == consent.c.consent_id)
    columns = (consent, given.c.author.label("obtained_by"), entry.c.made_at)
    query = select(*columns).select_from(found).order_by(consent.c.no)
    if consent_id is not None:
        query = query.where(consent.c.consent_id == consent_id)
    return [_consent(dict(row._mapping)) for row in connection.execute(query)]


def _consent(row: dict[str, Any]) -> Consent:
    lists = {name: tuple(orjson.loads(row[name])) for name in ("signals", "purposes")}
    withdrawn_at = row.pop("made_at")
    return Consent(**row | lists, withdrawn_at=withdrawn_at)


def insert_given(connection: Connection, no: int, signals: Sequence[str]) -> None:
    """Keep which signals a submission gave."""
    if signals:
        connection.execute(insert(given_signal), [{"no": no, "signal": signal} for signal in signals])


def last_given(connection: Connection) -> int:
    """Number of the last submission that gave anything; 0 if there is none."""
    return connection.scalar(select(func.max(given_signal.c.no))) or 0


def select_given(connection: Connection) -> dict[str, dict[str, datetime]]:
    """When each member last gave each signal."""
    joined = given_signal.join(submission, submission.c.no == given_signal.c.no)
    columns = (submission.c.member, given_signal.c.signal)
    query = select(*columns, func.max(submission.c.received_at).label("last")).select_from(joined).group_by(*columns)
    found: dict[str, dict[str, datetime]] = {}
    for row in connection.execute(query):
        found.setdefault(row.member, {})[row.signal] = row.last
    return found
