"""Ways to put an interval around the mean PD of companies with one score, from rows that taught nothing."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression
from scipy.stats import beta

from alliance.errors import InvalidInput
from experiments.certainty.carried import carried
from experiments.certainty.rows import Rows
from experiments.certainty.steps import Steps, grid
from experiments.certainty.venn_abers import venn_abers
from experiments.metrics import Sample
from scoring.model import Calibration
from scoring.model.scale import probability

Floats = NDArray[np.float64]

LEVEL = 0.9
"""Share of companies whose interval is to hold the mean PD of companies scored alike."""

REFITS = 200
BINS = 10
_SEED = 7
_TINY = 1e-9

Method = Callable[[Rows, float], Steps]
"""Rows and the level -> intervals."""


def inductive_venn_abers(rows: Rows, _: float) -> Steps:
    """Venn-Abers; has no level."""
    return venn_abers(rows.raw, rows.sample.labels)


def platt_refitted(rows: Rows, level: float) -> Steps:
    """Platt's calibration refitted to companies drawn with replacement: sure of its form, unsure of its two numbers."""
    raw, sample = rows.raw, rows.sample
    middles, knots = grid(raw)
    fits = []
    for times in _draws(sample):
        taken = np.repeat(np.arange(len(raw)), times[sample.companies].astype(np.int64))
        try:
            drawn = Calibration.fit(raw[taken], sample.labels[taken].astype(np.int64))
        except InvalidInput:  # a draw without outcomes, or that ranks the wrong way
            continue
        fits.append(probability(drawn.apply(middles)))
    return _between(knots, np.array(fits), level)


def isotonic_refitted(rows: Rows, level: float) -> Steps:
    """Isotonic regression refitted to companies drawn with replacement: unsure of the form too.

    The bootstrap is known to be inconsistent here (Sen, Banerjee and Woodroofe, 2010, "Inconsistency of bootstrap: the
    Grenander estimator"), so what it covers must be measured.
    """
    raw, sample = rows.raw, rows.sample
    middles, knots = grid(raw)
    order = np.argsort(raw, kind="stable")
    place = np.clip(np.searchsorted(raw[order], middles, "right") - 1, 0, len(raw) - 1)
    fits = []
    for times in _draws(sample):
        weights = times[sample.companies][order]
        drawn = np.flatnonzero(weights)
        fitted = isotonic_regression(sample.labels[order][drawn], weights=weights[drawn]).x
        fits.append(fitted[np.clip(np.searchsorted(drawn, place, "right") - 1, 0, len(drawn) - 1)])
    return _between(knots, np.array(fits), level)


def binned(rows: Rows, level: float) -> Steps:
    """The observed share in each of ``BINS`` bins of equal size, with Clopper and Pearson's interval (1934).

    Conformal in kind (bins are Mondrian categories): valid for the mean of a bin whatever the law; within a bin all
    companies have one interval. A company's rows of several days are one witness, not several: counts are divided by
    the mean number of rows a company has.
    """
    raw, sample = rows.raw, rows.sample
    knots = np.unique(np.quantile(raw, np.linspace(0, 1, BINS + 1)[1:-1]))
    place = np.searchsorted(knots, raw, side="right")
    witnesses = sample.count / len(raw)
    count = witnesses * np.bincount(place, minlength=len(knots) + 1)
    bad = witnesses * np.bincount(place, weights=sample.labels, minlength=len(knots) + 1)
    tail = (1 - level) / 2
    low = np.where(bad > 0, beta.ppf(tail, np.maximum(bad, _TINY), count - bad + 1), 0.0)
    high = np.where(bad < count, beta.ppf(1 - tail, bad + 1, np.maximum(count - bad, _TINY)), 1.0)
    return Steps.of(knots, low, high)


METHODS: Mapping[str, Method] = {
    "Venn-Abers": inductive_venn_abers,
    "Platt, refitted": platt_refitted,
    "isotonic, refitted": isotonic_refitted,
    "bins": binned,
    "bins, carried": carried,
}


def _draws(sample: Sample) -> list[Floats]:
    """How often each company is taken (c), refit by refit."""
    return [times for part in sample.draws(REFITS, _SEED) for times in part][1:]


def _between(knots: Floats, fits: Floats, level: float) -> Steps:
    low, high = np.quantile(fits, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return Steps.of(knots, low, high)
