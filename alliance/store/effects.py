"""What requests under an idempotency key brought about: written with the effect itself, in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from alliance.store.schema_callers import effect

Along = Callable[[Connection, str], None]
"""Called within the transaction of an effect, with the id of what it makes; what it raises undoes the whole."""


@dataclass(frozen=True)
class Effect:
    """What a request brought about.

    Attributes:
        member, idempotency_key: for whom it was made, and the key its client gave it.
        request_sha256: digest of the operation and of what was sent.
        made: id of what came of it.
        made_at: when, UTC.
    """

    member: str
    idempotency_key: str
    request_sha256: str
    made: str
    made_at: datetime


def find_effect(connection: Connection, member: str, idempotency_key: str) -> Effect | None:
    named = (effect.c.member == member, effect.c.idempotency_key == idempotency_key)
    row = connection.execute(select(effect).where(*named)).first()
    return None if row is None else Effect(**row._mapping)


def insert_effect(connection: Connection, made: Effect) -> None:
    """Append it; the caller holds the writer's lock and has made sure that there is none."""
    connection.execute(insert(effect).values(vars(made)))
