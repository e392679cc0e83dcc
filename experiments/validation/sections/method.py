"""How the model was made."""

from experiments.listing import listing
from experiments.validation.section import Reader, Section, Status

SETTINGS = (
    "trees", "max_depth", "num_leaves", "learning_rate", "leaf_share", "lambda_l2", "feature_fraction",
    "bagging_fraction", "patience", "seed", "test_quarters", "companies_apart",
)  # fmt: skip
"""Parameters of a model's run that say how it was grown and tested."""


def method(reader: Reader) -> Section:
    """The card's words on method, the recipe, and whether another recipe does better."""
    rows = [(name, reader.param(reader.model, name)) for name in SETTINGS]
    tuning, tuned = reader.study("tune", "experiments tune")
    return Section(
        title="Method",
        status=Status.EXAMINED if tuned else Status.IN_PART,
        summary=f"LightGBM, {rows[0][1]} trees, Platt's calibration, exact SHAP values"
        + ("" if tuned else "; other recipes were not tried"),
        parts=[*reader.card("Method"), listing("recipe", "setting|value", rows, "value"), *tuning],
        traces=reader.traces,
    )
