"""Figures of monitoring: the mix of scores, and what became of cohorts."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from experiments.metrics import Estimate
from experiments.monitoring.cohort import GradeSeen
from experiments.monitoring.findings import Monitoring
from experiments.monitoring.quarters import cohorts
from experiments.plots import BLUE, GREY, RED, styled
from experiments.study_plots import course_figure

Z = 1.96
"""Standard errors on either side of a value that 95 per cent of values keep to."""


def figures(found: Monitoring) -> Mapping[str, Figure]:
    """Every figure by name."""
    made = {"mix": _mix_figure(found)}
    known = [one for one in cohorts(found.readings) if one.auc is not None and one.expected_auc is not None]
    if known:
        days = [str(one.day) for one in known]
        made["ranking"] = course_figure(
            "AUC of cohorts",
            days,
            {
                "realised": [_around(one.auc or 0.0, one.auc_error or 0.0) for one in known],
                "expected": [_around(one.expected_auc or 0.0, 0.0) for one in known],
            },
            "AUC",
        )
        made["level"] = course_figure(
            "outcomes of cohorts",
            days,
            {
                "realised": [_rate(GradeSeen("", one.companies, one.observed, one.expected)) for one in known],
                "foretold": [_around(one.expected / one.companies, 0.0) for one in known],
            },
            "share with the outcome",
        )
    return made


def _around(middle: float, error: float) -> Estimate:
    return Estimate(middle, middle - Z * error, middle + Z * error)


def _rate(seen: GradeSeen) -> Estimate:
    return Estimate(seen.observed / seen.companies, *seen.interval())


def _mix_figure(found: Monitoring) -> Figure:
    """Index of the score and of each pillar's part, with what an index of the act limit yields by chance."""
    places = np.arange(len(found.readings))
    act = found.plan.rules["score_mix"].act
    with styled(8.0, 4.2) as (figure, axes):
        for name in found.made.pillars:
            axes.plot(places, [one.pillars[name].psi for one in found.readings], color=GREY, lw=1)
        axes.plot(places, [one.score.psi for one in found.readings], "o-", color=BLUE, label="score")
        axes.plot([], [], color=GREY, lw=1, label="pillars")
        if act is not None:
            limits = [one.score.limit(act, found.plan.chance) for one in found.readings]
            axes.plot(places, limits, "--", color=RED, label="a challenger is proposed")
        axes.set_xticks(places, [str(one.day) for one in found.readings], rotation=30)
        axes.set(ylabel="PSI", title="Mix of scores")
        axes.legend(frameon=False)
    return figure
