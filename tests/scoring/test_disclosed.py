"""A score told rung by rung: what is held below raw is banded or unnamed, and the canary in it never shows."""

import json
from dataclasses import replace
from datetime import date

import pytest

from alliance.rights import Disclosure, Held
from alliance.signals import Pillar
from scoring.disclosed import disclosed
from scoring.features import feature_named
from scoring.model.reasons import worded
from scoring.result import ContestedFact, Reason, Score

CASH = 123_456_789.0
GRANT = ("grt_1",)


def reason(feature: str, value: float | None, points: float) -> Reason:
    declared = feature_named(feature)
    zh, en = worded(declared.unit, float("nan") if value is None else value)
    return Reason(
        feature=feature, pillar=declared.pillar, value=value, points=points, zh=f"{declared.zh}：{zh}",
        en=f"{declared.en}: {en}",
    )  # fmt: skip


@pytest.fixture
def score() -> Score:
    return Score(
        company_id="co", as_of=date(2026, 6, 30), outcome="default", horizon_months=12, pd=0.02, log_odds=-3.9,
        base_log_odds=-3.0, points=600.0, base_points=580.0, grade="BB", pillars=(),
        raises=(
            reason("cash_balance", CASH, -9.26), reason("headcount_employees", 37.0, -3.4),
            reason("cash_burn", 7_654_321.0, -2.31), reason("patents_filed_12m", 0.0, -1.0),
        ),
        lowers=(reason("cash_runway", 16.13, 5.5), reason("company_age", 4.5, 2.0)),
        coverage=0.8,
        contested=(
            *(
                ContestedFact(signal="cash_position", key=key, fields=("cash",), zh=f"现金 {key}", en=f"Cash {key}")
                for key in ("2026-Q1", "2026-Q2")
            ),
        ),
        model_version="0" * 64, data_watermark=7,
    )  # fmt: skip


def held(rung: Disclosure, *names: str) -> dict[str, Held]:
    return dict.fromkeys(names, Held(rung, GRANT))


def test_where_all_is_raw_a_score_is_told_as_it_is(score: Score) -> None:
    assert disclosed(score, {}) is score


def test_what_is_for_scores_only_names_pillar_and_direction(score: Score) -> None:
    told = disclosed(score, held(Disclosure.SCORE_ONLY, "cash_position.cash", "cash_position.monthly_burn"))
    first, *rest = told.raises
    assert (first.feature, first.pillar, first.value, first.disclosure) == ("", Pillar.VENTURE, None, "score_only")
    assert first.points == -11.0, "two reasons of one pillar are one, in whole points"
    assert first.en == "Venture progress: something not disclosed raises the risk"
    assert first.zh == "创投进展：未披露的因素提高了风险"
    assert [one.feature for one in rest] == ["headcount_employees", "patents_filed_12m"]
    assert told.lowers[0].en == "Venture progress: something not disclosed lowers the risk"
    assert told.lowers[1] == score.lowers[1]
    assert (told.pd, told.points, told.pillars) == (score.pd, score.points, score.pillars)
    [withheld] = told.withheld
    assert (withheld.signal, withheld.fields) == ("cash_position", ("cash", "monthly_burn"))
    assert (withheld.disclosure, withheld.grants) == ("score_only", GRANT)
    assert withheld.en == "Cash position (cash and equivalents, net cash burnt a month): for scores only"
    assert "仅用于评分" in withheld.zh


BANDS = {
    ("cash_balance", CASH, "cash_position.cash"): ("100,000,000 – 200,000,000 元", "CNY 100,000,000 – 200,000,000"),
    ("headcount_employees", 37.0, "headcount.employees"): ("20 – 49 人", "20 – 49 people"),
    ("cash_runway", 16.13, "cash_position.cash"): ("10 – 19 个月", "10 – 19 months"),
    ("headcount_growth", 0.375, "headcount.employees"): ("20 – 50%", "20 – 50%"),
    ("headcount_growth", -0.375, "headcount.employees"): ("-50 – -20%", "-50 – -20%"),
}


