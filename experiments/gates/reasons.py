"""Do the challenger's reasons hold when put to the test?"""

from experiments.gates.exam import Exam
from experiments.gates.gate import FAIL, PASS, UNDECIDED, Finding, Gate
from experiments.gates.policy import REASONS_HOLD

HOLD = "reasons_hold"
"""Where a bundle's training facts say which share of its reasons held when they were tested."""


def examine(exam: Exam) -> Finding:
    """The share that held when the model was trained, as its bundle says under its SHA-256."""
    share = exam.challenger.training.get(HOLD)
    if not isinstance(share, int | float):
        return Finding(says=UNDECIDED, found="The bundle does not say whether its reasons were tested.")
    says = PASS if share >= REASONS_HOLD else FAIL
    return Finding(says=says, found=f"{share:.2%} hold, {REASONS_HOLD:.0%} wanted.", figures={"hold": float(share)})


REASONS = Gate("reasons", "reasons hold when tested", examine)
