"""Features of financials, environment and credit history: facts in, values out."""

from collections.abc import Callable
from typing import Any

import pytest

Values = Callable[..., dict[str, float | None]]

CASES: dict[str, tuple[dict[str, list[dict[str, Any]]], dict[str, float | None]]] = {
    "statements": (
        {"financial_statement": [
            {"ago": 547, "revenue": 400, "gross_profit": 100, "equity": 300, "total_assets": 500},
            {"ago": 182, "revenue": 500, "gross_profit": 250, "net_profit": -50, "operating_cash_flow": -100,
             "total_assets": 800, "total_liabilities": 600, "equity": 200}]},
        {"statement_revenue": 500, "statement_revenue_growth": 0.25, "statement_gross_margin": 0.5,
         "statement_gross_margin_change": 0.25, "statement_net_profit": -50, "statement_net_margin": -0.1,
         "statement_cash_margin": -0.2, "statement_leverage": 0.75, "statement_equity_ratio": 0.25,
         "statement_equity_change": -0.125, "statement_years": 2, "statement_age": 182},
    ),
    "the first statement, before revenue": (
        {"financial_statement": [{"ago": 182, "revenue": 0, "gross_profit": 0, "net_profit": -50, "total_assets": 0,
                                  "total_liabilities": 10, "equity": -10}]},
        {"statement_revenue": 0, "statement_revenue_growth": None, "statement_gross_margin": None,
         "statement_net_margin": None, "statement_leverage": None, "statement_equity_change": None},
    ),
    "growth skips what is unknown": (
        {"financial_statement": [{"ago": 912, "revenue": 200}, {"ago": 547, "revenue": 100},
                                 {"ago": 182, "revenue": None}]},
        {"statement_revenue": 100, "statement_revenue_growth": -0.5},
    ),
    "growth needs most of a year": (
        {"financial_statement": [{"ago": 516, "revenue": 100}, {"ago": 182, "revenue": 300}]},
        {"statement_revenue_growth": None},
    ),
    "a year less a month is a year": (
        {"financial_statement": [{"ago": 517, "revenue": 100}, {"ago": 182, "revenue": 300}]},
        {"statement_revenue_growth": 2},
    ),
    "emissions": (
        {"emission": [{"ago": 547, "energy": 400.0}, {"ago": 182, "co2": 30.0, "energy": 300.0}],
         "financial_statement": [{"ago": 182, "revenue": 20_000_000}]},
        {"emission_co2": 30, "emission_intensity": 1.5, "emission_energy_growth": -0.25},
    ),
    "no revenue, no intensity": ({"emission": [{"ago": 182, "co2": 30.0}]}, {"emission_intensity": None}),
    "telemetry of two sites": (
        {"equipment_telemetry": [
            {"ago": 200, "utilisation": 0.1, "uptime": 0.1},
            {"ago": 120, "utilisation": 0.9},
            {"ago": 92, "utilisation": 0.7},
            {"ago": 91, "utilisation": 0.5, "uptime": 0.8},
            {"ago": 30, "utilisation": 0.7, "uptime": None},
            {"ago": 15, "utilisation": 0.3, "uptime": 0.9}]},
        {"telemetry_utilisation": 0.5, "telemetry_utilisation_change": -0.3, "telemetry_utilisation_low": 0.1,
         "telemetry_uptime": 0.85, "telemetry_age": 15},
    ),
    "machines gone silent": (
        {"equipment_telemetry": [{"ago": 400, "utilisation": 0.5}]},
        {"telemetry_utilisation": None, "telemetry_utilisation_low": None, "telemetry_age": 400},
    ),
    "facilities": (
        {"facility": [{"ago": 1461, "limit": 900, "matures_on": 0, "secured": True},
                      {"ago": 100, "limit": 300, "matures_on": -200, "secured": False},
                      {"ago": 50, "limit": 100, "matures_on": None, "secured": None}],
         "repayment_status": [{"ago": 29, "balance": 150, "days_past_due": 0},
                              {"ago": 1, "balance": 50, "days_past_due": 12},
                              {"ago": 31, "balance": 999, "days_past_due": 40},
                              {"ago": 365, "balance": 999, "days_past_due": 90}],
         "funding_round": [{"stage": "seed", "amount": 1000}]},
        {"credit_facilities": 3, "credit_first_age": 48, "credit_open_limit": 400, "credit_secured_share": 0.5,
         "credit_next_maturity": 200, "credit_days_past_due": 12, "credit_days_past_due_12m": 40,
         "credit_late_reports_12m": 2, "credit_balance": 200, "credit_utilisation": 0.5,
         "credit_limit_to_round": 0.4},
    ),
    "nothing open": (
        {"facility": [{"ago": 900, "limit": 900, "matures_on": 10}], "repayment_status": [{"ago": 500, "balance": 0}]},
        {"credit_open_limit": 0, "credit_next_maturity": None, "credit_utilisation": None,
         "credit_days_past_due_12m": None, "credit_late_reports_12m": 0, "credit_balance": 0},
    ),
    "cured and repaid": (
        {"credit_event": [{"ago": 900, "kind": "default"}, {"ago": 800, "kind": "cure"}, {"ago": 9, "kind": "repaid"},
                          {"ago": 400, "kind": "repaid"}]},
        {"credit_cures": 1, "credit_repaid": 2},
    ),
    "other events leave no trace": (
        {"credit_event": [{"ago": 9, "kind": "default"}, {"ago": 5, "kind": "closure"}]},
        {"credit_cures": None, "credit_repaid": None},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("facts", "expected"), CASES.values(), ids=CASES)
def test_values(facts: dict[str, Any], expected: dict[str, float | None], values_of: Values) -> None:
    wanted = {name: None if value is None else pytest.approx(value, rel=1e-12) for name, value in expected.items()}
    assert values_of(expected, **facts) == wanted
