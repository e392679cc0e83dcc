"""Connections: SQLite in WAL mode as the embedded default, PostgreSQL by URL; one writer at a time on both."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from alliance.errors import StoreError
from alliance.store import (  # noqa: F401  tables of the metadata
    schema_batch,
    schema_callers,
    schema_erasure,
    schema_overrides,
    schema_shadow,
)
from alliance.store.schema import SCHEMA_VERSION, metadata, schema_version

WRITER_LOCK = 7_402_915_563
"""PostgreSQL advisory lock held by the one writer, so that submission numbers commit in order."""

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536", "secure_delete=ON")

ERASED_FROM = (
    "record", "quarantine", "company_name", "identifier", "decision", "dispute", "ruling", "merge", "identity_case",
    "identity_verdict", "aggregate_answer", "ledger_salt", "decision_override", "override_ruling", "shadow_score",
)  # fmt: skip
"""The tables that erasures delete from or empty."""

BUSY_SECONDS = 60
"""How long a writer waits for another before it gives up."""


def connect(url: str) -> Engine:
    """An engine on the store, its tables made if absent.

    Raises:
        StoreError: the URL is not understood, the server is not reached, or the store is of another version.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            engine = _sqlite(url, parsed.database)
        else:
            engine = create_engine(url, pool_pre_ping=True, pool_size=8, hide_parameters=True)
        with writing(engine) as connection:
            metadata.create_all(connection)
            _check_version(connection)
    except (ArgumentError, ImportError, NoSuchModuleError, TypeError, ValueError) as error:
        raise StoreError(
            f"The database URL is not understood: {error}.", remedy="Use sqlite:/// or postgresql+psycopg://."
        ) from None
    except OSError as error:
        raise StoreError(f"The store's folder cannot be made: {error.strerror}.", remedy="Check its path.") from error
    return engine


def _sqlite(url: str, path: str | None) -> Engine:
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; `_begin` does
        cursor = connection.cursor()
        # NORMAL would let a power cut lose acknowledged commits in WAL mode; receipts must survive. What is erased is
        # overwritten, not left in pages that are free.
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes its lock at once: upgrading a reader's later would fail instead of wait.
        writer = connection.get_execution_options().get("writer", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    return engine


def _check_version(connection: Connection) -> None:
    found = connection.scalar(select(schema_version.c.version))
    if found is None:
        connection.execute(insert(schema_version).values(version=SCHEMA_VERSION))
    elif found != SCHEMA_VERSION:
        raise StoreError(
            f"The store is of version {found}, this software of {SCHEMA_VERSION}.",
            remedy="Use the software the store was made with, or a new store.",
        )


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction of the one writer: all of it is stored, or nothing.

    Raises:
        StoreError: the store cannot be written.
    """
    try:
        with engine.connect().execution_options(writer=True) as connection, connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITER_LOCK})
            yield connection
    except (SQLAlchemyError, engine.dialect.loaded_dbapi.Error) as error:  # COPY goes past SQLAlchemy
        raise store_error(error) from error


def scrub(engine: Engine) -> None:
    """Have the database's files, too, forget what was deleted: SQLite's log is emptied, PostgreSQL's tables vacuumed.

    Backups, and PostgreSQL's own log until it is recycled, are for whoever keeps them.

    Raises:
        StoreError: it could not be done; what was deleted stays deleted.
    """
    try:
        if engine.dialect.name == "sqlite":
            with closing(engine.raw_connection()) as raw:  # in no transaction, which would keep the log
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            tables = ", ".join(f'"{name}"' for name in ERASED_FROM)
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql(f"VACUUM {tables}")
    except (SQLAlchemyError, engine.dialect.loaded_dbapi.Error) as error:
        raise store_error(error) from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection to read by; ``StoreError`` when the store cannot be read."""
    try:
        with engine.connect() as connection:
            yield connection
    except (SQLAlchemyError, engine.dialect.loaded_dbapi.Error) as error:
        raise store_error(error) from error


@contextmanager
def as_stored(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the store to its end, and any text there is, be it UTF-8 or not.

    Raises:
        StoreError: the store cannot be read.
    """
    with reading(engine) as connection:
        if engine.dialect.name != "sqlite":
            yield connection.execution_options(isolation_level="REPEATABLE READ")
            return
        driver = connection.connection.dbapi_connection
        assert isinstance(driver, sqlite3.Connection)
        usual, driver.text_factory = driver.text_factory, _any_text
        try:
            yield connection
        finally:
            driver.text_factory = usual


def _any_text(stored: bytes) -> str:
    return stored.decode(errors="surrogateescape")


def store_error(error: Exception) -> StoreError:
    """The database's own first line, without the statement: statements carry members' values.

    Where a value itself was refused, that line would name it, and only the kind of error is told.
    """
    original = getattr(error, "orig", None) or error
    kinds = [kind.__name__ for kind in type(original).__mro__]  # each driver has its own, called alike (PEP 249)
    cause = kinds[0] if "DataError" in kinds else str(original).strip().splitlines()[0]
    return StoreError(f"The store failed: {cause}.", remedy="Check the database and its disk, then try again.")
