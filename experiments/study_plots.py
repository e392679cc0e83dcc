"""Figures of studies: values and differences with their intervals."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from experiments.metrics import Estimate
from experiments.plots import BLUE, GREY, INK, RED, styled


def forest_figure(
    title: str, found: Mapping[str, Estimate], xlabel: str, *, mark: float | None = None, bound: float | None = None
) -> Figure:
    """One line a name: the value and its interval.

    Args:
        mark: a value to hold them against, such as no difference.
        bound: a value none can be expected to pass.
    """
    with styled(8.0, 1.4 + 0.36 * len(found)) as (figure, axes):
        places = np.arange(len(found))
        for place, one in zip(places, found.values(), strict=True):
            aside = mark is not None and one.low <= mark <= one.high
            colour = GREY if aside else BLUE
            axes.plot([one.low, one.high], [place, place], color=colour, lw=2, solid_capstyle="round")
            axes.plot([one.value], [place], "o", color=colour, ms=5)
        if mark is not None:
            axes.axvline(mark, color=INK, lw=0.8)
        if bound is not None:
            axes.axvline(bound, color=RED, lw=0.8, ls="--")
        axes.set_yticks(places, list(found))
        axes.invert_yaxis()
        axes.set(xlabel=xlabel, title=title)
    return figure


def course_figure(title: str, days: Sequence[str], courses: Mapping[str, Sequence[Estimate]], ylabel: str) -> Figure:
    """Values with intervals along time, one course a name."""
    with styled(8.0, 4.2) as (figure, axes):
        places = np.arange(len(days), dtype=np.float64)
        for shift, (colour, (name, values)) in enumerate(zip((BLUE, RED, GREY), courses.items(), strict=False)):
            middle = np.array([one.value for one in values])
            spread = np.abs(np.array([[one.low, one.high] for one in values]).T - middle)
            axes.errorbar(places + 0.08 * shift, middle, yerr=spread, fmt="o-", color=colour, capsize=2, label=name)
        axes.set_xticks(places, list(days))
        axes.set(ylabel=ylabel, title=title)
        axes.legend(frameon=False)
    return figure


def spread_figure(title: str, found: Mapping[str, Sequence[float]], xlabel: str) -> Figure:
    """Every value as a dot, one line a name."""
    with styled(8.0, 1.4 + 0.5 * len(found)) as (figure, axes):
        for place, values in enumerate(found.values()):
            axes.plot(values, [place] * len(values), "o", color=BLUE, alpha=0.5, ms=5)
        axes.set_yticks(range(len(found)), list(found))
        axes.invert_yaxis()
        axes.set(xlabel=xlabel, title=title)
    return figure
