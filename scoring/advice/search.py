"""What would help: the cheapest sets of changes that bring a company to the next better grade, found by scoring them.

Between two split points of the model a value changes nothing, so of the steps of a change only those matter that pass
one. All sets of up to ``MOST_CHANGES`` changes are walked through from the cheapest on, by the model's own output,
until there are ``MOST_PROPOSALS`` that reach the grade by different changes; so no cheaper set does, and no part of
one. What is proposed is then scored by the one scoring function.

A proposal says what the model would say of the company, were these things so; it is no promise that default becomes
less likely by bringing them about.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import polars as pl
from numpy.typing import NDArray

from scoring.advice.changes import CHANGES, Change
from scoring.advice.moved import Steps, moved, targets, touched
from scoring.advice.policy import AdvicePolicy, Terms, shipped_policy
from scoring.advice.spread import forest_of
from scoring.model import GRADES, Bundle
from scoring.model.scale import FloatArray, probability
from scoring.model.shap import raw_log_odds
from scoring.score import ID, score_arrays

MOST_CHANGES = 3
"""In one proposal; our own choice: more is a new plan for the company, not advice."""

MOST_PROPOSALS = 3
"""That differ in what is changed; our own choice."""

BLOCK = 2_048
"""Sets looked at together."""


@dataclass(frozen=True)
class Move:
    """One change of a proposal: its feature's value before and after, and the steps taken."""

    change: Change
    before: float
    after: float
    steps: int


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Changes made together, and the score of the company with them.

    Attributes:
        moves: what is changed.
        cost: of all steps, relative.
        months: until all is done and seen: they go on side by side.
        pd, points, grade: of the company as it would be; PD and points are ``None`` to whom they may not be told.
    """

    moves: tuple[Move, ...]
    cost: float
    months: int
    pd: float | None
    points: float | None
    grade: str


@dataclass(frozen=True, kw_only=True)
class Search:
    """What was found.

    Attributes:
        target: the next better grade; empty where there is none.
        proposals: sets that reach it, cheapest first; none where none does.
        best: where none reaches it, the set with the least PD; ``None`` where nothing lowers the PD.
        considered: names of the changes that could be made.
    """

    target: str
    proposals: tuple[Proposal, ...]
    best: Proposal | None
    considered: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Room:
    """What can be changed of one company.

    Attributes:
        bundle: the model.
        today: its features, one row, ``company_id`` among them.
        changes, terms: what can be changed, and on which terms (c each).
        values: by change, the feature's value after 0, 1, 2, ... steps.
    """

    bundle: Bundle
    today: pl.DataFrame
    changes: tuple[Change, ...]
    terms: tuple[Terms, ...]
    values: tuple[FloatArray, ...]

    def after(self, steps: Steps) -> pl.DataFrame:
        return moved(self.today, self.changes, self.values, steps)

    def pd(self, frame: pl.DataFrame) -> FloatArray:
        """PD (n) by the model's own output, whose bits are those of the score's."""
        values = np.ascontiguousarray(frame.select(self.bundle.names).to_numpy(), dtype=np.float64)
        return probability(self.bundle.calibration.apply(raw_log_odds(self.bundle.judge, values)))

    def cost(self, steps: Steps) -> FloatArray:
        """Cost (n) of steps (n, c)."""
        total: FloatArray = np.dot(steps, np.array([one.cost for one in self.terms], np.float64))
        return total


def search(
    bundle: Bundle,
    today: pl.DataFrame,
    *,
    allowed: Iterable[Change] = CHANGES,
    policy: AdvicePolicy | None = None,
) -> Search:
    """The cheapest ways of a company to the next better grade.

    Args:
        today: one row: ``company_id``, then every feature of ``FEATURES`` (Float64, null for unknown).
        allowed: changes that may be proposed; of a feature that is unknown today none is.
        policy: ranges, steps, months and costs; by default those shipped.
    """
    room = _room(bundle, today, allowed, policy or shipped_policy())
    now = room.pd(today)
    place = GRADES.index(bundle.scale.grades(now)[0])
    considered = tuple(change.name for change in room.changes)
    if place == 0:
        return Search(target="", proposals=(), best=None, considered=considered)
    limit, sets = bundle.scale.limits[place - 1], _sets(room)
    reached, least, lowest = _walk(room, sets, limit)
    helps = [least] if not reached and lowest < now[0] else []
    return Search(
        target=GRADES[place - 1],
        proposals=tuple(_proposals(room, sets[reached])),
        best=next(iter(_proposals(room, sets[helps])), None),
        considered=considered,
    )


def _room(bundle: Bundle, today: pl.DataFrame, allowed: Iterable[Change], policy: AdvicePolicy) -> _Room:
    possible = []
    for change in allowed:
        value = today[change.feature][0]
        terms = policy.changes[change.name]
        after = [] if value is None else targets(change, terms, value)
        if after:
            possible.append((change, terms, np.array([value, *after])))
    changes, terms_of, values = zip(*possible, strict=True) if possible else ((), (), ())
    return _Room(bundle, today, tuple(changes), tuple(terms_of), tuple(values))


def _sets(room: _Room) -> Steps:
    """All sets worth looking at (n, c), from the cheapest on; of equal cost, those of fewer changes first."""
    steps = [_worth(room, place) for place in range(len(room.changes))]
    useful = [place for place, some in enumerate(steps) if some]
    rows = []
    for size in range(1, MOST_CHANGES + 1):
        for places in combinations(useful, size):
            taken = np.array(list(product(*(steps[place] for place in places))), np.int64)
            made = np.zeros((len(taken), len(room.changes)), np.int64)
            made[:, places] = taken
            rows.append(made)
    found = np.concatenate(rows) if rows else np.empty((0, len(room.changes)), np.int64)
    order = np.lexsort((np.count_nonzero(found, axis=1), room.cost(found).round(9)))
    return found[order]


def _worth(room: _Room, place: int) -> list[int]:
    """Numbers of steps of a change that pass a split point which one step less does not.

    All of them, where another change moves the same features: together they may pass one between.
    """
    count, own = len(room.values[place]) - 1, touched(room.changes[place])
    if any(own & touched(other) for other in room.changes if other is not room.changes[place]):
        return list(range(1, count + 1))
    steps = np.zeros((count + 1, len(room.changes)), np.int64)
    steps[:, place] = np.arange(count + 1)
    cells = _cells(room.bundle, room.after(steps).select(sorted(own & set(room.bundle.names))))
    return [step for step in range(1, count + 1) if (cells[step] != cells[step - 1]).any()]


def _cells(bundle: Bundle, frame: pl.DataFrame) -> NDArray[np.intp]:
    """Between which split points of the model each value lies (n, columns)."""
    forest = forest_of(bundle.model)
    columns = [
        np.searchsorted(
            np.unique(forest.threshold[forest.feature == bundle.names.index(name)]), frame[name].to_numpy(), side="left"
        )
        for name in frame.columns
    ]
    return np.column_stack(columns) if columns else np.zeros((frame.height, 0), np.intp)


def _walk(room: _Room, sets: Steps, limit: float) -> tuple[list[int], int, float]:
    """Places of the sets that bring the PD below a limit until there are enough; that of the least PD met, and it."""
    reached: list[int] = []
    lowest, least = np.inf, 0
    for start in range(0, len(sets), BLOCK):
        block = sets[start : start + BLOCK]
        frame = room.after(block)
        pd = np.where(_sound(room, frame), room.pd(frame), np.inf)
        if pd.min() < lowest:
            lowest, least = float(pd.min()), start + int(pd.argmin())
        for row in np.flatnonzero(pd < limit).tolist():
            if not any(_holds(block[row], sets[other]) for other in reached):
                reached.append(start + row)
            if len(reached) == MOST_PROPOSALS:
                return reached, least, lowest
    return reached, least, lowest


def _holds(steps: Steps, other: Steps) -> bool:
    """Whether a set makes all changes that another makes."""
    return bool((steps[other > 0] > 0).all())


def _sound(room: _Room, frame: pl.DataFrame) -> NDArray[np.bool_]:
    """Whether nobody would pay more than there is (n): no cash below nothing."""
    if room.today["cash_balance"][0] is None:
        # What is repaid from cash that is not known cannot be told to be there.
        sound = frame["credit_balance"].eq_missing(room.today["credit_balance"][0])
    else:
        sound = frame["cash_balance"] >= min(0.0, room.today["cash_balance"][0])
    return np.asarray(sound.to_numpy(), bool)


def _proposals(room: _Room, sets: Steps) -> Sequence[Proposal]:
    """Sets of changes as proposals, scored by the one scoring function."""
    if not len(sets):
        return []
    made = score_arrays(room.bundle, room.after(sets).select(ID, *room.bundle.names))
    return [
        Proposal(
            moves=tuple(
                Move(room.changes[c], float(room.values[c][0]), float(room.values[c][steps[c]]), int(steps[c]))
                for c in np.flatnonzero(steps).tolist()
            ),
            cost=float(room.cost(steps[None])[0]),
            months=max(room.terms[c].months for c in np.flatnonzero(steps).tolist()),
            pd=float(made.pd[row]),
            points=float(made.points[row]),
            grade=made.grades[row],
        )
        for row, steps in enumerate(sets)
    ]