@pytest.mark.parametrize(("of", "words"), BANDS.items())
def test_what_is_banded_is_told_as_its_band(score: Score, of: tuple[str, float, str], words: tuple[str, str]) -> None:
    feature, value, field = of
    asked = replace(score, raises=(reason(feature, value, -3.0),))
    [told] = disclosed(asked, held(Disclosure.BANDED, field)).raises
    assert (told.feature, told.value, told.disclosure) == (feature, None, "banded")
    assert told.zh.endswith(f"：{words[0]}") and told.en.endswith(f": {words[1]}")


def test_what_has_no_band_is_not_told(score: Score) -> None:
    flag = replace(score, raises=(reason("certified_high_tech", 1.0, -3.0), reason("cash_balance", None, -2.0)))
    told = disclosed(flag, held(Disclosure.BANDED, "certification.scheme", "cash_position.cash"))
    assert [one.feature for one in told.raises] == ["", ""]
    assert [one.pillar for one in told.raises] == [Pillar.TECHNOLOGY, Pillar.VENTURE]


def test_the_lowest_rung_of_what_a_feature_is_made_of_counts(score: Score) -> None:
    names = {
        "cash_position.cash": Held(Disclosure.BANDED, GRANT),
        "cash_position.monthly_burn": Held(Disclosure.AGGREGATE, ("g",)),
    }
    told = disclosed(score, names)
    assert [one.disclosure for one in told.raises] == ["banded", "raw", "aggregate", "raw"]
    assert told.lowers[0].disclosure == "aggregate", "runway is made of both"
    assert [(one.fields, one.disclosure) for one in told.withheld] == [
        (("cash",), "banded"),
        (("monthly_burn",), "aggregate"),
    ]


def test_a_contested_fact_is_told_without_a_key_that_may_not_be_seen(score: Score) -> None:
    assert disclosed(score, held(Disclosure.SCORE_ONLY, "headcount.employees")).contested == score.contested
    [told] = disclosed(score, held(Disclosure.SCORE_ONLY, "cash_position.observed_on")).contested
    assert (told.signal, told.key, told.fields) == ("cash_position", "", ("cash",))
    assert "2026" not in told.zh + told.en


def test_no_value_below_raw_shows_anywhere(score: Score) -> None:
    told = disclosed(score, held(Disclosure.SCORE_ONLY, "cash_position.cash", "cash_position.monthly_burn"))
    written = json.dumps(told.as_dict(), ensure_ascii=False)
    for canary in ("123456789", "123,456,789", "123.5m", "1.23 亿", "7654321", "765.43 万", "7.7m", "16.13", "16.1"):
        assert canary not in written


def test_told_scores_survive_json(score: Score) -> None:
    told = disclosed(score, held(Disclosure.BANDED, "cash_position.cash", "cash_position.observed_on"))
    assert Score.from_dict(json.loads(json.dumps(told.as_dict()))) == told


def test_a_group_is_told_by_the_lowest_rung_of_what_it_names(score: Score) -> None:
    both = replace(
        reason("cash_runway", 4.5, -3.0), group="cash", also=("headcount_churn",),
        zh="现金（4.5 个月；12%）", en="Cash (4.5 months; 12%)",
    )  # fmt: skip
    asked = replace(score, raises=(both,), lowers=())
    assert disclosed(asked, held(Disclosure.BANDED, "patent.status")).raises == (both,)
    [told] = disclosed(asked, held(Disclosure.BANDED, "headcount.leavers")).raises
    assert (told.disclosure, told.value, told.also, told.group) == ("banded", None, (), "cash")
    assert "12%" not in told.en and told.en.startswith("Cash and how long it lasts (months the cash will still last: ")
    [hidden] = disclosed(asked, held(Disclosure.SCORE_ONLY, "headcount.leavers")).raises
    assert (hidden.feature, hidden.group, hidden.also, hidden.value) == ("", "", (), None)
