"""The laboratory's latest verdict on each set of data, as MLflow keeps them."""

from collections.abc import Iterable

from mlflow.entities import Run

from experiments.listing import Listing, gain, listing
from experiments.metrics import Estimate

GAINS = (
    ("free over confined trees", "gain.free_trees"),
    ("CES over the mean", "gain.CES"),
    ("CES over the bent sum", "gain.CES_over_bent_sum"),
)
"""What a gain is called, and its metric (``report.named``)."""

COUNTS = ("pairs_of_pillars", "pairs_of_features", "steps")


def verdicts(runs: Iterable[Run]) -> Listing:
    """One row a set of data, by its latest run.

    Args:
        runs: of the experiment ``coupling``, the latest first.
    """
    latest: dict[str, Run] = {}
    for run in runs:
        latest.setdefault(str(run.info.run_name), run)
    rows = [
        (
            name.removeprefix("world-"),
            *(gain(_estimate(run, metric), 4) for _, metric in GAINS),
            f"{run.data.metrics['rho']:+.2f}" if "rho" in run.data.metrics else "",
            *(f"{run.data.metrics[count]:.0f}" if count in run.data.metrics else "" for count in COUNTS),
            run.data.params.get("verdict", ""),
        )
        for name, run in sorted(latest.items(), key=lambda one: one[1].info.start_time)
    ]
    heads = "|".join(["data", *(name for name, _ in GAINS), "rho", "pillars", "features", "steps", "verdict"])
    title = "gains in log-loss a row with 95% intervals; pairs of pillars and of features that act together, and steps"
    return listing(title, heads, rows, "rho|pillars|features|steps")


def _estimate(run: Run, name: str) -> Estimate | None:
    names = (name, f"{name}_low", f"{name}_high")
    if not set(names) <= run.data.metrics.keys():
        return None
    return Estimate(*(run.data.metrics[one] for one in names))
