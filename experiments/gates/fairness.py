"""Is no group of companies treated otherwise than policy allows?"""

from experiments.gates.exam import CHALLENGER, Exam
from experiments.gates.fairness_of import Gap
from experiments.gates.gate import PASS, UNDECIDED, Finding, Gate, within, worst


def examine(exam: Exam) -> Finding:
    """No gap beyond what policy allows; a group of too few rows is neither a pass nor a failure, but named."""
    if exam.fairness is None:
        return Finding(says=UNDECIDED, found="Nobody looked at groups of companies.")
    gaps = exam.fairness.gaps(exam.rows, exam.scored[CHALLENGER])
    if not gaps:
        return Finding(says=UNDECIDED, found="There is no group of companies to look at.")
    said = {(gap.group, gap.measure): _says(gap) for gap in gaps}
    beyond = [gap for gap in gaps if _says(gap) != PASS and gap.gap is not None]
    unknown = sorted({gap.group for gap in gaps if gap.gap is None})
    found = f"{len(gaps)} gaps of {len({gap.group for gap in gaps})} groups"
    found += f"; beyond what is allowed: {', '.join(map(_told, beyond))}" if beyond else "; none beyond what is allowed"
    found += f"; too few rows to tell: {', '.join(unknown)}" if unknown else ""
    figures = {f"{gap.group} {gap.measure}": gap.gap for gap in gaps if gap.gap is not None}
    return Finding(says=worst(*said.values()), found=f"{found}.", figures=figures)


def _says(gap: Gap) -> str:
    return UNDECIDED if gap.gap is None else within(gap.gap, -gap.allowed, gap.allowed)


def _told(gap: Gap) -> str:
    return f"{gap.group} ({gap.measure} {gap.gap}, allowed {gap.allowed:g})"


FAIRNESS = Gate("fairness", "no group beyond what policy allows", examine)
