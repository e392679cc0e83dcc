"""A model's ranges are wider than the data, and one digit long; nothing else of its text changes."""

import re

import lightgbm as lgb
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.ranges import coarse

finite = st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False, min_value=-1e15, max_value=1e15)


@settings(max_examples=200, deadline=None)
@given(finite, finite)
def test_a_range_is_widened_to_one_digit(one: float, other: float) -> None:
    low, high = sorted((one, other))
    told = coarse(f"tree\nfeature_infos=[{low!r}:{high!r}] none\nTree=0\n")
    found = re.fullmatch(r"tree\nfeature_infos=\[(.*):(.*)\] none\nTree=0\n", told)
    assert found is not None
    assert float(found[1]) <= low <= high <= float(found[2])
    for number in found.groups():
        assert len(re.sub(r"e.*", "", number).strip("-").replace(".", "").strip("0")) <= 1, number


def test_predictions_stay_the_same_to_the_bit() -> None:
    generator = np.random.default_rng(5)
    values = generator.lognormal(10, 2, (400, 3))
    booster = lgb.train(
        {"objective": "binary", "verbosity": -1, "num_threads": 1}, lgb.Dataset(values, values[:, 0] > 2e4), 10
    )
    text = booster.model_to_string()
    same = lgb.Booster(model_str=coarse(text))
    assert (same.predict(values) == booster.predict(values)).all()
    assert f"{values.max():.17g}" in text and f"{values.max():.17g}" not in coarse(text)
