"""Do the challenger's reasons hold when put to the test?"""

from experiments.gates.exam import CHALLENGER, Exam
from experiments.gates.gate import FAIL, PASS, Finding, Gate
from experiments.gates.policy import REASONS_HOLD


def examine(exam: Exam) -> Finding:
    """The share that holds on the rows of the exam."""
    share = exam.holds(exam.scored[CHALLENGER])
    says = PASS if share >= REASONS_HOLD else FAIL
    return Finding(says=says, found=f"{share:.2%} hold, {REASONS_HOLD:.0%} wanted.", figures={"hold": share})


REASONS = Gate("reasons", "reasons hold when tested", examine)
