"""Old decisions made again with another bundle, from what was known then; nothing of it is recorded.

Facts are read as whoever asked may read them now, up to the watermark each decision was made by.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alliance.errors import AllianceError
from alliance.signals import PILLAR_NAMES
from alliance.store import Decision, Store
from alliance.store.decisions import decisions_where
from alliance.store.schema import decision
from alliance.terminal import progress
from experiments.listing import Listing, listing
from scoring.decide import Scorer
from scoring.model import GRADES, Bundle
from scoring.result import Reason, Score

PART = 500
"""Decisions made again between two steps of the progress bar."""

ADVICE = "advice"
"""Where a score says what it advises, if it does."""


@dataclass(frozen=True)
class Again:
    """A decision, and the score another bundle would have given."""

    before: Decision
    after: Score

    @property
    def steps(self) -> int:
        """Grades moved, down if positive: to more risk."""
        return GRADES.index(self.after.grade) - GRADES.index(self.before.result["grade"])

    @property
    def points(self) -> float:
        """Points won, or lost if negative."""
        return self.after.points - float(self.before.result["points"])

    @property
    def pillar(self) -> tuple[str, float]:
        """The pillar whose points changed most, and by how much; one that only one model has counts whole."""
        then = {one["pillar"]: float(one["points"]) for one in self.before.result["pillars"]}
        now = {one.pillar.value: one.points for one in self.after.pillars}
        change = {name: now.get(name, 0.0) - then.get(name, 0.0) for name in {**then, **now}}
        return max(change.items(), key=lambda one: (abs(one[1]), one[0]))

    @property
    def reason(self) -> Reason | None:
        """The new score's first reason in the direction of the move."""
        side = self.after.raises if self.points < 0 else self.after.lowers
        return side[0] if side else None


@dataclass(frozen=True)
class Replayed:
    """Decisions made again.

    Attributes:
        bundle: by which model.
        again: those that could be.
        erased, refused: how many could not: what they said was erased; nothing may be read for them any more.
    """

    bundle: Bundle
    again: tuple[Again, ...]
    erased: int
    refused: int


def replayed(store: Store, bundle: Bundle, since: datetime) -> Replayed:
    """Make decisions again that were made at a moment or later and foresaw what the bundle does."""
    with store.reading() as connection:
        found = decisions_where(connection, decision.c.decided_at >= since)
    whole = [one for one in found if one.erased is None and _foresees(one, bundle)]
    scores: dict[str, Score | AllianceError] = {}
    scorer = Scorer(store, bundle)
    with progress("decisions", len(whole)) as bar:
        for start in range(0, len(whole), PART):
            scores |= scorer.again(whole[start : start + PART])
            bar.update(bar.task_ids[0], completed=len(scores))
    told = ((one, scores[one.decision_id]) for one in whole)
    again = tuple(Again(one, score) for one, score in told if isinstance(score, Score))
    erased = sum(one.erased is not None for one in found)
    return Replayed(bundle, again, erased=erased, refused=len(whole) - len(again))


def _foresees(made: Decision, bundle: Bundle) -> bool:
    told = (made.result["outcome"], made.result["horizon_months"])
    return told == (bundle.outcome.name, bundle.outcome.horizon_months)


def replay_report(store: Store, bundle: Bundle, since: datetime, most: int) -> list[Listing | str]:
    """How many would be graded or advised otherwise, and who would move most, with reasons."""
    found = replayed(store, bundle, since)
    said = (
        f"{len(found.again):,} decisions since {since:%Y-%m-%d} made again by {bundle.version} ({bundle.sha256[:12]});"
    )
    said += f" {found.erased:,} were erased, {found.refused:,} may be read no more. Nothing is recorded."
    if not found.again:
        return [said]
    return [said, moves_listing(found.again), movers_listing(found.again, most)]


def moves_listing(again: Sequence[Again]) -> Listing:
    """How many move, by how far."""
    steps = [one.steps for one in again]
    advice = [(one.before.result.get(ADVICE), one.after.as_dict().get(ADVICE)) for one in again]
    advised = [(before, after) for before, after in advice if before and after]
    counts = {
        "the same to the last bit": sum(one.points == 0 and not one.steps for one in again),
        "the same grade": sum(not one for one in steps),
        "a better grade": sum(one < 0 for one in steps),
        "a worse grade": sum(one > 0 for one in steps),
        "two grades or more": sum(abs(one) > 1 for one in steps),
    }
    if advised:
        counts["another advice"] = sum(before != after for before, after in advised)
    rows = [(what, f"{count:,}", f"{count / len(again):.1%}") for what, count in counts.items()]
    return listing("decisions made again", "decisions|number|share", rows, "number|share")


def movers_listing(again: Sequence[Again], most: int) -> Listing:
    """Those who move most, first."""
    ordered = sorted(again, key=lambda one: (-abs(one.points), one.before.decision_id))[:most]
    return listing(
        "who moves most",
        "company|decision|grade|points|change|most by|first reason",
        map(_row, ordered),
        "points|change",
    )


def _row(one: Again) -> tuple[str, ...]:
    before, (pillar, change) = one.before, one.pillar
    names = next((f"{zh} {en}" for known, (zh, en) in PILLAR_NAMES.items() if known.value == pillar), pillar)
    reason = f"{one.reason.zh}\n{one.reason.en}" if one.reason else ""
    return (
        before.company_id, before.decision_id, f"{before.result['grade']} → {one.after.grade}",
        f"{before.result['points']:.0f} → {one.after.points:.0f}", f"{one.points:+.1f}", f"{names} {change:+.1f}",
        reason,
    )  # fmt: skip
