"""The store a command works on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from alliance.config import Settings
from alliance.store import Store

Database = Annotated[
    str | None, typer.Option("--database", help="SQLAlchemy URL of the store.", envvar="ALLIANCE_DATABASE_URL")
]

Author = Annotated[str, typer.Option("--author", help="Member or person who decides; kept with the decision.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept with the decision.")]


@contextmanager
def opened(database: str | None) -> Iterator[Store]:
    """The store of an option or else of the environment, closed on leaving."""
    store = Store(database or Settings.from_environment().database_url)
    try:
        yield store
    finally:
        store.close()
