"""Disputes: a claim or a fact is objected to with evidence, and a person rules that it is excluded or kept.

All of it is appended. While a dispute is open what it covers is marked and still counts; an exclusion counts from the
ruling on, and from its day (UTC) on: facts as of earlier days, and whatever is read at an earlier watermark, stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection

from alliance.errors import Conflict, InvalidInput, NotFound
from alliance.signals import Signal, Subject, signal_named
from alliance.store import Decision, Store, no_company
from alliance.store.companies import find_companies
from alliance.store.disputes import (
    Claimed,
    Dispute,
    Party,
    claims_of,
    dispute_id_for,
    find_dispute,
    insert_dispute,
    insert_ruling,
    select_disputes,
)
from alliance.store.effects import Along
from alliance.store.entries import Entry, EntryKind, append, watermark
from alliance.store.merges import Merges, ever_meant, select_merges

MOST_KEYS = 12
"""Facts named in the error of one that is not there."""


@dataclass(frozen=True, kw_only=True)
class Objection:
    """What is disputed, by whom and on what evidence.

    Attributes:
        company: a reference as ``Store.find_companies`` understands it.
        signal, key: the fact; no key for the only fact of its signal.
        field: what of it is wrong; ``None`` for all.
        claim: submission and row of the one claim meant.
        member: the member whose latest claim of the fact is meant. Without it and ``claim`` the whole fact is meant:
            every claim of it that was made before.
        evidence: in words; kept for ever.
        author: the member that raises it.
        on_behalf_of: whether it speaks for the company or for itself.
    """

    company: str
    signal: str
    key: str | None = None
    field: str | None = None
    claim: tuple[int, int] | None = None
    member: str | None = None
    evidence: str
    author: str
    on_behalf_of: Party = Party.MEMBER


@dataclass(frozen=True)
class Outcome:
    """A dispute as decided.

    Attributes:
        dispute: with its ruling.
        touched: earlier decisions that rest on what was excluded, oldest first; none if it was kept. They stay as they
            are and replay as they were made.
    """

    dispute: Dispute
    touched: tuple[Decision, ...]


def raise_dispute(
    store: Store, objection: Objection, *, due_days: int, now: datetime | None = None, along: Along | None = None
) -> Dispute:
    """Append a dispute.

    Args:
        due_days: days until it is to be decided (``alliance.policy``).
        now: when it is raised; the clock's now by default.
        along: what is to be stored with the dispute.

    Raises:
        NotFound: no such company, signal, fact or claim; says what there is.
        InvalidInput: no evidence or author, an unknown field, a fact of a sector, or both a claim and a member named.
        Conflict: the author disputes it already and waits for the ruling, or it is excluded already.
    """
    signal = _checked(objection)
    with store.writing() as connection:
        entry = append(connection, EntryKind.DISPUTE, objection.author, now)
        merges = select_merges(connection, entry.no)
        company = find_companies(connection, [objection.company], entry.no, merges).get(objection.company)
        if company is None:
            raise no_company(objection.company)
        key, claims = _fact(signal, objection.key, claims_of(connection, merges.ids([company]), signal.name))
        one = _claim(claims, objection)
        due_on = entry.made_at.astimezone(UTC).date() + timedelta(days=due_days)
        made = _dispute(entry, objection, (company, key, (one,) if one else tuple(claims)), due_on)
        _refuse_again(connection, made, merges)
        insert_dispute(connection, made)
        if along:
            along(connection, made.dispute_id)
    return replace(made, company_id=company)


def rule(
    store: Store, dispute_id: str, *, excluded: bool, author: str, reason: str, now: datetime | None = None
) -> Outcome:
    """Decide a dispute, once for all: what it covers is excluded, or kept and no longer marked.

    Args:
        now: when it is decided; the clock's now by default.

    Raises:
        NotFound: no such dispute.
        Conflict: it is decided already.
        InvalidInput: no reason or author is given.
    """
    _refuse_blank(author=author, reason=reason)
    with store.writing() as connection:
        entry = append(connection, EntryKind.RULING, author, now)
        found = _found(connection, dispute_id, entry.no)
        if found.ruling is not None:
            said = "excluded" if found.ruling.excluded else "kept"
            raise Conflict(
                f"Dispute {dispute_id} has been decided by {found.ruling.author}: {said}.",
                remedy="With new evidence, raise another.",
                dispute=dispute_id,
            )
        insert_ruling(connection, entry, dispute_id, excluded=excluded, reason=reason)
    decided = find(store, dispute_id)
    return Outcome(decided, touched(store, decided))


def find(store: Store, dispute_id: str) -> Dispute:
    """A dispute as it stands, about the company its id means now; ``NotFound`` if there is none."""
    with store.reading() as connection:
        mark = watermark(connection)
        found = _found(connection, dispute_id, mark)
        return replace(found, company_id=select_merges(connection, mark).company(found.company_id))


def listed(
    store: Store, *, company: str | None = None, member: str | None = None, undecided: bool = False
) -> list[Dispute]:
    """Disputes, oldest first.

    Args:
        company: only those about this company, a reference as ``Store.find_companies`` understands it.
        member: only those this member raised, and those against claims of its own.
        undecided: only open ones.

    Raises:
        NotFound: the reference means no company.
    """
    found = store.disputes(None if company is None else [store.company(company).company_id])
    return [one for one in found if (member is None or one.concerns(member)) and not (undecided and one.ruling)]


def touched(store: Store, dispute: Dispute) -> tuple[Decision, ...]:
    """Decisions made before a ruling that rest on a claim it excluded, oldest first; none if it kept them."""
    if dispute.ruling is None or not dispute.ruling.excluded:
        return ()
    ruled = dispute.ruling.no
    with store.reading() as connection:
        meant = ever_meant(connection, [one.subject_id for one in dispute.claims], ruled)
    about = store.decisions_about(sorted(meant))
    earlier = [one for one in about if one.watermark < ruled and one.features is None]
    then = {mark: (store.merges(mark), store.rulings(mark)) for mark in {one.watermark for one in earlier}}

    def rests_on(made: Decision, claim: Claimed) -> bool:
        merged, rulings = then[made.watermark]
        known = claim.submission_no <= made.watermark and max(claim.known_at, claim.event_at) <= made.as_of
        return (
            known
            and merged.company(claim.subject_id) == made.company_id
            and not any(
                (one.signal, one.key) == (dispute.signal, dispute.key)
                and one.excludes(made.as_of)
                and one.covers(claim.submission_no, claim.row)
                for one in rulings.about([made.company_id])
            )
        )

    return tuple(one for one in earlier if any(rests_on(one, claim) for claim in dispute.claims))


def _dispute(entry: Entry, objection: Objection, what: tuple[str, str, tuple[Claimed, ...]], due_on: date) -> Dispute:
    """The dispute an objection becomes: about a company, a fact's key, and one of its claims or all."""
    company, key, claims = what
    one = claims[0] if objection.claim or objection.member else None
    about = one.subject_id if one else company
    return Dispute(
        dispute_id=dispute_id_for(entry.no, about, objection.signal, key),
        no=entry.no,
        raised_at=entry.made_at,
        raised_by=entry.author,
        on_behalf_of=objection.on_behalf_of,
        company_id=about,
        signal=objection.signal,
        key=key,
        field=objection.field,
        submission_no=one.submission_no if one else None,
        row=one.row if one else None,
        member=one.member if one else None,
        claims=claims,
        evidence=objection.evidence,
        due_on=due_on,
    )


