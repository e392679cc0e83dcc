"""The one function that scores, used by every edge: features in, explained scores out."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from alliance.corroboration import Contested
from alliance.errors import InvalidInput
from alliance.signals import Pillar
from scoring.model.bundle import Bundle
from scoring.model.certainty import Advice
from scoring.model.reasons import contested_fact, reason
from scoring.model.scale import FloatArray, probability
from scoring.model.selection import NOBODY, Selection, holds, select
from scoring.model.shap import check_additive
from scoring.result import PillarShare, Reason, Score

ID = "company_id"

NOTHING_CONTESTED: Mapping[str, Sequence[Contested]] = MappingProxyType({})


def score(
    bundle: Bundle,
    features: pl.DataFrame,
    *,
    as_of: date,
    watermark: int,
    contested: Mapping[str, Sequence[Contested]] = NOTHING_CONTESTED,
    threads: int = 1,
) -> list[Score]:
    """Explained scores of companies, in the order of the rows.

    A company's score is the same to the bit alone, in a batch and with any number of threads.

    Args:
        bundle: the model.
        features: ``company_id`` (String), then the bundle's features in its order (Float64, null for unknown).
        as_of: the day the features are of.
        watermark: number of the last submission the features can hold.
        contested: by company, the facts that were not used, or not all of them, for members contradict each other.
        threads: threads to walk the trees with; worth more than one for thousands of rows.

    Raises:
        InvalidInput: columns or their types differ from the bundle's contract, or a value is infinite.
        BundleError: contributions do not add up to the score.
    """
    made = score_arrays(bundle, features, threads=threads)
    return made.scores(as_of=as_of, watermark=watermark, contested=contested)


def score_arrays(bundle: Bundle, features: pl.DataFrame, *, threads: int = 1) -> "ScoreTable":
    """The numbers of ``score`` as arrays, without a Python object per company; same arguments and errors."""
    values = matrix(bundle, features)
    return score_values(bundle, features[ID].to_list(), values, threads=threads)


def score_values(bundle: Bundle, company_ids: list[str], values: FloatArray, *, threads: int = 1) -> "ScoreTable":
    """As ``score_arrays``, of feature values (n, f) in the bundle's order, NaN for unknown, row by row in memory.

    Raises:
        InvalidInput: a value is infinite.
        BundleError: contributions do not add up to the score.
    """
    _refuse_infinite(bundle, values)
    raw, parts = bundle.explainer.contributions(values, threads=threads)
    base = bundle.explainer.base
    check_additive(raw, parts, base)
    slope, log_odds = bundle.calibration.slope, bundle.calibration.apply(raw)
    return ScoreTable(
        bundle=bundle,
        company_ids=company_ids,
        values=values,
        contributions=slope * parts,
        base_log_odds=slope * base + bundle.calibration.intercept,
        raw=raw,
        log_odds=log_odds,
        pd=probability(log_odds),
        points=bundle.scale.points(log_odds),
        threads=threads,
    )


def matrix(bundle: Bundle, features: pl.DataFrame) -> FloatArray:
    """Feature values (n, f), row by row in memory, NaN for unknown; ``InvalidInput`` as of ``score``."""
    expected, types = [ID, *bundle.names], [pl.String] + [pl.Float64] * len(bundle.names)
    if features.columns != expected or features.dtypes != types:
        missing, surplus = {*expected} - {*features.columns}, {*features.columns} - {*expected}
        raise InvalidInput(
            f"The features are not those of the model, in its order and as Float64"
            f" (missing: {_listed(missing)}; not asked for: {_listed(surplus)}).",
            remedy="Compute the features the bundle names, in its order.",
        )
    numbers = features.clone()
    numbers.drop_in_place(ID)
    return np.ascontiguousarray(numbers.to_numpy(), dtype=np.float64)


def _refuse_infinite(bundle: Bundle, values: FloatArray) -> None:
    if (infinite := np.isinf(values)).any():
        named = [bundle.names[column] for column in np.unique(np.nonzero(infinite)[1])]
        raise InvalidInput(f"Infinite values of: {_listed(named)}.", remedy="Give null where a value is not known.")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoreTable:
    """Scores of n companies by f features, as arrays; the explained scores are read off them.

    Attributes:
        bundle: the model.
        company_ids: the companies (n).
        values: feature values (n, f), NaN for unknown.
        contributions: parts of the log-odds of default (n, f).
        base_log_odds: where the log-odds start; base and contributions add up to ``log_odds``.
        raw: the trees' own log-odds, before calibration (n).
        log_odds, pd, points: log-odds and probability of default, and points (n each).
        threads: threads to test reasons with.
    """

    bundle: Bundle
    company_ids: list[str]
    values: FloatArray
    contributions: FloatArray
    base_log_odds: float
    raw: FloatArray
    log_odds: FloatArray
    pd: FloatArray
    points: FloatArray
    threads: int = 1

    @cached_property
    def grades(self) -> list[str]:
        """Grades on the master scale (n)."""
        return self.bundle.scale.grades(self.pd)

    @cached_property
    def coverage(self) -> FloatArray:
        """Share of all features that are known (n), 0 to 1."""
        known: FloatArray = np.count_nonzero(~np.isnan(self.values), axis=1) / self.values.shape[1]
        return known

    def frame(self) -> pl.DataFrame:
        """One row per company: ``company_id``, ``pd``, ``points``, ``grade``, ``log_odds``, ``coverage``."""
        return pl.DataFrame(
            {
                ID: self.company_ids,
                "pd": self.pd,
                "points": self.points,
                "grade": self.grades,
                "log_odds": self.log_odds,
                "coverage": self.coverage,
            },
            schema_overrides={ID: pl.String(), "grade": pl.String()},
        )

    @cached_property
    def pillars(self) -> "PillarTable":
        """The same numbers by pillar."""
        columns = self.bundle.pillars
        known = (~np.isnan(self.values)).astype(np.float64)
        return PillarTable(
            pillars=columns.pillars,
            log_odds=columns.sums(self.contributions),
            coverage=columns.sums(known) / columns.sizes,
        )

    @cached_property
    def interactions(self) -> FloatArray:
        """What the pillars do together (n, p, p), as parts of the log-odds of default; in the order of ``pillars``.

        Each row of a company's matrix adds up to its pillar's part; off the diagonal stands half of what two pillars do
        only together (see ``Explainer.interactions``).
        """
        together = self.bundle.explainer.interactions(self.values, self.bundle.pillars.places())
        return self.bundle.calibration.slope * together

    def scores(
        self, *, as_of: date, watermark: int, contested: Mapping[str, Sequence[Contested]] = NOTHING_CONTESTED
    ) -> list[Score]:
        """The explained scores, in the order of the rows."""
        shares, raises, lowers, sure = self._shares(), *self._reasons(), self._certainty()
        scale, base, outcome = self.bundle.scale, self.base_log_odds, self.bundle.outcome
        pd, log_odds, points, coverage = (a.tolist() for a in (self.pd, self.log_odds, self.points, self.coverage))
        return [
            Score(
                company_id=company,
                as_of=as_of,
                outcome=outcome.name,
                horizon_months=outcome.horizon_months,
                pd=pd[row],
                log_odds=log_odds[row],
                base_log_odds=base,
                points=points[row],
                base_points=scale.points(base),
                grade=self.grades[row],
                pillars=shares[row],
                raises=raises[row],
                lowers=lowers[row],
                coverage=coverage[row],
                contested=tuple(map(contested_fact, contested.get(company, ()))),
                model_version=self.bundle.sha256,
                data_watermark=watermark,
                **sure[row],
            )
            for row, company in enumerate(self.company_ids)
        ]

    @cached_property
    def certainty(self) -> "CertaintyTable | None":
        """How sure the PDs are; ``None`` where the model does not tell."""
        known = self.bundle.certainty
        if known is None:
            return None
        low, high = known.interval(self.raw, self.pd)
        counts = known.support.out_of_place(self.values)
        unlike = counts > known.support.most
        return CertaintyTable(
            low=low, high=high, out_of_place=counts, unlike=unlike, advice=known.band.advise(self.pd, unlike)
        )

    def _certainty(self) -> list[dict[str, Any]]:
        """The fields of a score that say how sure it is, by row; none where the model does not tell."""
        table = self.certainty
        if table is None:
            return [{}] * len(self.pd)
        told = (table.low.tolist(), table.high.tolist(), table.unlike.tolist(), table.out_of_place.tolist())
        return [
            {"pd_low": low, "pd_high": high, "unlike": unlike, "out_of_place": count, "advice": advice.value}
            for low, high, unlike, count, advice in zip(*told, table.advice, strict=True)
        ]

    def _shares(self) -> list[tuple[PillarShare, ...]]:
        """Shares of the pillars, by row."""
        table = self.pillars
        change = self.bundle.scale.change
        return [
            tuple(
                PillarShare(
                    pillar=pillar,
                    log_odds=part,
                    odds_multiplier=math.exp(part),
                    points=change(part),
                    coverage=known,
                )
                for pillar, part, known in zip(table.pillars, parts, coverage, strict=True)
            )
            for parts, coverage in zip(table.log_odds.tolist(), table.coverage.tolist(), strict=True)
        ]

    @cached_property
    def selected(self) -> Selection:
        """The reasons that would be given if none were tested."""
        return select(self.bundle, self.values, self.bundle.scale.change(self.contributions))

    @cached_property
    def held(self) -> NDArray[np.bool_]:
        """Whether each of the ``selected`` reasons holds; only these are given."""
        return holds(self.bundle, self.values, self.raw, self.selected, threads=self.threads)

    def _reasons(self) -> tuple[list[tuple[Reason, ...]], list[tuple[Reason, ...]]]:
        """Reasons that raise the risk and reasons that lower it, by row."""
        given = self.selected.of(self.held)
        contract, groups = self.bundle.contract, self.bundle.together.groups
        sides: tuple[list[list[Reason]], list[list[Reason]]] = ([[] for _ in self.pd], [[] for _ in self.pd])
        values = np.take_along_axis(self.values[given.row], given.named, axis=1).tolist()
        told = (given.row, given.raises, given.group, given.points, given.named)
        for row, raises, group, points, named, known in zip(*(one.tolist() for one in told), values, strict=True):
            count = sum(column != NOBODY for column in named)
            features = [contract[column] for column in named[:count]]
            sides[not raises][row].append(reason(features, known[:count], points, groups[group]))
        return [tuple(row) for row in sides[0]], [tuple(row) for row in sides[1]]


@dataclass(frozen=True, kw_only=True, eq=False)
class PillarTable:
    """Log-odds and coverage by pillar.

    Attributes:
        pillars: the pillars the model has features of (p), in the order of ``Pillar``.
        log_odds: parts of the log-odds of default (n, p); with the base they add up to the company's log-odds.
        coverage: share of the pillar's features that are known (n, p), 0 to 1.
    """

    pillars: tuple[Pillar, ...]
    log_odds: FloatArray
    coverage: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class CertaintyTable:
    """How sure the PDs of n companies are; each attribute has n values.

    Attributes: interval, features out of place, and what follows from them, as in ``Score``.
    """

    low: FloatArray
    high: FloatArray
    out_of_place: NDArray[np.int64]
    unlike: NDArray[np.bool_]
    advice: list[Advice]
