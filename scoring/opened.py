"""What the commands of ``scoring`` work on: their common options, and the scorer these name."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import typer

from alliance.config import Settings
from alliance.store import Store
from scoring.bundle_source import load_bundle
from scoring.decide import Scorer

Day = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="Day whose knowledge is used; today by default."),
]
Purpose = Annotated[str, typer.Option(help="What the score is for.")]
Member = Annotated[str, typer.Option(help="Who asks.")]
Database = Annotated[
    str | None, typer.Option("--database", help="SQLAlchemy URL of the store.", envvar="ALLIANCE_DATABASE_URL")
]
BundleSource = Annotated[
    str | None, typer.Option("--bundle", help="Folder of the bundle, or an MLflow model URI.", envvar="ALLIANCE_BUNDLE")
]


def settings_of(database: str | None, bundle: str | None) -> Settings:
    settings = Settings.from_environment()
    return replace(settings, database_url=database or settings.database_url, bundle=bundle or settings.bundle)


@contextmanager
def opened(database: str | None, bundle: str | None) -> Iterator[Scorer]:
    """The scorer of the settings; its store is closed on leaving."""
    settings = settings_of(database, bundle)
    loaded = load_bundle(settings.bundle, settings.tracking_uri)
    store = Store(settings.database_url)
    try:
        yield Scorer(store, loaded)
    finally:
        store.close()
