"""What a ladder says of each pillar, in words that follow from intervals alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from alliance.signals import PILLAR_NAMES, Pillar
from experiments.ladder.climb import Ladder
from experiments.ladder.rungs import STRATEGIC
from experiments.metrics import Estimate

FAMILY = 0.05
"""Chance that any verdict of one ladder is wrong where no pillar carries anything (Bonferroni): each interval is wider
than 95 per cent by as much as there are pillars judged, twice over, for each is looked at in two ways."""

UPLIFT, NONE, HARM = "uplift shown", "no uplift shown", "loss shown"


@dataclass(frozen=True)
class Verdict:
    """On one pillar.

    Attributes:
        pillar: the pillar.
        step: gain of AUC over the rung below; ``missed``: loss of AUC when it alone is left out of all.
        level: level of both intervals.
        says: ``UPLIFT`` where the step, or the loss without it, is above zero; ``HARM`` where one is below and none
            above; else ``NONE``.
        replaceable: whether the step shows, and leaving it out does not: the others make up for it.
    """

    pillar: Pillar
    step: Estimate
    missed: Estimate
    level: float
    says: str
    replaceable: bool

    def sentence(self) -> str:
        """The verdict in a sentence."""
        name = PILLAR_NAMES[self.pillar][1]
        figures = f"step {_signed(self.step)}, loss when left out {_signed(self.missed)}, {self.level:.1%} intervals"
        more = "; the other pillars make up for it when it is left out" if self.replaceable else ""
        return f"{name}: {self.says} ({figures}){more}."


def verdicts(ladder: Ladder) -> tuple[Verdict, ...]:
    """A verdict on each strategic pillar that has a rung above another."""
    judged = [rung for rung in ladder.rungs[1:] if rung.added in STRATEGIC]
    level = 1 - FAMILY / (2 * max(1, len(judged)))
    return tuple(_verdict(ladder, rung.added, level) for rung in judged if rung.added)


def _verdict(ladder: Ladder, pillar: Pillar, level: float) -> Verdict:
    place = next(place for place, rung in enumerate(ladder.rungs) if rung.added == pillar)
    step = ladder.draws.one(ladder.rungs[place].name, ladder.rungs[place - 1].name, level).gains["auc"]
    without = next(rung.name for rung in ladder.without if rung.left_out == pillar)
    missed = ladder.draws.one(ladder.top, without, level).gains["auc"]
    shown = [one.low > 0 for one in (step, missed)]
    says = UPLIFT if any(shown) else HARM if _any_below((step, missed)) else NONE
    return Verdict(pillar, step, missed, level, says, replaceable=shown == [True, False])


def _any_below(gains: Sequence[Estimate]) -> bool:
    return any(one.high < 0 for one in gains)


def _signed(found: Estimate) -> str:
    return f"{found.value:+.4f} ({found.low:+.4f} to {found.high:+.4f})"
