"""What members dispute, and what was ruled: appended, and read up to a watermark."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, insert, select

from alliance.store.entries import Entry
from alliance.store.merges import Merges
from alliance.store.schema import dispute, disputed_claim, entry, record, ruling


class Party(StrEnum):
    """For whom a dispute is raised."""

    COMPANY = "company"
    MEMBER = "member"


@dataclass(frozen=True)
class Ruling:
    """What was decided of a dispute.

    Attributes:
        no, made_at, author: the entry, when it was made (UTC) and by whom.
        excluded: whether what is disputed no longer counts; else it is kept.
        reason: in words.
    """

    no: int
    made_at: datetime
    author: str
    excluded: bool
    reason: str


@dataclass(frozen=True)
class Claimed:
    """Where a claim of a fact stands: the id it was made under, its submission and row, whose it is, its days."""

    subject_id: str
    submission_no: int
    row: int
    member: str
    event_at: date
    known_at: date


@dataclass(frozen=True, kw_only=True)
class Dispute:
    """A word against a claim, or against all claims of a fact that were made before it.

    What it covers is written down when it is raised, and follows its claims whatever company their ids come to mean.

    Attributes:
        dispute_id: its id.
        no, raised_at, raised_by: the entry, when it was made (UTC) and by whom.
        on_behalf_of: for whom.
        company_id: whom it is about: the id the claim was made under; of a whole fact, the company.
        signal, key: the fact.
        field: what of it is said to be wrong; ``None`` for all.
        submission_no, row: the one claim; ``None`` for the whole fact.
        member: whose claim it is; ``None`` for the whole fact.
        claims: what it covers, oldest first.
        evidence: in words.
        due_on: last day (UTC) it is to be decided on.
        ruling: what was decided; ``None`` while open.
    """

    dispute_id: str
    no: int
    raised_at: datetime
    raised_by: str
    on_behalf_of: Party
    company_id: str
    signal: str
    key: str
    field: str | None
    submission_no: int | None
    row: int | None
    member: str | None
    claims: tuple[Claimed, ...]
    evidence: str
    due_on: date
    ruling: Ruling | None = None

    def covers(self, submission_no: int, row: int) -> bool:
        """Whether a claim of its fact is disputed; what is claimed after a dispute is not part of it."""
        return any((one.submission_no, one.row) == (submission_no, row) for one in self.claims)

    def places(self) -> tuple[tuple[int, int], ...]:
        """Submission and row of each claim it covers."""
        return tuple((one.submission_no, one.row) for one in self.claims)

    def concerns(self, member: str) -> bool:
        """Whether a member is a party: it raised the dispute, or one of the claims is its own."""
        return member == self.raised_by or any(member == one.member for one in self.claims)

    def excludes(self, as_of: date) -> bool:
        """Whether it takes claims out of facts as of a day: from the day (UTC) of the ruling on."""
        return self.excluded_since is not None and self.excluded_since <= as_of

    @property
    def excluded_since(self) -> date | None:
        """The day (UTC) of the ruling that excluded what it covers; ``None`` where none did."""
        return self.ruling.made_at.date() if self.ruling is not None and self.ruling.excluded else None

    def marks(self, as_of: date) -> bool:
        """Whether what it covers bears a mark as of a day: while it is open, and for ever if it is excluded."""
        if self.raised_at.date() > as_of:
            return False
        return self.ruling is None or self.ruling.excluded or self.ruling.made_at.date() > as_of

    def overdue(self, today: date) -> bool:
        """Whether it should have been decided by now."""
        return self.ruling is None and self.due_on < today


@dataclass(frozen=True)
class Rulings:
    """The disputes that excluded something by a watermark, by every company one of their claims is about."""

    excluding: Mapping[str, tuple[Dispute, ...]]

    def about(self, companies: Iterable[str] | None = None) -> list[Dispute]:
        """Those about some companies, or all."""
        if not self.excluding:
            return []
        asked = self.excluding if companies is None else companies
        found = chain.from_iterable(self.excluding.get(company, ()) for company in asked)
        return list({one.dispute_id: one for one in found}.values())


def dispute_id_for(no: int, company_id: str, signal: str, key: str) -> str:
    return "dis_" + hashlib.sha256(f"{no}:{company_id}:{signal}:{key}".encode()).hexdigest()[:12]


def insert_dispute(connection: Connection, made: Dispute) -> None:
    """Append a dispute with what it covers; its entry has been made."""
    row = {column.name: getattr(made, column.name) for column in dispute.c}
    connection.execute(insert(dispute).values(row | {"on_behalf_of": made.on_behalf_of.value}))
    connection.execute(insert(disputed_claim), [{"no": made.no, **vars(one)} for one in made.claims])


def insert_ruling(connection: Connection, made: Entry, dispute_id: str, *, excluded: bool, reason: str) -> None:
    connection.execute(insert(ruling).values(no=made.no, dispute_id=dispute_id, excluded=excluded, reason=reason))


_LAST = select(func.max(ruling.c.no)).where(ruling.c.no <= bindparam("watermark"))  # made once


def last_ruling(connection: Connection, watermark: int) -> int:
    """Number of the last entry with a ruling, up to the watermark; 0 if there is none."""
    return connection.scalar(_LAST, {"watermark": watermark}) or 0


def select_rulings(connection: Connection, watermark: int, merges: Merges) -> Rulings:
    """The disputes that excluded something by a watermark, about the companies the merges make of their ids."""
    found: dict[str, list[Dispute]] = {}
    for one in _read(connection, _disputes(watermark).where(ruling.c.excluded)):
        for company_id in {merges.company(claim.subject_id): None for claim in one.claims}:
            found.setdefault(company_id, []).append(replace(one, company_id=merges.company(one.company_id)))
    return Rulings({company_id: tuple(some) for company_id, some in found.items()})


def select_disputes(connection: Connection, watermark: int, ids: Sequence[str] | None = None) -> list[Dispute]:
    """Disputes of claims about some ids, or all disputes, as they stood by a watermark, oldest first."""
    query = _disputes(watermark)
    about = select(disputed_claim.c.no).where(disputed_claim.c.subject_id.in_(ids or ()))
    return _read(connection, query if ids is None else query.where(dispute.c.no.in_(about)))


def find_dispute(connection: Connection, dispute_id: str, watermark: int) -> Dispute | None:
    return next(iter(_read(connection, _disputes(watermark).where(dispute.c.dispute_id == dispute_id))), None)


def claims_of(connection: Connection, ids: Sequence[str], signal: str) -> list[tuple[str, Claimed]]:
    """Every claim of a signal about some ids with the key of its fact, in the order they were made."""
    where = (record.c.subject_id.in_(ids), record.c.signal == signal)
    columns = [record.c[one.name] for one in fields(Claimed)]
    order = (record.c.known_at, record.c.submission_no, record.c.row)
    rows = connection.execute(select(record.c.key, *columns).where(*where).order_by(*order))
    return [(key, Claimed(*claimed)) for key, *claimed in rows]


_RAISED, _RULED = entry.alias("raised"), entry.alias("ruled")


def _disputes(watermark: int) -> Select[tuple[object, ...]]:
    """Disputes with what was ruled of them by a watermark, oldest first."""
    joined = (
        dispute.join(_RAISED, _RAISED.c.no == dispute.c.no)
        .outerjoin(ruling, (ruling.c.dispute_id == dispute.c.dispute_id) & (ruling.c.no <= watermark))
        .outerjoin(_RULED, _RULED.c.no == ruling.c.no)
    )
    raised = (_RAISED.c.made_at.label("raised_at"), _RAISED.c.author.label("raised_by"))
    ruled = (ruling.c.no, _RULED.c.made_at, _RULED.c.author, ruling.c.excluded, ruling.c.reason)
    words = [column.label(f"ruling_{column.name}") for column in ruled]
    query = select(*dispute.c, *raised, *words).select_from(joined)
    return query.where(dispute.c.no <= watermark).order_by(dispute.c.no)


def _read(connection: Connection, query: Select[tuple[object, ...]]) -> list[Dispute]:
    rows = [dict(row._mapping) for row in connection.execute(query)]
    covered: dict[int, list[Claimed]] = {}
    columns = [disputed_claim.c[one.name] for one in fields(Claimed)]
    claims = select(disputed_claim.c.no, *columns).where(disputed_claim.c.no.in_([row["no"] for row in rows]))
    order = (disputed_claim.c.known_at, disputed_claim.c.submission_no, disputed_claim.c.row)
    for no, *claim in connection.execute(claims.order_by(*order)) if rows else ():
        covered.setdefault(no, []).append(Claimed(*claim))
    return [_dispute(row, tuple(covered[row["no"]])) for row in rows]


def _dispute(row: dict[str, Any], claims: tuple[Claimed, ...]) -> Dispute:
    ruled = {field.name: row.pop(f"ruling_{field.name}") for field in fields(Ruling)}
    found = None if ruled["no"] is None else Ruling(**ruled)
    return Dispute(**row | {"on_behalf_of": Party(row["on_behalf_of"])}, claims=claims, ruling=found)
