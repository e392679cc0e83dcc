"""How far do scores and grades move when the challenger takes the champion's place?"""

import numpy as np

from experiments.gates.exam import CHALLENGER, CHAMPION, Exam
from experiments.gates.gate import FAIL, PASS, UNDECIDED, Finding, Gate, within, worst
from experiments.gates.moved import moves, psi
from experiments.gates.policy import GRADES_FAR, MOST_FAR, PSI_CALM, PSI_MOVED
from experiments.metrics import Estimate


def examine(exam: Exam) -> Finding:
    """Points as spread as the champion's, and few companies far from their grade.

    A move may be for the better: the gate does not say that it is wrong, but that people have to know of it.
    """
    before, after = exam.scored[CHAMPION], exam.scored[CHALLENGER]
    index = psi(exam.sample, before.points, after.points)
    steps = moves(exam.sample, before.grades, after.grades)
    far = steps[GRADES_FAR]
    correlation = float(np.corrcoef(before.log_odds, after.log_odds)[0, 1]) if len(before.pd) > 1 else 1.0
    return Finding(
        says=worst(_of_index(index), within(far, 0.0, MOST_FAR)),
        found=f"PSI of the points {index}, below {PSI_CALM:g} wanted; another grade {steps[1]}, {GRADES_FAR} or more"
        f" grades {far}, at most {MOST_FAR:g} wanted; correlation of log-odds {correlation:.3f}.",
        figures={"psi": index, "regraded": steps[1], "regraded_far": far, "correlation": correlation},
    )


def _of_index(found: Estimate) -> str:
    if found.value < PSI_CALM:
        return PASS
    return FAIL if found.low >= PSI_MOVED else UNDECIDED


STABILITY = Gate("stability", "scores and grades stay where they are", examine)
