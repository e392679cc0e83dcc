"""What a ladder says of each pillar, in words that follow from intervals alone."""

from dataclasses import dataclass

from alliance.signals import PILLAR_NAMES, Pillar
from experiments.ladder.climb import Ladder
from experiments.ladder.rungs import STRATEGIC
from experiments.metrics import Estimate

FAMILY = 0.05
"""Chance that any verdict of one ladder is wrong where no pillar carries anything (Bonferroni): each rests on an
interval wider than 95 per cent by as much as there are pillars judged."""

UPLIFT, NONE, HARM = "uplift shown", "no uplift shown", "loss shown"


@dataclass(frozen=True)
class Verdict:
    """On one pillar.

    Attributes:
        pillar: the pillar.
        step: gain of AUC over the rung below, on which the verdict rests.
        alone: the same with a 95 per cent interval, as if it were the only one looked at.
        missed: loss of AUC when it alone is left out of all.
        level: level of the intervals of ``step`` and ``missed``.
    """

    pillar: Pillar
    step: Estimate
    alone: Estimate
    missed: Estimate
    level: float

    @property
    def says(self) -> str:
        """``UPLIFT`` where the step is above zero, ``HARM`` where it is below, else ``NONE``."""
        if self.step.low > 0:
            return UPLIFT
        return HARM if self.step.high < 0 else NONE

    @property
    def replaceable(self) -> bool:
        """Whether there is an uplift that the other pillars make up for when this one is left out of all."""
        return self.says == UPLIFT and self.missed.low <= 0

    def sentence(self) -> str:
        """The verdict in a sentence."""
        name = PILLAR_NAMES[self.pillar][1]
        figures = f"step {_signed(self.step)}, loss when left out {_signed(self.missed)}, {self.level:.1%} intervals"
        more = "; the others make up for it when it is left out" if self.replaceable else ""
        if self.says == NONE and self.alone.low > 0:
            more = f"; by its own 95% interval there is ({_signed(self.alone)}), not beyond the chance of several looks"
        if self.says != UPLIFT and self.missed.low > 0:
            more += "; yet all are worse without it"
        return f"{name}: {self.says} ({figures}){more}."


def verdicts(ladder: Ladder) -> tuple[Verdict, ...]:
    """A verdict on each strategic pillar that has a rung above another."""
    judged = [rung for rung in ladder.rungs[1:] if rung.added in STRATEGIC]
    level = 1 - FAMILY / max(1, len(judged))
    return tuple(_verdict(ladder, rung.added, level) for rung in judged if rung.added)


def _verdict(ladder: Ladder, pillar: Pillar, level: float) -> Verdict:
    place = next(place for place, rung in enumerate(ladder.rungs) if rung.added == pillar)
    mine, below = ladder.rungs[place].name, ladder.rungs[place - 1].name
    without = next(rung.name for rung in ladder.without if rung.left_out == pillar)
    return Verdict(
        pillar=pillar,
        step=ladder.draws.one(mine, below, level).gains["auc"],
        alone=ladder.draws.one(mine, below).gains["auc"],
        missed=ladder.draws.one(ladder.top, without, level).gains["auc"],
        level=level,
    )


def _signed(found: Estimate) -> str:
    return f"{found.value:+.4f} ({found.low:+.4f} to {found.high:+.4f})"
