"""What all tests share: stores of both kinds, the real data, and the rule that CI skips nothing it was promised."""

import gc
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.engine import make_url

from alliance.grants import give
from alliance.rights import EVERYBODY, OPERATOR, Grant, Member, Right
from alliance.store import Store
from alliance.store.entries import EntryKind, append
from alliance.store.rights import insert_member
from alliance.store.schema import metadata
from scoring.engines import Engine, engine_named

POSTGRES_URL = os.environ.get("ALLIANCE_TEST_POSTGRES_URL", "")
DATA = Path(os.environ.get("ALLIANCE_DATA") or Path(__file__).parents[2] / "shared" / "data")
REQUIRED = set(os.environ.get("ALLIANCE_CI_REQUIRE", "").split(","))


IN_MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory. Every commit waits for the disk, and no test pulls the plug."""


def pytest_configure() -> None:
    if os.access(IN_MEMORY, os.W_OK):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))


def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def skip_or_fail(need: str, reason: str) -> None:
    """Skip a test that cannot run here; fail it where its need was promised (``ALLIANCE_CI_REQUIRE``)."""
    if need in REQUIRED:
        pytest.fail(f"required here, but {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session", autouse=True)
def _ledger_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test signs with the key of this working copy, nor leaves one in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ALLIANCE_LEDGER_KEY", str(tmp_path_factory.mktemp("ledger") / "ledger.key"))
        yield


@pytest.fixture(scope="session")
def _schema() -> Iterator[str]:
    """Name of a PostgreSQL schema of this process's own, dropped at the end."""
    if not POSTGRES_URL:
        skip_or_fail("postgres", "ALLIANCE_TEST_POSTGRES_URL names no PostgreSQL server")
    schema = f"test_{uuid4().hex}"
    engine = create_engine(POSTGRES_URL)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield schema
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture
def postgres_url(_schema: str) -> Iterator[str]:
    """A PostgreSQL schema without a row in it.

    Its tables stay from test to test, since to make them takes longer than most tests; unless a test changed them.
    """
    url = make_url(POSTGRES_URL).update_query_dict({"options": f"-csearch_path={_schema} -csynchronous_commit=off"})
    yield url.render_as_string(False)
    engine = create_engine(url)
    with engine.begin() as connection:
        if _as_made(connection, _schema):
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
            for name in inspect(connection).get_sequence_names():
                connection.execute(text(f"ALTER SEQUENCE {name} RESTART"))
        else:
            connection.execute(text(f"DROP SCHEMA {_schema} CASCADE"))
            connection.execute(text(f"CREATE SCHEMA {_schema}"))
    engine.dispose()


_TIES = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND connamespace::regnamespace::text = :schema"
_TRIGGERS = (
    "SELECT count(*) FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
    " WHERE NOT tgisinternal AND relnamespace::regnamespace::text = :schema"
)


def _as_made(connection: Connection, schema: str) -> bool:
    """Whether a schema has the store's tables, all of them, tied to each other as they were made, and nothing added."""
    ties, triggers = (connection.scalar(text(query), {"schema": schema}) for query in (_TIES, _TRIGGERS))
    made = sum(len(table.foreign_key_constraints) for table in metadata.sorted_tables)
    names = {table.name for table in metadata.sorted_tables}
    return names == set(inspect(connection).get_table_names()) and (ties, triggers) == (made, 0)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'alliance.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty store, once of each kind."""
    opened = Store(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))
    yield opened
    opened.close()


MEMBERS = (
    "acme", "alliance", "analyst", "anonymous", "bank", "bank-01", "bank-1", "bank-2", "fund", "harbour", "hr", "lab",
    "lighthouse", "m", "stranger",
    "spd", "spd-bank", "x",
)  # fmt: skip


def everybody_in(store: Store, members: Sequence[str]) -> bool:
    """Whether the store is open to them already."""
    return set(members) <= {grant.giver for grant in store.rights().grants}


def open_house(store: Store, *members: str) -> Store:
    """Everybody named may read all that everybody named gives, as it is, for every purpose: two entries.

    Rights have tests of their own; the others say by this that they are not about rights.
    """
    everybody = sorted({*MEMBERS, *members})
    if everybody_in(store, everybody):
        return store
    purposes = tuple(store.policy.rights.purposes)
    given = {"receiver": EVERYBODY, "fields": ("*",), "purposes": purposes, "rights": tuple(Right)}
    with store.writing() as connection:
        entry = append(connection, EntryKind.MEMBER, "tests", store.clock())
        for name in everybody:
            insert_member(connection, entry, Member(name, OPERATOR, store.policy.rights.home, entry.made_at))
    give(store, [Grant(giver=name, **given) for name in everybody], author="tests")
    return store


@pytest.fixture(scope="session")
def opened() -> Callable[..., Store]:
    """Opens a store's rights to the members of the tests, and to others named."""
    return open_house


@pytest.fixture(scope="session")
def spark() -> Iterator[Engine]:
    """Spark on two cores of this machine; one for all tests of a process, since it takes seconds to start."""
    if find_spec("pyspark") is None:
        skip_or_fail("spark", "PySpark is not installed (make spark)")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        skip_or_fail("spark", "there is no Java, which Spark runs on")
    with engine_named("spark", "local[2]") as engine:
        yield engine


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of the real data sets."""
    if not DATA.is_dir():
        skip_or_fail("data", f"the real data sets are not at {DATA} (set ALLIANCE_DATA)")
    return DATA


@pytest.fixture(scope="session")
def needs_dask() -> None:
    """Skips where Dask is not installed (the extra ``[dask]``)."""
    if not find_spec("distributed"):
        skip_or_fail("dask", "Dask is not installed (make dask)")
