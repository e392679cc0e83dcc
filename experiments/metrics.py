"""How good predictions are, each number with an interval.

Intervals are from a bootstrap that draws whole companies, since a company's rows of many days are not many witnesses.
All replicates are one matrix of weights, and the same seed draws the same companies: two models measured on the same
rows can be compared draw by draw.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from alliance.errors import InvalidInput

REPLICATES = 1_000
SEED = 7
LEVEL = 0.95
"""Intervals hold the middle 95 per cent of the replicates."""

FEW_FLAGGED = 0.2
"""A lender looks at the riskiest part of the curve: at most this share of sound companies turned away."""

_CELLS = 4_000_000  # weights held in memory at a time
_SMALLEST = 1e-12  # a probability of 0 would make one surprise infinitely wrong

Floats = NDArray[np.float64]

METRICS = ("auc", "ks", "brier", "log_loss")
"""Area under the ROC curve; largest distance between the two outcomes' distributions; mean squared error; mean
negative log-likelihood. The first two look at the ranking only, the others at the level too."""


@dataclass(frozen=True)
class Estimate:
    """A value and the interval its bootstrap replicates keep to."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"


@dataclass(frozen=True, eq=False)
class Sample:
    """Labelled rows to measure on, n of c companies.

    Attributes:
        labels: 1 where the outcome came, else 0 (n).
        companies: number of each row's company, 0 to c - 1 (n).
    """

    labels: Floats
    companies: NDArray[np.intp]

    @classmethod
    def of(cls, labels: ArrayLike, companies: Sequence[str] | pl.Series | NDArray[np.intp] | None = None) -> "Sample":
        """Rows with these labels, of these companies (by default each of its own).

        Raises:
            InvalidInput: lengths differ, or the labels are not 0 and 1 with both among them.
        """
        told = np.asarray(labels, dtype=np.float64)
        codes = np.arange(len(told)) if companies is None else np.unique(np.asarray(companies), return_inverse=True)[1]
        if told.shape != codes.shape or set(np.unique(told)) != {0.0, 1.0}:
            raise InvalidInput(
                "To measure, both outcomes must occur, with one company a row.", remedy="Take more rows."
            )
        return cls(told, codes)

    @property
    def count(self) -> int:
        """Number of companies, c."""
        return int(self.companies.max()) + 1

    def draws(self, replicates: int, seed: int) -> Iterator[Floats]:
        """How often each company is taken (r, c), a part at a time: first each once, then drawn with replacement."""
        yield np.ones((1, self.count))
        generator = np.random.default_rng(seed)
        size = max(1, _CELLS // len(self.labels))
        for start in range(0, replicates, size):
            rows = min(size, replicates - start)
            drawn = generator.integers(self.count, size=(rows, self.count)) + self.count * np.arange(rows)[:, None]
            times = np.bincount(drawn.ravel(), minlength=rows * self.count).reshape(rows, self.count)
            yield times.astype(np.float64)

    def sums(self, values: Floats) -> Floats:
        """Sums by company (c, k) of values by row (n, k)."""
        found = np.zeros((self.count, values.shape[1]))
        np.add.at(found, self.companies, values)
        return found


def measure(sample: Sample, pd: Floats, *, replicates: int = REPLICATES, seed: int = SEED) -> dict[str, Estimate]:
    """Each of ``METRICS`` of probabilities (n), with its interval."""
    return {name: estimate(values) for name, values in replicated(sample, pd, replicates, seed).items()}


def auc(sample: Sample, ranking: Floats, *, replicates: int = REPLICATES, seed: int = SEED) -> Estimate:
    """Area under the ROC curve of anything that ranks (n), more for more risk."""
    return estimate(_aucs(sample, ranking, replicates, seed))


def auc_gains(
    sample: Sample, rankings: Mapping[str, Floats], over: str, *, replicates: int = REPLICATES, seed: int = SEED
) -> dict[str, tuple[Estimate, Estimate]]:
    """Area of each ranking (n), and how much more that is than the area of the one named ``over``.

    Gains are paired: all rankings are measured on the same draws.
    """
    areas = {name: _aucs(sample, ranking, replicates, seed) for name, ranking in rankings.items()}
    return {name: (estimate(area), estimate(area - areas[over])) for name, area in areas.items()}


def log_loss_gain(
    sample: Sample, pd: Floats, over: Floats, *, replicates: int = REPLICATES, seed: int = SEED
) -> Estimate:
    """How much less the mean log-loss of probabilities (n) is than that of others on the same rows; paired."""
    less = sample.sums(np.column_stack([surprise(sample, over) - surprise(sample, pd), np.ones_like(pd)]))
    sums = np.concatenate([times @ less for times in sample.draws(replicates, seed)])
    return estimate(sums[:, 0] / sums[:, 1])


def estimate(values: Floats, level: float = LEVEL) -> Estimate:
    """The first value, and the middle of the others; a replicate without both outcomes is left out."""
    low, high = np.nanquantile(values[1:], [(1 - level) / 2, (1 + level) / 2])
    return Estimate(float(values[0]), float(low), float(high))


def _aucs(sample: Sample, ranking: Floats, replicates: int, seed: int) -> Floats:
    curves = _Curves(sample, ranking)
    return np.concatenate([curves.areas(times)[0] for times in sample.draws(replicates, seed)])


def replicated(sample: Sample, pd: Floats, replicates: int = REPLICATES, seed: int = SEED) -> dict[str, Floats]:
    """Each of ``METRICS`` on the rows as they are, then on each replicate (1 + r each)."""
    curves = _Curves(sample, pd)
    errors = sample.sums(np.column_stack([(pd - sample.labels) ** 2, surprise(sample, pd), np.ones_like(pd)]))
    parts = []
    for times in sample.draws(replicates, seed):
        squares, surprises, rows = (times @ errors).T
        parts.append(np.stack([*curves.areas(times), squares / rows, surprises / rows]))
    return dict(zip(METRICS, np.concatenate(parts, axis=1), strict=True))


def partial_areas(
    sample: Sample, ranking: Floats, replicates: int = REPLICATES, seed: int = SEED, most: float = FEW_FLAGGED
) -> Floats:
    """Partial area under the ROC curve (1 + r): only where at most a share ``most`` of the others is flagged.

    On McClish's scale: 0.5 is chance, 1 is perfect. Source: McClish (1989), "Analyzing a portion of the ROC curve".
    """
    curves = _Curves(sample, ranking)
    found = np.concatenate([curves.partial_areas(times, most) for times in sample.draws(replicates, seed)])
    chance = most**2 / 2
    standardised: Floats = (1 + (found - chance) / (most - chance)) / 2
    return standardised


def surprise(sample: Sample, pd: Floats) -> Floats:
    """Negative log-likelihood of each row (n)."""
    told = np.clip(pd, _SMALLEST, 1 - _SMALLEST)
    surprise: Floats = -np.where(sample.labels == 1, np.log(told), np.log1p(-told))
    return surprise


class _Curves:
    """ROC curves of one ranking, for many draws of companies at once."""

    def __init__(self, sample: Sample, ranking: Floats) -> None:
        order = np.argsort(ranking, kind="stable")
        ordered = ranking[order]
        self._companies = sample.companies[order]
        self._bad = sample.labels[order]
        self._starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))

    def areas(self, times: Floats) -> tuple[Floats, Floats]:
        """Area (r) and largest distance (r) when companies are taken so often (r, c); NaN without both outcomes."""
        rows = times[:, self._companies]
        bad = self._tied(rows * self._bad)
        good = self._tied(rows) - bad
        below, caught = np.cumsum(good, axis=1), np.cumsum(bad, axis=1)
        goods, bads = below[:, -1], caught[:, -1]
        with np.errstate(divide="ignore", invalid="ignore"):
            area = np.einsum("ij,ij->i", bad, below - good / 2) / (bads * goods)
            gaps = np.abs(caught / bads[:, None] - below / goods[:, None])
        return area, gaps.max(axis=1)

    def partial_areas(self, times: Floats, most: float) -> Floats:
        """Area (r) of the curve from no flags to a share ``most`` of the others flagged; NaN without both outcomes."""
        rows = times[:, self._companies]
        bad = self._tied(rows * self._bad)[:, ::-1]
        good = self._tied(rows)[:, ::-1] - bad
        with np.errstate(divide="ignore", invalid="ignore"):
            false = np.cumsum(good, axis=1) / good.sum(axis=1, keepdims=True)
            true = np.cumsum(bad, axis=1) / bad.sum(axis=1, keepdims=True)
            starts = [np.pad(share[:, :-1], ((0, 0), (1, 0))) for share in (false, true)]
            ends = np.minimum(false, most)
            part = np.where(good > 0, (ends - starts[0]) / (false - starts[0]), 1.0)
        width = np.maximum(ends - starts[0], 0.0)
        areas: Floats = (width * (starts[1] + part * (true - starts[1]) / 2)).sum(axis=1)
        return areas

    def _tied(self, rows: Floats) -> Floats:
        """Sums over rows ranked alike."""
        if len(self._starts) == rows.shape[1]:
            return rows
        sums: Floats = np.add.reduceat(rows, self._starts, axis=1)
        return sums


