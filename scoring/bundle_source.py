"""A bundle from where it is kept: a folder, or a model that MLflow holds."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from alliance.errors import BundleError, NotFound
from scoring.mlflow_settings import mlflow_at
from scoring.model import Bundle, load
from scoring.model.bundle import BUNDLE_FILE

DIGEST = "bundle_sha256"
"""Tag of a run, and of a registered model's version: the SHA-256 of its bundle."""

_URI = re.compile(r"[a-z][a-z0-9+.-]+:/")
_MODEL = re.compile(r"models:/([^/@]+)(?:@([^/@]+)|/(\d+))")
_RUN = re.compile(r"runs:/([0-9a-f]+)(?:/|$)")


def link_of(source: str) -> Path | None:
    """The link a bundle's folder is named by, which may point elsewhere later; ``None`` for what is no link."""
    return Path(source) if Path(source).is_symlink() else None


def load_bundle(source: str, tracking_uri: str) -> Bundle:
    """The bundle in a folder, or within the artifacts of an MLflow URI (``models:/alliance-credit@champion``).

    Artifacts lie apart from MLflow's database, and whoever can write there could put another model in their place. So
    the bundle must be the one whose SHA-256 was recorded in the database when the model was registered or the run kept.
    Nothing of the artifacts is run. MLflow is imported for a URI only: it takes seconds, and a folder needs none of it.

    Raises:
        NotFound: there is no such folder.
        BundleError: MLflow does not give the artifacts, no bundle is among them, it is not the one recorded, or it does
            not pass its checks.
    """
    if not _URI.match(source):
        if not Path(source).is_dir():
            raise NotFound(
                f"There is no model at {source}.",
                remedy="Train one (experiments train, or make demo), or name another: ALLIANCE_BUNDLE.",
            )
        return load(Path(source))
    with TemporaryDirectory(prefix="alliance-") as folder, mlflow_at(tracking_uri):
        uri, recorded = _resolved(source)
        return load(_downloaded(uri, Path(folder)), sha256=recorded)


def _resolved(uri: str) -> tuple[str, str | None]:
    """The URI without alias, and the SHA-256 recorded for it; none for what is no model and no run but a folder."""
    from mlflow import MlflowClient  # noqa: PLC0415
    from mlflow.exceptions import MlflowException  # noqa: PLC0415

    client = MlflowClient()
    try:
        if named := _MODEL.fullmatch(uri):
            name, alias, version = named.groups()
            found = client.get_model_version_by_alias(name, alias) if alias else client.get_model_version(name, version)
            uri, tags = f"models:/{name}/{found.version}", found.tags
        elif kept := _RUN.match(uri):
            tags = client.get_run(kept[1]).data.tags
        elif uri.startswith("models:"):
            raise BundleError(f"{uri} is no registered model.", remedy="Name one: models:/NAME@ALIAS, or /VERSION.")
        else:
            return uri, None
    except MlflowException as error:
        raise _not_given(uri, error) from error
    if DIGEST not in tags:
        raise BundleError(
            f"{uri} has no SHA-256 of its bundle recorded.", remedy="Name a model that `experiments` registered."
        )
    return uri, tags[DIGEST]


def _not_given(uri: str, error: Exception) -> BundleError:
    remedy = "Check the model's name and alias, and the tracking server."
    return BundleError(f"MLflow does not give {uri}: {error}", remedy=remedy)


def _downloaded(uri: str, folder: Path) -> Path:
    """The folder that holds the bundle among the downloaded artifacts."""
    from mlflow.artifacts import download_artifacts  # noqa: PLC0415
    from mlflow.exceptions import MlflowException  # noqa: PLC0415

    try:
        download_artifacts(artifact_uri=uri, dst_path=str(folder))
    except (MlflowException, OSError) as error:
        raise _not_given(uri, error) from error
    found = sorted(path.parent for path in folder.rglob(BUNDLE_FILE))
    if len(found) != 1:
        raise BundleError(
            f"{uri} holds {len(found)} bundles, not one.", remedy="Name a model that `experiments` registered."
        )
    return found[0]
