"""Which reasons a score is given: the groups of features that did most to it, each held to a test.

A reason says: were its named features like the reference, the score would be better (or, of a strength, worse). That is
tried on the model itself, and a reason that does not hold is not given.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.model.bundle import Bundle
from scoring.model.scale import FloatArray
from scoring.model.shap import ADDITIVITY_TOLERANCE

MAX_REASONS = 4
"""Reasons given per side. US Regulation B, official comment 9(b)(2)-1: more than four are not likely to help."""

MIN_POINTS = 0.5
"""A group that moves the score by less than half a point is no reason: it would not change the rounded points."""

MOST_NAMED = 3
NAMED_SHARE = 0.25
"""Features a reason names: the leading one, and those of its group that did at least this share of what it did.

What they did must be this share of the group's points, or the reason would tell of something else. Our own choice, by
measurement: with the leading one alone, 6 in 100 reasons would not hold on the seed alliance.
"""

NOBODY = -1
"""Stands where a reason names fewer features than columns."""

ROWS_AT_A_TIME = 2_000
"""Companies whose reasons are tested together: some 30 MB of moved features."""


@dataclass(frozen=True, eq=False)
class Selection:
    """Reasons of n companies (m), company by company, those that raise the risk first, strongest first.

    Attributes:
        row: place of the company (m), 0 to n - 1, rising.
        raises: whether the reason raises the risk (m).
        group: place of its group in ``Bundle.together`` (m).
        points: points the group won, or lost when negative (m).
        named: columns of the features it names, the leading one first, then ``NOBODY`` (m, ``MOST_NAMED``).
    """

    row: NDArray[np.intp]
    raises: NDArray[np.bool_]
    group: NDArray[np.intp]
    points: FloatArray
    named: NDArray[np.intp]

    def of(self, which: NDArray[np.bool_]) -> "Selection":
        """Some of the reasons (m)."""
        return Selection(self.row[which], self.raises[which], self.group[which], self.points[which], self.named[which])


def select(bundle: Bundle, values: FloatArray, points: FloatArray) -> Selection:
    """At most ``MAX_REASONS`` a side and company, not tested yet.

    A feature is named only if the trees can tell its value from its reference and, where its direction is declared, the
    value lies on the side of it that the reason says.

    Args:
        values: feature values (n, f), NaN for unknown.
        points: points each feature won, or lost when negative (n, f).
    """
    sides = [_side(bundle, values, points, raises=raises) for raises in (True, False)]
    row, group, named = (np.concatenate(parts) for parts in zip(*sides, strict=True))
    raises = np.arange(len(row)) < len(sides[0][0])
    order = np.lexsort((~raises, row))  # stable, so that the strongest stay first
    gained = bundle.together.sums(points)[row, group]
    return Selection(row[order], raises[order], group[order], gained[order], named[order])


def _side(
    bundle: Bundle, values: FloatArray, points: FloatArray, *, raises: bool
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Company, group and named columns of the reasons of one side."""
    columns = bundle.together
    sign = -1.0 if raises else 1.0
    own = np.where(_speaks(bundle, values, raises=raises), np.maximum(sign * points, 0.0), 0.0)
    gained, lead = sign * columns.sums(points), columns.most(own)
    rank = np.where((gained >= MIN_POINTS) & (lead > 0), -gained, np.inf)
    group = np.argsort(rank, axis=1, kind="stable")[:, :MAX_REASONS]
    row, place = np.nonzero(np.isfinite(np.take_along_axis(rank, group, axis=1)))
    group = group[row, place]
    members = columns.members[group]
    did = np.hstack([own, np.zeros((len(own), 1))])[row[:, None], members]
    first = np.argsort(-did, axis=1, kind="stable")[:, :MOST_NAMED]
    did, named = (np.take_along_axis(one, first, axis=1) for one in (did, members))
    named = np.where((did > 0) & (did >= NAMED_SHARE * did[:, :1]), named, NOBODY)
    told = did.sum(axis=1, where=named != NOBODY) >= NAMED_SHARE * gained[row, group]
    filled = np.full((len(named), MOST_NAMED), NOBODY, dtype=np.intp)
    filled[:, : named.shape[1]] = named
    return row[told], group[told], filled[told]


def _speaks(bundle: Bundle, values: FloatArray, *, raises: bool) -> NDArray[np.bool_]:
    """Whether a feature's value can be a reason of a side (n, f)."""
    toward = bundle.directions * (1.0 if raises else -1.0)
    away = ~bundle.likeness.alike(values)
    with np.errstate(invalid="ignore"):
        against = toward * (values - bundle.references) < 0  # never so where value or reference is unknown
    return away & ~against


def holds(
    bundle: Bundle, values: FloatArray, raw: FloatArray, chosen: Selection, *, threads: int = 1
) -> NDArray[np.bool_]:
    """Whether each reason (m) holds: with its named features at their references the PD falls (of a strength, rises).

    Args:
        values: feature values (n, f), NaN for unknown.
        raw: the trees' log-odds of them (n).
        threads: threads to walk the trees with; the answer does not depend on it.
    """
    held = np.empty(len(chosen.row), dtype=np.bool_)
    ends = np.searchsorted(chosen.row, np.arange(0, len(values) + ROWS_AT_A_TIME, ROWS_AT_A_TIME))
    for begin, end in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
        row, raises, named = chosen.row[begin:end], chosen.raises[begin:end], chosen.named[begin:end]
        changed = moved(bundle, values[row], named)
        change = bundle.explainer.raw(changed, threads=threads) - raw[row]
        held[begin:end] = np.where(raises, -change, change) > ADDITIVITY_TOLERANCE
    return held


def moved(bundle: Bundle, values: FloatArray, named: NDArray[np.intp]) -> FloatArray:
    """A copy of values (m, f) with the named columns (m, any number, ``NOBODY`` for none) at their references."""
    changed = values.copy()
    which, place = np.nonzero(named != NOBODY)
    columns = named[which, place]
    changed[which, columns] = bundle.references[columns]
    return changed
