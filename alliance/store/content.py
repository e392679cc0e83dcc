"""What an entry or a decision brought into the store, row by row as it is stored: what its leaf commits to.

Values are read as the database holds them, past the types of the schema, so that no change of a byte is mended on the
way. A row reads the same on SQLite and on PostgreSQL.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256 as _sha256
from types import MappingProxyType
from typing import Any

from orjson import loads
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    Table,
    bindparam,
    cast,
    collate,
    func,
    select,
    type_coerce,
)
from sqlalchemy.types import NULLTYPE

from alliance.ledger import Recorded, Row, rows_digest, summed_up
from alliance.store import schema, schema_batch, schema_erasure, schema_overrides, schema_rights
from alliance.store.driver import fetched
from alliance.store.entries import NO_LIMIT, EntryKind

_FETCH_ROWS = 50_000

_LARGE = (schema.record, schema.quarantine)
"""Tables of which an entry may bring more rows than are to be in memory at once."""

DECISION = "decision"
"""Kind of a decision's leaf."""


@dataclass(frozen=True, eq=False)
class Part:
    """The rows of a table that an entry brings.

    Attributes:
        column: where a row says which entry that is.
        named_by: of tables whose rows several entries share, the column of another part that names a row.
    """

    column: Column[Any]
    named_by: Column[Any] | None = None

    @property
    def table(self) -> Table:
        return self.column.table

    @property
    def name(self) -> str:
        return str(self.table.name)  # a plain one: SQLAlchemy's is a subclass

    def brought(self) -> ColumnElement[bool]:
        """Which rows are those of the entry whose number is the parameter ``no``."""
        if self.named_by is None:
            return self.column == bindparam("no")
        return self.column.in_(select(self.named_by).where(self.named_by.table.c.no == bindparam("no")))


ENTRY = Part(schema.entry.c.no)

CONTENT: Mapping[EntryKind, tuple[Part, ...]] = {
    EntryKind.SUBMISSION: (
        Part(schema.submission.c.no),
        Part(schema.contract.c.sha256, named_by=schema.submission.c.contract_sha256),
        Part(schema.record.c.submission_no),
        Part(schema.quarantine.c.submission_no),
        Part(schema.company.c.submission_no),
        Part(schema.identifier.c.submission_no),
        Part(schema.company_name.c.submission_no),
        Part(schema.identity_case.c.no),
        Part(schema_rights.given_signal.c.no),
        Part(schema_rights.member.c.no),
    ),
    EntryKind.LINKAGE: (Part(schema.linkage.c.no), Part(schema.merge.c.no), Part(schema.identity_case.c.no)),
    EntryKind.IDENTITY: (Part(schema.identity_verdict.c.no), Part(schema.merge.c.no)),
    EntryKind.RELIABILITY: (Part(schema.reliability.c.no),),
    EntryKind.DISPUTE: (Part(schema.dispute.c.no), Part(schema.disputed_claim.c.no)),
    EntryKind.RULING: (Part(schema.ruling.c.no),),
    EntryKind.MEMBER: (Part(schema_rights.member.c.no),),
    EntryKind.GRANT: (Part(schema_rights.grant.c.no),),
    EntryKind.REVOCATION: (Part(schema_rights.revocation.c.no),),
    EntryKind.CONSENT: (Part(schema_rights.consent.c.no),),
    EntryKind.WITHDRAWAL: (Part(schema_rights.consent_withdrawal.c.no),),
    EntryKind.ERASURE: (Part(schema_erasure.erasure.c.no), Part(schema_erasure.erasure_touched.c.no)),
    EntryKind.PROMOTION: (Part(schema_rights.promotion.c.no),),
    EntryKind.OVERRIDE: (Part(schema_overrides.decision_override.c.no),),
    EntryKind.OVERRIDE_RULING: (Part(schema_overrides.override_ruling.c.no),),
    EntryKind.BATCH: (Part(schema_batch.batch.c.no),),
}
"""What an entry of a kind brings. The first part is what it says itself; the others came with it."""


Written = Mapping[str, tuple[int, str]]
"""Tables of which it is known what an entry brought, for whoever wrote the rows counted and digested them himself."""


def entry_recorded(connection: Connection, row: Row, written: Written = MappingProxyType({})) -> Recorded:
    """An entry with what it brought, from its row as stored.

    Args:
        written: what need not be read back.

    Raises:
        ValueError: there is no such kind of entry.
    """
    no, kind, made_at, author = row
    parts = CONTENT[EntryKind(kind)]
    tables = ((part.name, written.get(part.name) or rows_digest(_rows(connection, part, no))) for part in parts)
    return Recorded(kind, no, _moment(made_at), author, {**summed_up(tables), ENTRY.name: _one(row)})


def decision_recorded(row: Row) -> Recorded:
    """A decision, from its row as stored."""
    decision_id, decided_at, member = (row[place] for place in _DECIDED)
    return Recorded(DECISION, decision_id, _moment(decided_at), member, {DECISION: _one(row)})


_DECIDED = tuple(schema.decision.c.keys().index(name) for name in ("decision_id", "decided_at", "member"))


def entry_rows(connection: Connection, after: int, up_to: int | None = None) -> Sequence[Row]:
    """Rows of the entries whose numbers follow one, up to another or all, as stored, by number."""
    return fetched(connection, _entries(connection.dialect.name), after=after, up_to=up_to or NO_LIMIT)


