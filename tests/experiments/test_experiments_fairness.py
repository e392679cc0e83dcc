"""Fairness: a planted gap is found, few companies are never called fair, groups are those of the day."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score
from typer.testing import CliRunner

from alliance.config import Settings
from alliance.errors import InvalidInput, NotFound
from experiments import tracking
from experiments.cli import app
from experiments.fairness import summary
from experiments.fairness.attributes import GROUPINGS, groups_on, sized
from experiments.fairness.estimates import Rows, approval_ratio, auc_gap, observed_to_expected, share_gap
from experiments.fairness.judge import Fairness, Verdict, combined, judge
from experiments.fairness.policy import MEASURES, POLICIES, Measure, Policy, jurisdictions, policy_of, read_policy
from experiments.fairness.report import listings, says

CUT = 0.12

Draw = Callable[..., tuple[Rows, dict[str, list[str | None]]]]


def drawn(companies: int = 1500, quarters: int = 3, gap: float = 0.0, seed: int = 1, groups: int = 2):
    """Companies of several quarters in groups; the first group's PDs are wrong by ``gap`` in log-odds."""
    generator = np.random.default_rng(seed)
    company = np.tile(np.arange(companies), quarters)
    group = company % groups
    own = np.tile(generator.normal(size=companies), quarters)
    true = -2.6 + 0.9 * own + 0.2 * generator.normal(size=len(company))
    told = true + gap * (group == 0)
    labels = generator.random(len(company)) < 1 / (1 + np.exp(-true))
    pd = 1 / (1 + np.exp(-told))
    return Rows(pd, labels, pd < CUT, company), {"place": [f"g{one}" for one in group]}


def verdicts(found: Fairness) -> dict[tuple[str, str], Verdict]:
    return {(group.name, one.measure.name): one.verdict for group in found.groups for one in group.judged}


def judged(rows: Rows, groups, policy: Policy | None = None) -> Fairness:
    return judge(policy or policy_of("CN"), rows, groups, cut=CUT, cut_from="of the test")


def test_values_are_the_field_s_own():
    rows, groups = drawn()
    mine = np.array([one == "g0" for one in groups["place"]])
    sound, bad = ~rows.labels, rows.labels
    ratio = approval_ratio(rows, mine, ~mine)
    assert ratio is not None and ratio.value == pytest.approx(rows.approved[mine].mean() / rows.approved[~mine].mean())
    false = share_gap(rows, ~rows.approved, sound, mine).value
    assert false == pytest.approx((~rows.approved[mine & sound]).mean() - (~rows.approved[~mine & sound]).mean())
    missed = share_gap(rows, rows.approved, bad, mine).value
    assert missed == pytest.approx(rows.approved[mine & bad].mean() - rows.approved[~mine & bad].mean())
    assert observed_to_expected(rows, mine).value == pytest.approx(rows.labels[mine].sum() / rows.pd[mine].sum())
    areas = [roc_auc_score(rows.labels[among], rows.pd[among]) for among in (mine, ~mine)]
    assert auc_gap(rows, mine).value == pytest.approx(areas[0] - areas[1])


def test_errors_are_those_of_drawing_whole_companies_anew():
    measures = {
        "ratio": lambda rows, mine: np.log(approval_ratio(rows, mine, ~mine).value),
        "false": lambda rows, mine: share_gap(rows, ~rows.approved, ~rows.labels, mine).value,
        "level": lambda rows, mine: np.log(observed_to_expected(rows, mine).value),
        "area": lambda rows, mine: auc_gap(rows, mine).value,
    }
    found: dict[str, list[float]] = {name: [] for name in measures}
    for seed in range(250):
        rows, groups = drawn(companies=500, seed=seed)
        mine = np.array([one == "g0" for one in groups["place"]])
        for name, measure in measures.items():
            found[name].append(measure(rows, mine))
    said = {
        "ratio": approval_ratio(rows, mine, ~mine),
        "false": share_gap(rows, ~rows.approved, ~rows.labels, mine),
        "level": observed_to_expected(rows, mine),
        "area": auc_gap(rows, mine),
    }
    for name, values in found.items():
        assert said[name].error == pytest.approx(np.std(values), rel=0.25), name


