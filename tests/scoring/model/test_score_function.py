import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import orjson
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.errors import InvalidInput
from alliance.signals import Pillar
from scoring.features import Feature
from scoring.model import Bundle, Calibration
from scoring.model.certainty import Band, Certainty, Support
from scoring.model.reasons import MAX_REASONS, MIN_POINTS
from scoring.result import Score
from scoring.score import score, score_arrays

AT: dict[str, Any] = {"as_of": date(2026, 6, 30), "watermark": 77}


def test_everything_adds_up(bundle: Bundle, frame: pl.DataFrame) -> None:
    for one in score(bundle, frame, **AT):
        assert one.base_log_odds + sum(p.log_odds for p in one.pillars) == pytest.approx(one.log_odds, abs=1e-9)
        assert one.base_points + sum(p.points for p in one.pillars) == pytest.approx(one.points, abs=1e-9)
        assert math.prod(p.odds_multiplier for p in one.pillars) == pytest.approx(
            math.exp(one.log_odds - one.base_log_odds)
        )
        assert one.pd == pytest.approx(1 / (1 + math.exp(-one.log_odds)), rel=1e-12)
        assert one.points == pytest.approx(600 - 20 / math.log(2) * (one.log_odds + math.log(50)))


def test_says_what_and_of_which_day(bundle: Bundle, frame: pl.DataFrame) -> None:
    scores = score(bundle, frame, **AT)
    assert [one.company_id for one in scores] == frame["company_id"].to_list()
    first = scores[0]
    assert (first.as_of, first.data_watermark) == (date(2026, 6, 30), 77)
    assert (first.outcome, first.horizon_months, first.model_version) == ("default", 12, bundle.sha256)
    assert [share.pillar for share in first.pillars] == [
        Pillar.TECHNOLOGY, Pillar.TEAM, Pillar.VENTURE, Pillar.FINANCIAL,
    ]  # fmt: skip


def test_alone_and_in_a_batch_the_same_to_the_bit(bundle: Bundle, frame: pl.DataFrame) -> None:
    def bits(rows: pl.DataFrame, threads: int = 1) -> dict[str, bytes]:
        scores = score(bundle, rows, **AT, threads=threads)
        return {one.company_id: orjson.dumps(one.as_dict()) for one in scores}

    batch = bits(frame)
    assert bits(frame, threads=2) == bits(frame, threads=3) == batch
    assert bits(frame.sample(fraction=1, shuffle=True, seed=1)) == batch
    for place in range(0, len(frame), 7):
        assert bits(frame[place]).items() <= batch.items()


def test_the_table_holds_the_numbers_of_the_scores(bundle: Bundle, frame: pl.DataFrame) -> None:
    table = score_arrays(bundle, frame)
    columns = ["company_id", "pd", "points", "grade", "log_odds", "coverage"]
    assert table.frame().columns == columns
    assert table.frame().rows() == [tuple(one.as_dict()[c] for c in columns) for one in score(bundle, frame, **AT)]


def test_pillars_share_what_they_do_only_together(bundle: Bundle, frame: pl.DataFrame) -> None:
    table = score_arrays(bundle, frame)
    together, pillars = table.interactions, table.pillars
    assert together.shape == (frame.height, len(pillars.pillars), len(pillars.pillars))
    assert together.sum(axis=2) == pytest.approx(pillars.log_odds, abs=1e-12)
    assert np.array_equal(together, together.transpose(0, 2, 1))
    assert (np.abs(together[:, ~np.eye(len(pillars.pillars), dtype=bool)]).max(axis=0) > 1e-3).any()


def test_reasons_are_the_strongest_features_strongest_first(bundle: Bundle, frame: pl.DataFrame) -> None:
    parts = bundle.scale.change(score_arrays(bundle, frame).contributions)
    seen = 0
    for one, points in zip(score(bundle, frame, **AT), parts.tolist(), strict=True):
        lost = sorted(p for p in points if p <= -MIN_POINTS)[:MAX_REASONS]
        won = sorted((p for p in points if p >= MIN_POINTS), reverse=True)[:MAX_REASONS]
        assert [r.points for r in one.raises] == lost
        assert [r.points for r in one.lowers] == won
        by_name = dict(zip(bundle.names, points, strict=True))
        assert all(by_name[r.feature] == r.points for r in (*one.raises, *one.lowers))
        seen += len(lost) + len(won)
    assert seen > len(frame)


def test_reasons_carry_the_values_scored(bundle: Bundle, frame: pl.DataFrame) -> None:
    for one, row in zip(score(bundle, frame, **AT), frame.iter_rows(named=True), strict=True):
        for given_ in (*one.raises, *one.lowers):
            assert given_.value == row[given_.feature]
            assert (given_.value is None) == ("未知" in given_.zh) == ("unknown" in given_.en)


def test_coverage_is_that_of_the_features(bundle: Bundle, frame: pl.DataFrame, known: dict[str, Feature]) -> None:
    for place, one in enumerate(score(bundle, frame[:40], **AT)):
        values = frame.row(place, named=True)
        for share in one.pillars:
            told = [values[name] is not None for name, feature in known.items() if feature.pillar is share.pillar]
            assert share.coverage == sum(told) / len(told)
        assert one.coverage == sum(values[name] is not None for name in known) / len(known)