def _checked(objection: Objection) -> Signal:
    """The signal an objection is about, if it can be about one at all."""
    _refuse_blank(author=objection.author, evidence=objection.evidence)
    signal = signal_named(objection.signal)
    if signal.subject is not Subject.COMPANY:
        raise InvalidInput(f"{signal.name} tells of sectors.", remedy="Dispute what is said of a company.")
    names = [field.name for field in signal.fields]
    if objection.field is not None and objection.field not in names:
        raise InvalidInput(
            f"{signal.name} has no field {objection.field!r}.", remedy=f"Use one of: {', '.join(names)}.", field="field"
        )
    if objection.claim and objection.member:
        raise InvalidInput("Both a claim and a member are named.", remedy="Name one of the two.")
    return signal


def _refuse_blank(**given: str) -> None:
    for name, words in given.items():
        if not words.strip():
            raise InvalidInput(f"No {name} is given.", remedy=f"Say it: the {name} is kept for ever.", field=name)


def _fact(signal: Signal, key: str | None, made: Sequence[tuple[str, Claimed]]) -> tuple[str, list[Claimed]]:
    """The key of the fact meant, and its claims."""
    keys = sorted({one for one, _ in made})
    meant = keys[0] if key is None and len(keys) == 1 else key
    if meant not in keys or meant is None:
        many = f", and {len(keys) - MOST_KEYS:,} more" if len(keys) > MOST_KEYS else ""
        there = f"There are: {', '.join(map(repr, keys[:MOST_KEYS]))}{many}." if keys else "There is none at all."
        what = "Nobody told which fact is meant" if key is None and keys else "There is no such fact"
        raise NotFound(f"{what}: {signal.name} {key or ''}".rstrip() + ".", remedy=there, signal=signal.name)
    return meant, [claim for one, claim in made if one == meant]


def _claim(claims: Sequence[Claimed], objection: Objection) -> Claimed | None:
    """The one claim meant, if one is."""
    if objection.claim is None and objection.member is None:
        return None
    for one in reversed(claims):
        if objection.member == one.member or objection.claim == (one.submission_no, one.row):
            return one
    there = ", ".join(f"{one.member} {one.submission_no}:{one.row}" for one in claims)
    raise NotFound("There is no such claim of the fact.", remedy=f"There are: {there}.", signal=objection.signal)


def _refuse_again(connection: Connection, made: Dispute, merges: Merges) -> None:
    """Refuse what its author disputes already, or what is excluded already."""
    company = merges.company(made.company_id)
    others = select_disputes(connection, made.no, merges.ids([company]))
    others = [one for one in others if (one.signal, one.key) == (made.signal, made.key)]
    for one in others:
        same = (one.submission_no, one.row, one.raised_by) == (made.submission_no, made.row, made.raised_by)
        if same and one.ruling is None:
            raise Conflict(
                f"{made.raised_by} disputes it already: {one.dispute_id}.",
                remedy=f"Wait for the ruling, due {one.due_on}.",
                dispute=one.dispute_id,
            )
    excluding = [one for one in others if one.ruling is not None and one.ruling.excluded]
    if all(any(one.covers(claim.submission_no, claim.row) for one in excluding) for claim in made.claims):
        raise Conflict(
            f"It is excluded already: {excluding[-1].dispute_id}.",
            remedy="What is claimed anew counts again.",
            dispute=excluding[-1].dispute_id,
        )


def _found(connection: Connection, dispute_id: str, mark: int) -> Dispute:
    found = find_dispute(connection, dispute_id, mark)
    if found is None:
        raise no_dispute(dispute_id)
    return found


def no_dispute(dispute_id: str) -> NotFound:
    return NotFound(
        f"There is no dispute {dispute_id!r}.", remedy="List them: alliance dispute list.", dispute=dispute_id
    )
