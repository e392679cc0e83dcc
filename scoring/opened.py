"""What the commands of ``scoring`` work on: their common options, and the scorer these name."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from alliance.config import Settings
from scoring.decide import Scorer
from scoring.from_settings import scorer_of

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

EngineName = Annotated[str, typer.Option("--engine", help="Where the work is done: local or spark.")]
Master = Annotated[str, typer.Option("--master", help="Of spark: URL of the master.", envvar="ALLIANCE_SPARK_MASTER")]
WorkFolder = Annotated[
    Path | None,
    typer.Option("--work", help="Of spark: folder that all workers see alike; beside the output by default."),
]
KeepExport = Annotated[bool, typer.Option("--keep-export", help="Leave the exported claims there.")]


def settings_of(database: str | None, bundle: str | None, shadow: str | None = None) -> Settings:
    """The environment's settings, as far as options do not say otherwise; a challenger is the service's alone."""
    settings = Settings.from_environment()
    return replace(
        settings, database_url=database or settings.database_url, bundle=bundle or settings.bundle, shadow=shadow or ""
    )


@contextmanager
def opened(database: str | None, bundle: str | None, shadow: str | None = None) -> Iterator[Scorer]:
    """The scorer of the settings; its store is closed on leaving."""
    scorer = scorer_of(settings_of(database, bundle, shadow))
    try:
        yield scorer
    finally:
        if scorer.shadow is not None:
            scorer.shadow.close()
        scorer.store.close()
