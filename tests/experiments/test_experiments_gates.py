"""Gates let the equal pass, and stop the worse, the miscalibrated, the leaky, and what nobody looked at."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.errors import Conflict, InvalidInput
from experiments.experiment import experiment
from experiments.fairness.judge import Fairness, Group, Judged, Verdict
from experiments.fairness.policy import policy_of
from experiments.gates import FAIL, GATES, PASS, UNDECIDED, Exam, calibration, fairness, leakage, reasons, stability
from experiments.gates import uplift as uplift_gate
from experiments.gates.examined import Examined, ask_all, in_the_way
from experiments.gates.gate import within, worst
from experiments.gates.moved import moves, psi
from experiments.metrics import Estimate, Sample
from experiments.panel import LABEL, Panel
from experiments.probes import LEAK, Probe
from experiments.splits import out_of_time
from experiments.train import RECIPE
from scoring.model import GRADES, Bundle, Calibration, Outcome
from scoring.months import months_after
from scoring.score import ScoreTable


@pytest.fixture(scope="module")
def champion(panel: Panel) -> Bundle:
    return experiment(panel, out_of_time(panel, 4), version="champion").bundle


@pytest.fixture(scope="module")
def equal(panel: Panel) -> Bundle:
    """The same rows, another seed."""
    recipe = replace(RECIPE, seed=3)
    return experiment(panel, out_of_time(panel, 4), version="equal", recipe=recipe).bundle


@pytest.fixture(scope="module")
def worse(panel: Panel) -> Bundle:
    """Taught labels of which most are drawn by lot."""
    drawn = np.random.default_rng(5)
    noise = pl.Series(drawn.random(panel.frame.height) < 0.9), pl.Series(drawn.random(panel.frame.height) < 0.3)
    mixed = panel.frame.with_columns(pl.when(noise[0]).then(noise[1]).otherwise(pl.col(LABEL)).alias(LABEL))
    noisy = replace(panel, frame=mixed)
    return experiment(noisy, out_of_time(noisy, 4), version="worse").bundle


def test_an_equal_one_is_no_worse_and_nothing_moves(panel: Panel, champion: Bundle, equal: Bundle) -> None:
    exam = Exam.of(champion, equal, panel)
    assert exam.rows["as_of"].min() == out_of_time(panel, 4).test["as_of"].min() and exam.left_out == ()
    for gate in (uplift_gate, stability, calibration):
        found = gate.examine(exam)
        assert found.says == PASS, found.found


def test_a_worse_one_is_refused(panel: Panel, champion: Bundle, worse: Bundle) -> None:
    exam = Exam.of(champion, worse, panel)
    found = uplift_gate.examine(exam)
    gain = found.figures["auc_gain"]
    assert found.says == FAIL and isinstance(gain, Estimate) and gain.high < 0
    assert uplift_gate.examine(Exam.of(worse, champion, panel)).says == PASS
    assert stability.examine(exam).says == FAIL


def test_a_bold_one_is_not_calibrated(panel: Panel, champion: Bundle) -> None:
    own = champion.calibration
    bold = replace(champion, version="bold", calibration=Calibration(2 * own.slope, own.intercept))
    high = replace(champion, version="high", calibration=Calibration(own.slope, own.intercept + 1))
    for one in (bold, high):
        assert calibration.examine(Exam.of(champion, one, panel)).says == FAIL
    assert uplift_gate.examine(Exam.of(champion, bold, panel)).says == PASS, "it ranks as before"


def test_rows_the_champion_was_taught_on_examine_nobody(panel: Panel, champion: Bundle, equal: Bundle) -> None:
    """A champion of a later teaching: only later rows are left, then none."""
    days = panel.frame["as_of"].unique().sort().to_list()
    later = taught_until(champion, months_after(days[-2], -panel.horizon_months))
    exam = Exam.of(later, equal, panel)
    assert exam.rows["as_of"].unique().sort().to_list() == days[-2:]
    assert exam.left_out == tuple(days[-4:-2]) and str(days[-4]) in exam.about
    with pytest.raises(Conflict, match="no row on which neither model was taught"):
        Exam.of(taught_until(champion, days[-1]), equal, panel)
    with pytest.raises(InvalidInput, match="does not say"):
        Exam.of(replace(champion, training={}), equal, panel)
    with pytest.raises(InvalidInput, match="cannot be compared"):
        Exam.of(replace(champion, outcome=Outcome("closure", 6)), equal, panel)


def taught_until(bundle: Bundle, last: date) -> Bundle:
    return replace(bundle, training={**bundle.training, "taught": {**bundle.training["taught"], "last": str(last)}})


def test_a_leaky_one_fails(panel: Panel, champion: Bundle, equal: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tested before its teaching was over; or by a path from records to features that sees what is told late."""
    honest = leakage.examine(Exam.of(champion, equal, panel))
    assert honest.says != FAIL and honest.figures["leaks"] == 0
    first = {**equal.training["test"], "first": equal.training["taught"]["last"]}
    found = leakage.examine(Exam.of(champion, replace(equal, training={**equal.training, "test": first}), panel))
    assert found.says == FAIL and "its own test: leak" in found.found and found.figures["leaks"] == 1
    hindsight = Probe("label planted in a late record", LEAK, "told a day late it changes 7 values")
    monkeypatch.setattr("experiments.gates.leakage.planted_late", lambda *_: hindsight)
    history: Any = object()
    found = leakage.examine(Exam.of(champion, equal, panel, history=history))
    assert found.says == FAIL and "changes 7 values" in found.found


