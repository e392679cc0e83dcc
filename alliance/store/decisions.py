"""Decisions: what was scored for whom, from what, with which result; enough to replay each one."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, Select, Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from alliance.errors import Erased
from alliance.store.bulk import insert_rows
from alliance.store.driver import fetched, stored
from alliance.store.schema import decision, grant_in_set, grant_set

_WHOSE_RIGHT = "the right of whom it was about"


@dataclass(frozen=True)
class Decision:
    """One recorded score.

    Attributes:
        decision_id: unique, given when recorded.
        decided_at: when, UTC.
        company_id, as_of: what was scored, as known by which day.
        member, purpose, grants: who asked, for what, relying on which grants.
        watermark: last submission seen.
        bundle_sha256: the model used.
        inline_records: records given with the request, used for this score alone.
        result: the score as plain JSON; ``{"erased": entry}`` once it was erased.
        features: by name, null for unknown, the features given with the request, in place of any fact of the alliance;
            ``None`` where the score rests on facts.
    """

    decision_id: str
    decided_at: datetime
    company_id: str
    as_of: date
    member: str
    purpose: str
    grants: Sequence[str]
    watermark: int
    bundle_sha256: str
    inline_records: Sequence[dict[str, Any]]
    result: dict[str, Any]
    features: Mapping[str, float | None] | None = None

    @property
    def erased(self) -> int | None:
        """The erasure that took result and records away, by its entry; ``None`` while they are there."""
        return self.result.get("erased")

    def whole(self) -> "Decision":
        """The decision itself; ``Erased`` if there is no more of it than proves that it was made."""
        if self.erased is not None:
            raise Erased(
                f"What decision {self.decision_id} said was erased on {_WHOSE_RIGHT} (entry {self.erased}).",
                remedy="Its ledger receipt still proves that it was made.",
                decision=self.decision_id,
                entry=self.erased,
            )
        return self


@dataclass(frozen=True)
class Asked:
    """What a request asked of a company, beside who asked: another day, or other records, are another question."""

    as_of: date
    inline_records: str

    @classmethod
    def of(cls, made: Decision) -> "Asked":
        return cls(made.as_of, orjson.dumps(made.inline_records).decode())


_JSON_COLUMNS = ("inline_records", "result", "features")


def insert_decisions(connection: Connection, decisions: Sequence[Decision]) -> list[str]:
    """Append decisions; one already recorded under its id stays as it is. Returns the ids of those that are new."""
    new = {made.decision_id: made for made in reversed(decisions)}
    for known in _known(connection, list(new)):
        del new[known]
    digests = keep_grant_sets(connection, (tuple(made.grants) for made in new.values()))
    rows = [_row(connection, made, digests[tuple(made.grants)]) for made in reversed(new.values())]
    insert_rows(connection, decision.name, _COLUMNS, rows)
    return [made.decision_id for made in reversed(new.values())]


_COLUMNS = tuple(decision.c.keys())


def _row(connection: Connection, made: Decision, grants_sha256: str) -> tuple[object, ...]:
    """A decision as the driver takes it."""
    row = {**vars(made), "grants_sha256": grants_sha256}
    row |= {name: orjson.dumps(told).decode() for name in _JSON_COLUMNS if (told := row[name]) is not None}
    return tuple(stored(connection, row[name]) for name in _COLUMNS)


# Made once: to build a statement costs more than to run it.
_ONE_KNOWN = select(decision.c.decision_id).where(decision.c.decision_id == bindparam("id"))
_KNOWN = select(decision.c.decision_id).where(decision.c.decision_id.in_(bindparam("ids", expanding=True)))
_SET_KNOWN = select(grant_set.c.sha256).where(grant_set.c.sha256 == bindparam("sha256"))


def _known(connection: Connection, ids: Sequence[str]) -> list[str]:
    """Those of some ids under which a decision is recorded."""
    if len(ids) == 1:
        return [known for (known,) in fetched(connection, _ONE_KNOWN, id=ids[0])]
    return list(connection.scalars(_KNOWN, {"ids": ids}))


def grants_digest(grants: Sequence[str]) -> str:
    """The digest that names a set of grants, hexadecimal: SHA-256 of its JSON list."""
    return hashlib.sha256(_listed(grants)).hexdigest()


def _listed(grants: Sequence[str]) -> bytes:
    return orjson.dumps(tuple(grants))


def grants_relied_on(grant_id: str) -> Select[tuple[str]]:
    """Digests of the sets that a grant is in."""
    return select(grant_in_set.c.sha256).where(grant_in_set.c.grant_id == grant_id)


def keep_grant_sets(connection: Connection, sets: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    """The digest of each set of grants, kept under it once: thousands of decisions rely on the same."""
    digests = {}
    for grants in dict.fromkeys(sets):
        digests[grants] = grants_digest(grants)
        if fetched(connection, _SET_KNOWN, sha256=digests[grants]):
            continue
        one = {"sha256": digests[grants], "grants": _listed(grants).decode()}
        added = connection.execute(insert_new(connection, grant_set), one)
        if added.rowcount and grants:
            rows = [{"grant_id": grant, "sha256": digests[grants]} for grant in dict.fromkeys(grants)]
            connection.execute(insert_new(connection, grant_in_set), rows)
    return digests


def insert_new(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that leaves alone what is there."""
    return _insert_new(connection.dialect.name, table)


