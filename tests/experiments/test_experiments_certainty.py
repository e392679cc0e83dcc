"""Certainty on synthetic data: Venn-Abers by its definition and its promise, coverage reported, flag, band."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlflow import MlflowClient
from scipy.special import expit
from scipy.stats import beta
from sklearn.isotonic import IsotonicRegression

from alliance.config import Settings
from experiments.certainty.carried import witnesses
from experiments.certainty.evidence import TOLERANCE, chosen, compare, scored_alike
from experiments.certainty.fitted import (
    CHOSEN,
    FALSE_ALARMS,
    band_by_accuracy,
    certainty_of,
    intervals,
    shifts,
    support_of,
)
from experiments.certainty.levels import USUAL, levels, next_year
from experiments.certainty.methods import LEVEL, METHODS
from experiments.certainty.report import alarms_table, band_table, coverage_table, run_certainty, trials
from experiments.certainty.rows import Rows, years_back
from experiments.certainty.venn_abers import venn_abers
from experiments.experiment import DataUsed
from experiments.metrics import Sample
from experiments.splits import out_of_time
from scoring.model.certainty import Band


def rows(count, seed, scale=1.3, level=-2.5):
    """Scores, and labels whose chance is a bent function of the score."""
    draw = np.random.default_rng(seed)
    raw = draw.standard_normal(count) * scale + level
    pd = expit(1.4 * raw + 0.8 * np.sin(2 * raw))
    return raw, (draw.random(count) < pd).astype(float), pd


scored = st.lists(st.tuples(st.integers(-4, 4), st.booleans()), min_size=2, max_size=25)


@settings(max_examples=30, deadline=None)
@given(scored, st.integers(-5, 5))
def test_venn_abers_holds_both_fits_with_the_new_company_among_the_rows(told, new):
    raw, labels = np.array([t[0] for t in told], float), np.array([t[1] for t in told], float)
    low, high = venn_abers(raw, labels).at(np.array([new + 0.0]))
    fits = []
    for label in (0.0, 1.0):
        fitted = IsotonicRegression(y_min=0, y_max=1).fit(np.append(raw, new), np.append(labels, label))
        fits.append(float(fitted.predict([new])[0]))
    assert low[0] <= fits[0] + 1e-9 and fits[1] <= high[0] + 1e-9
    assert 0 <= low[0] <= high[0] <= 1


def test_venn_abers_is_valid_on_the_average_whatever_the_law():
    """Over many calibrations, the mean outcome of new companies lies between the mean p0 and the mean p1."""
    lows, highs, came = [], [], []
    for seed in range(12):
        raw, labels, _ = rows(200, seed)
        new, outcome, _ = rows(1_000, 1_000 + seed)
        low, high = venn_abers(raw, labels).at(new)
        lows.append(low.mean())
        highs.append(high.mean())
        came.append(outcome.mean())
    spread = 2 * np.std(came) / np.sqrt(len(came))
    assert np.mean(lows) - spread <= np.mean(came) <= np.mean(highs) + spread
    assert 0 < np.mean(highs) - np.mean(lows) < 0.06


def test_bins_cover_the_mean_of_their_bin_as_often_as_they_say():
    held = []
    for seed in range(60):
        raw, labels, pd = rows(500, seed)
        low, high = METHODS["bins"](Rows.of(raw, Sample.of(labels)), LEVEL).at(raw)
        for part in np.unique(low):
            within = low == part
            held.append(low[within][0] <= pd[within].mean() <= high[within][0])
    assert np.mean(held) >= LEVEL - 0.02


@pytest.mark.parametrize("name", list(METHODS))
def test_every_method_gives_rising_steps_of_probabilities(name):
    raw, labels, _ = rows(400, 3)
    steps = METHODS[name](Rows.of(raw, Sample.of(labels)), LEVEL)
    assert (np.diff(steps.knots) > 0).all() and len(steps.low) == len(steps.knots) + 1
    assert (steps.low >= 0).all() and (steps.low <= steps.high).all() and (steps.high <= 1).all()
    again = METHODS[name](Rows.of(raw, Sample.of(labels)), LEVEL)
    assert again.low.tolist() == steps.low.tolist()


@pytest.mark.parametrize("name", ["isotonic, refitted", "bins", "bins, carried"])
def test_more_rows_make_intervals_narrower(name):
    widths = []
    for count in (300, 3_000):
        raw, labels, _ = rows(count, 5)
        steps = METHODS[name](Rows.of(raw, Sample.of(labels)), LEVEL)
        low, high = steps.at(np.linspace(-5, 0, 50))
        widths.append((high - low).mean())
    assert widths[1] < 0.6 * widths[0]


def in_years(spread, seed, years=6, count=4_000):
    """Rows of some years whose levels are drawn with a spread."""
    draw = np.random.default_rng(seed)
    raw = draw.standard_normal(years * count) - 2.5
    of = np.repeat(np.arange(years), count)
    labels = (draw.random(len(raw)) < expit(raw + spread * draw.standard_normal(years)[of])).astype(float)
    return Rows.of(raw, Sample.of(labels), of)


def test_rows_told_several_times_are_one_witness():
    raw, labels, _ = rows(1_000, 2)
    once = Rows.of(raw, Sample.of(labels))
    thrice = Rows.of(np.tile(raw, 3), Sample.of(np.tile(labels, 3), np.tile(np.arange(1_000), 3)))
    assert witnesses(once) == pytest.approx(1, abs=0.1)
    assert witnesses(thrice) == pytest.approx(witnesses(once) / 3, rel=0.02)
    for one, other in zip(intervals(once).at(raw), intervals(thrice).at(raw), strict=True):
        assert np.abs(one - other).mean() < 0.003, "told again, nothing is surer"


def test_intervals_follow_the_calibration_score_by_score():
    raw, labels, _ = rows(2_000, 6)
    told = Rows.of(raw, Sample.of(labels))
    low, high = intervals(told).at(np.sort(raw))
    within = (low <= np.sort(told.pd)) & (np.sort(told.pd) <= high)
    assert within.mean() > 0.8, "the law is bent where the calibration is straight"
    assert (np.diff(high) >= 0).mean() > 0.99


def test_years_that_differ_widen_what_is_said_of_the_next():
    calm, wild = (np.mean([next_year(in_years(spread, seed), 0.9) for seed in range(4)]) for spread in (0.0, 0.4))
    assert calm < 0.15 and wild > 0.35
    one = in_years(0.0, 1, years=1)
    assert next_year(one, 0.9) > 1.2 * calm, "a single year says nothing of how years differ"
    assert next_year(one, 0.5) < next_year(one, 0.9)


def test_the_next_year_stays_within_as_often_as_said():
    held = []
    for seed in range(40):
        draw = np.random.default_rng(900 + seed)
        spread = abs(draw.standard_normal()) * USUAL
        by = next_year(in_years(spread, seed, years=4, count=2_000), 0.9)
        held.append(abs(spread * draw.standard_normal()) <= by)
    assert 0.8 <= np.mean(held) <= 1.0


def test_levels_are_told_year_by_year():
    told = in_years(0.5, 3)
    moved, variance = levels(told)
    assert len(moved) == 6 and (variance > 0).all()
    bad = np.array([told.sample.labels[told.years == year].mean() for year in range(6)])
    assert np.corrcoef(moved, bad)[0, 1] > 0.99
    assert moved.min() < 0 < moved.max(), "around the level of all"


def test_years_are_counted_back_from_the_last_day():
    days = pl.Series([date(2020, 3, 31), date(2020, 12, 31), date(2021, 3, 31), date(2022, 3, 31)])
    assert years_back(days, 12).tolist() == [2, 1, 1, 0]
    assert years_back(days, 6).tolist() == [4, 2, 2, 0]


def test_scored_alike_is_the_mean_of_the_nearest():
    raw, truth = np.arange(10.0), np.arange(10.0) ** 2
    assert scored_alike(raw, truth, many=10) == pytest.approx(np.full(10, truth.mean()))
    assert scored_alike(raw[::-1].copy(), truth[::-1].copy(), many=1).tolist() == truth[::-1].tolist()


@pytest.fixture(scope="module")
def compared():
    return compare(trials(seeds=(1,)))


def test_what_is_used_is_what_the_evidence_chooses(compared):
    assert chosen(compared) == CHOSEN
    best = compared[CHOSEN]
    assert best.of_score >= LEVEL - TOLERANCE
    assert best.of_company < best.of_score, "a score's interval is none for the company's own PD"
    assert coverage_table(compared).row_count == len(METHODS)


def test_narrower_methods_were_not_passed_over_for_nothing(compared):
    narrower = [one for name, one in compared.items() if one.width < compared[CHOSEN].width]
    assert all(one.of_score < LEVEL - TOLERANCE for one in narrower)


def made_up(count, seed, unknown=0.2):
    draw = np.random.default_rng(seed)
    values = draw.standard_normal((count, 12))
    values[:, 1:][draw.random((count, 11)) < unknown] = np.nan
    return values


def test_the_flag_is_silent_on_the_like_and_sees_what_moved():
    support = support_of(made_up(4_000, 1), made_up(4_000, 2))
    seen = {
        name: support.unlike(one).mean() for name, one in shifts(made_up(4_000, 3), [range(6), range(6, 12)]).items()
    }
    assert seen["as they are"] <= 2 * FALSE_ALARMS
    assert seen["the largest pillar in another unit (x 10,000)"] > 0.95
    assert seen["every feature three spreads higher"] > 0.95
    assert seen["features of different companies mixed"] <= 3 * FALSE_ALARMS, "it looks at one feature at a time"


def test_a_feature_never_known_is_out_of_place_once_it_is():
    never = made_up(500, 1)
    never[:, 3] = np.nan
    support = support_of(never, never)
    told = never[:1].copy()
    assert support.out_of_place(np.where(np.arange(12) == 3, 0.0, told))[0] == support.out_of_place(told)[0] + 1


def test_a_band_by_accuracy_keeps_its_promises_on_its_own_rows():
    _, labels, pd = rows(5_000, 9)
    band = band_by_accuracy(pd, labels, bad_among_approved=0.03, bad_among_declined=0.4)
    approved, declined = pd < band.approve_below, pd >= band.decline_from
    assert approved.sum() > 500 and declined.sum() > 100 and (~approved & ~declined).any()
    assert beta.ppf(0.95, labels[approved].sum() + 1, (1 - labels[approved]).sum()) <= 0.03
    assert beta.ppf(0.05, labels[declined].sum(), (1 - labels[declined]).sum() + 1) >= 0.4


def test_an_accuracy_that_cannot_be_had_refers_everyone():
    _, labels, pd = rows(300, 9)
    band = band_by_accuracy(pd, labels, bad_among_approved=1e-6, bad_among_declined=1.0)
    assert band == Band(0.0, 1.0)


def test_on_a_panel(panel, compared, tmp_path):
    home = Settings.from_environment({"ALLIANCE_HOME": str(tmp_path)})
    data = DataUsed.of(panel, ["bank@1.0.0"], simulated=True, about="Made for a test.")
    band = Band.by_cost(bad_loan=60, lost_good=4, review=1)
    found = run_certainty(home, compared, panel, out_of_time(panel, 4), data=data, band=band)
    client = MlflowClient(home.tracking_uri)
    (run,) = client.search_runs([client.get_experiment_by_name("certainty").experiment_id])
    assert run.data.params["chosen"] == CHOSEN and run.data.metrics["width"] == found.width
    assert run.data.params["data_panel_sha256"] == panel.sha256
    assert 0 < found.width < 0.5 and found.inside >= 0.5
    assert found.alarms["as they are"] < 0.1 < found.alarms["every feature three spreads higher"]
    assert alarms_table(found).row_count == 5 and band_table(found).row_count == 2


def test_what_is_kept_is_small():
    raw, labels, _ = rows(2_000, 4)
    values = made_up(2_000, 4)
    kept = certainty_of(
        Rows.of(raw, Sample.of(labels)), Band(0.02, 0.3), developed=values, earlier=values, later=values
    )
    assert kept.method == CHOSEN and len(kept.knots) < 200
