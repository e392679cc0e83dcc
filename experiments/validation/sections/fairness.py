"""Whether groups of companies are scored alike."""

from experiments.validation.section import Reader, Section, status_of


def fairness(reader: Reader) -> Section:
    """The study of groups: approval and error rates, calibration, each with its interval."""
    parts, found = reader.study("fairness", "experiments fairness")
    return Section(
        title="Fairness",
        status=status_of(found),
        summary=reader.first_point("fairness") or "no comparison of groups on record",
        parts=parts,
        traces=reader.traces,
    )
