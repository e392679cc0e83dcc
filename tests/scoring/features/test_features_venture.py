"""Venture features: facts in, values out."""

from collections.abc import Callable
from typing import Any

import pytest

Values = Callable[..., dict[str, float | None]]

# What a public database of start-ups tells: when founded, and rounds, some of undisclosed amount.
PUBLIC = {
    "company_profile": [{"founded_on": 2922, "sector": "software"}],
    "funding_round": [
        {"ago": 1461, "stage": "seed", "amount": 1_000_000},
        {"ago": 1000, "stage": "grant", "amount": 50_000},
        {"ago": 730, "stage": "series_a", "amount": None},
        {"ago": 364, "stage": "series_b", "amount": 5_000_000},
        {"ago": 200, "stage": "debt", "amount": 9_000_000},
    ],
}

PUBLIC_VALUES = {
    "company_age": 2922,
    "round_count": 3,
    "round_count_12m": 1,
    "round_count_24m": 1,
    "round_count_36m": 2,
    "round_first_age": 1461,
    "round_last_age": 364,
    "round_first_delay": 1461,
    "round_usual_gap": (1461 - 364) / 2 * 12 / 365.25,
    "round_lateness": 364 / ((1461 - 364) / 2),
    "round_stage": 5,
    "round_stage_pace": 5 / (2922 / 365),
    "round_total_amount": 6_000_000,
    "round_amount_24m": 5_000_000,
    "round_largest_amount": 5_000_000,
    "round_last_amount": 5_000_000,
    "round_amount_momentum": 5,
    "round_undisclosed_share": 1 / 3,
    "round_post_money": None,
    "round_price_step": None,
    "round_lead_investors": None,
    "round_grants": 1,
    "round_debt": 1,
    "round_convertible_24m": 0,
}

