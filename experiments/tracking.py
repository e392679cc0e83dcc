"""Experiments kept in MLflow: parameters, data, measures, figures, the bundle, the card, the model as a service."""

import hashlib
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import mlflow
import pandas as pd
from matplotlib.figure import Figure
from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema

from alliance.config import Settings
from alliance.store.decisions import grants_digest
from experiments.experiment import DataUsed
from experiments.metrics import Estimate
from experiments.serving import BUNDLE, FLAGS, OUTPUTS, TEXTS
from scoring.bundle_source import DIGEST
from scoring.mlflow_settings import mlflow_at
from scoring.model import Bundle

MODEL_CODE = Path(__file__).with_name("tracking_model.py")

CONTRACTS, GRANTS = "contracts.txt", "grants.txt"

NO_TEXTS: Mapping[str, str] = MappingProxyType({})

_REQUIRED = ("mlflow", "lightgbm", "numpy", "pandas", "polars")

logging.getLogger("alembic").setLevel(logging.WARNING)  # MLflow's store tells each migration of a new file
logging.getLogger("mlflow").setLevel(logging.ERROR)  # what matters comes as an exception


@dataclass(frozen=True)
class Logged:
    """Where a run is kept.

    Attributes:
        run_id: MLflow's id of the run.
        model_uri: the model as MLflow serves it; empty if none was logged.
    """

    run_id: str
    model_uri: str


@contextmanager
def tracked(settings: Settings) -> Iterator[MlflowClient]:
    """MLflow at the settings' backend, and afterwards where it was; a local backend is made at need."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with mlflow_at(settings.tracking_uri):
        yield MlflowClient(settings.tracking_uri)


def log_run(
    settings: Settings,
    *,
    experiment: str,
    name: str,
    params: Mapping[str, Any],
    data: DataUsed,
    metrics: Mapping[str, Estimate | float],
    figures: Mapping[str, Figure],
    card: str,
    bundle: Bundle,
    example: pd.DataFrame,
    texts: Mapping[str, str] = NO_TEXTS,
) -> Logged:
    """Keep one run and its model.

    Args:
        experiment, name: MLflow's words for the group of runs and the run.
        metrics: an estimate is kept as three numbers: ``x``, ``x_low``, ``x_high``.
        figures: kept as ``figures/NAME.png``.
        data: kept as parameters; its contracts as ``contracts.txt``, its grants as ``grants.txt``.
        card: Markdown, kept as ``model_card.md``.
        bundle: kept as ``bundle/``, and as the artifact of the served model.
        example: some made-up rows of features, shown with the model.
        texts: more files by name.
    """
    with tracked(settings) as client, TemporaryDirectory(prefix="bundle-") as folder:
        mlflow.set_experiment(experiment_id=_experiment(client, settings, experiment))
        with mlflow.start_run(run_name=name, tags=_tags(bundle, data)) as run:
            mlflow.log_params({**params, **_data_params(data)})
            for file, listed in ((CONTRACTS, data.contracts), (GRANTS, data.grants)):
                mlflow.log_text("\n".join(listed) + "\n", file)
            mlflow.log_metrics(_numbers(metrics))
            for figure_name, figure in figures.items():
                mlflow.log_figure(figure, f"figures/{figure_name}.png")
            mlflow.log_text(card, "model_card.md")
            for file, text in texts.items():
                mlflow.log_text(text, file)
            uri = _log_model(bundle, Path(folder) / BUNDLE, example)
    return Logged(run.info.run_id, uri)


STUDY_CARD = "study.md"

NO_FIGURES: Mapping[str, Figure] = MappingProxyType({})

MOST_DESCRIPTION = 5_000
"""Characters of a run's description that MLflow's stores all hold."""


def log_study(
    settings: Settings,
    *,
    experiment: str,
    name: str,
    params: Mapping[str, Any],
    metrics: Mapping[str, Estimate | float],
    figures: Mapping[str, Figure] = NO_FIGURES,
    card: str,
    data: DataUsed | None = None,
) -> str:
    """Keep findings of which no model comes; returns the run's id. Arguments as of ``log_run``.

    Args:
        card: Markdown, kept as ``study.md`` and its beginning shown as the run's description.
        data: kept as parameters; ``None`` where the parameters say what the findings are of.
    """
    with tracked(settings) as client:
        mlflow.set_experiment(experiment_id=_experiment(client, settings, experiment))
        with mlflow.start_run(run_name=name, description=card[:MOST_DESCRIPTION]) as run:
            mlflow.log_params({**params, **(_data_params(data) if data else {})})
            mlflow.log_metrics(_numbers(metrics))
            for figure_name, figure in figures.items():
                mlflow.log_figure(figure, f"figures/{figure_name}.png")
            mlflow.log_text(card, STUDY_CARD)
    return str(run.info.run_id)


def log_to_run(
    settings: Settings, run_id: str, *, metrics: Mapping[str, Estimate | float], texts: Mapping[str, str]
) -> None:
    """Keep more with a run: metrics as of ``log_run``, texts by file name; what was there by that name gives way."""
    with tracked(settings) as client:
        for name, number in _numbers(metrics).items():
            client.log_metric(run_id, name, number)
        for name, text in texts.items():
            client.log_text(run_id, text, name)


def discard(settings: Settings, logged: Logged) -> None:
    """Have a run and its model kept no longer; MLflow erases their files at its next ``mlflow gc``."""
    with tracked(settings) as client:
        client.delete_logged_model(logged.model_uri.removeprefix("models:/"))
        client.delete_run(logged.run_id)


def _data_params(data: DataUsed) -> dict[str, Any]:
    """What the run's data were; of contracts and grants only number and digest: an alliance has thousands."""
    listed = "\n".join(data.contracts).encode()
    contracts = {"contracts": len(data.contracts), "contracts_sha256": hashlib.sha256(listed).hexdigest()}
    grants = {"grants": len(data.grants), "grants_sha256": grants_digest(data.grants)}
    return {f"data_{name}": value for name, value in {**asdict(data), **contracts, **grants}.items()}


