"""Decisions: what was scored for whom, from what, with which result; enough to replay each one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, insert, select

from alliance.store.schema import decision


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
        result: the score as plain JSON.
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


_JSON_COLUMNS = ("grants", "inline_records", "result")


def insert_decisions(connection: Connection, decisions: Sequence[Decision]) -> list[str]:
    """Append decisions; one already recorded under its id stays as it is. Returns the ids of those that are new."""
    new = {made.decision_id: made for made in reversed(decisions)}
    for known in _known(connection, list(new)):
        del new[known]
    rows = []
    for made in reversed(new.values()):
        row = {column.name: getattr(made, column.name) for column in decision.c}
        rows.append({**row, **{name: orjson.dumps(row[name]).decode() for name in _JSON_COLUMNS}})
    if rows:
        connection.execute(insert(decision), rows)
    return [row["decision_id"] for row in rows]


def _known(connection: Connection, ids: Sequence[str]) -> list[str]:
    """Those of some ids under which a decision is recorded."""
    return list(connection.scalars(select(decision.c.decision_id).where(decision.c.decision_id.in_(ids))))


def _decision(row: Row[tuple[object, ...]]) -> Decision:
    values = dict(row._mapping)
    return Decision(**{**values, **{name: orjson.loads(values[name]) for name in _JSON_COLUMNS}})


def find_decision(connection: Connection, decision_id: str) -> Decision | None:
    row = connection.execute(select(decision).where(decision.c.decision_id == decision_id)).first()
    return None if row is None else _decision(row)


def decisions_about(connection: Connection, company_ids: Sequence[str], *, seen: int = 0) -> list[Decision]:
    """Decisions on some companies, oldest first.

    Args:
        seen: only decisions that could see this entry (their watermark is not below it).
    """
    about = select(decision).where(decision.c.company_id.in_(company_ids), decision.c.watermark >= seen)
    return [_decision(row) for row in connection.execute(about.order_by(decision.c.decided_at, decision.c.decision_id))]
