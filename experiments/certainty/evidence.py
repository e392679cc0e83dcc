"""Candidates measured where the true PD is known: how often an interval holds it, and how wide it is.

Two things can be meant by the true PD, and they are not the same. The mean PD of companies with one score is what a
calibration can know, and what intervals are chosen by. A company's own PD, given all that could be known of it, also
differs from company to company of one score; no interval around the score's PD covers that, and the figures say so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.certainty.methods import LEVEL, METHODS
from experiments.certainty.rows import Rows
from experiments.certainty.steps import Steps
from scoring.model.scale import probability

Floats = NDArray[np.float64]

ALIKE = 100
"""Companies whose scores are nearest count as scored alike."""

TOLERANCE = 0.01
"""A method whose coverage falls short of the level by more than this is not chosen: what trials scatter by."""


@dataclass(frozen=True)
class Coverage:
    """What a method's intervals did on companies whose true PD is known.

    Attributes:
        of_score: share of companies whose interval held the mean true PD of those scored alike.
        of_company: share whose interval held their own true PD.
        width: mean width.
        steps: steps to keep.
    """

    of_score: float
    of_company: float
    width: float
    steps: int


@dataclass(frozen=True, eq=False)
class Trial:
    """One model on data whose truth is known.

    Attributes:
        rows: what intervals are made from; their calibration is shown beside the interval.
        tested, truth: raw log-odds of other rows (m), and their true PDs (m).
    """

    rows: Rows
    tested: Floats
    truth: Floats


def coverage(trial: Trial, steps: Steps) -> Coverage:
    """Measure intervals on a trial; each is widened to hold the PD shown, as it is in use."""
    low, high = steps.at(trial.tested)
    shown = probability(trial.rows.calibration.apply(trial.tested))
    low, high = np.minimum(low, shown), np.maximum(high, shown)
    alike = scored_alike(trial.tested, trial.truth)
    return Coverage(
        of_score=float(((low <= alike) & (alike <= high)).mean()),
        of_company=float(((low <= trial.truth) & (trial.truth <= high)).mean()),
        width=float((high - low).mean()),
        steps=len(steps.knots),
    )


def scored_alike(raw: Floats, truth: Floats, many: int = ALIKE) -> Floats:
    """Mean true PD (n) of the companies nearest in score to each."""
    order = np.argsort(raw, kind="stable")
    sums = np.append(0.0, np.cumsum(truth[order]))
    many = min(many, len(raw))
    begin = np.clip(np.arange(len(raw)) - many // 2, 0, len(raw) - many)
    means = np.empty(len(raw))
    means[order] = (sums[begin + many] - sums[begin]) / many
    return means


def compare(trials: Sequence[Trial], level: float = LEVEL) -> dict[str, Coverage]:
    """Each of ``METHODS``, averaged over trials."""
    found = {name: [coverage(trial, method(trial.rows, level)) for trial in trials] for name, method in METHODS.items()}
    return {
        name: Coverage(
            of_score=float(np.mean([one.of_score for one in each])),
            of_company=float(np.mean([one.of_company for one in each])),
            width=float(np.mean([one.width for one in each])),
            steps=max(one.steps for one in each),
        )
        for name, each in found.items()
    }


def chosen(found: Mapping[str, Coverage], level: float = LEVEL) -> str:
    """The narrowest of the methods that cover the mean PD of a score as often as they say; the widest if none does."""
    fair = {name: one.width for name, one in found.items() if one.of_score >= level - TOLERANCE}
    return min(fair, key=fair.__getitem__) if fair else max(found, key=lambda name: found[name].width)
