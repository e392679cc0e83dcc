"""A change moves everything that is computed from what it changes, and nothing else."""

import math
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from alliance.corroboration.facts import Facts, fact_schema
from alliance.signals import SIGNALS, signal_named
from scoring.advice.changes import CHANGES, Change
from scoring.advice.moved import moved, targets, touched
from scoring.advice.policy import BOUND, shipped_policy
from scoring.features import FEATURES, FEATURES_BY_NAME, feature_frame
from scoring.features.catalogue import inputs
from scoring.features.sources import sources

AS_OF = date(2026, 6, 30)
NAMES = sorted(change.name for change in CHANGES)
ASIDE = {"evidence_confirmed_share", "evidence_agreement", "evidence_contested"}


def named(name: str) -> Change:
    return next(change for change in CHANGES if change.name == name)


def test_every_change_has_terms_and_no_terms_lack_a_change() -> None:
    assert set(shipped_policy().changes) == set(NAMES) and len(NAMES) == len(CHANGES)


@pytest.mark.parametrize("name", NAMES)
def test_no_feature_of_what_is_changed_is_forgotten(name: str) -> None:
    change = named(name)
    signals = {field.partition(".")[0] for field in change.fields}
    counts = {f.name for f in FEATURES if f.signal in signals and sources(f) >= every_field(f.signal)}
    reached = {f.name for f in FEATURES if sources(f) & set(change.fields)}
    if change.adds:
        reached |= {f.name for f in FEATURES if f.signal in signals}
    else:
        reached -= counts  # a number of records: none is added
    assert reached - touched(change) == set(change.stays)


def every_field(signal: str | None) -> set[str]:
    assert signal is not None
    return {f"{signal}.{field}" for field in signal_named(signal).schema}


@pytest.mark.parametrize("name", NAMES)
def test_what_follows_is_no_derived_feature_and_what_stays_does_not_move(name: str) -> None:
    change = named(name)
    assert {change.feature, *change.follows, *change.stays} <= FEATURES_BY_NAME.keys()
    assert not any(inputs(FEATURES_BY_NAME[name]) for name in change.follows)
    assert not touched(change) & set(change.stays)


# One company, told of on the day itself and a good year before; its machines, looked at by quarters, 120 days before.
REPORTS: dict[str, list[dict[str, Any]]] = {
    "cash_position": [{"ago": 400, "cash": 9_000_000, "monthly_burn": 800_000},
                      {"cash": 6_000_000, "monthly_burn": 1_000_000}],
    "repayment_status": [{"ago": 400, "facility_no": "f", "days_past_due": 0, "balance": 3_000_000},
                         {"facility_no": "f", "days_past_due": 40, "balance": 2_000_000}],
    "facility": [{"facility_no": "f", "limit": 4_000_000, "matures_on": AS_OF + timedelta(days=99)}],
    "financial_statement": [
        {"ago": 400, "total_assets": 10_000_000, "total_liabilities": 5_000_000, "equity": 5_000_000,
         "revenue": 4_000_000, "net_profit": -1_000_000},
        {"total_assets": 20_000_000, "total_liabilities": 12_000_000, "equity": 8_000_000, "revenue": 6_000_000,
         "net_profit": -2_000_000},
    ],
    "headcount": [{"ago": 400, "employees": 100, "leavers": 5}, {"employees": 100, "leavers": 10}],
    "revenue_model": [{"ago": 400, "recurring_share": 0.2, "gross_margin": 0.3, "top_customer_share": 0.6},
                      {"recurring_share": 0.3, "gross_margin": 0.4, "top_customer_share": 0.5}],
    "funding_round": [{"stage": "seed", "amount": 12_000_000}],
    "rd_activity": [{"ago": 400, "technology_contracts": 1_000_000}, {"technology_contracts": 2_000_000}],
    "product_milestone": [{"ago": 400, "milestone": "prototype", "trl": 5}],
    "certification": [{"ago": 400, "scheme": "iso_9001", "expires_on": AS_OF + timedelta(days=99)}],
    "equipment_telemetry": [{"ago": 120, "utilisation": 0.4, "uptime": 0.8}, {"utilisation": 0.5, "uptime": 0.9}],
}  # fmt: skip


def facts_of(reports: dict[str, list[dict[str, Any]]]) -> Facts:
    """The facts of one company; ``ago`` is a report's age in days."""
    frames = {}
    for signal in SIGNALS:
        rows = []
        for place, report in enumerate(reports.get(signal.name, [])):
            told = dict(report)
            day = AS_OF - timedelta(days=told.pop("ago", 0))
            own = {
                "subject_id": "c1",
                "key": f"{place}",
                "event_at": day,
                "known_at": day,
                "members": 1,
                "contested": 0,
            }
            rows.append(dict.fromkeys(fact_schema(signal)) | own | {signal.event: day} | told)
        frames[signal.name] = pl.DataFrame(rows, schema=fact_schema(signal), orient="row")
    return Facts(as_of=AS_OF, companies=("c1",), frames=frames, watermark=1)


def with_last(signal: str, **fields: Any) -> dict[str, list[dict[str, Any]]]:
    *before, last = REPORTS[signal]
    return {**REPORTS, signal: [*before, last | fields]}


