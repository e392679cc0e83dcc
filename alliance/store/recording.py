"""Decisions of several callers in one transaction: each stored as if alone, and the disk is waited for once."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from alliance.store.decisions import Decision, insert_decisions
from alliance.store.effects import Along
from alliance.store.rights import last_of_rights


@dataclass(eq=False)
class Recording:
    """What one caller wants recorded, and what became of it.

    Attributes:
        made: the decisions.
        along: what is to be stored with each.
        rights: the last entry on rights they were made by; if there is another by now nothing of it is stored.
        stored: whether it is stored; ``None`` while that is not decided.
        error: what ``along`` raised; then nothing of it is stored.
    """

    made: Sequence[Decision]
    along: Along | None = None
    rights: int | None = None
    stored: bool | None = None
    error: Exception | None = None


def insert_recordings(connection: Connection, several: Sequence[Recording]) -> list[str]:
    """Store decisions and what goes along with them; returns the ids of those that are new, in their order.

    What one caller's ``along`` raises undoes what is his, and nothing else; where the database fails, all is undone.
    """
    last = last_of_rights(connection) if any(one.rights is not None for one in several) else None
    for one in several:
        one.stored = one.rights in (None, last)
    new: list[str] = []
    plain = [made for one in several if one.stored and one.along is None for made in one.made]
    if plain:
        new += insert_decisions(connection, plain)
    for one in several:
        if one.stored and one.along is not None:
            new += _with_more(connection, one, one.along, alone=len(several) == 1)
    return new


def _with_more(connection: Connection, one: Recording, along: Along, *, alone: bool) -> list[str]:
    """As ``insert_recordings``, for one with something to go along; a caller alone needs no savepoint to be undone."""
    scope: AbstractContextManager[object] = nullcontext() if alone else connection.begin_nested()
    try:
        with scope:
            new = insert_decisions(connection, one.made)
            for made in one.made:
                along(connection, made.decision_id)
    except (SQLAlchemyError, connection.dialect.loaded_dbapi.Error):
        raise
    except Exception as error:  # whatever else: it is this caller's, who is told
        if alone:
            raise
        one.stored, one.error = False, error
        return []
    return new
