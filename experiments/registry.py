"""The model registry: champion, challenger, and the champion's bundle where the scoring service looks for it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import mlflow
import orjson
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from alliance.config import Settings
from alliance.errors import BundleError, NotFound
from alliance.store import Promotion
from alliance.store.decisions import grants_digest
from alliance.store.promotions import Gated
from experiments.tracking import GRANTS, Logged, tracked
from scoring.bundle_source import DIGEST, load_bundle
from scoring.model import Bundle, load

MODEL = "alliance-credit"
CHAMPION, CHALLENGER = "champion", "challenger"

CHAMPION_URI = f"models:/{MODEL}@{CHAMPION}"

AGAINST, GATES = "gates_against", "gates"
"""Tags of a version: the champion its gates were asked against, and what they said."""


@dataclass(frozen=True)
class Candidate:
    """A version in the registry.

    Attributes:
        version: its number.
        run_id: the run that made it.
        bundle: its bundle, as recorded when it was registered.
        grants: ids of the grants its panel was read under.
        against: digest of the champion its gates were asked against; empty if they were not.
        gated: what they said.
    """

    version: str
    run_id: str
    bundle: Bundle
    grants: tuple[str, ...]
    against: str
    gated: tuple[Gated, ...]


def register(settings: Settings, logged: Logged, bundle: Bundle, alias: str) -> str:
    """Make a logged model the next version, under an alias, and keep its bundle at home; returns the version.

    A challenger's bundle is where ``challenger`` at home points, so that a service can have it score in the shadow.
    """
    with tracked(settings) as client:
        if not client.search_registered_models(f"name = '{MODEL}'"):
            client.create_registered_model(MODEL)
        made = client.create_model_version(MODEL, logged.model_uri, run_id=logged.run_id, model_id=_id(logged),
                                           tags={DIGEST: bundle.sha256})  # fmt: skip
        client.set_registered_model_alias(MODEL, alias, made.version)
    publish(settings, bundle, "bundle" if alias == CHAMPION else alias)
    return str(made.version)


def _id(logged: Logged) -> str:
    return logged.model_uri.removeprefix("models:/")


def crown(settings: Settings, bundle: Bundle, made: Promotion) -> str | None:
    """Have the registry and the service know a champion that the store knows; returns its version, if it has one.

    The link at home is laid last: from then on services take the bundle over.
    """
    with tracked(settings) as client:
        found = _version_of(client, bundle.sha256)
        if found is not None:
            client.set_registered_model_alias(MODEL, CHAMPION, found.version)
            if _alias(client, CHALLENGER) == found.version:
                client.delete_registered_model_alias(MODEL, CHALLENGER)
            tags = {"champion_since": str(made.promoted_at), "champion_by": made.author, "champion_entry": str(made.no),
                    "despite": " ".join(made.despite)}  # fmt: skip
            for name, value in tags.items():
                client.set_model_version_tag(MODEL, found.version, name, value)
    publish(settings, bundle)
    return None if found is None else str(found.version)


def _version_of(client: MlflowClient, sha256: str) -> ModelVersion | None:
    """The latest version of a bundle."""
    found = client.search_model_versions(f"name = '{MODEL}'")
    alike = [one for one in found if one.tags.get(DIGEST) == sha256]
    return max(alike, key=lambda one: int(one.version), default=None)


def _alias(client: MlflowClient, alias: str) -> str | None:
    try:
        return str(client.get_model_version_by_alias(MODEL, alias).version)
    except MlflowException:
        return None


def candidate(settings: Settings, version: str = CHALLENGER) -> Candidate:
    """A version by number, or by alias.

    Raises:
        NotFound: there is none.
        BundleError: its bundle or its list of grants is not the one that was recorded.
    """
    with tracked(settings) as client:
        number = version if version.isdigit() else _alias(client, version)
        try:
            found = client.get_model_version(MODEL, number or "0")
        except MlflowException as error:
            raise NotFound(
                f"The registry has no {version} of {MODEL}.", remedy="Train one: experiments train.", version=version
            ) from error
        listed = mlflow.artifacts.load_text(f"runs:/{found.run_id}/{GRANTS}")
    bundle = load_bundle(f"models:/{MODEL}/{found.version}", settings.tracking_uri)
    grants = tuple(listed.split())
    if bundle.training.get("grants_sha256") != grants_digest(grants):
        raise BundleError(
            "The run's list of grants is not the one the model was trained under.", remedy="Train it again."
        )
    told = [Gated(**one) for one in orjson.loads(found.tags.get(GATES, "[]"))]
    return Candidate(str(found.version), str(found.run_id), bundle, grants, found.tags.get(AGAINST, ""), tuple(told))


def keep_gates(settings: Settings, version: str, against: str, gated: Sequence[Gated]) -> None:
    """Keep with a version what the gates said of it, and against which champion."""
    with tracked(settings) as client:
        client.set_model_version_tag(MODEL, version, GATES, orjson.dumps([vars(one) for one in gated]).decode())
        client.set_model_version_tag(MODEL, version, AGAINST, against)


def bundle_of(settings: Settings, sha256: str) -> Bundle:
    """A bundle that was champion or challenger: from home, or from the registry.

    Raises:
        NotFound: neither has it.
        BundleError: it is not as it was saved.
    """
    kept = settings.home / "bundles" / sha256
    if kept.is_dir():
        return load(kept, sha256=sha256)
    with tracked(settings) as client:
        found = _version_of(client, sha256)
    if found is None:
        raise NotFound(f"The bundle {sha256} is neither at home nor in the registry.", remedy="Restore it: bundles/.")
    return load_bundle(f"models:/{MODEL}/{found.version}", settings.tracking_uri)


def champion_run(settings: Settings) -> str | None:
    """Id of the champion's run; ``None`` if there is no champion."""
    with tracked(settings) as client:
        try:
            return client.get_model_version_by_alias(MODEL, CHAMPION).run_id
        except MlflowException:
            return None


def publish(settings: Settings, bundle: Bundle, name: str = "bundle") -> Path:
    """Put a bundle where the scoring service looks for it by default: the folder ``bundle`` at home.

    ``bundle`` is a link to ``bundles/SHA256``. The link is replaced in one step, so that a reader finds the old bundle
    or the new one, never a part of each; earlier bundles stay, for decisions to be replayed by, and to go back to.

    Args:
        name: the link's name; another for a bundle that is not the champion's.
    """
    kept = settings.home / "bundles" / bundle.sha256
    if not kept.is_dir():
        kept.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(mkdtemp(prefix=".draft-", dir=kept.parent))
        bundle.save(draft)
        draft.chmod(0o755)
        draft.rename(kept)
    link = settings.home / name
    if link.is_dir() and not link.is_symlink():
        link.rename(mkdtemp(prefix="replaced-", dir=kept.parent))  # a folder written there by hand
    made = link.with_name(f".{name}-{os.getpid()}")
    made.unlink(missing_ok=True)
    made.symlink_to(kept.relative_to(settings.home), target_is_directory=True)
    made.replace(link)
    return link
