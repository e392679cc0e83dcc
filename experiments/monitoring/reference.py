"""The yardstick of a bundle: as kept when it was trained, else made again from the store."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mlflow.artifacts import download_artifacts
from mlflow.exceptions import MlflowException

from alliance.config import Settings
from alliance.errors import InvalidInput
from alliance.view import History
from experiments.monitoring.development import DIGEST, FILE, Development, development
from experiments.outcome import outcome_named
from experiments.panel import panel, quarter_ends
from experiments.tracking import tracked
from scoring.bundle_source import DIGEST as BUNDLE_DIGEST
from scoring.features import feature_named
from scoring.model import Bundle

KEPT = "as kept with the training run"
AGAIN = (
    "made again from the store, since no run keeps it: what members revoked or had erased since cannot show as a shift"
)


@dataclass(frozen=True)
class Reference:
    """A yardstick, and where it is from: ``KEPT`` or ``AGAIN``."""

    made: Development
    origin: str


def reference_of(settings: Settings, history: History, bundle: Bundle) -> Reference:
    """The yardstick of a bundle.

    Args:
        history: of the store that is monitored; read only where no run of the tracking backend keeps the yardstick that
            the bundle names by its SHA-256.

    Raises:
        InvalidInput: nothing is kept, and the store does not hold the days the model was examined on.
    """
    kept = _kept(settings, bundle)
    return Reference(kept, KEPT) if kept else Reference(_again(history, bundle), AGAIN)


def _kept(settings: Settings, bundle: Bundle) -> Development | None:
    """From the runs that logged the bundle; one whose digest is another is none."""
    with tracked(settings) as client:
        groups = [group.experiment_id for group in client.search_experiments()]
        runs = client.search_runs(groups, filter_string=f"tags.{BUNDLE_DIGEST} = '{bundle.sha256}'") if groups else []
        for run in runs:
            try:
                file = download_artifacts(run_id=run.info.run_id, artifact_path=FILE)
                found = Development.read(Path(file).read_text(encoding="utf-8"))
            except (MlflowException, OSError, InvalidInput):
                continue
            if found.sha256 == bundle.training.get(DIGEST):
                return found
    return None


def _again(history: History, bundle: Bundle) -> Development:
    """From the days the bundle says it was examined on, by what is told of them now."""
    told = bundle.training.get("test", {})
    if not {"first", "last"} <= told.keys():
        raise InvalidInput(
            "The bundle does not say on which days it was examined.", remedy="Train a model, and monitor that."
        )
    made = panel(
        history,
        quarter_ends(date.fromisoformat(told["first"]), date.fromisoformat(told["last"])),
        outcome_named(bundle.outcome.name),
        bundle.outcome.horizon_months,
        features=[feature_named(name) for name in bundle.names],
        data_cut=date.fromisoformat(bundle.training["data_cut"]),
    )
    return development(bundle, made.frame)
