"""A bundle from where it is kept: a folder, or a model that MLflow holds."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from alliance.errors import BundleError, NotFound
from scoring.mlflow_settings import mlflow_at
from scoring.model import Bundle, load
from scoring.model.bundle import BUNDLE_FILE

_URI = re.compile(r"[a-z][a-z0-9+.-]+:/")


def load_bundle(source: str, tracking_uri: str) -> Bundle:
    """The bundle in a folder, or within the artifacts of an MLflow URI (``models:/alliance-credit@champion``).

    MLflow is imported for a URI only: it takes seconds, and a folder needs none of it.

    Raises:
        NotFound: there is no such folder.
        BundleError: MLflow does not give the artifacts, no bundle is among them, or it does not pass its checks.
    """
    if not _URI.match(source):
        if not Path(source).is_dir():
            raise NotFound(
                f"There is no model at {source}.",
                remedy="Train one (experiments train, or make demo), or name another: ALLIANCE_BUNDLE.",
            )
        return load(Path(source))
    with TemporaryDirectory(prefix="alliance-") as folder:
        return load(_downloaded(source, tracking_uri, Path(folder)))


def _downloaded(uri: str, tracking_uri: str, folder: Path) -> Path:
    """The folder that holds the bundle among the downloaded artifacts."""
    from mlflow.artifacts import download_artifacts  # noqa: PLC0415
    from mlflow.exceptions import MlflowException  # noqa: PLC0415

    try:
        with mlflow_at(tracking_uri):
            download_artifacts(artifact_uri=uri, dst_path=str(folder))
    except (MlflowException, OSError) as error:
        raise BundleError(
            f"MLflow does not give {uri}: {error}", remedy="Check the model's name and alias, and the tracking server."
        ) from error
    found = sorted(path.parent for path in folder.rglob(BUNDLE_FILE))
    if len(found) != 1:
        raise BundleError(
            f"{uri} holds {len(found)} bundles, not one.", remedy="Name a model that `experiments` registered."
        )
    return found[0]