def calibration(sample: Sample, pd: Floats) -> dict[str, float]:
    """How the observed level follows the foretold one: ``slope`` and ``intercept``; 1 and 0 are perfect.

    The slope is that of a logistic regression of the outcome on the foretold log-odds: below 1, predictions are too
    bold. The intercept is the shift of log-odds (slope held at 1) that would make the mean right: above 0, more came
    than foretold. Source: Cox (1958), "Two further applications of a model for binary regression".
    """
    told = np.clip(pd, _SMALLEST, 1 - _SMALLEST)
    log_odds = np.log(told / (1 - told))
    slope = logistic(np.column_stack([log_odds, np.ones_like(log_odds)]), np.zeros_like(log_odds), sample.labels)[0]
    shift = logistic(np.ones((len(log_odds), 1)), log_odds, sample.labels)[0]
    return {"slope": float(slope), "intercept": float(shift)}


NEWTON_STEPS, HALVINGS = 100, 40
"""Most steps of Newton's method; how often one that loses likelihood is halved before the fit is taken as it is."""

_SETTLED = 1e-9  # log-likelihood a step wins at least; with less the fit is as good as it gets


def logistic(design: Floats, offset: Floats, labels: Floats) -> Floats:
    """Coefficients (k) of a logistic regression on ``design`` (n, k), by Newton's method.

    A step is halved until the likelihood does not fall: a full one runs away where outcomes are rare or columns nearly
    tell them apart. Where they do so wholly there is no largest likelihood, and the last step's coefficients are given.
    """
    place = np.zeros(design.shape[1])
    reached = log_likelihood(offset, labels)
    for _ in range(NEWTON_STEPS):
        fitted = 0.5 * (1 + np.tanh((design @ place + offset) / 2))
        hessian = design.T @ (design * (fitted * (1 - fitted))[:, None])
        step = np.linalg.lstsq(hessian, design.T @ (labels - fitted))[0]
        for _ in range(HALVINGS):
            likelihood = log_likelihood(design @ (place + step) + offset, labels)
            if likelihood >= reached:
                break
            step = step / 2
        else:
            break
        place, won, reached = place + step, likelihood - reached, likelihood
        if won < _SETTLED and np.abs(step).max() < _SETTLED:
            break
    return place


