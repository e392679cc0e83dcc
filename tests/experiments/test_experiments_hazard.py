"""Hazards: monotone whatever goes in, right censoring by exposure, late records allowed for, tested out of time."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alliance.errors import InvalidInput
from experiments.hazard.lag import recording_lag
from experiments.hazard.model import learn_hazard, pds
from experiments.hazard.periods import (
    FIRST_EVENT,
    HORIZONS,
    PERIOD,
    PERIOD_MONTHS,
    befallen,
    person_periods,
    with_first_event,
)
from experiments.hazard.study import cumulative, over
from experiments.panel import LABEL
from scoring.features import feature_named
from scoring.months import months_after

DAY = date(2020, 3, 31)
CUT = date(2023, 3, 31)


@settings(deadline=None, max_examples=40)
@given(arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 12)), elements=st.floats(0, 1)))
def test_pds_are_probabilities_that_never_fall_with_the_horizon(hazards):
    told = pds(hazards)
    assert ((told >= 0) & (told <= 1)).all() and (np.diff(told, axis=1) >= -1e-15).all()


def rows(*companies):
    """One row a company of ``DAY``, with the day of its first event or None."""
    return pl.DataFrame(
        {"company_id": [str(place) for place in range(len(companies))], "as_of": [DAY] * len(companies),
         FIRST_EVENT: list(companies)},
        schema_overrides={FIRST_EVENT: pl.Date, "as_of": pl.Date},
    )  # fmt: skip


def test_the_first_event_after_the_day_is_met_and_none_before():
    events = pl.DataFrame({"company_id": ["a", "a", "a", "b"],
                           "event_at": [DAY, date(2021, 5, 1), date(2020, 9, 1), date(2019, 1, 1)]})  # fmt: skip
    panel = pl.DataFrame({"company_id": ["b", "a", "c"], "as_of": [DAY] * 3})
    assert with_first_event(panel, events).rows() == [
        ("b", DAY, None), ("a", DAY, date(2020, 9, 1)), ("c", DAY, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("event", "until", "periods"),
    [
        (None, date(2020, 12, 31), [False, False, False]),
        (None, date(2020, 12, 30), [False, False]),
        (date(2020, 9, 30), CUT, [False, True]),
        (date(2020, 10, 1), CUT, [False, False, True]),
        (date(2020, 10, 1), date(2020, 12, 30), [False, False]),
        (date(2020, 4, 1), date(2020, 6, 29), []),
    ],
)
def test_a_row_is_followed_to_its_outcome_or_as_far_as_whole_periods_were_seen(event, until, periods):
    followed = person_periods(rows(event), until)
    assert followed[LABEL].to_list() == periods
    assert followed[PERIOD].to_list() == list(range(1, len(periods) + 1))


events = st.lists(st.none() | st.integers(1, 1200), min_size=1, max_size=30)


@settings(deadline=None, max_examples=40)
@given(events, st.integers(0, 1200))
def test_what_comes_after_the_end_of_the_data_changes_nothing(days, seen):
    until = DAY + timedelta(days=seen)
    told = [None if day is None else DAY + timedelta(days=day) for day in days]
    hidden = [None if day is None or day > until else day for day in told]
    assert (
        person_periods(rows(*told), until)
        .drop(FIRST_EVENT)
        .equals(person_periods(rows(*hidden), until).drop(FIRST_EVENT))
    )


@settings(deadline=None, max_examples=40)
@given(events)
def test_followed_to_the_end_periods_say_what_the_labels_of_each_horizon_say(days):
    given_rows = rows(*[None if day is None else DAY + timedelta(days=day) for day in days])
    shares = cumulative(person_periods(given_rows, months_after(DAY, 36)))
    for months in HORIZONS:
        place = min(months // PERIOD_MONTHS, len(shares)) - 1
        assert shares[place] == pytest.approx(befallen(given_rows, months).mean())


def test_censoring_does_not_bend_the_share_with_the_outcome():
    """Companies come in over three years and are followed to one day: the product over periods finds the truth."""
    draw = np.random.default_rng(4)
    hazard = np.linspace(0.02, 0.06, 12)
    starts = [months_after(date(2019, 3, 31), 3 * place) for place in range(12)]
    parts = []
    for start in starts:
        came = draw.random((1_500, 12)) < hazard
        days = [start + timedelta(days=int(91 * row.argmax() + 45)) if row.any() else None for row in came]
        parts.append(rows(*days).with_columns(pl.lit(start).alias("as_of")))
    table = person_periods(pl.concat(parts), date(2022, 3, 31))
    whole = pl.concat(parts)
    late = [befallen(whole.filter(pl.col("as_of") == start), 36).mean() for start in starts]
    assert cumulative(table)[11] == pytest.approx(np.mean(late), abs=0.03)
    naive = np.mean([
        (part[FIRST_EVENT].is_not_null() & (part[FIRST_EVENT] <= date(2022, 3, 31))).mean() for part in parts
    ])  # fmt: skip
    assert naive < np.mean(late) - 0.08, "counting only what was seen by the end would look too safe"


def claims(lags, cut):
    """An outcome a day for three years before the cut, each recorded after its lag."""
    made = [(str(place), cut - timedelta(days=1095 - place), lag) for place, lag in enumerate(lags)]
    return pl.DataFrame(
        [(name, "k", "default", day, day + timedelta(days=int(lag))) for name, day, lag in made],
        schema={"subject_id": pl.String, "key": pl.String, "kind": pl.String, "event_at": pl.Date, "known_at": pl.Date},
        orient="row",
    )  # fmt: skip


def test_lags_are_told_as_if_all_had_had_time_to_arrive():
    lags = np.random.default_rng(2).choice([10, 100, 700], 1095, p=[0.5, 0.3, 0.2])
    found = recording_lag(claims(lags, CUT), ["default"], CUT)
    assert found.days.tolist() == [10, 100, 700]
    assert found.share == pytest.approx([0.5, 0.8, 1.0], abs=0.06)
    seen = [lag for place, lag in enumerate(lags) if lag <= 1095 - place]
    assert np.mean(np.array(seen) <= 100) > 0.85, "what was seen alone has too many short ones"
    assert found.settled(0.75) == 100 and found.settled(0.95) == 700
    assert found.within(9) == 0 and found.within(99) == pytest.approx(0.5, abs=0.06)


def test_without_outcomes_everything_counts_as_recorded():
    found = recording_lag(claims([], CUT), ["default"], CUT)
    assert found.outcomes == 0 and found.settled() == 0 and found.within(0) == 1


def test_only_the_first_claim_of_an_outcome_says_when_it_was_recorded():
    twice = pl.concat([claims([10] * 50, CUT), claims([400] * 50, CUT)])
    assert recording_lag(twice, ["default"], CUT).days.tolist() == [10]


@pytest.fixture(scope="module")
def world():
    """4,000 companies, log-hazard a quarter of -4 + 2 x: followed from one day."""
    draw = np.random.default_rng(8)
    x = draw.standard_normal(4_000)
    hazard = 1 / (1 + np.exp(4 - 1.2 * x))
    came = draw.random((4_000, 12)) < hazard[:, None]
    days = [DAY + timedelta(days=int(91 * row.argmax() + 40)) if row.any() else None for row in came]
    return rows(*days).with_columns(pl.Series("company_age", x * 500 + 2_000)), hazard


def test_hazards_are_found_and_calibrated(world):
    table, hazard = world
    model = learn_hazard(person_periods(table, CUT), [feature_named("company_age")])
    told = model.pd(table, HORIZONS)
    truth = 1 - (1 - hazard[:, None]) ** (np.array(HORIZONS) / PERIOD_MONTHS)
    assert (np.diff(told, axis=1) >= 0).all()
    assert told.mean(axis=0) == pytest.approx(truth.mean(axis=0), rel=0.2)
    assert np.corrcoef(told[:, 1], truth[:, 1])[0, 1] > 0.93


def test_monotone_for_unheard_of_features_and_periods_never_seen(world):
    table, _ = world
    model = learn_hazard(person_periods(table, date(2021, 3, 31)), [feature_named("company_age")])
    assert model.periods == 4
    odd = table.head(4).with_columns(pl.Series("company_age", [None, -1e300, 1e300, 0.0]))
    told = model.pd(odd, HORIZONS)
    assert (np.diff(told, axis=1) > 0).all() and ((told > 0) & (told < 1)).all()


def test_what_cannot_be_learnt_or_told_is_refused(world):
    table, _ = world
    with pytest.raises(InvalidInput, match="followed"):
        learn_hazard(person_periods(table, DAY), [feature_named("company_age")])
    model = learn_hazard(person_periods(table, CUT), [feature_named("company_age")])
    for months in (7, 39, 0):
        with pytest.raises(InvalidInput, match="multiples of 3"):
            model.pd(table, [months])


def test_a_horizon_is_tested_on_days_that_reach_it():
    both = pl.concat([rows(None), rows(None).with_columns(pl.lit(date(2022, 6, 30)).alias("as_of"))])
    assert over(both, 12, CUT).tolist() == [True, False]
