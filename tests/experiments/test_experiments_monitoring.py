"""Monitoring: frozen bins that give no company away, limits that know their sample, a decision rarely wrong."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import betainc
from sklearn.metrics import roc_auc_score

from alliance.errors import InvalidInput
from experiments.hazard.lag import RecordingLag
from experiments.monitoring.alarms import alarms, worlds
from experiments.monitoring.bins import SMALLEST_COUNT, Bins, Shift
from experiments.monitoring.cohort import GradeSeen, befallen, cohort_of, recorded_share
from experiments.monitoring.development import DIGEST, Development, development
from experiments.monitoring.expected import auc_with_error, expected_auc, expected_brier
from experiments.monitoring.plan import SHIPPED, read_plan, shipped_plan
from experiments.monitoring.quarters import reading_of
from experiments.monitoring.rates import Rate
from experiments.monitoring.rule import alerts, of_companies, proposal
from experiments.splits import out_of_time
from experiments.train import Trained, train
from scoring.score import score_arrays

DAY = date(2022, 12, 31)

values = arrays(np.float64, st.integers(1, 400), elements=st.floats(-1e6, 1e6) | st.just(float("nan")) | st.just(0.0))


@settings(deadline=None, max_examples=60)
@given(values)
def test_bins_hold_every_row_and_no_end_of_the_data(told):
    bins = Bins.of(told)
    known = told[~np.isnan(told)]
    assert sum(bins.counts) == len(told) and bins.counts[-1] == len(told) - len(known)
    assert list(bins.edges) == sorted(set(bins.edges))
    if bins.edges:
        assert min(bins.counts[:-1]) >= SMALLEST_COUNT
        assert bins.edges[-1] < known.max() and (known <= bins.edges[0]).sum() >= SMALLEST_COUNT
    assert (bins.count(told) == bins.counts).all()


def drawn(generator: np.random.Generator, shares: np.ndarray, companies: int) -> np.ndarray:
    return generator.multinomial(companies, shares)


def index(then: np.ndarray, now: np.ndarray) -> float:
    return float(((now - then) * np.log(now / then)).sum())


@pytest.mark.parametrize(("n", "m"), [(300, 250), (2000, 300), (2000, 1500)])
def test_without_a_shift_an_index_passes_its_limit_as_often_as_said(n, m):
    generator, shares = np.random.default_rng(5), np.full(10, 0.1)
    shifts = [Shift.between(drawn(generator, shares, n), drawn(generator, shares, m)) for _ in range(2000)]
    passed = np.mean([shift.passes(0.0, 0.05) for shift in shifts])
    assert 0.035 < passed < 0.07
    assert np.mean([shift.chance < 0.05 for shift in shifts]) == passed


def test_a_population_at_its_limit_is_hardly_ever_called_beyond_it_and_one_far_off_nearly_always():
    generator, then = np.random.default_rng(6), np.full(10, 0.1)
    tilted = then * np.exp(np.linspace(-0.5, 0.5, 10))
    now = tilted / tilted.sum()
    true = index(then, now)
    shifts = [Shift.between(drawn(generator, then, 2000), drawn(generator, now, 800)) for _ in range(1000)]
    assert 0.02 < np.mean([shift.passes(true, 0.05) for shift in shifts]) < 0.08
    assert np.mean([shift.passes(true / 10, 0.01) for shift in shifts]) > 0.95
    assert not any(shift.passes(2 * true, 0.001) for shift in shifts)


def test_the_same_index_counts_for_more_with_more_companies():
    then, now = np.array([50, 50, 0]), np.array([30, 70, 0])
    few, many = Shift.between(then, now), Shift.between(100 * then, 100 * now)
    assert few.freedom == 1 and few.psi == pytest.approx(many.psi, rel=0.05)
    assert many.passes(0.1, 0.001) and not few.passes(0.1, 0.001)
    # Rows of one company are not many witnesses.
    assert Shift.between(100 * then, now, companies_then=100).weight == few.weight


def test_what_comes_and_goes_with_the_season_is_no_shift():
    days, season = np.repeat([0, 1, 2, 3], 500), np.repeat([0.0, 3.0, 0.0, 3.0], 500)
    told = np.random.default_rng(1).normal(size=2000)
    seasonal, steady = Bins.of(told + season, days), Bins.of(told, days)
    assert seasonal.moved > 0.5
    assert steady.moved < 0.05
    now = np.random.default_rng(2).normal(size=500)
    again = Shift.between(np.array(seasonal.counts), seasonal.count(now + 3.0), 500, seasonal.moved)
    assert again.psi > 0.5 and not again.passes(0.25, 0.01)
    moved = Shift.between(np.array(steady.counts), steady.count(now + 3.0), 500, steady.moved)
    assert moved.passes(0.25, 0.01)


chances = arrays(np.float64, st.integers(2, 12), elements=st.sampled_from([0.01, 0.1, 0.1, 0.5, 0.9]))


@settings(deadline=None, max_examples=60)
@given(chances)
def test_the_expected_area_is_the_ratio_of_expected_pairs(pd):
    pairs = [(i, j) for i in range(len(pd)) for j in range(len(pd)) if i != j]
    weight = [pd[i] * (1 - pd[j]) for i, j in pairs]
    won = [(pd[i] > pd[j]) + 0.5 * (pd[i] == pd[j]) for i, j in pairs]
    assert expected_auc(pd) == pytest.approx(np.dot(weight, won) / np.sum(weight))


def test_what_is_expected_is_what_comes_of_outcomes_drawn_from_the_pds():
    generator = np.random.default_rng(9)
    pd = generator.beta(1, 12, 2000)
    came = generator.random((200, 2000)) < pd
    areas = [roc_auc_score(labels, pd) for labels in came]
    assert expected_auc(pd) == pytest.approx(np.mean(areas), abs=0.005)
    assert expected_brier(pd) == pytest.approx(((came - pd) ** 2).mean(), abs=0.002)
    found = [auc_with_error(pd, labels.astype(float)) for labels in came]
    assert [area for area, _ in found] == pytest.approx(areas)
    assert np.mean([error for _, error in found]) == pytest.approx(np.std(areas), rel=0.2)
    assert auc_with_error(pd, np.zeros(2000)) is None


@pytest.mark.parametrize(("companies", "observed"), [(10, 0), (10, 10), (100, 5), (20, 4)])
def test_jeffreys_interval_leaves_as_much_on_either_side(companies, observed):
    low, high = GradeSeen("A", companies, observed, 0.0).interval(0.9)
    below, above = (betainc(observed + 0.5, companies - observed + 0.5, end) for end in (low, high))
    assert below == pytest.approx(0.0 if observed == 0 else 0.05)
    assert above == pytest.approx(1.0 if observed == companies else 0.95)
    assert GradeSeen("A", companies, observed, companies * high).outside(0.8) is (observed < companies)
    assert not GradeSeen("A", companies, observed, companies * high).outside(0.95)


def cohort(observed: int, expected: float, companies: int = 1000):
    pd = np.full(companies, expected / companies)
    return cohort_of(DAY, pd, ["BB"] * companies, np.arange(companies) < observed, known_on=DAY)


@pytest.mark.parametrize(
    ("observed", "expected", "off"),
    [(100, 100, False), (115, 100, False), (150, 100, True), (60, 100, True), (3, 1, False), (0, 2, False)],
)
def test_outcomes_off_their_level_by_more_than_chance_and_tolerance(observed, expected, off):
    assert cohort(observed, expected).off_level(1.1, 0.003) is off


def test_a_late_record_lowers_what_can_be_expected_and_no_later_one_is_seen():
    lag = RecordingLag(100, np.array([0, 400]), np.array([0.5, 1.0]))
    assert recorded_share(lag, date(2021, 12, 31), 12, DAY) == pytest.approx(0.5)
    assert recorded_share(lag, date(2020, 12, 31), 12, DAY + timedelta(days=60)) == 1.0
    events = pl.DataFrame({"company_id": ["a", "b", "c"], "event_at": [DAY, DAY + timedelta(1), date(2024, 1, 1)]})
    found = befallen(pl.Series(["a", "b", "c"]), events, DAY, date(2023, 12, 31))
    assert found.tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("count", "of", "then", "off"),
    [(20, 100, 0.2, False), (60, 100, 0.2, True), (2, 300, 0.2, True), (3, 4, 0.2, False), (60, 100, None, False)],
)
def test_a_rate_is_off_only_where_it_surely_is(count, of, then, off):
    assert Rate("referred", DAY, count, of, then).surely_off(1.5, 0.003) is off


@pytest.fixture(scope="module")
def taught(panel) -> Trained:
    return train(panel, out_of_time(panel, 4), version="monitored")


def test_the_yardstick_is_named_by_the_bundle_and_reads_back(taught):
    made = taught.development
    assert taught.bundle.training[DIGEST] == made.sha256
    assert Development.read(made.text()) == made
    assert sum(made.weights.values()) == pytest.approx(1)
    assert made.rows == 4 * 400 and made.companies == 400
    for broken in ("", "[]", "{}", made.text().replace('"score"', '"points"')):
        with pytest.raises(InvalidInput, match=r"development\.json"):
            Development.read(broken)


def test_rows_like_those_examined_raise_nothing_and_a_moved_feature_is_named(panel, taught):
    made, rows = taught.development, panel.frame.filter(pl.col("as_of") == DAY)
    features = rows.select("company_id", *taught.bundle.names)
    same = reading_of(DAY, score_arrays(taught.bundle, features), made)
    assert not alerts(shipped_plan(), same, made.weights)
    older = features.with_columns(pl.col("round_last_age") + 700)
    moved = reading_of(DAY, score_arrays(taught.bundle, older), made)
    found = alerts(shipped_plan(), moved, made.weights)
    assert ("feature_mix", "round_last_age") in {(one.rule.name, one.about) for one in found if one.acts}
    assert proposal(found).proposed and "round_last_age" in proposal(found).sentence()
    assert all(one.measured > one.limit for one in found)


def test_what_is_told_of_sectors_is_not_judged_by_company():
    assert of_companies("cash_runway") and not of_companies("market_sentiment")


def test_false_alarms_keep_to_the_plan_and_planted_drifts_are_found(panel, taught):
    made = taught.development
    rows = panel.frame.filter(pl.col("as_of") == DAY).select("company_id", *taught.bundle.names)
    stable, *drifts = worlds(taught.bundle, rows, made)
    plan = shipped_plan()
    quiet = alarms(plan, made, stable, stable, companies=400, years=150, seed=1)
    assert quiet.proposed <= 150 * plan.per_year
    for world in drifts:
        if "x 1.5" not in world.name and "nothing" not in world.name:
            found = alarms(plan, made, stable, world, companies=400, years=10, seed=1)
            assert found.proposed >= 8, world.name


def test_alerts_that_only_watch_propose_nothing():
    (grade,) = (rule for rule in shipped_plan().rules.values() if rule.name == "grade_level")
    assert grade.act is None and not proposal(()).proposed
    assert "No challenger" in proposal(()).sentence()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "level"', 'name = "levels"', "each of"),
        ("per_year = 0.05", "per_year = 1.5", "false alarms"),
        ("[false_alarms]", "[false]", "no monitoring plan"),
        ("[[rules]]", "[rules", "no monitoring plan"),
    ],
)
def test_a_broken_plan_is_refused(tmp_path: Path, old, new, said):
    file = tmp_path / "plan.toml"
    file.write_text(SHIPPED.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(InvalidInput, match=said):
        read_plan(file)


def test_every_rule_says_where_its_limits_are_from_in_two_languages():
    for rule in shipped_plan().rules.values():
        assert rule.source and rule.zh and rule.en and rule.todo_zh and rule.todo_en
        assert (rule.watch, rule.act) != (None, None)


def test_a_yardstick_of_rows_without_outcomes_has_no_area(panel, taught):
    rows = panel.frame.head(400).with_columns(pl.lit(False).alias("label"))
    made = development(taught.bundle, rows)
    assert made.auc is None and Development.read(made.text()) == made
