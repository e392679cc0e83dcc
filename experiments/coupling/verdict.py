"""What was decided, in words that follow from the intervals alone. "Not decided by these data" is a verdict too."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from experiments.coupling.composites import BENT, CES, GEOMETRIC
from experiments.coupling.laboratory import Findings
from experiments.metrics import Estimate


class Decision(StrEnum):
    TIMES = "x"
    PLUS = "+"
    OPEN = "not decided by these data"


@dataclass(frozen=True)
class Answer:
    """A decision, and the figures behind it."""

    question: str
    decision: Decision
    because: str


@dataclass(frozen=True)
class Verdict:
    """The answers to (a), (b) and (c), and what they say together."""

    answers: tuple[Answer, ...]
    decision: Decision
    words: str


def judge(found: Findings) -> Verdict:
    """The verdict on findings."""
    answers = (_confined(found), _composites(found), _map(found))
    decision = _together([answer.decision for answer in answers])
    decided = [answer for answer in answers if answer.decision is not Decision.OPEN]
    if decision is not Decision.OPEN:
        of = ", ".join(answer.question for answer in decided)
        words = f'"{decision}": so say {of}; none speaks against it.'
    elif _coupled(answers) and answers[1].decision is Decision.PLUS:
        words = (
            "Neither: pillars act together on log-odds, yet no composite with a weak link foretells better than a sum."
            " They couple, but not so that one that fails takes the others with it."
        )
    elif decided:
        words = (
            "Not decided: the instruments disagree; what acts together is too weak, or too rare, to foretell better."
        )
    else:
        words = "Not decided by these data: no interval leaves nought."
    return Verdict(answers, decision, words)


def _coupled(answers: Sequence[Answer]) -> bool:
    """Whether (a) or (c) says "x" and neither says "+"."""
    said = {answers[0].decision, answers[2].decision}
    return Decision.TIMES in said and Decision.PLUS not in said


def _together(decisions: Sequence[Decision]) -> Decision:
    """What all that decided agree on."""
    said = {decision for decision in decisions if decision is not Decision.OPEN}
    return said.pop() if len(said) == 1 else Decision.OPEN


def _confined(found: Findings) -> Answer:
    """(a) the side that foretells better, if either does."""
    gain = found.free_gain
    decision = _sign(gain)
    said = {
        Decision.TIMES: "trees that may mix pillars foretell better",
        Decision.PLUS: "trees confined to pillars foretell better",
        Decision.OPEN: "neither foretells better",
    }[decision]
    return Answer("(a) log-odds", decision, f"{said}: {_nats(gain)}")


def _composites(found: Findings) -> Answer:
    """(b) "x" where CES wins over both sums with rho below 1; "+" where it loses to the bent sum, or wins nothing over
    the weighted mean while the geometric mean loses to it.

    A rho above 1 is coupling too, but of the other kind: a strong pillar excuses weak ones. It is not called "x".
    """
    ces, bent = found.composite_gains[CES.name], found.composite_gains[BENT.name]
    geometric = found.composite_gains[GEOMETRIC.name]
    told = f"CES over the weighted mean {_nats(ces)}, over the bent sum {_nats(found.over_bent)}; rho {found.rho}"
    if ces.low > 0 and found.over_bent.low > 0 and found.rho.high < 1:
        return Answer("(b) composites", Decision.TIMES, f"a composite with a weak link wins over both sums: {told}")
    if found.over_bent.high < 0:
        return Answer("(b) composites", Decision.PLUS, f"CES loses to a sum that bends as much: {told}")
    if geometric.high < 0 and not ces.low > 0:
        why = f"the geometric mean loses to the weighted mean ({_nats(geometric)}) and CES wins nothing over it"
        return Answer("(b) composites", Decision.PLUS, f"{why}: {told}; bent sum {_nats(bent)}")
    return Answer("(b) composites", Decision.OPEN, told)


def _map(found: Findings) -> Answer:
    """(c) "x" where two pillars act together. Nothing found is no proof that nothing is there."""
    together = [f"{pair.one} x {pair.other}" for pair in found.pillars if pair.found]
    if together:
        return Answer("(c) map", Decision.TIMES, f"pillars act together: {', '.join(together)}")
    strongest = max((pair.high - pair.excess for pair in found.pillars), default=0.0)
    return Answer("(c) map", Decision.OPEN, f"no pair of pillars beyond the limit of {strongest:.3f} log-odds")


def _sign(gain: Estimate) -> Decision:
    if gain.low > 0:
        return Decision.TIMES
    return Decision.PLUS if gain.high < 0 else Decision.OPEN


def _nats(gain: Estimate) -> str:
    return f"{gain.value:+.4f} ({gain.low:+.4f} to {gain.high:+.4f})"