def test_a_planted_gap_is_found():
    found = judged(*drawn(companies=4000, gap=1.0))
    told = verdicts(found)
    assert told["g0", "approval_ratio"] is Verdict.BEYOND
    assert told["g0", "refused_sound_gap"] is Verdict.BEYOND
    assert told["g0", "observed_to_expected"] is Verdict.BEYOND
    assert told["g0", "auc_gap"] is not Verdict.BEYOND
    # Who is approved too seldom has others approved too often beside it: of two groups, gaps are each other's mirror.
    assert told["g1", "approved_bad_gap"] is Verdict.BEYOND and told["g1", "approval_ratio"] is Verdict.WITHIN
    assert found.verdict is Verdict.BEYOND
    assert any("Beyond limits: place g0" in line for line in says(found))


def test_alike_groups_are_within_limits_only_when_there_are_enough_of_them():
    many = judged(*drawn(companies=20_000))
    assert many.verdict is Verdict.WITHIN
    assert {*verdicts(many).values()} == {Verdict.WITHIN}
    few = judged(*drawn(companies=300))
    assert few.verdict is Verdict.INSUFFICIENT and not few.beyond


def test_of_too_few_companies_nothing_is_told():
    rows, groups = drawn(companies=1000)
    groups["place"] = ["rare" if company < 7 else "usual" for company in rows.companies]
    found = judged(rows, groups)
    rare = next(group for group in found.groups if group.name == "rare")
    assert (rare.companies, rare.rows, rare.outcomes, rare.approved) == (0, 0, 0, None)
    assert rare.verdict is Verdict.INSUFFICIENT
    assert all("fewer than 50 companies" in one.why and one.found is None for one in rare.judged)
    text = "\n".join(one.markdown() for one in listings(found))
    assert "| place | rare | fewer than 50 |" in text


def test_where_groups_are_alike_wrong_verdicts_keep_to_the_policy_s_chance():
    strict = tuple(
        Measure(name=name, low=1.0, source="none") if name == "approval_ratio"
        else Measure(name=name, low=1.0, high=1.0, source="none") if name == "observed_to_expected"
        else Measure(name=name, low=0.0, high=0.0, source="none")
        for name in MEASURES
    )  # fmt: skip
    policy = replace(policy_of("CN"), measures=strict)
    wrong = [bool(judged(*drawn(600, 2, seed=seed, groups=4), policy).beyond) for seed in range(120)]
    assert np.mean(wrong) <= 0.08  # 5 per cent, and the chance of 120 tries


@pytest.mark.parametrize(
    ("given", "one"),
    [
        ((), Verdict.INSUFFICIENT),
        ((Verdict.WITHIN, Verdict.WITHIN), Verdict.WITHIN),
        ((Verdict.WITHIN, Verdict.INSUFFICIENT), Verdict.INSUFFICIENT),
        ((Verdict.INSUFFICIENT, Verdict.BEYOND), Verdict.BEYOND),
    ],
)
def test_what_many_verdicts_come_to(given, one):
    assert combined(given) is one


def test_unknown_is_a_group_of_its_own():
    rows, groups = drawn()
    groups["place"] = [None if one == "g0" else one for one in groups["place"]]
    assert [group.name for group in judged(rows, groups).groups] == ["g1", "unknown"]


@pytest.mark.parametrize(
    ("employees", "size"),
    [(None, None), (0, "micro"), (9, "micro"), (10, "small"), (99, "small"), (100, "medium"), (300, "large")],
)
def test_sizes_by_staff(employees, size):
    made = pl.DataFrame({"employees": [employees]}, schema={"employees": pl.Int64})
    assert made.select(sized(pl.col("employees"), policy_of("CN").sizes)).item() == size


def test_groups_are_those_known_on_the_day(claim, history):
    day = date(2022, 6, 30)
    told = history(
        claim("company_profile", "a", observed_on=date(2021, 1, 1), region="四川省", sector="software"),
        claim("company_profile", "b", observed_on=date(2021, 1, 1), region="上海市"),
        claim("company_profile", "a", observed_on=date(2022, 1, 1), region="北京市", known_at=date(2022, 9, 1), key=""),
        claim("funding_round", "a", announced_on=date(2021, 5, 1), stage="seed"),
        claim("funding_round", "a", announced_on=date(2022, 5, 1), stage="series_a"),
        claim("funding_round", "a", announced_on=date(2022, 8, 1), stage="series_b"),
        claim("headcount", "b", observed_on=date(2022, 3, 31), employees=40),
    )
    companies = pl.Series(["b", "a"])
    made = groups_on(told.facts(day), companies, tuple(GROUPINGS), policy_of("CN").sizes)
    assert made.rows(named=True) == [
        {"company_id": "b", "region": "上海市", "stage": None, "sector": None, "size": "small"},
        {"company_id": "a", "region": "四川省", "stage": "series_a", "sector": "software", "size": None},
    ]


