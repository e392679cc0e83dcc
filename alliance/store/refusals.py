"""Who was refused what: appended, never with a value."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection, insert, select

from alliance.rights import Reason, Right
from alliance.store.schema_rights import refusal


@dataclass(frozen=True)
class Refused:
    """A read that rights did not allow, or allowed only in part because a border was in the way.

    Attributes:
        refused_at: when, by the store's clock.
        member, purpose, right: who asked, for what.
        companies: how many companies were asked about; ``None`` for all there are.
        reasons: why, each once.
        grants: ids of the grants that did not help.
    """

    refused_at: datetime
    member: str
    purpose: str
    right: Right
    companies: int | None
    reasons: Sequence[Reason]
    grants: Sequence[str]


def insert_refusal(connection: Connection, made: Refused) -> None:
    lists = {name: orjson.dumps(getattr(made, name)).decode() for name in ("reasons", "grants")}
    connection.execute(insert(refusal).values({**vars(made), "right": made.right.value, **lists}))


def select_refusals(connection: Connection) -> list[Refused]:
    """All of them, oldest first."""
    columns = [column for column in refusal.c if column.name != "seq"]
    rows = [dict(row._mapping) for row in connection.execute(select(*columns).order_by(refusal.c.seq))]
    return [
        Refused(**row | {
            "right": Right(row["right"]),
            "reasons": tuple(map(Reason, orjson.loads(row["reasons"]))),
            "grants": tuple(orjson.loads(row["grants"])),
        })
        for row in rows
    ]  # fmt: skip
