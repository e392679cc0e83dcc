"""The one sequence of everything that changes what is read; its last number is the watermark."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Connection, func, insert, select

from alliance.store.driver import number
from alliance.store.schema import entry


class EntryKind(StrEnum):
    """What an entry brings."""

    SUBMISSION = "submission"
    LINKAGE = "linkage"
    IDENTITY = "identity"
    RELIABILITY = "reliability"
    DISPUTE = "dispute"
    RULING = "ruling"
    MEMBER = "member"
    GRANT = "grant"
    REVOCATION = "revocation"
    CONSENT = "consent"
    WITHDRAWAL = "withdrawal"
    ERASURE = "erasure"
    PROMOTION = "promotion"
    OVERRIDE = "override"
    OVERRIDE_RULING = "override_ruling"
    BATCH = "batch"


@dataclass(frozen=True)
class Entry:
    """One step of the store: number, kind, when (UTC) and by whom."""

    no: int
    kind: EntryKind
    made_at: datetime
    author: str


NO_LIMIT = 2**31 - 1
"""The largest number an entry can have."""

_LAST = select(func.max(entry.c.no))


def watermark(connection: Connection) -> int:
    """Number of the last entry; 0 for an empty store."""
    return number(connection, _LAST)


def watermark_at(connection: Connection, moment: datetime) -> int:
    """Number of the last entry made by a moment; 0 if there was none."""
    return connection.scalar(select(func.max(entry.c.no)).where(entry.c.made_at <= moment)) or 0


def append(connection: Connection, kind: EntryKind, author: str, made_at: datetime | None = None) -> Entry:
    """The next entry; the caller holds the writer's lock (``Store.writing``), so numbers have no gaps.

    Args:
        author: member or person who makes it.
        made_at: when; the clock's now by default.
    """
    made = Entry(watermark(connection) + 1, kind, made_at or datetime.now(UTC), author)
    connection.execute(insert(entry), {**vars(made), "kind": kind.value})
    return made


def entries(connection: Connection, numbers: list[int]) -> dict[int, Entry]:
    """Entries by number."""
    found = connection.execute(select(entry).where(entry.c.no.in_(numbers)))
    return {row.no: Entry(row.no, EntryKind(row.kind), row.made_at, row.author) for row in found}