@cache
def _insert_new(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    added = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return added(table).on_conflict_do_nothing()


def _decisions() -> Select[tuple[object, ...]]:
    own = [column for column in decision.c if column.name != "grants_sha256"]
    return select(*own, grant_set.c.grants).join(grant_set, grant_set.c.sha256 == decision.c.grants_sha256)


def _read(connection: Connection, query: Select[tuple[object, ...]]) -> list[Decision]:
    found = connection.execute(query.order_by(decision.c.decided_at, decision.c.decision_id))
    return [_decision(row) for row in found]


def _decision(row: Row[tuple[object, ...]]) -> Decision:
    values = dict(row._mapping)
    told = {name: orjson.loads(text) for name in (*_JSON_COLUMNS, "grants") if (text := values[name]) is not None}
    return Decision(**{**values, **told})


def find_decision(connection: Connection, decision_id: str) -> Decision | None:
    return next(iter(_read(connection, _decisions().where(decision.c.decision_id == decision_id))), None)


def select_decisions(connection: Connection, decision_ids: Sequence[str]) -> list[Decision]:
    """Those of some decisions that there are, oldest first."""
    return _read(connection, _decisions().where(decision.c.decision_id.in_(decision_ids)))


def decisions_about(connection: Connection, company_ids: Sequence[str], *, seen: int = 0) -> list[Decision]:
    """Decisions on some companies, oldest first.

    Args:
        seen: only decisions that could see this entry (their watermark is not below it).
    """
    about = decision.c.company_id.in_(company_ids)
    return _read(connection, _decisions().where(about, decision.c.watermark >= seen))


def decisions_where(connection: Connection, *which: ColumnElement[bool]) -> list[Decision]:
    """Decisions of which some conditions hold, oldest first."""
    return _read(connection, _decisions().where(*which))


def decisions_under(connection: Connection, grant_id: str) -> list[Decision]:
    """Decisions that relied on a grant, oldest first."""
    return _read(connection, _decisions().where(decision.c.grants_sha256.in_(grants_relied_on(grant_id))))


_ASKED = (
    select(decision.c.company_id, decision.c.as_of, decision.c.inline_records)
    .distinct()
    .where(
        decision.c.company_id.in_(bindparam("companies", expanding=True)),
        decision.c.member == bindparam("asking"),
        decision.c.decided_at >= bindparam("since"),
        decision.c.features.is_(None),  # of what was given nothing is withheld
    )
)


def asked_since(
    connection: Connection, member: str, company_ids: Sequence[str], since: datetime
) -> dict[str, set[Asked]]:
    """What a member asked of some companies since a moment, by company; companies it did not ask about are left out."""
    found: dict[str, set[Asked]] = {}
    about = {"companies": list(company_ids), "asking": member, "since": since}
    for company_id, as_of, inline in connection.execute(_ASKED, about):
        found.setdefault(company_id, set()).add(Asked(as_of, inline))
    return found
