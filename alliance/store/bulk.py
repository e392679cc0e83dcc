"""Many rows at once, by the shortest way into each database."""

from collections.abc import Iterable, Sequence
from itertools import chain

from sqlalchemy import Connection

from alliance.store.driver import executed

_TOGETHER = 40
"""Rows an INSERT brings into SQLite, where there are as many: a statement has a price of its own."""


def insert_rows(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Append rows, their values as the database's driver takes them, in the order of the columns."""
    names = f"{table} ({', '.join(columns)})"
    if connection.dialect.name == "postgresql":  # COPY: one stream instead of a statement a row
        cursor = connection.connection.cursor()
        with cursor.copy(f"COPY {names} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    every = list(rows)
    many = len(every) // _TOGETHER * _TOGETHER
    row = f"({', '.join('?' * len(columns))})"
    if many:
        parts = (every[start : start + _TOGETHER] for start in range(0, many, _TOGETHER))
        values = ", ".join([row] * _TOGETHER)
        executed(connection, f"INSERT INTO {names} VALUES {values}", [tuple(chain(*part)) for part in parts])
    if every[many:]:
        executed(connection, f"INSERT INTO {names} VALUES {row}", every[many:])
