"""What the trees cannot tell from the reference moves no score; what they can tell may."""

from collections.abc import Callable
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest

from scoring.model.likeness import Likeness
from scoring.model.shap.text import trees


@pytest.mark.parametrize("missing", ["nan", "none"])
@pytest.mark.parametrize("seed", range(6))
def test_moving_a_feature_to_a_reference_it_is_like_changes_nothing(
    grow: Callable[..., str], draw_rows: Callable[..., Any], seed: int, missing: str
) -> None:
    model = grow(seed, features=5, depth=4, splits=8, missing=missing)
    booster, rows = lgb.Booster(model_str=model), np.round(draw_rows(seed, 5, 200), 1)
    rows[np.isinf(rows)] = np.nan
    reference = draw_rows(seed + 100, 5, 1)[0]
    reference[np.isinf(reference)] = np.nan
    alike = Likeness.of(model, reference).alike(rows)
    assert alike.any() and not alike.all()
    for column in range(5):
        moved = rows.copy()
        moved[:, column] = reference[column]
        change = booster.predict(moved, raw_score=True) - booster.predict(rows, raw_score=True)
        assert not change[alike[:, column]].any()


def test_a_value_beyond_a_threshold_is_not_alike(grow: Callable[..., str]) -> None:
    models = [grow(seed, features=1, depth=1, splits=1, trees=1, missing="nan") for seed in range(20)]
    split = [(model, *trees(model)[0].threshold) for model in models if len(trees(model)[0].threshold)]
    assert split
    for model, threshold in split:
        rows = np.array([[threshold], [np.nextafter(threshold, np.inf)]])
        assert Likeness.of(model, np.array([threshold])).alike(rows).ravel().tolist() == [True, False]
