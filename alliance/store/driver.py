"""Statements handed to the database's own driver: of a small one SQLAlchemy's part costs several times the database's.

Values are as the driver gives and takes them, past the types of the schema. What the driver raises is translated where
connections are made (``alliance.store.engine``).
"""

from collections.abc import Sequence
from contextlib import closing
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Select

Row = tuple[Any, ...]


def fetched(connection: Connection, statement: Select[Any], **values: object) -> list[Row]:
    """All rows of a statement that is made once and used often."""
    text, names = _written(statement, connection.dialect)
    given = values if names is None else [values[name] for name in names]
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(text, given)
        return list(cursor.fetchall())


def executed(connection: Connection, text: str, rows: Sequence[Sequence[object]]) -> None:
    """Run a statement in the driver's own SQL once for each row of values."""
    with closing(connection.connection.cursor()) as cursor:
        cursor.executemany(text, rows)


@lru_cache(maxsize=256)
def _written(statement: Select[Any], dialect: Dialect) -> tuple[str, tuple[str, ...] | None]:
    """A statement in the driver's SQL, and the names of its values in order; ``None`` where it takes them by name."""
    compiled = statement.compile(dialect=dialect)
    return str(compiled), tuple(compiled.positiontup or ()) if compiled.positional else None
