"""Figures of an experiment: does the level hold, does the ranking, and what moves a score."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import polars as pl
import shap
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.metrics import roc_curve

from alliance.signals import PILLAR_NAMES
from experiments.experiment import Experiment
from scoring.score import ScoreTable

matplotlib.use("Agg")

INK, BLUE, RED, GREY = "#1b1f24", "#1f6fb2", "#c8553d", "#b9c0c8"
DPI = 144
SHOWN = 15
"""Features a figure names."""

MOST_DOTS = 3_000
"""Rows a swarm shows; more only make it slow. The first rows of the test are as good as any."""

STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "figure.dpi": DPI,
}


def figures(experiment: Experiment) -> Mapping[str, Figure]:
    """Every figure of an experiment by name, made anew; the caller may close them."""
    return {
        "reliability": reliability_figure(experiment.reliability),
        "roc": roc_figure(experiment),
        "shap_beeswarm": beeswarm_figure(experiment.scored),
        "shap_bar": bar_figure(experiment.scored),
        "pillars": pillar_figure(experiment),
    }


@contextmanager
def styled(width: float = 6.0, height: float = 4.5) -> Iterator[tuple[Figure, Axes]]:
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(width, height), layout="constrained")
        yield figure, axes
        plt.close(figure)  # off pyplot's list; the figure itself lives on


def reliability_figure(bins: pl.DataFrame) -> Figure:
    """Observed share against foretold PD, with intervals, on log axes: start-up PDs spread over two decades."""
    with styled() as (figure, axes):
        foretold, observed = bins["foretold"].to_numpy(), bins["observed"].to_numpy()
        spread = np.abs(np.stack([bins["low"].to_numpy(), bins["high"].to_numpy()]) - observed)
        ends = [min(foretold.min(), bins["low"].to_numpy().min()), max(foretold.max(), bins["high"].to_numpy().max())]
        floor = max(ends[0], 1e-4)
        axes.plot([floor, ends[1]], [floor, ends[1]], color=GREY, lw=1, zorder=1)
        axes.errorbar(foretold, observed, yerr=spread, fmt="o", color=BLUE, ecolor=GREY, ms=5, capsize=2, zorder=2)
        axes.set(xscale="log", yscale="log", xlabel="foretold PD", ylabel="observed share", title="Reliability")
        axes.set_ylim(bottom=floor)
    return figure


def roc_figure(experiment: Experiment) -> Figure:
    """The ROC curve of the test rows, with its area."""
    with styled() as (figure, axes):
        false, true, _ = roc_curve(experiment.sample.labels, experiment.scored.pd)
        axes.plot([0, 1], [0, 1], color=GREY, lw=1)
        axes.plot(false, true, color=BLUE, lw=2)
        axes.text(0.98, 0.04, f"AUC {experiment.metrics['auc']}", ha="right", transform=axes.transAxes)
        axes.set(xlabel="share of others flagged", ylabel="share of outcomes flagged", title="ROC")
    return figure


def explanation(scored: ScoreTable) -> shap.Explanation:
    """The exact contributions to the calibrated log-odds, as the ``shap`` library holds them.

    Features that moved no score are left out, which leaves every sum as it is.
    """
    parts = scored.contributions[:MOST_DOTS]
    moved = np.flatnonzero(parts.any(axis=0)) if parts.any() else np.arange(parts.shape[1])
    return shap.Explanation(
        values=parts[:, moved],
        base_values=np.full(len(parts), scored.base_log_odds),
        data=scored.values[:MOST_DOTS, moved],
        feature_names=[scored.bundle.contract[place].en for place in moved],
    )


def beeswarm_figure(scored: ScoreTable) -> Figure:
    """What each feature did to each company: a dot a company, coloured by the feature's value."""
    with styled(9.0, 6.5) as (figure, axes):
        shap.plots.beeswarm(explanation(scored), max_display=SHOWN, show=False, ax=axes, plot_size=None)
        axes.set(xlabel="contribution to the log-odds of the outcome", title="What moved each score")
    return figure


def bar_figure(scored: ScoreTable) -> Figure:
    """How much each feature moved scores on the average."""
    with styled(9.0, 6.5) as (figure, axes):
        shap.plots.bar(explanation(scored), max_display=SHOWN, show=False, ax=axes)
        axes.set(xlabel="mean absolute contribution, log-odds", title="What moves scores")
    return figure


def pillar_figure(experiment: Experiment) -> Figure:
    """Each pillar's part of all absolute contributions on the test rows, and of the gain in training."""
    parts = pillar_importance(experiment)
    with styled(7.0, 4.0) as (figure, axes):
        places = np.arange(parts.height)
        axes.barh(places - 0.18, parts["contribution"].to_numpy(), 0.34, color=BLUE, label="mean |contribution|")
        axes.barh(places + 0.18, parts["gain"].to_numpy(), 0.34, color=RED, label="gain in training")
        axes.set_yticks(places, parts["pillar"].to_list())
        axes.invert_yaxis()
        axes.set(xlabel="share", title="Importance by pillar")
        axes.legend(frameon=False)
    return figure


def pillar_importance(experiment: Experiment) -> pl.DataFrame:
    """``pillar`` (in English), ``contribution`` and ``gain`` (shares, each adding up to 1), most contributing first."""
    bundle = experiment.bundle
    features = pl.DataFrame(
        {
            "pillar": [PILLAR_NAMES[feature.pillar][1] for feature in bundle.contract],
            "contribution": np.abs(experiment.scored.contributions).mean(axis=0),
            "gain": bundle.booster.feature_importance(importance_type="gain"),
        }
    )
    sums = features.group_by("pillar", maintain_order=True).agg(pl.col("contribution", "gain").sum())
    shares = sums.with_columns((pl.col("contribution", "gain") / pl.col("contribution", "gain").sum()).fill_nan(0.0))
    return shares.sort("contribution", descending=True)