def with_one_more(signal: str, **fields: Any) -> dict[str, list[dict[str, Any]]]:
    return {**REPORTS, signal: [*REPORTS[signal], fields]}


def repaid(left: int) -> dict[str, list[dict[str, Any]]]:
    cash = with_last("cash_position", cash=6_000_000 - (2_000_000 - left))
    return {**with_last("repayment_status", balance=left), "cash_position": cash["cash_position"]}


TOLD: dict[str, Callable[[float], dict[str, list[dict[str, Any]]]]] = {
    "burn_less": lambda to: with_last("cash_position", monthly_burn=int(to)),
    "collect_sooner": lambda to: with_last("cash_position", cash=int(to)),
    "repay_from_cash": lambda to: repaid(int(to)),
    "pay_arrears": lambda to: with_last("repayment_status", days_past_due=int(to)),
    "debt_to_equity": lambda to: with_last(
        "financial_statement", total_liabilities=round(2e7 * to), equity=round(2e7 * (1 - to))
    ),
    "keep_staff": lambda to: with_last("headcount", leavers=round(100 * to)),
    "recur_more": lambda to: with_last("revenue_model", recurring_share=to),
    "earn_more": lambda to: with_last("revenue_model", gross_margin=to),
    "spread_customers": lambda to: with_last("revenue_model", top_customer_share=to),
    "reach_milestone": lambda to: with_one_more("product_milestone", milestone="pilot", trl=int(to)),
    "certify_high_tech": lambda _: with_one_more("certification", scheme="high_tech_enterprise"),
    "certify_specialised": lambda _: with_one_more("certification", scheme="specialised_sme"),
    "sell_technology": lambda to: with_last("rd_activity", technology_contracts=int(to)),
    "use_machines": lambda to: with_last("equipment_telemetry", utilisation=to),
    "keep_machines_up": lambda to: with_last("equipment_telemetry", uptime=to),
}
"""By change: the reports as they would be, had the company done so; their features are what it must come to."""


def numbers(features: dict[str, Any]) -> dict[str, Any]:
    return {name: math.nan if value is None else value for name, value in features.items()}


@pytest.mark.parametrize("name", NAMES)
def test_a_change_comes_to_what_reports_would_tell_of_it(name: str) -> None:
    change, today = named(name), feature_frame(facts_of(REPORTS))
    value = today[change.feature][0]
    to = targets(change, shipped_policy().changes[name], value)[0]
    after = moved(today, [change], [np.array([value, to])], np.array([[1]])).row(0, named=True)
    told = feature_frame(facts_of(TOLD[name](to))).row(0, named=True)
    # How well the company is known is no part of a change; nor is what has been, though a report of today tells it.
    aside = ASIDE | {"company_id"} | set(change.stays)
    aside |= {feature.name for feature in FEATURES if feature.name.endswith("_freshest")}
    looked_at = sorted(after.keys() - aside)
    assert [numbers(after)[name] for name in looked_at] == pytest.approx(
        [numbers(told)[name] for name in looked_at], rel=1e-9, nan_ok=True
    )
    assert after[change.feature] == to != value


@pytest.mark.parametrize("name", NAMES)
def test_steps_go_the_way_that_is_declared_within_the_range(name: str) -> None:
    change, terms = named(name), shipped_policy().changes[name]
    sign = 1 if change.rises else -1
    for value in (0.0, 0.1, 0.4321, 3.0, 7e6):
        found = targets(change, terms, value)
        assert len(found) <= terms.most and all(terms.lowest <= one <= terms.highest for one in found)
        assert found == sorted(set(found), reverse=not change.rises) and all(sign * (one - value) > 0 for one in found)
        assert not found or terms.kind != BOUND or len(found) == 1
    assert targets(change, terms, float("nan")) == []


def test_what_is_unknown_stays_unknown() -> None:
    change = named("burn_less")
    reports = {"cash_position": [{"cash": None, "monthly_burn": 1_000_000}]}
    today = feature_frame(facts_of(reports))
    after = moved(today, [change], [np.array([1e6, 5e5])], np.array([[1]]))
    assert after["cash_burn"].to_list() == [5e5]
    assert after.drop("cash_burn").equals(today.drop("cash_burn"), null_equal=True)


def test_changes_together_are_made_one_after_the_other() -> None:
    today = feature_frame(facts_of(REPORTS))
    changes = [named("burn_less"), named("collect_sooner"), named("repay_from_cash")]
    values = [np.array([1e6, 8e5]), np.array([6e6, 7e6]), np.array([2e6, 1e6])]
    after = moved(today, changes, values, np.array([[1, 1, 1], [0, 0, 0]]))
    cash, burn = 7e6 - 1e6, 8e5
    assert after["cash_balance"].to_list() == [cash, 6e6] and after["cash_burn"].to_list() == [burn, 1e6]
    assert after["cash_runway"].to_list() == pytest.approx([cash / burn, 6.0])
    assert after["credit_utilisation"].to_list() == pytest.approx([0.25, 0.5])
    assert after[1].equals(today, null_equal=True)
