"""Many rows at once, by the shortest way into each database."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection


def insert_rows(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Append rows, their values as the database's driver takes them, in the order of the columns."""
    names = f"{table} ({', '.join(columns)})"
    if connection.dialect.name == "postgresql":  # COPY: one stream instead of a statement a row
        cursor = connection.connection.cursor()
        with cursor.copy(f"COPY {names} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        statement = f"INSERT INTO {names} VALUES ({', '.join('?' * len(columns))})"
        connection.exec_driver_sql(statement, list(rows))
