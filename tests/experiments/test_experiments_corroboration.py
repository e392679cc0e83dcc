"""What corroboration is worth: the plain rule by example, and both rules asked the same on the same rows."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from alliance.store import Store
from alliance.view import History
from experiments.corroboration import CORROBORATED, LATEST, worth, worth_study
from experiments.latest_claim import LatestClaims
from experiments.training import Plan, data_used, panel_of, training_history

DAY, LATER, AS_OF = date(2020, 3, 31), date(2020, 5, 1), date(2020, 6, 1)


def test_the_latest_claim_wins_field_by_field(claim, history):
    cash = {"key": "2020-Q1", "observed_on": DAY}
    made = history(
        claim("cash_position", "a", cash=100, monthly_burn=7, **cash),
        claim("cash_position", "a", cash=900, known_at=LATER, **cash),
    )
    assert made.facts(AS_OF).frames["cash_position"]["cash"].to_list() == [900], "of one member it is the latest anyway"
    latest = LatestClaims.of(made).facts(AS_OF).frames["cash_position"]
    assert latest.select("cash", "monthly_burn", "members", "agreement", "contested").rows() == [(900, 7, 1, None, 0)]
    assert LatestClaims.of(made).facts(date(2020, 4, 15)).frames["cash_position"]["cash"].to_list() == [100]


def test_it_never_contests_what_corroboration_does(claim, history):
    name, told = claim("cash_position", "a", key="2020-Q1", observed_on=DAY, cash=100)
    other = (name, {**told, "member": "n", "cash": 900, "known_at": LATER})
    made = history((name, told), other)
    assert made.facts(AS_OF).frames["cash_position"]["cash"].to_list() == [None]
    assert LatestClaims.of(made).facts(AS_OF).frames["cash_position"]["cash"].to_list() == [900]
    assert LatestClaims.of(made).facts(AS_OF).companies == made.facts(AS_OF).companies


@pytest.fixture(scope="module")
def told(alliance: Path) -> History:
    store = Store(f"sqlite:///{alliance / 'alliance.db'}")
    found, _ = training_history(store)
    store.close()
    return found


def test_both_rules_are_asked_the_same(told: History) -> None:
    plan = Plan(last=date(2023, 12, 31))
    made = panel_of(told, plan)
    found = worth(told, plan, made)
    assert found.rows > 400 and 0 < found.outcomes < found.rows
    assert set(found.auc) == set(found.gain) == {CORROBORATED, LATEST}
    assert all(0.55 < area.value < 0.95 for area in found.auc.values())
    gain = found.gain[CORROBORATED]
    assert gain.value == pytest.approx(found.auc[CORROBORATED].value - found.auc[LATEST].value)
    assert gain.low < gain.high < found.auc[CORROBORATED].high - found.auc[CORROBORATED].low, "paired, so it is narrow"
    assert found.gain[LATEST].value == found.gain[LATEST].high == 0.0
    study = worth_study(found, data_used(made, ["bank@1.0.0"], plan))
    assert study.params["data_panel_sha256"] == made.sha256, "by which a report of the model finds it"
    assert study.metrics["gain"] == gain and f"{gain.value:+.4f}" in study.card()
    said = "no gain is shown" if gain.low <= 0 <= gain.high else "is shown"
    assert said in study.says[0]


def test_the_plain_rule_has_the_facts_of_the_old_definition(told: History) -> None:
    day = date(2023, 6, 30)
    facts, claims = LatestClaims.of(told).facts(day), told.known(day)
    for name in ("cash_position", "funding_round"):
        rows = claims.frames[name].sort("known_at", "submission_no", "row").to_dicts()
        expected: dict[tuple[str, str], dict[str, object]] = {}
        for row in rows:
            fact = expected.setdefault((row["subject_id"], row["key"]), {})
            fact |= {field: value for field, value in row.items() if value is not None}
        made = facts.frames[name]
        assert made.height == len(expected)
        fields = [field for field in made.columns if field in rows[0] and field not in {"subject_id", "key"}]
        for found in made.sample(min(300, made.height), seed=1).iter_rows(named=True):
            assert {one: expected[found["subject_id"], found["key"]].get(one) for one in fields} == {
                one: found[one] for one in fields
            }
        assert pl.Series(made["contested"]).sum() == 0
