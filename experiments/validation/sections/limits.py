"""Where the model ends."""

from experiments.validation.cards import Said
from experiments.validation.section import Reader, Section, Status

SIMULATED = (
    "**All figures of this report are of simulated companies.** They show that the method and this report work, and are"
    " no ground to use the model on real companies."
)


def limits(reader: Reader) -> Section:
    """The card's limits, and the studies that are not on record."""
    evidence = reader.evidence
    simulated = reader.tag(reader.model, "simulated", "data simulated") == "true"
    others = [
        Said(f"`{kind}` was studied on other rows only (run `{runs[0].run_id}` of {runs[0].day}).", point=True)
        for kind, runs in evidence.elsewhere.items()
    ]
    return Section(
        title="Limits",
        status=Status.STATED,
        summary="simulated data: no evidence about the world" if simulated else "as the model card says",
        parts=[*([Said(SIMULATED)] if simulated else []), *reader.card("Limits"), *others],
        traces=reader.traces,
    )
