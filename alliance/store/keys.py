"""Keys and their ends: appended; a key is read with its earliest end."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from alliance.callers.keys import ApiKey
from alliance.callers.roles import Role, Scope
from alliance.store.schema_callers import api_key, api_key_end

_ENDS = select(func.min(api_key_end.c.ends_at)).where(api_key_end.c.prefix == api_key.c.prefix).scalar_subquery()
_KEYS = select(*api_key.c, _ENDS.label("ends_at"))
_KEY = _KEYS.where(api_key.c.prefix == bindparam("prefix"))  # made once: each request looks one up


def insert_key(connection: Connection, key: ApiKey) -> None:
    row: dict[str, Any] = {column.name: getattr(key, column.name) for column in api_key.c}
    row["roles"] = " ".join(sorted(key.roles))
    row["scopes"] = None if key.scopes is None else " ".join(sorted(key.scopes))
    connection.execute(insert(api_key).values(row))


def insert_end(
    connection: Connection, prefix: str, *, ends_at: datetime, made_at: datetime, by: str, reason: str
) -> None:
    """Append that a key ends; said again for the same moment, it stays as it was said first."""
    insert_ = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = {"prefix": prefix, "ends_at": ends_at, "made_at": made_at, "made_by": by, "reason": reason}
    connection.execute(insert_(api_key_end).on_conflict_do_nothing(), [row])


def find_key(connection: Connection, prefix: str) -> ApiKey | None:
    row = connection.execute(_KEY, {"prefix": prefix}).first()
    return None if row is None else _key(row)


def select_keys(connection: Connection) -> list[ApiKey]:
    """Every key, oldest first."""
    return [_key(row) for row in connection.execute(_KEYS.order_by(api_key.c.made_at, api_key.c.prefix))]


def _key(row: Row[*tuple[Any, ...]]) -> ApiKey:
    values = dict(row._mapping)
    values["roles"] = frozenset(map(Role, values["roles"].split()))
    values["scopes"] = None if values["scopes"] is None else frozenset(map(Scope, values["scopes"].split()))
    return ApiKey(**values)
