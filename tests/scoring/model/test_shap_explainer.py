"""The explainer as its users meet it: any numbers in, shap's explanations out, clear errors."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import lightgbm as lgb
import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pytest
import shap

from alliance.errors import BundleError, InvalidInput
from scoring.model import Bundle
from scoring.model.shap import Explainer, kernel

matplotlib.use("Agg")


@pytest.fixture(scope="module")
def explainer(booster: lgb.Booster) -> Explainer:
    return Explainer.of(booster)


@pytest.fixture
def matrix(sample: Any) -> Any:
    return sample.values[:21]


@pytest.mark.parametrize(
    "form",
    [
        np.asfortranarray,
        lambda matrix: np.repeat(matrix, 2, axis=0)[::2],
        lambda matrix: matrix.tolist(),
        lambda matrix: matrix.astype(object),
    ],
)
def test_the_same_numbers_in_any_form_have_the_same_contributions(explainer: Explainer, matrix: Any, form: Any) -> None:
    assert explainer.contributions(form(matrix)).parts.tobytes() == explainer.contributions(matrix).parts.tobytes()


def test_nothing_is_compiled_after_the_warm_up(explainer: Explainer, matrix: Any) -> None:
    explainer.warm_up()
    frozen = matrix.copy()
    frozen.flags.writeable = False
    unaligned = np.frombuffer(b"-" + matrix.tobytes(), np.float64, offset=1).reshape(matrix.shape)
    for form in (frozen, frozen[:1], unaligned, matrix.astype(">f8"), matrix[:0], matrix[:, ::-1]):
        explainer.contributions(form, threads=2)
    explainer(pl.DataFrame(matrix[:1], explainer.names))
    assert len(kernel.explain_rows.signatures) == 1


@pytest.mark.parametrize("kind", [np.float32, np.int64, bool])
def test_other_numbers_are_read_as_lightgbm_reads_them(booster: lgb.Booster, matrix: Any, kind: Any) -> None:
    numbers = np.nan_to_num(matrix).astype(kind)
    raw, parts = Explainer.of(booster).contributions(numbers)
    assert raw.tobytes() == booster.predict(numbers, raw_score=True).tobytes()
    assert parts == pytest.approx(booster.predict(numbers, pred_contrib=True)[:, :-1], abs=1e-12)


def test_an_explanation_holds_what_all_of_shap_s_plots_ask_for(explainer: Explainer, matrix: Any) -> None:
    for table in (matrix, pd.DataFrame(matrix, columns=explainer.names), pl.DataFrame(matrix, explainer.names)):
        explanation = explainer(table)
        assert isinstance(explanation, shap.Explanation)
        assert explanation.values.tobytes() == explainer.contributions(matrix).parts.tobytes()
        assert np.array_equal(explanation.data, matrix, equal_nan=True)
        assert (explanation.base_values == explainer.base).all()
        assert explanation.feature_names == list(explainer.names)
    shap.plots.waterfall(explanation[0], show=False)
    shap.plots.beeswarm(explanation, show=False)
    shap.plots.bar(explanation, show=False)
    shap.plots.scatter(explanation[:, "cash"], show=False)
    plt.close("all")


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_columns_that_are_not_the_model_s_are_named(explainer: Explainer, matrix: Any, frame: Any) -> None:
    table = {name: matrix[:, place] for place, name in enumerate(explainer.names)}
    with pytest.raises(InvalidInput, match="missing: cash; not asked for: money"):
        explainer(frame({"money" if name == "cash" else name: column for name, column in table.items()}))
    with pytest.raises(InvalidInput, match="in its order"):
        explainer(frame(dict(reversed(table.items()))))


@pytest.mark.parametrize("shape", [(3, 6), (3, 8), (7,), (0, 0), (1, 7, 7)])
def test_matrices_of_another_shape_are_refused(explainer: Explainer, shape: tuple[int, ...]) -> None:
    with pytest.raises(InvalidInput, match="has 7 features"):
        explainer.contributions(np.zeros(shape))


def test_words_are_refused(explainer: Explainer, matrix: Any) -> None:
    words = matrix.astype(object)
    words[2, 1] = "many"
    with pytest.raises(InvalidInput, match="many"):
        explainer.contributions(words)
    with pytest.raises(InvalidInput, match="many"):
        explainer(pd.DataFrame(words, columns=explainer.names))


@pytest.mark.parametrize("groups", [[0] * 6, [0] * 8, [0, 1, 2, -1, 0, 1, 2], [0, 1, 2, 7, 0, 1, 2], []])
def test_every_feature_needs_a_group(explainer: Explainer, matrix: Any, groups: list[int]) -> None:
    with pytest.raises(InvalidInput, match="group"):
        explainer.interactions(matrix, groups)


def test_interactions_have_the_same_bits_alone_and_with_threads(explainer: Explainer, matrix: Any) -> None:
    groups = [0, 1, 2, 0, 1, 2, 3]
    batch = explainer.interactions(matrix, groups, threads=3)
    assert batch.shape == (21, 4, 4)
    assert np.array_equal(batch, batch.transpose(0, 2, 1))
    for place in range(len(matrix)):
        assert explainer.interactions(matrix[place : place + 1], groups).tobytes() == batch[place].tobytes()


def test_no_rows_have_no_explanation_and_no_interactions(explainer: Explainer) -> None:
    assert explainer(np.empty((0, 7)), threads=4).values.shape == (0, 7)
    assert explainer.interactions(np.empty((0, 7)), [0] * 7).shape == (0, 1, 1)


def test_many_threads_may_ask_at_once(explainer: Explainer, sample: Any) -> None:
    alone = explainer.contributions(sample.values).parts.tobytes()
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(explainer.contributions, sample.values, threads=2) for _ in range(16)]
        assert {one.result().parts.tobytes() for one in asked} == {alone}


def test_a_model_without_splits_contributes_nothing(constant: Bundle, matrix: Any) -> None:
    raw, parts = constant.explainer.contributions(matrix)
    assert not parts.any()
    assert (raw == constant.explainer.base).all() and (constant.explainer.raw(matrix) == raw).all()
    assert not constant.explainer.interactions(matrix, range(7)).any()


def test_a_model_without_trees_says_nothing(bundle: Bundle, matrix: Any) -> None:
    none = Explainer.read(bundle.model.partition("\nTree=")[0] + "\nend of trees\n")
    raw, parts = none.contributions(matrix)
    assert (none.base, raw.any(), parts.any()) == (0.0, False, False)


def test_the_trees_kept_by_early_stopping_are_explained() -> None:
    stopped, matrix = _trained({"num_leaves": 2, "learning_rate": 0.3}), np.array([[1.0, 0.3], [4.0, np.nan]])
    whole = Explainer.of(stopped).contributions(matrix).raw
    stopped.best_iteration = 3
    raw, parts = Explainer.of(stopped).contributions(matrix)
    assert (raw != whole).all()
    assert raw.tobytes() == stopped.predict(matrix, raw_score=True).tobytes()
    assert parts == pytest.approx(stopped.predict(matrix, pred_contrib=True)[:, :-1], abs=1e-12)


def _trained(parameters: dict[str, Any], labels: Any = None, **data: Any) -> lgb.Booster:
    generator = np.random.default_rng(0)
    values = np.column_stack([generator.integers(0, 6, 600), generator.normal(size=600)]).astype(float)
    labels = values[:, 0] % 2 == 0 if labels is None else values[:, 0] % labels
    settings = {"verbosity": -1, "num_threads": 1, "num_leaves": 4, "min_data_in_leaf": 5, "objective": "binary"}
    return lgb.train({**settings, **parameters}, lgb.Dataset(values, labels, **data), 5)


@pytest.mark.parametrize(
    ("parameters", "data", "why"),
    [
        ({"min_data_per_group": 5}, {"categorical_feature": [0]}, "categorical splits"),
        ({"linear_tree": True}, {}, "linear leaves"),
        ({"objective": "multiclass", "num_class": 3}, {"labels": 3}, "several outputs"),
        ({"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}, {}, "averages"),
    ],
)
def test_models_it_cannot_explain_are_refused(parameters: dict[str, Any], data: dict[str, Any], why: str) -> None:
    with pytest.raises(BundleError, match=why) as refused:
        Explainer.of(_trained(parameters, **data))
    assert refused.value.remedy


@pytest.mark.parametrize("parameters", [{"objective": "regression"}, {"objective": "poisson"}, {"boosting": "dart"}])
def test_other_single_outputs_are_explained(parameters: dict[str, Any]) -> None:
    booster, matrix = _trained(parameters), np.array([[1.0, 0.3], [4.0, np.nan]])
    raw, parts = Explainer.of(booster).contributions(matrix)
    assert raw.tobytes() == booster.predict(matrix, raw_score=True).tobytes()
    assert parts == pytest.approx(booster.predict(matrix, pred_contrib=True)[:, :-1], abs=1e-12)


def _edited(text: str, name: str, edit: Callable[[list[str]], list[str]]) -> str:
    """The text with the numbers of one line of its first tree changed."""
    line = next(line for line in text.splitlines() if line.startswith(f"{name}="))
    return text.replace(line, f"{name}={' '.join(edit(line.partition('=')[2].split()))}", 1)


@pytest.mark.parametrize(
    ("name", "edit", "why"),
    [
        ("left_child", lambda numbers: ["0", *numbers[1:]], "one parent"),
        ("left_child", lambda numbers: [*numbers[:-1], "99"], "one parent"),
        ("right_child", lambda numbers: numbers[:-1], "numbers where"),
        ("split_feature", lambda numbers: ["7", *numbers[1:]], "no feature"),
        ("split_feature", lambda numbers: ["-1", *numbers[1:]], "no feature"),
        ("threshold", lambda numbers: ["low", *numbers[1:]], "low"),
        ("internal_count", lambda numbers: ["0", *numbers[1:]], "training rows"),
        ("leaf_count", lambda numbers: ["nan", *numbers[1:]], "training rows"),
        ("decision_type", lambda numbers: ["many", *numbers[1:]], "many"),
        ("num_leaves", lambda _: [], "Tree 0"),
    ],
)
def test_broken_trees_are_refused(bundle: Bundle, name: str, edit: Any, why: str) -> None:
    with pytest.raises(BundleError, match=why):
        Explainer.read(_edited(bundle.model, name, edit))


def test_splits_in_a_circle_are_refused() -> None:
    text = _trained({"num_leaves": 3}).model_to_string()
    for name, children in (("left_child", ["-1", "1"]), ("right_child", ["-2", "-3"])):
        text = _edited(text, name, lambda _, children=children: children)
    with pytest.raises(BundleError, match="before its parent"):
        Explainer.read(text)


@pytest.mark.parametrize("text", ["", "nonsense", "tree\nfeature_names=a b\nmax_feature_idx=2\n"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(BundleError, match="LightGBM"):
        Explainer.read(text)
