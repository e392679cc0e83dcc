"""What may stand in a LightGBM model text: one tree model of log-odds, numbers only, monotone as promised."""

from collections.abc import Mapping, Sequence

import numpy as np

from alliance.errors import BundleError
from scoring.model.contract import ContractFeature
from scoring.model.scale import FloatArray
from scoring.model.shap.text import header, refuse_unexplainable

OBJECTIVE = "binary sigmoid:1"
_RETRAIN = "Train the model again"


def refuse_unfit(model: str, features: Sequence[ContractFeature]) -> None:
    """Raise ``BundleError`` unless the model text can be explained and fits the contract.

    It must predict log-odds of one outcome, name the contract's features in the same order, hold their directions as
    monotone constraints, and have neither categorical splits nor linear leaves.
    """
    head = header(model)
    _refuse_other_outputs(head)
    names = head.get("feature_names", "").split()
    if names != [feature.name for feature in features]:
        raise BundleError(
            f"The model's features ({' '.join(names)}) are not the contract's, in its order.",
            remedy="Build the bundle from the features the model was trained on.",
        )
    declared = head.get("monotone_constraints", " ".join("0" * len(features))).split()
    broken = [f.name for f, held in zip(features, declared, strict=True) if int(held) != f.direction.constraint]
    if broken:
        raise BundleError(
            f"The model does not hold the declared direction of: {', '.join(broken)}.",
            remedy=f"{_RETRAIN} with the features' directions as monotone constraints.",
        )
    refuse_unexplainable(model)


def _refuse_other_outputs(head: Mapping[str, str]) -> None:
    averaged = "average_output" in head
    if head.get("objective") != OBJECTIVE or head.get("num_tree_per_iteration") != "1" or averaged:
        raise BundleError(
            f"The model's output is not log-odds of one outcome (objective {head.get('objective', 'none')!r}).",
            remedy=f"{_RETRAIN} with objective 'binary', sigmoid 1, by gradient boosting.",
        )


def sample(model: str, rows: int) -> FloatArray:
    """Made-up feature values (rows, f) within the ranges the model was trained on, one in five unknown (NaN).

    The same for the same model text.
    """
    generator = np.random.default_rng(0)
    ranges = [_range(text) for text in header(model)["feature_infos"].split()]
    low, high = np.array(ranges).T
    values: FloatArray = low + (high - low) * generator.random((rows, len(ranges)))
    values[generator.random(values.shape) < 0.2] = np.nan
    return values


def _range(text: str) -> tuple[float, float]:
    """``[low:high]``; ``none`` for a feature with one value only."""
    if not text.startswith("["):
        return 0.0, 1.0
    low, _, high = text.strip("[]").partition(":")
    return float(low), float(high)
