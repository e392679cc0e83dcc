"""Both engines on the same split, held side by side: is a model that grew on a cluster as good?"""

from collections.abc import Mapping

import numpy as np

from experiments.experiment import Experiment
from experiments.listing import gain, interval, listing, value
from experiments.metrics import REPLICATES, SEED, Estimate, Floats, Sample, calibration, estimate
from experiments.paired import Draws, Measured
from experiments.study import Study

LOCAL, DASK = "one process", "Dask"

SLOPE = "calibration_slope"

SHOWN = ("auc", "brier", "log_loss", SLOPE)

SLOPE_REPLICATES = 200
"""Each is two logistic regressions on all test rows."""


def slopes(sample: Sample, told: Mapping[str, Floats], replicates: int, seed: int = SEED) -> dict[str, Floats]:
    """Calibration slopes (1 + r) of forecasts (n), on the rows as they are and on the same draws of companies."""
    found: dict[str, list[float]] = {name: [] for name in told}
    for times in sample.draws(replicates, seed):
        for drawn in times:
            rows = np.repeat(np.arange(len(sample.labels)), drawn[sample.companies].astype(int))
            again = Sample(sample.labels[rows], sample.companies[rows])
            for name, pd in told.items():
                found[name].append(calibration(again, pd[rows])["slope"])
    return {name: np.array(values) for name, values in found.items()}


def side_by_side(sample: Sample, told: Mapping[str, Floats], replicates: int = REPLICATES) -> dict[str, Measured]:
    """Measures of forecasts of the same rows, with paired gains over ``LOCAL``."""
    draws = Draws.of(sample, told, replicates=replicates)
    more = slopes(sample, told, min(replicates, SLOPE_REPLICATES))
    made = {}
    for name, measured in draws.against(LOCAL).items():
        slope, difference = estimate(more[name]), estimate(more[name] - more[LOCAL])
        made[name] = Measured(values={**measured.values, SLOPE: slope}, gains={**measured.gains, SLOPE: difference})
    return made


def equal_study(local: Experiment, dask: Experiment, about: str, simulated: bool) -> Study:
    """One table of both engines: measures of the test rows, and what the cluster's model gains, with its interval."""
    told = {LOCAL: local.scored.pd, DASK: dask.scored.pd}
    found = side_by_side(local.sample, told)
    mine, other = found[DASK], found[LOCAL]
    rows = [
        (name, f"{value(other.values[name])} ({interval(other.values[name])})",
         f"{value(mine.values[name])} ({interval(mine.values[name])})", gain(mine.gains[name], 4))
        for name in SHOWN
    ]  # fmt: skip
    rows.append(("trees", str(local.trained.trees), str(dask.trained.trees), ""))
    parts = dask.bundle.training["parts"]
    title = f"out of time, {len(local.sample.labels):,} rows of {local.sample.count:,} companies"
    return Study(
        kind="engines",
        data=f"{dask.bundle.outcome.name}, {parts} parts",
        about=about,
        question="Is a model whose trees grew on a cluster as good as one that grew in one process?",
        says=tuple(said(name, mine.gains[name]) for name in SHOWN),
        listings=(listing(title, f"measure|{LOCAL}|{DASK}|difference, paired", rows),),
        params={
            "parts": parts, "trees_local": local.trained.trees, "trees_dask": dask.trained.trees,
            "bundle_sha256_local": local.bundle.sha256, "bundle_sha256_dask": dask.bundle.sha256,
            "panel_sha256": local.panel.sha256,
        },
        metrics={
            **{f"local.{name}": other.values[name] for name in SHOWN},
            **{f"dask.{name}": mine.values[name] for name in SHOWN},
            **{f"difference.{name}": mine.gains[name] for name in SHOWN},
        },
        simulated=simulated,
    )  # fmt: skip


def said(name: str, difference: Estimate) -> str:
    """What a paired difference says, in words."""
    if difference.low <= 0 <= difference.high:
        return f"{name}: no difference is shown, {difference}."
    return f"{name}: the engines differ, {difference}."