def log_likelihood(log_odds: Floats, labels: Floats) -> float:
    """Log-likelihood of labels (n) by their log-odds (n)."""
    return float((labels * log_odds - np.logaddexp(0, log_odds)).sum())


def reliability(sample: Sample, pd: Floats, bins: int = 10) -> pl.DataFrame:
    """Foretold against observed, in bins of equal numbers of rows from the least risk to the most.

    Returns:
        ``rows``, ``foretold`` (mean PD), ``observed`` (share with the outcome), ``low`` and ``high`` (Wilson's 95 per
        cent interval of the share, rows taken as independent).
    """
    order = np.argsort(pd, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    rows = np.array([len(part) for part in parts], dtype=np.float64)
    foretold = np.array([pd[part].mean() for part in parts])
    observed = np.array([sample.labels[part].mean() for part in parts])
    low, high = _wilson(observed, rows)
    columns: Mapping[str, Floats] = {"foretold": foretold, "observed": observed, "low": low, "high": high}
    return pl.DataFrame({"rows": rows.astype(np.int64), **columns})


def _wilson(share: Floats, rows: Floats, z: float = 1.96) -> tuple[Floats, Floats]:
    """Wilson (1927), "Probable inference, the law of succession, and statistical inference"."""
    centre = (share + z**2 / (2 * rows)) / (1 + z**2 / rows)
    half = z * np.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2)) / (1 + z**2 / rows)
    return centre - half, centre + half
