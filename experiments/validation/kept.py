"""Evidence out of MLflow, and the report into it."""

from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from mlflow import MlflowClient
from mlflow import entities as kept
from mlflow.artifacts import load_text
from mlflow.exceptions import MlflowException

from alliance.config import Settings
from alliance.errors import NotFound
from experiments.registry import champion_run
from experiments.tracking import tracked
from experiments.validation.evidence import STUDIES, Evidence, Run

FIGURES = "figures"
CARDS = ("model_card.md", "study.md", "gates.md")

MOST_RUNS = 50
"""Of each kind of study, the latest runs that are looked at."""

FOLDER = "validation"
"""Where the report lies among the files of the model's run."""


def evidence_of(settings: Settings, run_id: str = "") -> Evidence:
    """What is on record about a model.

    Args:
        run_id: of the run that made it; by default the champion's.

    Raises:
        NotFound: no such run, or no champion.
    """
    wanted = run_id or champion_run(settings)
    if wanted is None:
        raise NotFound("There is no champion.", remedy="Train a model first, or name a run: --run ID.", field="run")
    with tracked(settings) as client:
        try:
            found = client.get_run(wanted)
        except MlflowException as error:
            raise NotFound(
                f"There is no run {wanted!r}.", remedy="`experiments runs` lists them.", field="run"
            ) from error
        groups = {group.experiment_id: group.name for group in client.search_experiments()}
        model = _read(client, found, groups[found.info.experiment_id])
        studies = {
            name: [_outline(run, name) for run in client.search_runs([number], max_results=MOST_RUNS)]
            for number, name in groups.items()
            if name in STUDIES
        }
        sorted_ = Evidence.of(model, studies)
        whole = {kind: _read(client, client.get_run(run.run_id), kind) for kind, run in sorted_.studies.items()}
    return Evidence(model, whole, sorted_.elsewhere)


def keep_report(settings: Settings, run_id: str, files: dict[str, str]) -> None:
    """Put the report's files beside the model's others; an earlier report of the run is replaced."""
    with tracked(settings) as client:
        for name, text in files.items():
            client.log_text(run_id, text, f"{FOLDER}/{name}")


def _outline(run: kept.Run, group: str) -> Run:
    """A run without its files."""
    started = datetime.fromtimestamp(run.info.start_time / 1000, UTC)
    return Run(
        run_id=run.info.run_id, group=group, name=run.info.run_name, day=started.date().isoformat(),
        params=run.data.params, metrics=run.data.metrics, tags=run.data.tags,
    )  # fmt: skip


def _read(client: MlflowClient, run: kept.Run, group: str) -> Run:
    """A run with its cards and figures."""
    found = _outline(run, group)
    there = {item.path for item in client.list_artifacts(found.run_id)}
    pictures = [item.path for item in client.list_artifacts(found.run_id, FIGURES)] if FIGURES in there else []
    return Run(
        run_id=found.run_id, group=group, name=found.name, day=found.day,
        params=found.params, metrics=found.metrics, tags=found.tags,
        texts={path: load_text(f"{run.info.artifact_uri}/{path}") for path in CARDS if path in there},
        pictures={PurePosixPath(path).stem: _bytes(client, found.run_id, path) for path in sorted(pictures)},
    )  # fmt: skip


def _bytes(client: MlflowClient, run_id: str, path: str) -> bytes:
    with TemporaryDirectory(prefix="validation-") as folder:
        return Path(client.download_artifacts(run_id, path, folder)).read_bytes()
