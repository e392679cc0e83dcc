"""Properties every split keeps."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.errors import InvalidInput
from alliance.rights import Access, AccessRequest
from experiments.outcome import outcome_named
from experiments.panel import Panel, quarter_ends
from experiments.splits import TEST_SHARE, by_company, company_folds, out_of_time
from scoring.months import months_after

NOTHING = Access(AccessRequest("m", "research"), (), {}, (), None)


def made(quarters: int, horizon: int, companies: int = 40) -> Panel:
    days = quarter_ends(date(2010, 1, 1), months_after(date(2010, 1, 1), 3 * quarters))
    frame = pl.DataFrame({"as_of": days}).join(
        pl.DataFrame({"company_id": [f"c{place}" for place in range(companies)]}), how="cross"
    )
    frame = frame.with_columns(label=pl.int_range(frame.height) % 3 == 0)
    return Panel(frame=frame, features=(), outcome=outcome_named("default"), horizon_months=horizon,
                 data_cut=date(2100, 1, 1), watermark=0, access=NOTHING)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.integers(1, 24), st.integers(1, 10), st.booleans())
def test_labels_are_known_before_the_next_part_begins(quarters, horizon, test_days, apart):
    panel = made(quarters, horizon)
    try:
        split = out_of_time(panel, test_days, companies_apart=apart)
    except InvalidInput:
        assert quarters <= test_days + 2 + 2 * (horizon / 3 + 1) + quarters / 4  # too short, and only then
        return
    assert months_after(split.fit["as_of"].max(), horizon) <= split.stop["as_of"].min()
    assert months_after(split.stop["as_of"].max(), horizon) <= split.test["as_of"].min()
    assert split.test["as_of"].n_unique() == test_days
    assert split.test["as_of"].max() == panel.frame["as_of"].max()
    assert months_after(split.taught["as_of"].max(), horizon) <= split.test["as_of"].min()
    for part in (split.fit, split.stop):
        assert part.join(split.taught, on=["company_id", "as_of"], how="anti").is_empty()
    assert set(split.taught["company_id"]).isdisjoint(split.test["company_id"]) is apart


def test_a_test_that_leaves_nothing_is_refused():
    with pytest.raises(InvalidInput, match="do not reach"):
        out_of_time(made(12, 12), 0)
    with pytest.raises(InvalidInput, match="do not reach"):
        out_of_time(made(12, 12), 100)


def test_a_part_without_both_outcomes_is_refused():
    panel = made(40, 6)
    no_event = Panel(**{**vars(panel), "frame": panel.frame.with_columns(label=pl.lit(False))})
    with pytest.raises(InvalidInput, match="both outcomes"):
        out_of_time(no_event, 4)


@given(st.permutations([f"c{place}" for place in range(30)]), st.integers(2, 10))
def test_a_company_has_one_fold_in_any_order(order, folds):
    fold = dict(zip(order, company_folds(pl.Series(order), folds), strict=True))
    twice = company_folds(pl.Series([*order, *reversed(order)]), folds)
    assert [fold[name] for name in (*order, *reversed(order))] == twice.tolist()
    assert set(fold.values()) <= set(range(folds))


def test_folds_are_of_like_size_and_not_those_kept_apart():
    companies = pl.Series([f"c{place}" for place in range(5_000)])
    fold = company_folds(companies, 5)
    assert np.bincount(fold).min() > 900
    tested = set(out_of_time(made(40, 3, 3_000), 4, companies_apart=True).test["company_id"])
    assert len(tested) == pytest.approx(3_000 * TEST_SHARE, rel=0.1)
    shares = [np.mean([name in tested for name in companies.filter(pl.Series(fold == k))[:500]]) for k in range(5)]
    assert max(shares) - min(shares) < 0.25


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 4))
def test_by_company_teaches_by_others_only(place):
    frame = made(4, 3, 200).frame
    fold = company_folds(frame["company_id"], 5) == place
    split = by_company(frame, fold)
    parts = [set(rows["company_id"]) for rows in (split.fit, split.stop, split.test)]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 200
    assert split.test.height == fold.sum()
