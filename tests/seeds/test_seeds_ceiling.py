"""The claims' ceiling: larger alliances teach by the same days, examine on the same rows, and tell more."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.coupling.worlds import world
from experiments.metrics import Estimate
from experiments.panel import LABEL, quarter_ends
from experiments.splits import out_of_time
from experiments.training import Plan
from seeds.ceiling import BEST, NEAR, OWN, ceiling, ceiling_listing, ceiling_study, sizes_up_to, taught_on
from seeds.pieces import piece, together

DAYS = quarter_ends(date(2019, 1, 1), date(2022, 12, 31))


def alliance(seed, companies=60):
    """A made-up alliance of an additive law, new companies each quarter; its rows, and their true PD."""
    days = [(day, world("additive", companies, seed + place)) for place, day in enumerate(DAYS)]
    frame = pl.concat(
        made.panel.frame.with_columns(
            pl.lit(day).alias("as_of"),
            pl.format("{}:{}:{}", pl.lit(seed), pl.lit(day), "company_id").alias("company_id"),
        )
        for day, made in days
    )
    return days[0][1].panel, frame, np.concatenate([made.pd for _, made in days])


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pieces")
    pieces = []
    for number in range(8):
        pieces.append(folder / f"panel-{number}.parquet")
        alliance(1_000 * (number + 1))[1].write_parquet(pieces[-1])
    like, frame, chance = alliance(0)
    made = replace(like, frame=frame)
    split = out_of_time(made, 4)
    best = chance[frame["as_of"].is_in(split.test["as_of"].unique().implode()).to_numpy()].copy()
    best[::7] = np.nan
    return pieces, made, split, best, ceiling(made, split, best, pieces)


def test_a_larger_alliance_tells_more_and_what_is_left_is_told(found):
    auc = {name: one.values["auc"].value for name, one in found[4].found.items()}
    assert list(auc) == [OWN, "1 x as large", "2 x as large", "4 x as large", "8 x as large", BEST]
    assert auc["8 x as large"] > max(auc[OWN], auc["1 x as large"])
    assert auc[BEST] > auc[OWN]
    left = found[4].left.gains["auc"].value
    assert left == pytest.approx(auc["8 x as large"] - auc[BEST])
    assert found[4].found[OWN].gains["auc"] == Estimate(0.0, 0.0, 0.0)


def test_all_are_taught_by_the_same_days_and_examined_on_the_same_rows(found):
    pieces, made, split, best, _ = found
    larger = taught_on(pieces[:3], split)
    for name in ("fit", "stop", "taught"):
        one, own = getattr(larger, name), getattr(split, name)
        assert set(one["as_of"]) == set(own["as_of"]) and one.height == 3 * own.height
        assert not set(one["company_id"]) & set(made.frame["company_id"])
    assert larger.test.equals(split.test)
    assert found[4].rows == (~np.isnan(best)).sum()
    assert found[4].outcomes == split.test[LABEL].to_numpy()[~np.isnan(best)].sum()


def test_the_study_says_whether_the_ceiling_is_near(found):
    told = ceiling_study(found[4], 8, 60, 7)
    short = told.metrics["auc_to_be_won"].value
    assert ("is not within" in told.says[0]) is (short > NEAR)
    assert "480 companies" in told.says[0] and told.simulated
    listing = ceiling_listing(found[4])
    assert [row[0] for row in listing.rows] == list(found[4].found)
    assert listing.rows[0][-1] == "" and listing.rows[-1][1] == ""


@given(st.integers(1, 200))
def test_sizes_double_and_end_with_all(pieces):
    sizes = sizes_up_to(pieces)
    assert sizes[0] == 1 and sizes[-1] == pieces and sizes == sorted(set(sizes))
    assert all(after <= 2 * before for before, after in pairwise(sizes))


def test_a_piece_is_an_alliance_gone_through_and_made_once(tmp_path):
    plan = Plan(first=date(2021, 12, 31), last=date(2022, 12, 31))
    made = piece(tmp_path, 60, 5, plan)
    left = sorted(file.name for file in tmp_path.iterdir())
    assert left == ["panel-60-5.parquet", "truth-60-5.parquet"], "store and files are gone"
    rows = pl.read_parquet(made)
    assert rows.height and rows["company_id"].str.starts_with("5:").all()
    assert rows["as_of"].unique().sort().to_list() == quarter_ends(date(2021, 12, 31), date(2022, 12, 31))
    before = made.stat().st_mtime_ns
    assert piece(tmp_path, 60, 5, plan) == made and made.stat().st_mtime_ns == before
    assert together([made, made]).height == 2 * rows.height
