"""What moves scores, and whether the reasons given hold."""

from experiments.validation.cards import Said
from experiments.validation.section import NOT_ON_RECORD, Reader, Section, status_of

HOLDS = "reasons_hold"
"""Metric of a model's run: share of the test rows' reasons that hold when flipped."""


def explanation(reader: Reader) -> Section:
    """Importance by pillar and feature, the flip test of reasons, and what acts together."""
    run = reader.model
    share = reader.metric(run, HOLDS, ".2%", "share of reasons that hold")
    flipped = share != NOT_ON_RECORD
    told = (
        f"Flip test: of the reasons given for the test rows, {share} hold: moving the feature named to its reference"
        " moves the PD the way the reason says."
        if flipped
        else f"**Not examined**: the run has no metric `{HOLDS}`, so whether each reason holds when its feature is"
        " moved is not on record. `experiments train` measures it where the software offers the test."
    )
    coupling, coupled = reader.study("coupling", "experiments coupling")
    return Section(
        title="Explanation",
        status=status_of(flipped, coupled),
        summary=f"reasons that hold: {share}" if flipped else "exact SHAP values; reasons not flip-tested",
        parts=[
            Said("Contributions are exact SHAP values: base and contributions add up to each score."),
            *reader.card("What moves scores"),
            *reader.pictures(run, "pillars", "shap_bar", "shap_beeswarm"),
            Said(told),
            *coupling,
        ],
        traces=reader.traces,
    )
