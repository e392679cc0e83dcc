"""``experiments gates``, ``promote``, ``rollback``, ``shadow``, ``replay``: from challenger to champion, and back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer

from alliance.config import Settings
from alliance.store import Store
from alliance.terminal import out

Database = Annotated[
    str | None, typer.Option("--database", help="SQLAlchemy URL of the store.", envvar="ALLIANCE_DATABASE_URL")
]
Author = Annotated[str, typer.Option(help="Who decides it; kept in the ledger.")]
Reason = Annotated[str, typer.Option(help="Why; kept in the ledger, so name no company and no person in it.")]
Since = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Decisions made on this day (UTC) or later.")
]
Day = Annotated[
    datetime, typer.Option("--since", formats=["%Y-%m-%d"], help="Decisions made on this day (UTC) or later.")
]


def gates(
    version: Annotated[str, typer.Argument(help="Version in the registry, or an alias.")] = "challenger",
    database: Database = None,
) -> None:
    """Ask every gate of a challenger, against the champion, on rows neither was taught on."""
    from experiments.lifecycle import examine  # noqa: PLC0415
    from experiments.lifecycle_report import show_examined  # noqa: PLC0415
    from experiments.training import training_history  # noqa: PLC0415

    with _opened(database) as (settings, store):
        history, _ = training_history(store)
        show_examined(*examine(settings, store, history, version))


def promote(
    version: Annotated[str, typer.Argument(help="Version in the registry, or an alias.")],
    *,
    author: Author,
    reason: Reason,
    despite: Annotated[list[str] | None, typer.Option(help="A gate it may pass by; may be given again.")] = None,
    database: Database = None,
) -> None:
    """Make a version the champion, if the gates stand open, or are excepted by name."""
    from experiments.lifecycle import promote_version  # noqa: PLC0415
    from experiments.lifecycle_report import show_crowned  # noqa: PLC0415

    with _opened(database) as (settings, store):
        show_crowned(
            settings, promote_version(settings, store, version, author=author, reason=reason, despite=despite or ())
        )


def rollback(*, author: Author, reason: Reason, database: Database = None) -> None:
    """Make the champion before the present one champion again, at once."""
    from experiments.lifecycle import roll_back_champion  # noqa: PLC0415
    from experiments.lifecycle_report import show_crowned  # noqa: PLC0415

    with _opened(database) as (settings, store):
        show_crowned(settings, roll_back_champion(settings, store, author=author, reason=reason))


def shadow(
    version: Annotated[str, typer.Argument(help="Version in the registry, or an alias.")] = "challenger",
    *,
    since: Since = None,
    database: Database = None,
) -> None:
    """What a challenger said in the shadow of decisions: agreement, grades moved, outcomes where they are known."""
    from experiments.registry import candidate  # noqa: PLC0415
    from experiments.shadow import shadow_report  # noqa: PLC0415

    with _opened(database) as (settings, store):
        bundle = candidate(settings, version).bundle
        for shown in shadow_report(store, bundle, since.replace(tzinfo=UTC) if since else None):
            out.print(shown if isinstance(shown, str) else shown.rich())


def replay(
    *,
    since: Day,
    bundle: Annotated[str, typer.Option(help="Folder of the bundle, or an MLflow model URI.")] = "",
    most: Annotated[int, typer.Option(min=0, help="Movers shown at most.")] = 10,
    database: Database = None,
) -> None:
    """Make old decisions again with another bundle, from what was known then: who would move, and why."""
    from experiments.replay import replay_report  # noqa: PLC0415
    from scoring.bundle_source import load_bundle  # noqa: PLC0415

    with _opened(database) as (settings, store):
        loaded = load_bundle(bundle or str(settings.home / "challenger"), settings.tracking_uri)
        for shown in replay_report(store, loaded, since.replace(tzinfo=UTC), most):
            out.print(shown if isinstance(shown, str) else shown.rich())


COMMANDS = (gates, promote, rollback, shadow, replay)


@contextmanager
def _opened(database: str | None) -> Iterator[tuple[Settings, Store]]:
    settings = Settings.from_environment()
    store = Store(database or settings.database_url)
    try:
        yield settings, store
    finally:
        store.close()
