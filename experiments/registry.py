"""The model registry: which model is the champion, and its bundle where the scoring service looks for it."""

import os
from pathlib import Path
from tempfile import mkdtemp

from mlflow.exceptions import MlflowException

from alliance.config import Settings
from experiments.tracking import Logged, tracked
from scoring.bundle_source import DIGEST
from scoring.model import Bundle

MODEL = "alliance-credit"
CHAMPION = "champion"

CHAMPION_URI = f"models:/{MODEL}@{CHAMPION}"


def register_champion(settings: Settings, logged: Logged, bundle: Bundle) -> str:
    """Make a logged model the next version and the champion, and publish its bundle; returns the version."""
    with tracked(settings) as client:
        if not client.search_registered_models(f"name = '{MODEL}'"):
            client.create_registered_model(MODEL)
        made = client.create_model_version(MODEL, logged.model_uri, run_id=logged.run_id, model_id=_id(logged),
                                           tags={DIGEST: bundle.sha256})  # fmt: skip
        client.set_registered_model_alias(MODEL, CHAMPION, made.version)
    publish(settings, bundle)
    return str(made.version)


def _id(logged: Logged) -> str:
    return logged.model_uri.removeprefix("models:/")


def champion_run(settings: Settings) -> str | None:
    """Id of the champion's run; ``None`` if there is no champion."""
    with tracked(settings) as client:
        try:
            return client.get_model_version_by_alias(MODEL, CHAMPION).run_id
        except MlflowException:
            return None


def publish(settings: Settings, bundle: Bundle) -> Path:
    """Put a bundle where the scoring service looks for it by default: the folder ``bundle`` at home.

    ``bundle`` is a link to ``bundles/SHA256``. The link is replaced in one step, so that a reader finds the old bundle
    or the new one, never a part of each; earlier bundles stay, for decisions to be replayed by.
    """
    kept = settings.home / "bundles" / bundle.sha256
    if not kept.is_dir():
        kept.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(mkdtemp(prefix=".draft-", dir=kept.parent))
        bundle.save(draft)
        draft.chmod(0o755)
        draft.rename(kept)
    link = settings.home / "bundle"
    if link.is_dir() and not link.is_symlink():
        link.rename(mkdtemp(prefix="replaced-", dir=kept.parent))  # a folder written there by hand
    made = link.with_name(f".bundle-{os.getpid()}")
    made.unlink(missing_ok=True)
    made.symlink_to(kept.relative_to(settings.home), target_is_directory=True)
    made.replace(link)
    return link