def test_a_column_that_tells_the_outcome_does_not_pass(panel: Panel, champion: Bundle, equal: Bundle) -> None:
    told = panel.frame.with_columns(pl.col(LABEL).cast(pl.Float64).alias("cash_runway"))
    found = leakage.examine(Exam.of(champion, equal, replace(panel, frame=told)))
    assert found.says == UNDECIDED and "cash_runway" in found.found


NEAR = Estimate(0.01, -0.01, 0.03)
WITHIN, BEYOND, INSUFFICIENT = Verdict


@pytest.mark.parametrize(("share", "says"), [(0.999, PASS), (0.98, FAIL)])
def test_reasons(panel: Panel, champion: Bundle, equal: Bundle, share: float, says: str) -> None:
    exam = Exam.of(champion, equal, panel, holds=lambda scored: share * len(scored.pd) / 1600)
    assert exam.rows.height == 1600 and reasons.examine(exam).says == says


@pytest.mark.parametrize(
    ("verdicts", "says", "named"),
    [
        (None, UNDECIDED, "Nobody looked"),
        ((), UNDECIDED, "Of 0 groups"),
        ((WITHIN, WITHIN), PASS, "2 within limits"),
        ((WITHIN, BEYOND), FAIL, "; region 1: "),
        ((WITHIN, INSUFFICIENT), PASS, "1 insufficient evidence"),
        ((INSUFFICIENT, INSUFFICIENT), UNDECIDED, "2 insufficient evidence"),
    ],
)
def test_fairness(
    *, panel: Panel, champion: Bundle, equal: Bundle, verdicts: tuple[Verdict, ...] | None, says: str, named: str
) -> None:
    policy = policy_of("CN")

    def judges(rows: pl.DataFrame, scored: ScoreTable) -> Fairness:
        assert scored.bundle is equal and rows.height == len(scored.pd)
        groups = tuple(
            Group("region", str(place), 50, 100, 20, 0.5, (Judged(policy.measures[0], NEAR, NEAR, verdict),))
            for place, verdict in enumerate(verdicts or ())
        )
        return Fairness(policy=policy, cut=0.1, cut_from="", groups=groups, looks=len(groups))

    exam = Exam.of(champion, equal, panel, judges=None if verdicts is None else judges)
    found = fairness.examine(exam)
    assert found.says == says and named in found.found


def test_every_gate_is_asked_and_told(panel: Panel, champion: Bundle, equal: Bundle) -> None:
    asked: list[int] = []
    made: Examined = ask_all(Exam.of(champion, equal, panel), progress=asked.append)
    assert [one.gate for one in made.gated] == [gate.name for gate in GATES] and sum(asked) == len(GATES)
    assert "fairness" in in_the_way(made.gated) and "uplift" not in in_the_way(made.gated)
    assert {"gate_uplift_auc_gain", "gate_stability_psi", "gate_calibration_slope"} <= made.metrics.keys()
    for gate in GATES:
        assert f"| {gate.name} |" in made.markdown()


values = st.floats(-1, 1, allow_nan=False)


@given(st.tuples(values, values, values), st.tuples(values, values))
def test_a_gate_is_open_or_shut_and_only_doubt_lies_between(three: Any, limits: Any) -> None:
    low, value, high = sorted(three)
    least, most = sorted(limits)
    says = within(Estimate(value, low, high), least, most)
    assert (says == PASS) == (least <= value <= most)
    assert (says == FAIL) == (high < least or low > most)


@given(st.lists(st.sampled_from([PASS, FAIL, UNDECIDED]), max_size=5))
def test_all_have_to_hold(said: list[str]) -> None:
    expected = [one for one in (FAIL, UNDECIDED, PASS) if one in said]
    assert worst(*said) == (expected[0] if expected else PASS)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(GRADES), st.sampled_from(GRADES)), min_size=2, max_size=30), st.integers(0, 9)
)
def test_what_moves(pairs: list[tuple[str, str]], shift: int) -> None:
    sample = Sample(np.zeros(len(pairs)), np.arange(len(pairs)))
    before, after = zip(*pairs, strict=True)
    found: Mapping[int, Estimate] = moves(sample, before, after)
    steps = [abs(GRADES.index(one) - GRADES.index(other)) for one, other in pairs]
    assert [found[far].value for far in (1, 2)] == [pytest.approx(np.mean([s >= far for s in steps])) for far in (1, 2)]
    points = np.arange(float(len(pairs)))
    assert psi(sample, points, points, replicates=5).value == 0
    assert psi(sample, points, points + shift, replicates=5).value >= 0


def test_psi_of_a_known_shift() -> None:
    """Two bins of a half each that become a quarter and three quarters, but for the half row added."""
    sample = Sample(np.zeros(4_000), np.arange(4_000))
    before = np.repeat([0.0, 1.0], 2_000)
    after = np.concatenate([np.zeros(1_000), np.ones(3_000)])
    expected = (0.25 - 0.5) * np.log(0.25 / 0.5) + (0.75 - 0.5) * np.log(0.75 / 0.5)
    assert psi(sample, before, after, replicates=5).value == pytest.approx(expected, abs=1e-3)
