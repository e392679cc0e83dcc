"""Does anything the challenger was taught tell the future? The probes of ``experiments.probes``, on its own inputs."""

from dataclasses import replace

from alliance.errors import InvalidInput
from experiments.datasets.dataset import Column, Dataset, Examination
from experiments.gates.exam import Exam, begin_of
from experiments.gates.gate import FAIL, PASS, UNDECIDED, Finding, Gate, worst
from experiments.probes import CLEAN, LEAK, Probe, kept_apart, one_column_alone, planted_late, time_shuffled
from experiments.splits import out_of_time
from scoring.features import feature_named

_SAYS = {CLEAN: PASS, LEAK: FAIL}
"""A warning, and what the data cannot tell, are for a person to look at."""


def examine(exam: Exam) -> Finding:
    """Every probe; and whether the challenger's own test began after its teaching, as its bundle says."""
    features = tuple(feature_named(name) for name in exam.challenger.names)
    panel = replace(exam.panel, features=features)
    found = [_as_taught(exam)]
    if exam.history is not None:
        found.append(planted_late(exam.history, panel))
    dataset = Dataset(
        name="store", about="the panel of the exam", frame=panel.frame, columns=tuple(map(Column.of, features)),
        horizon_months=panel.horizon_months, examinations=(),
    )  # fmt: skip
    found.append(one_column_alone(dataset))
    try:
        split = out_of_time(panel, exam.rows["as_of"].n_unique())
    except InvalidInput as error:  # too few days to teach any model, hence none to be shuffled
        found.append(Probe("time shuffled", UNDECIDED, str(error)))
    else:
        one = Examination("out of time", "as the exam", (split,))
        found += [kept_apart(dataset, one), time_shuffled(dataset, one)]
    says = worst(*(_SAYS.get(probe.says, UNDECIDED) for probe in found))
    named = [probe for probe in found if _SAYS.get(probe.says, UNDECIDED) == says] if says != PASS else found
    told = "; ".join(f"{probe.name}: {probe.says}, {probe.found}" for probe in named)
    return Finding(says=says, found=f"{told}.", figures={"leaks": float(sum(one.says == LEAK for one in found))})


def _as_taught(exam: Exam) -> Probe:
    """Whether the challenger's own test rows were taught, or rows whose outcome was not known when the test began."""
    name, begins = "its own test", exam.challenger.training["test"]["first"]
    known = begin_of(exam.challenger).isoformat()
    if known > begins:
        return Probe(name, LEAK, f"it was taught outcomes known by {known}, and tested from {begins} on")
    return Probe(name, CLEAN, f"taught what was known by {known}, tested from {begins} on")


LEAKAGE = Gate("leakage", "nothing it was taught tells the future", examine)
