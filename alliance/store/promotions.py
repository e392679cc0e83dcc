"""Models made champion, or champion again, and the grants they were trained under."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select

from alliance.store.decisions import grants_relied_on, keep_grant_sets
from alliance.store.schema import entry, grant_set
from alliance.store.schema_rights import promotion


@dataclass(frozen=True)
class Gated:
    """What a gate said of a model before it became champion.

    Attributes:
        gate: its name.
        says: pass, fail, or not decided.
        found: the figures, in a sentence.
    """

    gate: str
    says: str
    found: str


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """That a model became champion.

    Attributes:
        bundle_sha256, version: which model, by its bundle's digest and label.
        outcome: what it foresees.
        purpose, grants: for what its panel was read, relying on which grants.
        reason: why it became champion.
        rollback: whether it became champion again, in place of the one that had followed it.
        gates: what the gates said of it; none for the first champion, and for a roll-back.
        despite: the gates it did not pass and was excepted from, for the reason given.
        no, promoted_at, author: the entry, its moment (UTC) and who made it; empty until it is made.
    """

    bundle_sha256: str
    version: str
    outcome: str
    purpose: str
    grants: tuple[str, ...] = field(repr=False)
    reason: str
    rollback: bool = False
    gates: tuple[Gated, ...] = ()
    despite: tuple[str, ...] = ()
    no: int = 0
    promoted_at: datetime | None = None
    author: str = ""


def insert_promotion(connection: Connection, made: Promotion) -> None:
    """Append a promotion; its entry has been made, and it bears its number."""
    digest = keep_grant_sets(connection, [made.grants])[made.grants]
    row = {column.name: getattr(made, column.name, None) for column in promotion.c}
    json = {name: orjson.dumps(row[name]).decode() for name in ("gates", "despite")}
    connection.execute(insert(promotion).values({**row, **json, "grants_sha256": digest}))


def select_promotions(connection: Connection, grant_id: str | None = None) -> list[Promotion]:
    """Every promotion, or those of models trained under a grant, oldest first."""
    own = [column for column in promotion.c if column.name != "grants_sha256"]
    joined = promotion.join(entry, entry.c.no == promotion.c.no).join(grant_set)
    query = select(*own, entry.c.made_at.label("promoted_at"), entry.c.author, grant_set.c.grants)
    query = query.select_from(joined).order_by(promotion.c.no)
    if grant_id is not None:
        query = query.where(promotion.c.grants_sha256.in_(grants_relied_on(grant_id)))
    return [_promotion(dict(row._mapping)) for row in connection.execute(query)]


def _promotion(row: dict[str, Any]) -> Promotion:
    lists = {name: tuple(orjson.loads(row[name])) for name in ("grants", "gates", "despite")}
    return Promotion(**row | lists | {"gates": tuple(Gated(**one) for one in lists["gates"])})
