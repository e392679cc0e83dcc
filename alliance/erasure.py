"""Erasure: a company or a person is forgotten, or what was kept for as long as the policy allows.

Rows are deleted, or emptied to what proves that they were there; the ledger's leaves stay, their salts are destroyed,
and the erasure, itself an entry with a leaf, commits to what remains. What it says is kept for ever: never name in
reason or basis what is to be forgotten.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import orjson
from sqlalchemy import Connection, select

from alliance.errors import InvalidInput
from alliance.retention import EVENT, Retention, Said, overdue
from alliance.store import Store, no_company
from alliance.store.companies import find_companies
from alliance.store.engine import scrub
from alliance.store.entries import EntryKind, append, watermark
from alliance.store.erasable import Doomed, of_company, of_person, of_records
from alliance.store.erasures import About, Cut, Erasure, counted, insert_erasure, select_erasures
from alliance.store.merges import select_merges
from alliance.store.rights import select_members
from alliance.store.schema import record

RETENTION_REASON = "Kept for as long as the policy allows."


@dataclass(frozen=True)
class Company:
    """A company to be forgotten, with all ids that mean it now; a reference as ``Store.find_companies`` has it."""

    reference: str


@dataclass(frozen=True)
class Person:
    """A person to be forgotten, in all companies: the pseudonym that members give (``person_role.person_key``)."""

    key: str


Subject = Company | Person


def erase(store: Store, subject: Subject, *, author: str, reason: str, basis: str) -> Erasure | None:
    """Erase all that is held of a company or a person, in one transaction.

    Args:
        reason: why; kept for ever.
        basis: the law or rule it rests on, kept for ever.

    Returns:
        What was erased; ``None`` if nothing is held (any more), and so nothing is recorded.

    Raises:
        NotFound: the reference means no company.
        InvalidInput: person, author, reason or basis is blank.
    """
    _refuse_blank(author=author, reason=reason, basis=basis)
    with store.writing() as connection:
        about, named, cuts = _held(connection, subject)
        made = _made(connection, cuts, store, author, about=about, subject=named, reason=reason, basis=basis)
    return _scrubbed(store, made)


def expire(store: Store, *, author: str, today: date) -> Erasure | None:
    """Erase, by the policy's rules, what has been kept for long enough on a day, in one transaction.

    Returns:
        What was erased; ``None`` if nothing was due, and so nothing is recorded.

    Raises:
        InvalidInput: no author is given.
    """
    _refuse_blank(author=author)
    basis = "; ".join(dict.fromkeys(rule.source for rule in store.policy.retention))
    with store.writing() as connection:
        cuts = of_records(connection, _due(connection, store, today))
        made = _made(
            connection, cuts, store, author, about=About.RETENTION, subject="", reason=RETENTION_REASON, basis=basis
        )
    return _scrubbed(store, made)


def held(store: Store, subject: Subject) -> dict[str, int]:
    """How many of what ``erase`` would erase; nothing is written. Raises as ``erase`` does."""
    with store.reading() as connection:
        return counted(_held(connection, subject)[2])


def due(store: Store, today: date) -> dict[str, int]:
    """How many of what ``expire`` would erase; nothing is written."""
    with store.reading() as connection:
        return counted(of_records(connection, _due(connection, store, today)))


def erasures(store: Store) -> list[Erasure]:
    """All there were, oldest first."""
    with store.reading() as connection:
        return select_erasures(connection)


def _held(connection: Connection, subject: Subject) -> tuple[About, str, list[Cut]]:
    """What a subject is, by which id its erasure names it, and all that is held of it."""
    mark = watermark(connection)
    if isinstance(subject, Person):
        _refuse_blank(person=subject.key)
        return About.PERSON, "", of_person(connection, subject.key.strip(), mark + 1)
    merges = select_merges(connection, mark)
    company = find_companies(connection, [subject.reference], mark, merges).get(subject.reference)
    if company is None:
        raise no_company(subject.reference)
    return About.COMPANY, company, of_company(connection, merges.ids([company]), mark + 1)


def _made(
    connection: Connection, cuts: list[Cut], store: Store, author: str, *,
    about: About, subject: str, reason: str, basis: str,
) -> Erasure | None:  # fmt: skip
    if not counted(cuts):
        return None
    entry = append(connection, EntryKind.ERASURE, author, store.clock())
    return insert_erasure(connection, entry, cuts, about=about, subject=subject, reason=reason, basis=basis)


def _scrubbed(store: Store, made: Erasure | None) -> Erasure | None:
    if made is not None:
        scrub(store.engine)
    return made


def _due(connection: Connection, store: Store, today: date) -> list[Doomed]:
    """Records that the rules no longer let be kept; a member's records are of its jurisdiction."""
    members = select_members(connection)
    found: list[Doomed] = []
    for jurisdiction in sorted({rule.jurisdiction for rule in store.policy.retention}):
        rules = {
            signal: rule
            for rule in store.policy.retention if rule.jurisdiction == jurisdiction for signal in rule.signals
        }  # fmt: skip
        givers = [one.member_id for one in members.values() if one.jurisdiction == jurisdiction]
        held = list(_records(connection, givers, rules))
        gone = set(overdue((said for said, _ in held), rules, today))
        found += [doomed for said, doomed in held if said.seq in gone]
    return found


def _records(
    connection: Connection, givers: list[str], rules: Mapping[str, Retention]
) -> Iterator[tuple[Said, Doomed]]:
    """Records of some signals and members, those of a fact and member together, in the order they were said."""
    fact = (record.c.subject_id, record.c.signal, record.c.key, record.c.member)
    columns = (*fact, record.c.seq, record.c.submission_no, record.c.event_at, record.c.payload)
    query = select(*columns).where(record.c.signal.in_(list(rules)), record.c.member.in_(givers))
    for row in connection.execute(query.order_by(*fact, record.c.known_at, record.c.submission_no, record.c.row)):
        since = _since(rules[row.signal], row.event_at, row.payload)
        said = Said(row.seq, row.subject_id, row.signal, row.key, row.member, since)
        yield said, Doomed(row.seq, row.submission_no, row.subject_id, row.signal, row.key)


def _since(rule: Retention, event_at: date, payload: str) -> date | None:
    if rule.since == EVENT:
        return event_at
    told = orjson.loads(payload).get(rule.since)
    return None if told is None else date.fromisoformat(told)


def _refuse_blank(**given: str) -> None:
    for name, words in given.items():
        if not words.strip():
            raise InvalidInput(f"No {name} is given.", remedy=f"Name the {name}.", field=name)