CASES: dict[str, tuple[dict[str, list[dict[str, Any]]], dict[str, float | None]]] = {
    "public data": (PUBLIC, PUBLIC_VALUES),
    "one round has no rhythm": (
        {"funding_round": [{"ago": 40, "stage": "angel", "amount": 7}]},
        {"round_count": 1, "round_usual_gap": None, "round_lateness": None, "round_amount_momentum": None,
         "round_stage": 1},
    ),
    "rounds of one day have no rhythm": (
        {"funding_round": [{"ago": 40, "stage": "seed"}, {"ago": 40, "stage": "strategic"}]},
        {"round_usual_gap": 0, "round_lateness": None},
    ),
    "a grant is no round": (
        {"funding_round": [{"ago": 9, "stage": "grant", "amount": 7}]},
        {"round_count": 0, "round_count_12m": 0, "round_last_age": None, "round_total_amount": 0, "round_stage": None,
         "round_usual_gap": None, "round_undisclosed_share": None, "round_grants": 1},
    ),
    "undisclosed is not nothing": (
        {"funding_round": [{"ago": 800, "stage": "seed", "amount": 3}, {"ago": 9, "stage": "pre_a"}]},
        {"round_total_amount": 3, "round_amount_24m": None, "round_last_amount": 3},
    ),
    "nothing raised lately is nothing": (
        {"funding_round": [{"ago": 730, "stage": "seed", "amount": 3}]},
        {"round_amount_24m": 0, "round_count_24m": 0},
    ),
    "a strategic round does not hide the stage reached": (
        {"funding_round": [{"ago": 90, "stage": "series_c"}, {"ago": 9, "stage": "strategic"}]},
        {"round_stage": 6},
    ),
    "prices": (
        {"funding_round": [
            {"ago": 900, "stage": "seed", "amount": 10, "post_money": 100, "lead_investor": "Ash", "investors": 2},
            {"ago": 500, "stage": "series_a", "amount": 30, "post_money": None, "lead_investor": "Birch"},
            {"ago": 100, "stage": "series_b", "amount": 20, "post_money": 80, "lead_investor": "Ash", "investors": 4},
            {"ago": 10, "stage": "secondary", "amount": 70, "post_money": 700}]},
        {"round_post_money": 80, "round_price_step": 0.8, "round_dilution": 0.25, "round_lead_investors": 2,
         "round_investors": 4, "round_amount_momentum": 20 / 30},
    ),
    "a convertible of two years ago is out": (
        {"funding_round": [{"ago": 730, "stage": "convertible"}]}, {"round_convertible_24m": 0, "round_count": 1},
    ),
    "a convertible within two years is in": (
        {"funding_round": [{"ago": 729, "stage": "convertible"}]}, {"round_convertible_24m": 1},
    ),
    "no process known": (
        {"funding_round": [{"ago": 9, "stage": "seed"}]}, {"process_term_sheet_6m": None, "process_bridge_12m": None},
    ),
    "the process": (
        {"financing_event": [{"ago": 182, "kind": "term_sheet"}, {"ago": 183, "kind": "due_diligence"},
                             {"ago": 364, "kind": "bridge"}, {"ago": 365, "kind": "withdrawn"},
                             {"ago": 729, "kind": "down_round"}]},
        {"process_term_sheet_6m": 1, "process_due_diligence_6m": 0, "process_bridge_12m": 1,
         "process_withdrawn_12m": 0, "process_down_round_24m": 1, "process_lead_change_12m": 0},
    ),
    "cash runs down since the report": (
        {"cash_position": [{"ago": 487, "cash": 900, "monthly_burn": 40},
                           {"ago": 243, "cash": 1200, "monthly_burn": 60},
                           {"ago": 61, "cash": 600, "monthly_burn": 50}]},
        {"cash_balance": 600, "cash_burn": 50, "cash_burn_growth": 0.25, "cash_runway": 12 - 61 * 12 / 365.25,
         "cash_runway_change": 12 - 20, "cash_age": 61},
    ),
    "cash does not fall below nothing": (
        {"cash_position": [{"ago": 200, "cash": 10, "monthly_burn": 10}]},
        {"cash_runway": 0, "cash_runway_change": None, "cash_burn_growth": None},
    ),
    "no burn, no end": (
        {"cash_position": [{"ago": 200, "cash": 10, "monthly_burn": 0}]}, {"cash_runway": 60},
    ),
    "a surplus, no end": (
        {"cash_position": [{"ago": 200, "cash": None, "monthly_burn": -5}]}, {"cash_runway": 60, "cash_balance": None},
    ),
    "unknown burn, unknown end": (
        {"cash_position": [{"ago": 200, "cash": 10, "monthly_burn": None}]}, {"cash_runway": None, "cash_balance": 10},
    ),
    "plenty is capped": (
        {"cash_position": [{"ago": 0, "cash": 10**9, "monthly_burn": 1}]}, {"cash_runway": 60},
    ),
    "cash against round and loss": (
        {"cash_position": [{"cash": 300}], "funding_round": [{"stage": "seed", "amount": 1200}],
         "financial_statement": [{"ago": 90, "net_profit": -600}]},
        {"cash_left_of_round": 0.25, "cash_loss_cover": 6},
    ),
    "a profit needs no cover": (
        {"financial_statement": [{"ago": 90, "net_profit": 0}]}, {"cash_loss_cover": 60},
    ),
    "a loss and no cash known": (
        {"financial_statement": [{"ago": 90, "net_profit": -9}]}, {"cash_loss_cover": None},
    ),
    "the market of the company's sector": (
        {"company_profile": [{"sector": "software"}],
         "market_signal": [
             {"of": "software", "ago": 700, "deals": 90, "capital": 4000, "sentiment": 0.5},
             {"of": "software", "ago": 400, "deals": 40, "capital": 800, "sentiment": 0.25},
             {"of": "software", "ago": 210, "deals": 35, "capital": 900, "sentiment": -0.25},
             {"of": "software", "ago": 30, "deals": 30, "capital": 1000, "sentiment": -0.5},
             {"of": "finance", "ago": 1, "deals": 1, "capital": 1, "sentiment": 1.0}]},
        {"market_deals_growth": -0.25, "market_capital_growth": 0.25, "market_capital_to_peak": 0.25,
         "market_sentiment": -0.5, "market_sentiment_change": -0.25},
    ),
    "no sector, no market": (
        {"company_profile": [{"sector": None}], "market_signal": [{"of": "software", "sentiment": 0.5}]},
        {"market_sentiment": None},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("facts", "expected"), CASES.values(), ids=CASES)
def test_values(facts: dict[str, Any], expected: dict[str, float | None], values_of: Values) -> None:
    wanted = {name: None if value is None else pytest.approx(value, rel=1e-12) for name, value in expected.items()}
    assert values_of(expected, **facts) == wanted
