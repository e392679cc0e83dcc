"""Models made champion, and the grants they were trained under."""

from dataclasses import dataclass, field
from datetime import datetime

import orjson
from sqlalchemy import Connection, insert, select

from alliance.store.decisions import grants_relied_on, keep_grant_sets
from alliance.store.schema import entry, grant_set
from alliance.store.schema_rights import promotion


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """That a model became champion.

    Attributes:
        bundle_sha256, version: which model, by its bundle's digest and label.
        outcome: what it foresees.
        purpose, grants: for what its panel was read, relying on which grants.
        reason: why it became champion.
        no, promoted_at, author: the entry, its moment (UTC) and who made it; empty until it is made.
    """

    bundle_sha256: str
    version: str
    outcome: str
    purpose: str
    grants: tuple[str, ...] = field(repr=False)
    reason: str
    no: int = 0
    promoted_at: datetime | None = None
    author: str = ""


def insert_promotion(connection: Connection, made: Promotion) -> None:
    """Append a promotion; its entry has been made, and it bears its number."""
    digest = keep_grant_sets(connection, [made.grants])[made.grants]
    row = {column.name: getattr(made, column.name) for column in promotion.c if column.name != "grants_sha256"}
    connection.execute(insert(promotion).values(row | {"grants_sha256": digest}))


def select_promotions(connection: Connection, grant_id: str | None = None) -> list[Promotion]:
    """Every promotion, or those of models trained under a grant, oldest first."""
    own = [column for column in promotion.c if column.name != "grants_sha256"]
    joined = promotion.join(entry, entry.c.no == promotion.c.no).join(grant_set)
    query = select(*own, entry.c.made_at.label("promoted_at"), entry.c.author, grant_set.c.grants)
    query = query.select_from(joined).order_by(promotion.c.no)
    if grant_id is not None:
        query = query.where(promotion.c.grants_sha256.in_(grants_relied_on(grant_id)))
    rows = (dict(row._mapping) for row in connection.execute(query))
    return [Promotion(**row | {"grants": tuple(orjson.loads(row["grants"]))}) for row in rows]
