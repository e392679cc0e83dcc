"""Experiments on the console."""

from collections.abc import Mapping
from datetime import UTC, datetime

from mlflow.entities import Run
from rich.table import Table

from alliance.terminal import table
from experiments.card import NAMES
from experiments.experiment import Experiment
from experiments.listing import kept
from experiments.metrics import Estimate
from experiments.plots import pillar_importance


def parts_table(found: Experiment) -> Table:
    """What each part of the split holds."""
    listing = table("panel", "part", "rows", "companies", "outcomes", "share", "from", "to",
                    right=("rows", "companies", "outcomes", "share"))  # fmt: skip
    for part, rows in vars(found.split).items():
        outcomes = int(rows["label"].sum())
        listing.add_row(
            part,
            f"{rows.height:,}",
            f"{rows['company_id'].n_unique():,}",
            f"{outcomes:,}",
            f"{outcomes / rows.height:.2%}",
            str(rows["as_of"].min()),
            str(rows["as_of"].max()),
        )
    return listing


def measures_table(found: Experiment) -> Table:
    """The measures of the test rows with their intervals, and how the level holds."""
    title = f"{found.bundle.version}: {found.trained.trees} trees, test rows"
    listing = table(title, "measure", "value", "95% interval", right=("value", "95% interval"))
    for name, estimate in found.metrics.items():
        listing.add_row(NAMES[name], f"{estimate.value:.4f}", interval(estimate))
    for name, value in found.calibration.items():
        listing.add_row(f"calibration {name}", f"{value:.3f}", "")
    listing.add_row("reasons that hold", f"{found.reasons_hold:.2%}", "")
    return listing


def pillars_table(found: Experiment) -> Table:
    """What moves scores, by pillar."""
    numbers = ("contributions", "gain")
    listing = table("what moves scores", "pillar", *numbers, right=numbers)
    for row in pillar_importance(found).iter_rows(named=True):
        listing.add_row(row["pillar"], f"{row['contribution']:.1%}", f"{row['gain']:.1%}")
    return listing


def runs_table(runs: list[Run], experiments: Mapping[str, str], champion: str | None) -> Table:
    """Runs, the latest first.

    Args:
        experiments: names of MLflow's experiments by id.
        champion: id of the champion's run.
    """
    listing = table("runs", "started", "experiment", "run", "AUC", "95% interval", "Brier", "bundle", "",
                    right=("AUC", "95% interval", "Brier"))  # fmt: skip
    for run in runs:
        found, tags = run.data.metrics, run.data.tags
        started = datetime.fromtimestamp(run.info.start_time / 1000, UTC)
        known = {"auc", "auc_low", "auc_high", "brier"} <= found.keys()
        listing.add_row(
            f"{started:%Y-%m-%d %H:%M}",
            experiments.get(run.info.experiment_id, ""),
            run.info.run_name,
            f"{found['auc']:.4f}" if known else "",
            interval(Estimate(found["auc"], found["auc_low"], found["auc_high"])) if known else "",
            f"{found['brier']:.4f}" if known else "",
            tags.get("bundle_sha256", "")[:12],
            "champion" if run.info.run_id == champion else "",
        )
    return listing


def interval(estimate: Estimate) -> str:
    return f"{estimate.low:.4f} to {estimate.high:.4f}"


def shown(*parts: Table | str) -> str:
    """What was shown on the console, in Markdown, to keep: tables as such, sentences as points."""
    return "\n\n".join(f"- {part}" if isinstance(part, str) else kept(part).markdown() for part in parts) + "\n"
