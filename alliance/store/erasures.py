"""Erasures in the store: the one place where rows are deleted or emptied. What is done is appended as an entry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, tuple_, update

from alliance.store.entries import Entry
from alliance.store.ledger import commit_remains
from alliance.store.schema import decision, entry
from alliance.store.schema_erasure import erasure, erasure_touched

_KEYS = 5_000
"""Keys one statement may name; databases have a limit on parameters."""


class About(StrEnum):
    """What an erasure is about."""

    COMPANY = "company"
    PERSON = "person"
    RETENTION = "retention"


@dataclass(frozen=True)
class Cut:
    """Rows of a table that are to go, or to be emptied.

    Attributes:
        what: what the rows are, for people: ``records of headcount``.
        table: where they are.
        rows: by primary key the columns that change and their values from then on; ``None`` where the row is deleted.
        entries: the entries that brought the rows.
    """

    what: str
    table: Table
    rows: Mapping[tuple[Any, ...], Mapping[str, Any] | None]
    entries: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Erasure:
    """What an erasure did: the receipt.

    Attributes:
        no, made_at, author: the entry.
        about, subject: a company and its id; a person, or what was kept for long enough, without a name.
        reason, basis: why, and by which law or rule.
        counts: how many of what was erased.
    """

    no: int
    made_at: datetime
    author: str
    about: About
    subject: str
    reason: str
    basis: str
    counts: Mapping[str, int]


def counted(cuts: Sequence[Cut]) -> dict[str, int]:
    """How many of what some cuts erase, in their order; what they find none of is left out."""
    counts: dict[str, int] = {}
    for cut in cuts:
        if cut.rows:
            counts[cut.what] = counts.get(cut.what, 0) + len(cut.rows)
    return counts


def insert_erasure(
    connection: Connection, made: Entry, cuts: Sequence[Cut], *, about: About, subject: str, reason: str, basis: str
) -> Erasure:
    """Do some cuts, and append what was done; its entry has been made, in the same transaction.

    The salts of the leaves whose content changes are destroyed, so that their commitments can never be opened, nor what
    they commit to be guessed. New salts take their place, under which the erasure commits to what remains.
    """
    for cut in cuts:
        _do(connection, cut)
    entries = sorted({no for cut in cuts for no in cut.entries})
    decisions = [key[0] for cut in cuts if cut.table is decision for key in cut.rows]
    counts = counted(cuts)
    row = {"no": made.no, "about": about.value, "subject": subject, "reason": reason, "basis": basis}
    connection.execute(insert(erasure).values(row | {"counts": orjson.dumps(counts).decode()}))
    remains = commit_remains(connection, entries, decisions)
    touched = [{"no": made.no, "position": position, "remains": text} for position, text in remains.items()]
    if touched:
        connection.execute(insert(erasure_touched), touched)
    return Erasure(made.no, made.made_at, made.author, about, subject, reason, basis, counts)


def _do(connection: Connection, cut: Cut) -> None:
    keys = list(cut.table.primary_key)
    gone = [key for key, values in cut.rows.items() if values is None]
    for start in range(0, len(gone), _KEYS):
        connection.execute(delete(cut.table).where(tuple_(*keys).in_(gone[start : start + _KEYS])))
    named = [column == bindparam(f"key_{column.name}") for column in keys]
    for key, values in cut.rows.items():
        if values is not None:
            place = {f"key_{column.name}": part for column, part in zip(keys, key, strict=True)}
            connection.execute(update(cut.table).where(*named).values(**values), place)


_LAST = select(func.max(erasure.c.no))  # made once


def last_erasure(connection: Connection) -> int:
    """Number of the last entry that erased something; 0 if there is none."""
    return connection.scalar(_LAST) or 0


def select_erasures(connection: Connection) -> list[Erasure]:
    """All there were, oldest first."""
    query = select(erasure, entry.c.made_at, entry.c.author).join(entry, entry.c.no == erasure.c.no)
    found = connection.execute(query.order_by(erasure.c.no))
    return [Erasure(**{**row._mapping, "about": About(row.about), "counts": orjson.loads(row.counts)}) for row in found]


def last_touched(connection: Connection) -> dict[int, tuple[int, str]]:
    """By position of a leaf: the last erasure that touched it, and its commitment to what remains."""
    query = select(erasure_touched).order_by(erasure_touched.c.no)
    return {row.position: (row.no, row.remains) for row in connection.execute(query)}


def erased_at(connection: Connection, position: int) -> int | None:
    """The last erasure that touched the leaf at a position; ``None`` if none did."""
    last = select(func.max(erasure_touched.c.no)).where(erasure_touched.c.position == position)
    found: int | None = connection.scalar(last)
    return found
