"""Statements handed to the database's own driver: of a small one SQLAlchemy's part costs several times the database's.

Values are as the driver gives and takes them, past the types of the schema. What the driver raises is translated where
connections are made (``alliance.store.engine``).
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Select
from sqlalchemy.sql.compiler import SQLCompiler

Row = tuple[Any, ...]


def fetched(connection: Connection, statement: Select[Any], **values: object) -> list[Row]:
    """All rows of a statement that is made once and used often."""
    text, names, own = _written(statement, connection.dialect)
    given = {**own, **values}
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(text, given if names is None else [given[name] for name in names])
        return list(cursor.fetchall())


def number(connection: Connection, statement: Select[Any], **values: object) -> int:
    """The one number that such a statement gives; 0 for none."""
    ((found,),) = fetched(connection, statement, **values)
    return found or 0


def stored(connection: Connection, value: object) -> object:
    """A value as the driver takes it: SQLite has days and moments as text, moments in UTC."""
    if connection.dialect.name != "sqlite":
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return value.isoformat() if isinstance(value, date) else value


def executed(connection: Connection, text: str, rows: Sequence[Sequence[object]]) -> None:
    """Run a statement in the driver's own SQL once for each row of values."""
    with closing(connection.connection.cursor()) as cursor:
        cursor.executemany(text, rows)


@lru_cache(maxsize=256)
def _written(statement: Select[Any], dialect: Dialect) -> tuple[str, tuple[str, ...] | None, Mapping[str, object]]:
    """A statement in the driver's SQL, the names of its values in order, and the values that are its own.

    No names where the driver takes values by name.
    """
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    return str(compiled), tuple(compiled.positiontup or ()) if compiled.positional else None, compiled.params
