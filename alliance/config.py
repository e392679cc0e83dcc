"""Settings, read once at an edge and passed in; nothing here is global state."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """Where things are kept.

    Attributes:
        home: folder for everything that is kept when no URL says otherwise.
        database_url: SQLAlchemy URL of the store; SQLite in ``home`` by default, PostgreSQL in production.
        tracking_uri: MLflow tracking server or SQL backend.
        bundle: folder of a model bundle, or an MLflow model URI (``models:/alliance-credit@champion``).
        shadow: the same of a challenger that scores beside it, unseen; empty for none.
        ledger_key: file of the ledger's private key; made at first use.
    """

    home: Path
    database_url: str
    tracking_uri: str
    bundle: str
    ledger_key: Path
    shadow: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Settings by ``ALLIANCE_HOME``, ``ALLIANCE_DATABASE_URL``, ``MLFLOW_TRACKING_URI``, ``ALLIANCE_BUNDLE``,
        ``ALLIANCE_SHADOW`` and ``ALLIANCE_LEDGER_KEY``.
        """
        env = os.environ if environment is None else environment
        home = Path(env.get("ALLIANCE_HOME", "var")).resolve()
        return cls(
            home=home,
            database_url=env.get("ALLIANCE_DATABASE_URL") or f"sqlite:///{home / 'alliance.db'}",
            tracking_uri=env.get("MLFLOW_TRACKING_URI") or f"sqlite:///{home / 'mlflow.db'}",
            bundle=env.get("ALLIANCE_BUNDLE") or str(home / "bundle"),
            ledger_key=Path(env.get("ALLIANCE_LEDGER_KEY") or home / "ledger.key"),
            shadow=env.get("ALLIANCE_SHADOW", ""),
        )
