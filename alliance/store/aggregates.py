"""Figures told of cohorts: who was told about which companies, never what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import orjson
from sqlalchemy import Connection, insert, select

from alliance.store.decisions import keep_grant_sets
from alliance.store.schema_rights import aggregate_answer


@dataclass(frozen=True)
class Answer:
    """An answer given.

    Attributes:
        answered_at, member, purpose, grants: when, to whom, for what, relying on which grants.
        field: ``signal.field``.
        as_of: the day whose knowledge was used.
        contributions: company and fact of each contribution (``rights.cohort.contributions``).
    """

    answered_at: datetime
    member: str
    purpose: str
    field: str
    as_of: date
    contributions: Mapping[str, str]
    grants: Sequence[str]


def insert_answer(connection: Connection, made: Answer) -> None:
    grants = tuple(made.grants)
    digest = keep_grant_sets(connection, [grants])[grants]
    row = {name: value for name, value in vars(made).items() if name != "grants"}
    counted = orjson.dumps(dict(made.contributions)).decode()
    connection.execute(insert(aggregate_answer).values(row | {"contributions": counted, "grants_sha256": digest}))


def answered(connection: Connection, field: str) -> list[dict[str, str]]:
    """The contributions of every answer about a field, whoever got it."""
    query = select(aggregate_answer.c.contributions).where(aggregate_answer.c.field == field)
    return [orjson.loads(one) for one in connection.scalars(query.order_by(aggregate_answer.c.seq))]
