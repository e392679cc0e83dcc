"""The review queue: pairs of companies that may be one, and what people decided of them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import ColumnElement, Connection, Select, insert, select, true

from alliance.store.entries import Entry
from alliance.store.schema import identity_case, identity_verdict


@dataclass(frozen=True)
class Case:
    """Two companies that may be one.

    Attributes:
        case_id: a digest of the two, so that the same doubt is raised once.
        no: entry that raised it.
        company_id, candidate_id: the two; the second is the one known before.
        probability: chance that they are one, by likeness; ``None`` where a number speaks for it.
        evidence: comparisons (``comparison``, ``level``, ``bits``).
        same: what a person decided; ``None`` while open.
        reason: why; empty while open.
    """

    case_id: str
    no: int
    company_id: str
    candidate_id: str
    probability: float | None
    evidence: Sequence[Mapping[str, object]]
    same: bool | None = None
    reason: str = ""


def case_id_for(company_id: str, candidate_id: str) -> str:
    return "case_" + hashlib.sha256(f"{company_id}:{candidate_id}".encode()).hexdigest()[:12]


def insert_cases(connection: Connection, cases: Sequence[Case]) -> int:
    """Append cases that have not been raised before; returns how many."""
    known = set(connection.scalars(select(identity_case.c.case_id)))
    new = {case.case_id: case for case in cases if case.case_id not in known}
    rows = [
        {column.name: getattr(case, column.name) for column in identity_case.c}
        | {"evidence": orjson.dumps(list(case.evidence)).decode()}
        for case in new.values()
    ]
    if rows:
        connection.execute(insert(identity_case), rows)
    return len(rows)


def insert_verdict(connection: Connection, entry: Entry, case_id: str, *, same: bool, reason: str) -> None:
    connection.execute(insert(identity_verdict).values(no=entry.no, case_id=case_id, same=same, reason=reason))


def _cases(watermark: int | None = None) -> Select[tuple[object, ...]]:
    """Cases with what was decided of them, by a watermark if one is given."""
    decided = identity_verdict.c.case_id == identity_case.c.case_id
    raised: ColumnElement[bool] = true()
    if watermark is not None:
        decided &= identity_verdict.c.no <= watermark
        raised = identity_case.c.no <= watermark
    joined = identity_case.outerjoin(identity_verdict, decided)
    columns = (*identity_case.c, identity_verdict.c.same, identity_verdict.c.reason)
    return select(*columns).select_from(joined).where(raised)


def _read(connection: Connection, query: Select[tuple[object, ...]]) -> list[Case]:
    rows = (dict(row._mapping) for row in connection.execute(query))
    return [Case(**{**row, "evidence": orjson.loads(row["evidence"]), "reason": row["reason"] or ""}) for row in rows]


def open_cases(connection: Connection) -> list[Case]:
    """Cases nobody has decided, the likeliest first; those a number speaks for before all."""
    found = _read(connection, _cases().where(identity_verdict.c.case_id.is_(None)))
    return sorted(found, key=lambda case: (-(2.0 if case.probability is None else case.probability), case.case_id))


def find_case(connection: Connection, case_id: str) -> Case | None:
    return next(iter(_read(connection, _cases().where(identity_case.c.case_id == case_id))), None)


def cases_of(connection: Connection, ids: Sequence[str], watermark: int) -> list[Case]:
    """All cases about some ids, decided or not, oldest first, as they stood by a watermark."""
    about = identity_case.c.company_id.in_(ids) | identity_case.c.candidate_id.in_(ids)
    return _read(connection, _cases(watermark).where(about).order_by(identity_case.c.no, identity_case.c.case_id))


def ruled_apart(connection: Connection, watermark: int) -> list[tuple[str, str]]:
    """Pairs of ids that people decided are two companies."""
    apart = _cases(watermark).where(identity_verdict.c.same.is_(False)).order_by(identity_case.c.case_id)
    return [(case.company_id, case.candidate_id) for case in _read(connection, apart)]
