"""Reasons that hold: disjoint groups, at most four a side, each true when the model is asked again."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from scoring.features import FEATURES, FEATURES_BY_NAME
from scoring.features.groups import GROUPS
from scoring.model import Bundle, contract_of
from scoring.model.groups import FeatureGroup, groups_of, refuse_unsound
from scoring.model.selection import MAX_REASONS, MIN_POINTS, NAMED_SHARE
from scoring.model.shap import raw_log_odds
from scoring.result import Reason, Score
from scoring.score import score, score_arrays

AT: dict[str, Any] = {"as_of": date(2026, 6, 30), "watermark": 77}
REFERENCE = {"cash": 7e6, "patents": 3.0, "churn": 0.2, "late": 70.0, "launched": 0.0, "staff": 27.0}


@pytest.fixture(scope="module")
def grouped(bundle: Bundle) -> Bundle:
    groups = (
        FeatureGroup(name="payment", zh="付款", en="payment", features=("cash", "late")),
        FeatureGroup(name="technique", zh="产品", en="technique", features=("patents", "launched")),
    )
    return replace(bundle, reference=REFERENCE, groups=groups)


@pytest.fixture(scope="module")
def scores(grouped: Bundle, frame: pl.DataFrame) -> list[Score]:
    return score(grouped, frame, **AT)


def own_group(bundle: Bundle, reason: Reason) -> tuple[str, ...]:
    by_name: Mapping[str, FeatureGroup] = {group.name: group for group in bundle.groups}
    return by_name[reason.group].features if reason.group else (reason.feature,)


def test_points_of_a_reason_are_those_of_its_group(grouped: Bundle, frame: pl.DataFrame, scores: list[Score]) -> None:
    parts = grouped.scale.change(score_arrays(grouped, frame).contributions)
    for one, row in zip(scores, parts.tolist(), strict=True):
        points = dict(zip(grouped.names, row, strict=True))
        for given in (*one.raises, *one.lowers):
            group = own_group(grouped, given)
            assert given.points == pytest.approx(sum(points[name] for name in group), abs=1e-9)
            assert {given.feature, *given.also} <= {*group}
            sign = np.sign(given.points)
            did = [sign * points[name] for name in (given.feature, *given.also)]
            assert did == sorted(did, reverse=True) and did[-1] >= NAMED_SHARE * did[0] > 0


def test_each_group_is_one_reason_and_four_are_most(grouped: Bundle, scores: list[Score]) -> None:
    assert sum(len(one.raises) + len(one.lowers) for one in scores) > 2 * len(scores)
    for one in scores:
        assert len(one.raises) <= MAX_REASONS and len(one.lowers) <= MAX_REASONS
        named = [name for given in (*one.raises, *one.lowers) for name in own_group(grouped, given)]
        assert len(named) == len({*named})
        lost, won = [given.points for given in one.raises], [given.points for given in one.lowers]
        assert lost == sorted(lost) and all(points <= -MIN_POINTS for points in lost)
        assert won == sorted(won, reverse=True) and all(points >= MIN_POINTS for points in won)


def test_every_reason_served_holds_by_lightgbm_itself(
    grouped: Bundle, frame: pl.DataFrame, scores: list[Score]
) -> None:
    values = frame.drop("company_id").to_numpy()
    before, sign, changed = [], [], []
    for place, one in enumerate(scores):
        for given in (*one.raises, *one.lowers):
            row = values[place].copy()
            for name in (given.feature, *given.also):
                row[grouped.names.index(name)] = grouped.reference.get(name, np.nan)
            before.append(values[place])
            changed.append(row)
            sign.append(np.sign(given.points))
    raw, moved = (raw_log_odds(grouped.booster, np.array(rows)) for rows in (before, changed))
    assert (np.array(sign) * (moved - raw) > 0).all()


def test_reasons_that_do_not_hold_are_dropped(grouped: Bundle, frame: pl.DataFrame) -> None:
    everywhere = {name: float(frame[name].median()) for name in REFERENCE} | {"late": 1e9, "churn": 1e9}
    odd = replace(grouped, reference={**everywhere, "cash": 0.0})
    table = score_arrays(odd, frame)
    assert 0 < table.held.mean() < 1
    given = sum(len(one.raises) + len(one.lowers) for one in score(odd, frame, **AT))
    assert given == table.held.sum()


def test_a_feature_at_its_reference_is_no_reason(grouped: Bundle, frame: pl.DataFrame) -> None:
    settled = {name: float(value) for name, value in frame.row(0, named=True).items() if isinstance(value, float)}
    [one] = score(replace(grouped, reference=settled), frame[:1], **AT)
    assert one.raises == one.lowers == ()


def test_declared_groups_are_sound() -> None:
    contract = contract_of(FEATURES)
    groups = groups_of(contract)
    refuse_unsound(groups, contract)
    assert [group.name for group in groups] == [group.name for group in GROUPS]
    names = [group.name for group in GROUPS]
    assert len(names) == len({*names}) and not {*names} & {*FEATURES_BY_NAME}
    assert all(group.zh and group.en and len({*group.features}) == len(group.features) for group in GROUPS)
