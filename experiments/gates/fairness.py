"""Is no group of companies treated otherwise than policy allows?"""

from experiments.fairness.judge import Fairness, Group, Judged, Verdict
from experiments.gates.exam import CHALLENGER, Exam
from experiments.gates.gate import FAIL, PASS, UNDECIDED, Finding, Gate


def examine(exam: Exam) -> Finding:
    """No group beyond limits, and some within: small groups alone tell nothing, but stand in nobody's way."""
    if exam.judges is None:
        return Finding(says=UNDECIDED, found="Nobody looked at groups of companies.")
    made = exam.judges(exam.rows, exam.scored[CHALLENGER])
    counts = {verdict: sum(group.verdict is verdict for group in made.groups) for verdict in Verdict}
    found = f"Of {len(made.groups)} groups, " + ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    found += "".join(f"; {_told(*one)}" for one in made.beyond)
    return Finding(says=_says(made, counts[Verdict.WITHIN]), found=f"{found}.", figures={
        f"groups {verdict}": float(count) for verdict, count in counts.items()
    })  # fmt: skip


def _says(made: Fairness, within: int) -> str:
    if made.beyond:
        return FAIL
    return PASS if within else UNDECIDED


def _told(group: Group, one: Judged) -> str:
    return f"{group.attribute} {group.name}: {one.measure.name} {one.found}"


FAIRNESS = Gate("fairness", "no group beyond what policy allows", examine)
