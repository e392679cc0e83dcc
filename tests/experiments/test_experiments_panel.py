"""Panels: what a row may see, what its label may look at."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.errors import InvalidInput
from alliance.store import Store
from experiments.outcome import outcome_named
from experiments.panel import panel, quarter_ends
from experiments.training import training_history
from scoring.features import FEATURES, feature_frame
from scoring.months import months_after

AS_OF, HORIZON = date(2020, 6, 30), 12
SEEN = date(2019, 1, 1)
UNTIL, CUT = date(2021, 6, 30), date(2022, 1, 1)
DAY = timedelta(days=1)


@pytest.fixture
def known(claim):
    """What is known of one company on the day."""
    return (
        claim("company_profile", "a", sector="software", founded_on=date(2015, 1, 1), observed_on=SEEN, key="-"),
        claim("funding_round", "a", stage="seed", announced_on=date(2016, 5, 1), amount=1_000_000, key="seed"),
        claim("funding_round", "a", stage="series_a", announced_on=date(2019, 7, 1), amount=9_000_000, key="a"),
    )


def of(history, dates=(AS_OF,), outcome="closure", **more):
    return panel(history, dates, outcome_named(outcome), HORIZON, **{"data_cut": CUT, **more})


def test_a_row_as_a_table(history, known):
    row = of(history(*known)).frame.row(0, named=True)
    expected = {
        "company_id": "a", "as_of": AS_OF, "label": False, "vintage": 2016, "round_count": 2.0,
        "round_last_age": 365.0, "company_age": 2007.0, "round_total_amount": 10_000_000.0, "patents": None,
    }  # fmt: skip
    assert {name: row.get(name) for name in expected} == expected


def test_features_are_those_of_each_days_facts_to_the_last_bit(alliance):
    store = Store(f"sqlite:///{alliance / 'alliance.db'}")
    told, _ = training_history(store)
    store.close()
    made = panel(told, quarter_ends(date(2022, 1, 1), date(2022, 12, 31)), outcome_named("closure"), HORIZON)
    for (day,), rows in made.frame.partition_by("as_of", as_dict=True).items():
        expected = feature_frame(told.facts(day)).join(rows, on="company_id", how="semi")
        assert rows.select(expected.columns).equals(expected)


def test_columns_are_id_day_features_label_vintage(history, known):
    made = of(history(*known))
    assert made.frame.columns == ["company_id", "as_of", *(f.name for f in FEATURES), "label", "vintage"]


@pytest.mark.parametrize(
    ("window", "label"),
    [
        ((AS_OF + DAY, None), True),
        ((UNTIL, None), True),
        ((UNTIL + DAY, None), False),
        ((UNTIL, CUT), True),
        ((UNTIL, CUT + DAY), False),
    ],
)
def test_the_label_looks_at_its_window_as_known_by_the_cut(claim, history, known, window, label):
    closed = claim("credit_event", "a", kind="closure", happened_on=window[0], known_at=window[1])
    assert of(history(*known, closed)).frame["label"].to_list() == [label]


@pytest.mark.parametrize("kind", ["acquisition", "listing", "default", "cure", "repaid"])
def test_other_events_are_not_the_outcome(claim, history, known, kind):
    other = claim("credit_event", "a", kind=kind, happened_on=AS_OF + DAY)
    assert of(history(*known, other)).frame["label"].to_list() == [False]


def test_write_off_and_default_are_defaults(claim, history, known):
    loan = claim("facility", "a", facility_no="f", opened_on=date(2020, 1, 1))
    for kind in ("default", "write_off"):
        bad = claim("credit_event", "a", kind=kind, happened_on=UNTIL)
        assert of(history(*known, loan, bad), outcome="default").frame["label"].to_list() == [True]


def test_nothing_known_or_happening_later_changes_a_feature(claim, history, known):
    tomorrow = {"known_at": AS_OF + DAY}
    later = (
        claim("funding_round", "a", stage="series_b", announced_on=AS_OF + DAY, amount=5, key="b"),
        claim("funding_round", "a", stage="series_a", announced_on=date(2019, 7, 1), amount=1, key="a", **tomorrow),
        claim("company_profile", "a", sector="finance", status="closed", observed_on=SEEN, key="-", **tomorrow),
        claim("cash_position", "a", cash=5, monthly_burn=1, observed_on=SEEN, **tomorrow),
        claim("patent", "a", application_no="p", status="granted", filed_on=AS_OF, known_at=UNTIL),
        claim("repayment_status", "a", facility_no="f", days_past_due=90, observed_on=UNTIL),
        claim("credit_event", "a", kind="closure", happened_on=UNTIL),
        claim("market_signal", "software", sector="software", deals=3, capital=4, observed_on=AS_OF, **tomorrow),
    )
    before, after = of(history(*known)).frame, of(history(*known, *later)).frame
    assert after["label"].to_list() == [True]
    assert before.drop("label").equals(after.drop("label"))


def test_rows_are_by_day_then_company_and_progress_is_told(claim, history, known):
    other = claim("company_profile", "0", name="0", observed_on=date(2020, 3, 1))
    told = []
    days = [AS_OF, date(2020, 3, 31), date(2020, 1, 31)]
    made = of(history(*known, other), days, progress=told.append)
    assert made.frame.select("as_of", "company_id").rows() == [
        (date(2020, 1, 31), "a"), (date(2020, 3, 31), "0"), (date(2020, 3, 31), "a"), (AS_OF, "0"), (AS_OF, "a"),
    ]  # fmt: skip
    assert told == [1, 1, 1]


def test_a_day_whose_horizon_is_not_over_is_refused(history, known):
    with pytest.raises(InvalidInput, match="horizon"):
        of(history(*known), data_cut=UNTIL - DAY)
    assert of(history(*known), data_cut=UNTIL).frame.height == 1
    with pytest.raises(InvalidInput, match="no days"):
        of(history(*known), [])


def test_by_default_the_cut_is_the_last_day_anything_became_known(claim, history, known):
    late = claim("headcount", "b", employees=3, observed_on=AS_OF, known_at=date(2021, 12, 3))
    assert of(history(*known, late), data_cut=None).data_cut == date(2021, 12, 3)
    with pytest.raises(InvalidInput, match="no records"):
        of(history(), data_cut=None)


def test_the_digest_is_of_the_content(claim, history, known):
    closed = claim("credit_event", "a", kind="closure", happened_on=UNTIL)
    assert of(history(*known)).sha256 == of(history(*known)).sha256 != of(history(*known, closed)).sha256


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.integers(-120, 120))
def test_months_after_stays_in_its_month(day, months):
    later = months_after(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + DAY).day == 1


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.integers(0, 2000))
def test_quarter_ends_are_all_there_are(first, days):
    last = first + timedelta(days=days)
    every = pl.date_range(first, last, eager=True)
    expected = every.filter((every + timedelta(days=1)).dt.day().eq(1) & every.dt.month().is_in([3, 6, 9, 12]))
    assert quarter_ends(first, last) == expected.to_list()
