"""Who answers for the model. Filled in by people."""

from experiments.listing import listing
from experiments.validation.cards import Said
from experiments.validation.section import Reader, Section, Status

GATES = "gates.md"
"""Where a model's run keeps what the gates said of it before it was promoted."""

ROLES = (
    ("model developer", "made as described"),
    ("independent validator", "examined as described; findings above"),
    ("model owner", "used within the limits above"),
    ("model-risk committee", "approved, approved with conditions, or rejected"),
)
"""Who signs, and to what."""


def sign_off(reader: Reader) -> Section:
    """Empty lines to sign, under the model's digest; and the gates' answers, if any."""
    gates = reader.file(reader.model, GATES) or [
        Said("**Not examined**: the run has no answers of the gates. `experiments gates` asks them of a challenger.")
    ]
    passed = GATES in reader.model.texts
    bundle = reader.tag(reader.model, "bundle_sha256", "bundle")
    rows = [(role, says, "", "", "") for role, says in ROLES]
    return Section(
        title="Sign-off",
        status=Status.STATED,
        summary="to be signed; " + ("gates on record" if passed else "no gates on record"),
        parts=[
            *gates,
            Said(f"Signatures are for the model of bundle `{bundle}` alone. This report decides nothing by itself."),
            listing("sign-off", "role|signs that the model is|name|date|signature", rows),
        ],
        traces=reader.traces,
    )
