"""A gate: what it asks of a challenger, and what it finds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from alliance.store.promotions import Gated
from experiments.gates.exam import Exam
from experiments.metrics import Estimate

PASS, FAIL, UNDECIDED = "pass", "fail", "not decided"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a gate found.

    Attributes:
        says: ``PASS``, ``FAIL``, or ``UNDECIDED``: the rows do not tell. What is not decided stands in the way of a
            promotion just as a failure does, until a person excepts it by name; lack of evidence lets nobody pass.
        found: the figures, in a sentence; they name no company.
        figures: the same to be kept, by name.
    """

    says: str
    found: str
    figures: Mapping[str, Estimate | float] = field(default_factory=dict)


@dataclass(frozen=True)
class Gate:
    """A gate.

    Attributes:
        name: what ``--despite`` calls it.
        asks: what it asks, in a few words.
        examine: the exam to what it finds.
    """

    name: str
    asks: str
    examine: Callable[[Exam], Finding]

    def gated(self, finding: Finding) -> Gated:
        """What is recorded with a promotion."""
        return Gated(self.name, finding.says, finding.found)


def within(found: Estimate, low: float, high: float) -> str:
    """Whether a value lies within limits; ``UNDECIDED`` where it does not, but its interval reaches into them."""
    if low <= found.value <= high:
        return PASS
    return FAIL if found.high < low or found.low > high else UNDECIDED


def worst(*said: str) -> str:
    """The verdict on several things that all have to hold."""
    return FAIL if FAIL in said else UNDECIDED if UNDECIDED in said else PASS