def decision_rows(connection: Connection, ids: Sequence[str]) -> dict[str, Row]:
    """Rows of decisions as stored, by id."""
    if len(ids) == 1:
        return {row[0]: row for row in fetched(connection, _decision(connection.dialect.name), id=ids[0])}
    found = connection.execute(_decisions(connection.dialect.name), {"ids": ids})
    return {row[0]: tuple(row) for row in found}


def said_by(connection: Connection, row: Row) -> Mapping[str, Sequence[Row]]:
    """What an entry says itself, by table: its row, and those of the first part of its kind."""
    first = CONTENT[EntryKind(row[1])][0]
    said = [one for part in _rows(connection, first, row[0]) for one in part]
    return {ENTRY.name: [row]} | ({first.name: said} if said else {})


def strays(connection: Connection) -> dict[str, int]:
    """How many rows of a table belong to no entry that could have brought them; tables without such are left out."""
    found = {}
    for table, (part, kinds) in _bringing().items():
        owners = select(schema.entry.c.no).where(schema.entry.c.kind.in_(kinds))
        owners = owners if part.named_by is None else select(part.named_by)
        found[table] = connection.scalar(select(func.count()).where(part.column.not_in(owners))) or 0
    return {table: rows for table, rows in found.items() if rows}


def unsound_grant_sets(connection: Connection) -> list[str]:
    """Digests of sets of grants that are not what their digest says, are gone, or are none's; sorted."""
    kept: dict[str, str] = dict(tuple(row) for row in connection.execute(select(schema.grant_set)))
    listed: dict[str, set[str]] = {}
    for grant_id, sha256 in connection.execute(select(schema.grant_in_set)):
        listed.setdefault(sha256, set()).add(grant_id)
    tables = (schema.decision, schema_rights.aggregate_answer, schema_rights.promotion)
    relying = [table.c.grants_sha256 for table in tables]
    used = {sha256 for column in relying for sha256 in connection.scalars(select(column).distinct())}
    wrong = (used ^ kept.keys()) | (listed.keys() - kept.keys())
    wrong |= {one for one, grants in kept.items() if _sha256(str(grants).encode()).hexdigest() != one}
    wrong |= {one for one in kept.keys() - wrong if set(loads(kept[one])) != listed.get(one, set())}
    return sorted(wrong)


def _bringing() -> dict[str, tuple[Part, list[str]]]:
    """By table: how its rows are brought, and the kinds of entries that bring them."""
    found: dict[str, tuple[Part, list[str]]] = {}
    for kind, parts in CONTENT.items():
        for part in parts:
            found.setdefault(part.name, (part, []))[1].append(kind.value)
    return found


def _one(row: Row) -> Mapping[str, Any]:
    rows, digest = rows_digest([[row]])
    return {"rows": rows, "sha256": digest}


def _moment(stored: object) -> str:
    """A moment as stored, in UTC, as RFC 3339 writes it."""
    return f"{stored}Z".replace(" ", "T")


def _rows(connection: Connection, part: Part, no: int) -> Iterator[Sequence[Row]]:
    """The rows an entry brought of a table, as stored, in the order of their keys, in parts."""
    query = _query(part, connection.dialect.name)
    if part.table not in _LARGE:
        yield fetched(connection, query, no=no)
        return
    found = connection.execute(query, {"no": no}, execution_options={"stream_results": True})
    for rows in found.partitions(_FETCH_ROWS):  # not the driver's own cursor, of which a stream has read the first row
        yield [tuple(row) for row in rows]


@cache
def _query(part: Part, dialect: str) -> Select[tuple[Any, ...]]:
    order = (_ordered(column, dialect) for column in part.table.primary_key)
    return _select(part.table, dialect).where(part.brought()).order_by(*order)


@cache
def _entries(dialect: str) -> Select[tuple[Any, ...]]:
    no = schema.entry.c.no
    return _select(schema.entry, dialect).where(no > bindparam("after"), no <= bindparam("up_to")).order_by(no)


@cache
def _decision(dialect: str) -> Select[tuple[Any, ...]]:
    return _select(schema.decision, dialect).where(schema.decision.c.decision_id == bindparam("id"))


@cache
def _decisions(dialect: str) -> Select[tuple[Any, ...]]:
    named = schema.decision.c.decision_id.in_(bindparam("ids", expanding=True))
    return _select(schema.decision, dialect).where(named)


def _select(table: Table, dialect: str) -> Select[tuple[Any, ...]]:
    return select(*(_stored(column, dialect) for column in table.c))


def _stored(column: Column[Any], dialect: str) -> ColumnElement[Any]:
    """A column's values as the database holds them; those of PostgreSQL as SQLite would."""
    if dialect == "postgresql" and isinstance(column.type, schema.Moment):
        return func.to_char(func.timezone("UTC", column), "YYYY-MM-DD HH24:MI:SS.US")
    if dialect == "postgresql" and isinstance(column.type, Boolean):
        return cast(column, Integer)
    return type_coerce(column, NULLTYPE)


def _ordered(column: Column[Any], dialect: str) -> ColumnElement[Any]:
    """A column to order by: text by its bytes, whatever the database's locale."""
    return collate(column, "C") if dialect == "postgresql" and isinstance(column.type, String) else column
