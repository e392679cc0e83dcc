"""Statements handed to the database's own driver: of a small one SQLAlchemy's part costs several times the database's.

Values are as the driver gives and takes them, past the types of the schema. What the driver raises is translated where
connections are made (``alliance.store.engine``).
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
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
