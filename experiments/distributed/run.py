"""From a panel's file to a challenger, or to both engines side by side: what ``train --engine dask`` does."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from alliance.config import Settings
from alliance.errors import InvalidInput
from alliance.promotions import require_unchanged
from alliance.store import Store
from alliance.terminal import progress
from experiments.distributed.cluster import cluster
from experiments.distributed.equal import equal_study
from experiments.distributed.growing import DaskEngine
from experiments.distributed.panel_file import PanelFile, write_panel_file
from experiments.experiment import Experiment, experiment
from experiments.keep import Kept
from experiments.panel import Panel
from experiments.splits import out_of_time
from experiments.study import Study
from experiments.training import Plan, about, kept_of, panel_of, training_history, version_of

if TYPE_CHECKING:
    from distributed import Client


def train_and_keep_on_cluster(
    settings: Settings, store: Store, plan: Plan, path: Path | None, *, address: str = "", workers: int = 2
) -> tuple[Experiment, Kept]:
    """Train a model by a plan on a cluster, test it out of time, keep it in MLflow; as ``training.train_and_keep``.

    Args:
        path: the panel's file; if none, the panel of the plan is made first.
        address, workers: of ``cluster``.

    Raises:
        GrantsLost: a grant the panel was read under has ended or allows less; nothing is kept.
        InvalidInput: the file is of another outcome or horizon than the plan, or no cluster is to be had.
    """
    with TemporaryDirectory(prefix="panel-") as folder, cluster(address, workers) as client:
        file = _file(store, plan, path, Path(folder))
        made = held(store, file)
        found = on_cluster(client, file, made, plan)
        return found, kept_of(settings, store, found, file.contracts, plan)


def compare(store: Store, plan: Plan, path: Path | None, *, address: str = "", workers: int = 2) -> Study:
    """The plan's model by both engines, on the same rows."""
    with TemporaryDirectory(prefix="panel-") as folder, cluster(address, workers) as client:
        file = _file(store, plan, path, Path(folder))
        made = held(store, file)
        far = on_cluster(client, file, made, plan)
        near = experiment(made, far.split, version=f"{far.bundle.version}, in one process")
        return equal_study(near, far, about(plan), plan.simulated)


def on_cluster(client: "Client", file: PanelFile, made: Panel, plan: Plan) -> Experiment:
    """A plan's experiment with trees grown on a cluster; the panel is the file's, as far as this process holds it."""
    split = out_of_time(made, plan.test_quarters, companies_apart=plan.companies_apart)
    with progress("trees grown on the cluster", None) as bar:
        engine = DaskEngine(
            client=client, file=file, companies_apart=plan.companies_apart,
            progress=lambda trees: bar.advance(bar.task_ids[0], trees),
        )  # fmt: skip
        return experiment(made, split, version=version_of(plan, made), engine=engine)


def held(store: Store, file: PanelFile) -> Panel:
    """The file's panel in this process, if all it was read by is still given.

    Raises:
        GrantsLost: a grant has ended since the file was written.
    """
    made = file.held(store.access(file.request))
    require_unchanged(store, made.access)
    return made


def _file(store: Store, plan: Plan, path: Path | None, folder: Path) -> PanelFile:
    """The file named, or one made of the store's panel."""
    if path is None:
        history, contracts = training_history(store)
        return write_panel_file(panel_of(history, plan), contracts, folder / "panel.parquet")
    file = PanelFile.open(path)
    if (file.outcome, file.horizon_months) != (plan.outcome, plan.horizon):
        raise InvalidInput(
            f"The panel is of {file.outcome} within {file.horizon_months} months, not of {plan.outcome} within"
            f" {plan.horizon}.",
            remedy="Set --outcome and --horizon as it was written, or write another.", file=path.name,
        )  # fmt: skip
    return file
