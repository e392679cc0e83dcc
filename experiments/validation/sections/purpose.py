"""What the model is for, and which model this is."""

from experiments.listing import listing
from experiments.validation.section import Reader, Section, Status


def purpose(reader: Reader) -> Section:
    """The card's purpose, and the names the model goes by."""
    run = reader.model
    rows = [
        ("version", reader.tag(run, "bundle_version", "version")),
        ("bundle, SHA-256", reader.tag(run, "bundle_sha256", "bundle")),
        ("MLflow run", run.run_id),
        ("made on", run.day),
        ("outcome", reader.tag(run, "outcome")),
        ("horizon, months", reader.tag(run, "horizon_months", "horizon")),
        ("data simulated", reader.tag(run, "simulated")),
    ]
    return Section(
        title="Purpose",
        status=Status.STATED,
        summary=f"{rows[0][1]}: {rows[4][1]} within {rows[5][1]} months",
        parts=[*reader.card("Purpose"), listing("the model", "what|is", rows)],
        traces=reader.traces,
    )
