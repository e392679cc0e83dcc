"""Contributions and interactions against LightGBM's, against shap's, and against their definition."""

from collections.abc import Callable
from itertools import combinations
from math import factorial
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
import shap

from scoring.model.shap import Explainer
from scoring.model.shap.text import Tree, trees

MODELS = 1_000
KINDS = (None, "none", "zero", "nan")  # each split of its own missing type, or all of one
MOST = 1e-10
FEATURES = 4


@pytest.mark.parametrize("kind", KINDS)
def test_random_models_have_the_contributions_of_lightgbm(
    kind: str | None, grow: Callable[..., str], draw_rows: Callable[..., Any]
) -> None:
    deepest = 0
    for seed in range(MODELS // len(KINDS)):
        features = (2, 5, 12, 30)[seed // 16 % 4]
        text = grow(seed, features=features, depth=1 + seed % 16, missing=kind)
        booster, explainer, matrix = lgb.Booster(model_str=text), Explainer.read(text), draw_rows(seed, features)
        raw, parts = explainer.contributions(matrix)
        theirs = booster.predict(matrix, pred_contrib=True, num_threads=1)
        assert raw.tobytes() == booster.predict(matrix, raw_score=True, num_threads=1).tobytes()
        assert np.abs(parts - theirs[:, :-1]).max() < MOST
        assert np.abs(explainer.base - theirs[:, -1]).max() < MOST
        _same_bits_elsewhere(explainer, matrix)
        deepest = max(deepest, *(int(entry) for entry in explainer._model.trees["points"]))
    assert deepest > 4  # paths of more features than one quad of quadrature points is exact for


def _same_bits_elsewhere(explainer: Explainer, matrix: Any) -> None:
    """Alone, in another place of a batch, and with threads."""
    raw, parts = explainer.contributions(matrix)
    turned = np.roll(np.arange(len(matrix)), 5)
    moved = explainer.contributions(matrix[turned], threads=3)
    assert moved.parts.tobytes() == parts[turned].tobytes()
    assert moved.raw.tobytes() == raw[turned].tobytes()
    alone = explainer.contributions(matrix[2:3])
    assert (alone.parts.tobytes(), alone.raw.tobytes()) == (parts[2].tobytes(), raw[2].tobytes())
    assert explainer.raw(matrix).tobytes() == explainer.raw(matrix, threads=3).tobytes() == raw.tobytes()


@pytest.mark.parametrize("seed", range(12))
def test_contributions_and_interactions_are_those_of_the_definition(
    seed: int, grow: Callable[..., str], draw_rows: Callable[..., Any]
) -> None:
    text = grow(seed, features=FEATURES, depth=6, trees=2, splits=12)
    explainer, matrix = Explainer.read(text), draw_rows(seed, FEATURES, 9)
    parts = explainer.contributions(matrix).parts
    alone = explainer.interactions(matrix, range(FEATURES))
    grouped = explainer.interactions(matrix, [1, 0, 1, 2], threads=2)
    for row, part, one, group in zip(matrix, parts, alone, grouped, strict=True):
        worth = _worths(trees(text), row)
        together = _interactions(worth)
        assert part == pytest.approx(together.sum(axis=1), abs=1e-12)
        assert one == pytest.approx(together, abs=1e-12)
        members = np.array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 1]])
        assert group == pytest.approx(members @ together @ members.T, abs=1e-12)


def _worths(model: tuple[Tree, ...], row: Any) -> dict[frozenset[int], float]:
    """What is foretold where a set of features is known: unknown ones split as the training rows did."""

    def foretold(tree: Tree, place: int, known: frozenset[int]) -> float:
        if place < 0:
            return float(tree.value[~place])
        feature, children = int(tree.feature[place]), tree.children[place]
        if feature in known:
            return foretold(tree, int(children[0 if _left(tree, place, row[feature]) else 1]), known)
        covers = [tree.leaf_cover[~child] if child < 0 else tree.cover[child] for child in children]
        return sum(
            float(cover / tree.cover[place]) * foretold(tree, int(child), known)
            for cover, child in zip(covers, children, strict=True)
        )

    subsets = [frozenset(one) for size in range(FEATURES + 1) for one in combinations(range(FEATURES), size)]
    return {known: sum(foretold(tree, 0 if len(tree.feature) else ~0, known) for tree in model) for known in subsets}


def _left(tree: Tree, place: int, value: float) -> bool:
    """LightGBM's ``Tree::NumericalDecision``, for values it has read."""
    value = 0.0 if abs(value) <= 1.0000000180025095e-35 else value
    missing = ("none", "zero", "nan")[tree.missing[place]]
    if np.isnan(value) and missing != "nan":
        value = 0.0
    if (missing == "zero" and value == 0.0) or (missing == "nan" and np.isnan(value)):
        return bool(tree.unknown_left[place])
    return bool(value <= tree.threshold[place])


def _interactions(worth: dict[frozenset[int], float]) -> Any:
    """SHAP interaction values from what every set of features is worth (Lundberg and others, 2020)."""
    together = np.zeros((FEATURES, FEATURES))
    for known, value in worth.items():
        for i in range(FEATURES):
            size = len(known - {i})
            weight = factorial(size) * factorial(FEATURES - size - 1) / factorial(FEATURES)
            together[i, i] += (weight if i in known else -weight) * value
            for j in set(range(FEATURES)) - {i}:
                size = len(known - {i, j})
                weight = factorial(size) * factorial(FEATURES - size - 2) / (2 * factorial(FEATURES - 1))
                together[i, j] += (weight if (i in known) == (j in known) else -weight) * value
    own = np.diag(together).copy()  # so far the whole contribution
    np.fill_diagonal(together, 0.0)
    np.fill_diagonal(together, own - together.sum(axis=1))
    return together


def test_interactions_of_a_trained_model_are_those_of_shap(booster: lgb.Booster, sample: Any) -> None:
    matrix, groups = sample.values[:20], [0, 1, 2, 0, 1, 2, 3]
    theirs = shap.TreeExplainer(booster).shap_interaction_values(matrix)
    members = np.eye(4)[groups].T
    ours = Explainer.of(booster).interactions(matrix, groups)
    assert ours == pytest.approx(np.einsum("ai,nij,bj->nab", members, np.asarray(theirs), members), abs=1e-9)
    assert np.abs(ours[:, 0, 1]).max() > 1e-3