def test_a_company_nothing_is_known_of_is_scored(bundle: Bundle) -> None:
    nothing = pl.DataFrame({"company_id": ["X"], **{name: [None] for name in bundle.names}}).cast(
        dict.fromkeys(bundle.names, pl.Float64)
    )
    (one,) = score(bundle, nothing, **AT)
    assert one.coverage == 0
    assert {share.coverage for share in one.pillars} == {0.0}
    assert all(r.value is None for r in (*one.raises, *one.lowers))
    nan = nothing.with_columns(pl.lit(math.nan).alias(name) for name in bundle.names)
    assert score(bundle, nan, **AT) == [one]


def test_no_companies_have_no_scores(bundle: Bundle, frame: pl.DataFrame) -> None:
    assert score(bundle, frame[:0], **AT) == []
    assert score_arrays(bundle, frame[:0]).frame().height == 0


def test_a_constant_model_scores_all_alike_without_reasons(
    constant: Bundle, frame: pl.DataFrame, known: dict[str, Feature]
) -> None:
    constant.check_explanations()
    scores = score(constant, frame, **AT)
    assert len({one.pd for one in scores}) == 1
    assert all(one.points == one.base_points and not one.raises and not one.lowers for one in scores)


def test_calibration_moves_the_level_and_scales_the_parts(bundle: Bundle, frame: pl.DataFrame) -> None:
    plain = score_arrays(replace(bundle, calibration=Calibration(1.0, 0.0)), frame)
    moved = score_arrays(replace(bundle, calibration=Calibration(2.0, -1.0)), frame)
    assert moved.log_odds == pytest.approx(2 * plain.log_odds - 1)
    assert moved.contributions == pytest.approx(2 * plain.contributions)
    assert moved.base_log_odds == pytest.approx(2 * plain.base_log_odds - 1)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda f: f.drop("churn"), "missing: churn"),
        (lambda f: f.with_columns(age=pl.lit(1.0)), "not asked for: age"),
        (lambda f: f.drop("company_id"), "missing: company_id"),
        (lambda f: f.select("company_id", "patents", "cash", "churn", "late", "launched", "staff", "noise"), "order"),
        (lambda f: f.with_columns(pl.col("cash").cast(pl.Float32)), "Float64"),
        (lambda f: f.with_columns(pl.lit(1.0).truediv(0.0).alias("late")), "Infinite values of: late"),
    ],
)
def test_other_features_are_refused(
    bundle: Bundle, frame: pl.DataFrame, change: Callable[[pl.DataFrame], pl.DataFrame], named: str
) -> None:
    with pytest.raises(InvalidInput, match=named):
        score(bundle, change(frame), **AT)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 399))
def test_a_score_survives_json_to_the_bit(bundle: Bundle, frame: pl.DataFrame, place: int) -> None:
    (one,) = score(bundle, frame[place], **AT)
    plain = one.as_dict()
    for there_and_back in (json.loads(json.dumps(plain)), orjson.loads(orjson.dumps(plain))):
        assert there_and_back == plain
        assert Score.from_dict(there_and_back) == one
    assert list(plain) == list(Score.__dataclass_fields__)


def test_a_score_says_how_sure_it_is(bundle: Bundle, frame: pl.DataFrame) -> None:
    count = len(bundle.names)
    support = Support((0.0,) * count, (1e7,) * count, (False,) * count, most=0)
    known = Certainty("bins", 0.9, (-2.0,), (0.01, 0.1), (0.05, 0.3), support, Band(0.05, 0.3))
    sure = score(replace(bundle, certainty=known), frame, **AT)
    table = score_arrays(replace(bundle, certainty=known), frame)
    assert {one.unlike for one in sure} == {True, False}
    for one, raw, plain in zip(sure, table.raw.tolist(), score(bundle, frame, **AT), strict=True):
        low, high = ((0.01, 0.05), (0.1, 0.3))[raw >= -2]
        assert (one.pd_low, one.pd_high) == (min(low, one.pd), max(high, one.pd))
        assert one.unlike is (one.out_of_place == 1)
        assert one.advice == (
            "refer" if one.unlike else "approve" if one.pd < 0.05 else "decline" if one.pd >= 0.3 else "refer"
        )
        assert (plain.pd_low, plain.pd_high, plain.unlike, plain.out_of_place, plain.advice) == (None,) * 5


def test_scores_of_an_earlier_shape_still_read(bundle: Bundle, frame: pl.DataFrame) -> None:
    one = score(bundle, frame[:1], **AT)[0]
    earlier = {
        name: value for name, value in one.as_dict().items()
        if name not in ("pd_low", "pd_high", "unlike", "out_of_place", "advice")
    }  # fmt: skip
    assert Score.from_dict(json.loads(json.dumps(earlier))) == one
    del earlier["grade"]
    with pytest.raises((KeyError, TypeError)):
        Score.from_dict(earlier)