def test_every_policy_says_where_its_numbers_are_from():
    assert jurisdictions() == ("CN", "EU", "US")
    for name in jurisdictions():
        policy = policy_of(name.lower())
        assert policy.jurisdiction == name and {*policy.attributes} <= GROUPINGS.keys()
        assert policy.source and policy.sizes.source and all(one.source and one.limits for one in policy.measures)
    with pytest.raises(NotFound, match="CN, EU, US"):
        policy_of("XX")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("fewest = 50", "fewest = 2"), ("chance = 0.05", "chance = 0"), ("small = 10", "small = 1000"),
        ('name = "auc_gap"', 'name = "joy"'), ('name = "auc_gap"', 'name = "approval_ratio"'), ("[sizes]", "[size]"),
    ],
)  # fmt: skip
def test_a_broken_policy_is_refused(tmp_path: Path, old, new):
    text = (POLICIES / "cn.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "cn.toml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InvalidInput, match="polic"):
        read_policy(tmp_path / "cn.toml")


def test_fairlearn_finds_the_same_rates():
    pytest.importorskip("fairlearn")
    rows, groups = drawn(gap=0.5)
    (one,) = summary.summaries(rows, groups, {"place": ["g0", "g1"]})
    found = judged(rows, groups)
    rates = [group.approved for group in found.groups]
    assert one.approval_ratio == pytest.approx(min(rates) / max(rates))
    gaps = [abs(one.found.value) for group in found.groups for one in group.judged[1:3]]
    assert one.error_gap == pytest.approx(max(gaps))
    assert not summary.summaries(rows, groups, {"place": ["g0"]})


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a table of loans in the form of German credit, and a home."""
    draw = np.random.default_rng(1)
    age, count = draw.uniform(18, 70, 600), 600
    columns = {name: ["A"] * count for name in (
        "status_of_existing_checking_account", "credit_history", "purpose", "savings_account_and_bonds",
        "present_employment_since", "other_debtors_or_guarantors", "property", "other_installment_plans", "housing",
        "job")}  # fmt: skip
    numbers = {name: draw.integers(1, 5, count).astype(str) for name in (
        "duration_in_month", "credit_amount", "installment_rate_in_percentage_of_disposable_income",
        "present_residence_since", "number_of_existing_credits_at_this_bank")}  # fmt: skip
    bad = draw.uniform(size=count) < 1 / (1 + np.exp((age - 40) / 8))
    told = {"age_in_years": age.astype(str), "creditability": np.where(bad, "bad", "good"),
            "personal_status_and_sex": draw.choice(["female : single", "male : single"], count)}  # fmt: skip
    (tmp_path / "german_credit").mkdir()
    pl.DataFrame({**columns, **numbers, **told}).write_parquet(tmp_path / "german_credit/germancredit.parquet")
    for name in ("ALLIANCE_DATABASE_URL", "MLFLOW_TRACKING_URI", "ALLIANCE_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALLIANCE_HOME", str(tmp_path / "home"))
    return tmp_path


def run(*words: object):
    return CliRunner().invoke(app, ["fairness", *map(str, words)])


def test_a_flat_table_s_own_groups_without_fairlearn(table, monkeypatch):
    monkeypatch.setattr(summary, "LIBRARY", "no_such_library")
    made = run("--dataset", "german_credit", "--data", table, "--approve-below", 0.5)
    assert made.exit_code == 0, made.output
    assert "25 and under" in made.output and "female" in made.output
    assert "Beyond limits: age 25 and under" in made.output.replace("\n", " ")
    assert "left out: no_such_library is not installed" in made.output.replace("\n", " ")
    (kept,), _ = tracking.runs(Settings.from_environment({"ALLIANCE_HOME": str(table / "home")}), "fairness")
    assert kept.data.params["verdict"] == Verdict.BEYOND.value


def test_data_that_tell_no_groups_are_refused_in_one_line(table):
    failed = run("--dataset", "polish_bankruptcy", "--data", table)
    assert failed.exit_code == 1 and "german_credit" in failed.output and "Traceback" not in failed.output
