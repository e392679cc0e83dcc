"""LightGBM's model text as arrays: the trees, and what stands before them."""

from collections.abc import Mapping
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from alliance.errors import BundleError
from scoring.model.scale import FloatArray

_RETRAIN = "Train the model again"
_CATEGORICAL, _DEFAULT_LEFT = 1, 2  # bits of a split's decision type; its missing type stands above them
_MISSING_SHIFT, _MISSING_MASK = 2, 3

MISSING_NONE, MISSING_ZERO, MISSING_NAN = 0, 1, 2
"""What a split takes for unknown: nothing (not a number is read as 0); 0 and not a number; not a number."""

ZERO = float(np.float32(1e-35))
"""LightGBM reads every value as 0 that is no farther from it (its ``kZeroThreshold``)."""


class Tree(NamedTuple):
    """One tree of n splits and n + 1 leaves, of one leaf where n is 0.

    A child below 0 is a leaf: ``~child`` is its number. Splits stand in an order in which children follow parents.

    Attributes:
        feature, threshold: a row goes left where the feature's value is at most the threshold (n each). No threshold
            parts the values that LightGBM reads as 0, so that these need no rounding.
        missing: what counts as unknown, one of ``MISSING_NONE``, ``MISSING_ZERO``, ``MISSING_NAN`` (n).
        unknown_left: whether a row of which the feature is unknown goes left (n).
        children: left and right (n, 2).
        cover: training rows that came by each split (n).
        leaf_cover: training rows in each leaf (n + 1).
        value: what each leaf adds to the output (n + 1).
    """

    feature: NDArray[np.int64]
    threshold: FloatArray
    missing: NDArray[np.int64]
    unknown_left: NDArray[np.bool_]
    children: NDArray[np.int64]
    cover: FloatArray
    leaf_cover: FloatArray
    value: FloatArray

    @classmethod
    def of(cls, fields: Mapping[str, str], features: int) -> Self:
        """The tree of the fields of its text.

        Raises:
            ValueError, KeyError: they do not make a tree.
        """
        count = int(fields["num_leaves"]) - 1
        value = _numbers(fields["leaf_value"], count + 1)
        if count == 0:
            none = np.empty(0, np.int64)
            return cls(none, np.empty(0), none, none.astype(bool), none.reshape(0, 2), np.empty(0), np.ones(1), value)
        decision = _whole(fields["decision_type"], count)
        missing = (decision >> _MISSING_SHIFT) & _MISSING_MASK
        threshold = _numbers(fields["threshold"], count)
        tree = cls(
            feature=_whole(fields["split_feature"], count),
            threshold=_around_zero(threshold),
            missing=missing,
            unknown_left=np.where(missing == MISSING_NONE, threshold >= 0, decision & _DEFAULT_LEFT != 0),
            children=np.column_stack([_whole(fields["left_child"], count), _whole(fields["right_child"], count)]),
            cover=_numbers(fields["internal_count"], count),
            leaf_cover=_numbers(fields["leaf_count"], count + 1),
            value=value,
        )
        tree._check(features)
        return tree

    def _check(self, features: int) -> None:
        """Compiled code follows these numbers without looking where they lead."""
        count = len(self.feature)
        if not ((self.feature >= 0) & (self.feature < features)).all():
            raise ValueError("a split is on no feature of the model")
        if not np.array_equal(np.sort(self.children, axis=None), np.r_[-count - 1 : 0, 1:count]):
            raise ValueError("its splits and leaves do not each have one parent")
        if ((self.children >= 0) & (self.children <= np.arange(count)[:, None])).any():
            raise ValueError("a split stands before its parent")
        if not (self.cover[0] > 0 and self.cover.min() >= 0 and self.leaf_cover.min() >= 0):
            raise ValueError("it does not tell how many training rows came by")


def _around_zero(thresholds: FloatArray) -> FloatArray:
    """Thresholds within ``ZERO``, moved so that all such values go the way of 0."""
    inside = np.abs(thresholds) <= ZERO
    return np.where(inside, np.where(thresholds >= 0, ZERO, np.nextafter(-ZERO, -np.inf)), thresholds)


def header(model: str) -> Mapping[str, str]:
    """Names and values before the first tree; a word without a value has an empty one."""
    return _fields(model.partition("\nTree=")[0])


def feature_names(model: str) -> tuple[str, ...]:
    """The features of a model text, in its order; ``BundleError`` where it does not name as many as it has."""
    head = header(model)
    names = tuple(head.get("feature_names", "").split())
    if not names or head.get("max_feature_idx") != str(len(names) - 1):
        raise BundleError("This is not the text of a LightGBM model.", remedy="Save the model again.")
    return names


def trees(model: str) -> tuple[Tree, ...]:
    """The trees of a model text, in its order.

    Raises:
        BundleError: the text holds no trees, or such as cannot be explained (see ``refuse_unexplainable``).
    """
    refuse_unexplainable(model)
    features = len(feature_names(model))
    made = []
    for number, text in enumerate(model.partition("\nend of trees")[0].split("\nTree=")[1:]):
        try:
            made.append(Tree.of(_fields(text), features))
        except (KeyError, ValueError) as error:
            raise BundleError(f"Tree {number} does not read as one: {error}.", remedy=f"{_RETRAIN}.") from error
    return tuple(made)


def refuse_unexplainable(model: str) -> None:
    """Raise ``BundleError`` for trees whose contributions are not defined here.

    Those are trees of several outputs, averaged trees, categorical splits and linear leaves.
    """
    head = header(model)
    if head.get("num_tree_per_iteration", "1") != "1" or "average_output" in head:
        raise BundleError(
            "The model's output is not one sum over its trees (it has several outputs, or averages).",
            remedy=f"{_RETRAIN} for one outcome, by gradient boosting.",
        )
    for line in model.splitlines():
        name, _, value = line.partition("=")
        if name == "decision_type" and any(split.isdigit() and int(split) & _CATEGORICAL for split in value.split()):
            raise BundleError(
                "The model has categorical splits, whose contributions and monotonicity are not checked.",
                remedy=f"{_RETRAIN} on numbers only.",
            )
        if name == "is_linear" and value != "0":
            raise BundleError("The model has linear leaves, which have no exact contributions.", remedy=f"{_RETRAIN}.")


def _fields(text: str) -> Mapping[str, str]:
    return {name: value for name, _, value in (line.partition("=") for line in text.splitlines())}


def _numbers(text: str, count: int) -> FloatArray:
    numbers: FloatArray = np.array(text.split(), np.float64)
    if len(numbers) != count:
        raise ValueError(f"{len(numbers)} numbers where {count} belong")
    return numbers


def _whole(text: str, count: int) -> NDArray[np.int64]:
    numbers: NDArray[np.int64] = np.array(text.split(), np.int64)
    if len(numbers) != count:
        raise ValueError(f"{len(numbers)} numbers where {count} belong")
    return numbers
