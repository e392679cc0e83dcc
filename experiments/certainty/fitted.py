"""What is kept with a model: intervals by the chosen method, the support of its features, the refer band."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from experiments.certainty.levels import next_year, widened
from experiments.certainty.methods import LEVEL, METHODS
from experiments.certainty.rows import Rows
from experiments.certainty.steps import Steps
from experiments.ranges import lowered, raised
from scoring.model.certainty import Band, Certainty, Support

Floats = NDArray[np.float64]

CHOSEN = "bins, carried"
"""The method chosen on evidence: ``experiments certainty`` prints it; a test holds this name to what is measured."""

BAD_LOAN, LOST_GOOD, REVIEW = 60.0, 4.0, 1.0
"""Costs by which the band is chosen unless others are given: a default loses 60, a good loan earns 4, a look costs 1
(per cent of the loan). A convention of this project, to be replaced by the lender's own."""

BAND = Band.by_cost(bad_loan=BAD_LOAN, lost_good=LOST_GOOD, review=REVIEW)

INNER = (0.001, 0.999)
"""Quantiles of the development rows that bound a feature's range."""

DIGITS = 2
"""Digits to which ranges are widened: with one, the flag would miss a third of what it sees with two."""

FALSE_ALARMS = 0.02
"""Share of sound companies that may be called unlike those learned from; of rows that neither range nor limit saw."""

CONFIDENCE = 0.95
"""At which an accuracy asked of approvals or refusals must be sure."""


def certainty_of(
    rows: Rows, band: Band, *, developed: Floats, earlier: Floats, later: Floats,
    method: str = CHOSEN, level: float = LEVEL,
) -> Certainty:  # fmt: skip
    """The certainty that goes with a model.

    Args:
        rows: whose companies taught the trees they are scored by nothing; their years tell how far levels move.
        band: from costs (``Band.by_cost``) or from accuracy (``band_by_accuracy``).
        developed: feature values (m, f) of all rows the model was taught by, NaN for unknown.
        earlier, later: feature values of two parts of them that follow each other, as far apart as teaching and use:
            by how many features are out of place in the second, given the first, the flag's limit is set.
    """
    steps = intervals(rows, method=method, level=level)
    return Certainty(
        method=method,
        level=level,
        knots=tuple(steps.knots.tolist()),
        low=tuple(steps.low.tolist()),
        high=tuple(steps.high.tolist()),
        support=replace(support_of(developed, developed), most=support_of(earlier, later).most),
        band=band,
    )


def intervals(rows: Rows, *, method: str = CHOSEN, level: float = LEVEL) -> Steps:
    """Around the mean PD of companies scored alike, in a year to come."""
    return widened(METHODS[method](rows, level), rows, next_year(rows, level))


def support_of(developed: Floats, held_out: Floats) -> Support:
    """The range of each feature, and the fewest features out of place that sound companies hardly ever have.

    A feature never known has an empty range: any value of it is out of place. Ranges are widened to ``DIGITS``,
    since among few rows their ends are single companies' own values.
    """
    known = ~np.isnan(developed)
    ends = [
        np.quantile(column[seen], INNER) if seen.any() else (np.finfo(float).max, -np.finfo(float).max)
        for column, seen in zip(developed.T, known.T, strict=True)
    ]
    low = tuple(lowered(float(least), DIGITS) for least, _ in ends)
    high = tuple(raised(float(most), DIGITS) for _, most in ends)
    unlimited = Support(low, high, tuple(bool(column.all()) for column in known.T), most=developed.shape[1])
    counts = unlimited.out_of_place(held_out)
    most = next(most for most in range(developed.shape[1] + 1) if (counts > most).mean() <= FALSE_ALARMS)
    return Support(low, high, unlimited.always_known, most)


def band_by_accuracy(pd: Floats, labels: Floats, *, bad_among_approved: float, bad_among_declined: float) -> Band:
    """The widest approvals and refusals that are, with ``CONFIDENCE``, as accurate as asked; the rest is referred.

    Args:
        pd, labels: of rows that taught nothing (n); taken as independent.
        bad_among_approved: greatest share of outcomes among those approved.
        bad_among_declined: least share of outcomes among those declined.
    """
    order = np.argsort(pd, kind="stable")
    ranked, bad = pd[order], labels[order]
    last = np.append(ranked[1:] != ranked[:-1], True)  # equal PDs are treated alike
    count, below = np.arange(1, len(bad) + 1), np.cumsum(bad)
    sure = beta.ppf(CONFIDENCE, below + 1, np.maximum(count - below, 1e-9))
    fine = np.flatnonzero((sure <= bad_among_approved) & last)
    approve = float(np.nextafter(ranked[fine[-1]], 1)) if len(fine) else 0.0
    rest, above = count[::-1], np.cumsum(bad[::-1])[::-1]
    least = np.where(above > 0, beta.ppf(1 - CONFIDENCE, np.maximum(above, 1e-9), rest - above + 1), 0.0)
    first = np.append(True, last[:-1])
    poor = np.flatnonzero((least >= bad_among_declined) & first & (ranked >= approve))
    decline = float(ranked[poor[0]]) if len(poor) else 1.0
    return Band(approve, max(approve, decline))


def shifts(values: Floats, pillars: Sequence[Sequence[int]], seed: int = 7) -> Mapping[str, Floats]:
    """What can be wrong with companies' features (n, f), by example: what the flag should see, and what it cannot.

    Args:
        pillars: places of each pillar's features.
    """
    generator = np.random.default_rng(seed)
    largest = max(pillars, key=len)
    scaled, lost, moved, shuffled = (values.copy() for _ in range(4))
    scaled[:, list(largest)] *= 10_000
    lost[:, list(largest)] = np.nan
    known = (~np.isnan(values)).any(axis=0)
    moved[:, known] += 3 * np.nanstd(values[:, known], axis=0)
    for column in range(values.shape[1]):
        shuffled[:, column] = generator.permutation(shuffled[:, column])
    return {
        "as they are": values,
        "the largest pillar in another unit (x 10,000)": scaled,
        "the largest pillar lost": lost,
        "every feature three spreads higher": moved,
        "features of different companies mixed": shuffled,
    }