def _log_model(bundle: Bundle, folder: Path, example: pd.DataFrame) -> str:
    """Keep the bundle by way of a folder, as files of the run and within a model to serve; returns the model's URI."""
    bundle.save(folder)
    mlflow.log_artifacts(str(folder), BUNDLE)
    model = mlflow.pyfunc.log_model(
        name="model",
        python_model=str(MODEL_CODE),
        artifacts={BUNDLE: str(folder)},
        signature=_signature(bundle),
        input_example=example[list(bundle.names)],
        pip_requirements=_requirements(),
    )
    return str(model.model_uri)


def _experiment(client: MlflowClient, settings: Settings, name: str) -> str:
    """Id of the experiment of that name, made at need; a local backend keeps its artifacts at home."""
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    return str(client.create_experiment(name, artifact_root(settings) if is_local(settings) else None))


def is_local(settings: Settings) -> bool:
    """Whether the backend is a database this process opens itself, rather than a server."""
    return not settings.tracking_uri.startswith(("http://", "https://"))


def artifact_root(settings: Settings) -> str:
    """Where a local backend's artifacts are kept."""
    return (settings.home / "mlruns").as_uri()


def _tags(bundle: Bundle, data: DataUsed) -> dict[str, str]:
    return {
        DIGEST: bundle.sha256,
        "bundle_version": bundle.version,
        "outcome": bundle.outcome.name,
        "horizon_months": str(bundle.outcome.horizon_months),
        "simulated": str(data.simulated).lower(),
        "purpose": data.purpose,
        "grants_sha256": grants_digest(data.grants),
    }


def _numbers(metrics: Mapping[str, Estimate | float]) -> dict[str, float]:
    numbers: dict[str, float] = {}
    for name, value in metrics.items():
        if isinstance(value, Estimate):
            numbers |= {name: value.value, f"{name}_low": value.low, f"{name}_high": value.high}
        else:
            numbers[name] = value
    return numbers


def _signature(bundle: Bundle) -> ModelSignature:
    """Every feature a double (null is given as NaN); numbers and texts out."""
    types = {**dict.fromkeys(TEXTS, DataType.string), **dict.fromkeys(FLAGS, DataType.boolean)}
    return ModelSignature(
        inputs=Schema([ColSpec(DataType.double, name) for name in bundle.names]),
        outputs=Schema(
            [ColSpec(types.get(name, DataType.double), name, required=name != "advice") for name in OUTPUTS]
        ),
    )


def _requirements() -> list[str]:
    """What an environment for the model needs, as installed here, so that MLflow need not find out by trying."""
    try:
        own = [f"alliance-credit=={version('alliance-credit')}"]
    except PackageNotFoundError:  # run from a checkout that is not installed
        own = []
    return own + [f"{package}=={version(package)}" for package in _REQUIRED]


def runs(settings: Settings, experiment: str | None = None, limit: int = 20) -> tuple[list[Run], dict[str, str]]:
    """The latest runs, of one experiment or of all, and the experiments' names by id."""
    with tracked(settings) as client:
        names = {kept.experiment_id: kept.name for kept in client.search_experiments()}
        ids = [kept for kept, name in names.items() if experiment in (None, name)]
        found = client.search_runs(ids, max_results=limit, order_by=["attributes.start_time DESC"]) if ids else []
        return list(found), names
