"""Features of company, technology, team and business model: facts in, values out."""

from collections.abc import Callable
from typing import Any

import pytest

Values = Callable[..., dict[str, float | None]]

CASES: dict[str, tuple[dict[str, list[dict[str, Any]]], dict[str, float | None]]] = {
    "sectors": (
        {"company_profile": [{"founded_on": 100, "sector": "semiconductors"}]},
        {"company_age": 100, "company_capital_heavy": 1, "company_biomedicine": 0, "company_digital": 0},
    ),
    "no sector known": (
        {"company_profile": [{"founded_on": None, "sector": None}]},
        {"company_age": None, "company_capital_heavy": None, "company_digital": None},
    ),
    "patents": (
        {"patent": [
            {"ago": 20, "kind": "invention", "status": "pending", "citations": 0, "ipc": "H01L"},
            {"ago": 364, "kind": "design", "status": "lapsed", "granted_on": 200, "ipc": "H01L"},
            {"ago": 365, "kind": "invention", "status": "granted", "granted_on": 1, "citations": 4, "ipc": "G06N"},
            {"ago": 2000, "kind": "invention", "status": "granted", "granted_on": 1500, "citations": 3}]},
        {"patents_filed_12m": 2, "patents_filed_36m": 3, "patents_momentum": 1, "patents_granted_36m": 2,
         "patents_in_force": 2, "patents_invention_share": 0.75, "patents_lost_share": 0.25, "patents_citations": 7,
         "patents_fields": 2, "patents_last_filing_age": 20},
    ),
    "old patents only": (
        {"patent": [{"ago": 1500}]},
        {"patents_filed_12m": 0, "patents_filed_36m": 0, "patents_granted_36m": 0, "patents_in_force": None,
         "patents_citations": None, "patents_invention_share": None, "patents_fields": None},
    ),
    "a falling number of patents is below zero": ({"patent": [{"ago": 400}, {"ago": 500}]}, {"patents_momentum": -2}),
    "no patents known": ({"software_copyright": [{"ago": 9}]}, {"patents_filed_12m": None, "patents_momentum": None}),
    "a grant still to come is none": ({"patent": [{"ago": 90, "granted_on": -5}]}, {"patents_granted_36m": 0}),
    "research": (
        {"rd_activity": [{"ago": 546, "rd_expense": 400, "rd_staff": 5},
                         {"ago": 181, "rd_expense": 500, "rd_staff": None, "technology_contracts": 70}],
         "financial_statement": [{"ago": 181, "revenue": 250}]},
        {"rd_expense": 500, "rd_expense_growth": 0.25, "rd_staff": 5, "rd_technology_contracts": 70,
         "rd_intensity": 2},
    ),
    "no revenue, no intensity": (
        {"rd_activity": [{"ago": 181, "rd_expense": 500}], "financial_statement": [{"ago": 181, "revenue": 0}]},
        {"rd_expense_growth": None, "rd_intensity": None},
    ),
    "standing": (
        {"software_copyright": [{"ago": 10}, {"ago": 730}],
         "certification": [{"ago": 700, "scheme": "high_tech_enterprise", "expires_on": 0},
                           {"ago": 700, "scheme": "little_giant", "expires_on": 1},
                           {"ago": 700, "scheme": "specialised_sme", "expires_on": None}],
         "data_asset": [{"ago": 9, "cost": 5, "treatment": "recognised"},
                        {"ago": 9, "cost": 7, "treatment": "disclosed"}]},
        {"copyrights": 2, "copyrights_24m": 1, "certified_high_tech": 1, "certified_specialised": 1,
         "certified_little_giant": 0, "certificates_valid": 2, "data_assets": 2, "data_assets_recognised": 5},
    ),
    "product": (
        {"product_milestone": [{"ago": 900, "milestone": "pilot", "trl": 7},
                               {"ago": 50, "milestone": "other", "trl": 5}]},
        {"product_readiness": 7, "product_launched": 0, "product_milestones_24m": 1, "product_last_milestone_age": 50},
    ),
    "a product on the market": (
        {"product_milestone": [{"ago": 900, "milestone": "first_revenue"}]},
        {"product_readiness": None, "product_launched": 1, "product_milestones_24m": 0},
    ),
    "people": (
        {"person_role": [
            {"ago": 900, "role": "founder", "prior_startups": 2, "prior_exits": 1, "industry_years": 9,
             "education": "doctor"},
            {"ago": 900, "role": "founder", "prior_startups": 0, "industry_years": 12, "education": "master"},
            {"ago": 900, "role": "founder", "ended_on": 364, "prior_startups": 9, "prior_exits": 8},
            {"ago": 900, "role": "technical_lead", "ended_on": 0, "education": "doctor"},
            {"ago": 900, "role": "executive", "ended_on": 5},
            {"ago": 90, "role": "technical_lead", "ended_on": -30, "prior_startups": 1}]},
        {"team_founders": 2, "team_serial_share": 0.5, "team_best_exits": 1, "team_best_experience": 12,
         "team_doctor_share": 0.5, "team_key_leavers_12m": 2},
    ),
    "nothing known of the founder": (
        {"person_role": [{"ago": 900, "role": "founder"}]},
        {"team_founders": 1, "team_serial_share": None, "team_best_exits": None, "team_key_leavers_12m": 0},
    ),
    "a departure of a year ago is past": (
        {"person_role": [{"ago": 900, "role": "founder", "ended_on": 365}]},
        {"team_founders": 0, "team_key_leavers_12m": 0},
    ),
    "staff": (
        {"headcount": [{"ago": 700, "employees": 100}, {"ago": 400, "employees": 40, "rd_employees": 30},
                       {"ago": 150, "employees": 60, "rd_employees": 30, "openings": 6, "leavers": 3},
                       {"ago": 61, "employees": 50, "openings": 10, "leavers": 5, "graduates_hired": 2}]},
        {"headcount_employees": 50, "headcount_growth": 0.25, "headcount_to_peak": 0.5, "headcount_rd_share": 0.5,
         "headcount_churn": 0.1, "headcount_openings_ratio": 0.2, "headcount_graduates": 2},
    ),
    "an empty company has no rates": (
        {"headcount": [{"employees": 0, "leavers": 3, "openings": 1}]},
        {"headcount_churn": None, "headcount_openings_ratio": None, "headcount_to_peak": None},
    ),
    "investors": (
        {"investor_profile": [
            {"reputation": 0.9, "exits": 3, "fund_age": 9, "dry_powder": 100, "board_seat": True},
            {"reputation": 0.2, "exits": 7, "fund_age": 2, "dry_powder": None, "board_seat": None}]},
        {"investors": 2, "investors_best_reputation": 0.9, "investors_best_exits": 7, "investors_dry_powder": 100,
         "investors_youngest_fund": 2, "investors_oldest_fund": 9, "investors_board_seats": 1},
    ),
    "investors of whom nothing is known": (
        {"investor_profile": [{"ago": 4}]},
        {"investors": 1, "investors_dry_powder": None, "investors_board_seats": None},
    ),
    "revenue model": (
        {"revenue_model": [
            {"ago": 430, "recurring_share": 0.25, "gross_margin": 0.5, "top_customer_share": 0.75, "model": "project"},
            {"ago": 250, "recurring_share": 0.9, "gross_margin": 0.9, "top_customer_share": 0.9, "model": "project"},
            {"ago": 60, "recurring_share": 0.75, "gross_margin": 0.25, "top_customer_share": 0.5,
             "model": "subscription"}]},
        {"model_recurring_share": 0.75, "model_recurring_change": 0.5, "model_gross_margin": 0.25,
         "model_gross_margin_change": -0.25, "model_top_customer_share": 0.5, "model_top_customer_change": -0.25,
         "model_project_based": 0},
    ),
    "contracts": (
        {"customer_contract": [
            {"ago": 73, "value": 1000, "months": 12, "customer": "leading_firm"},
            {"ago": 365, "value": 400, "months": 24, "customer": "sme"},
            {"ago": 729, "value": 100, "months": 12, "customer": None},
            {"ago": 900, "value": 9000, "months": None, "customer": "sme"},
            {"ago": 901, "value": 9000, "months": 0, "customer": "sme"}],
         "financial_statement": [{"ago": 181, "revenue": 500}]},
        {"contracts_signed_12m": 1, "contracts_value_12m": 1000, "contracts_value_before": 500,
         "contracts_momentum": 2, "contracts_backlog": 800 + 200, "contracts_leading_share": 0.25,
         "contracts_last_age": 73, "contracts_cover": 2},
    ),
    "no contract lately": (
        {"customer_contract": [{"ago": 800, "value": 5, "months": 6}]},
        {"contracts_signed_12m": 0, "contracts_value_12m": 0, "contracts_value_before": 0, "contracts_momentum": None,
         "contracts_backlog": 0},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("facts", "expected"), CASES.values(), ids=CASES)
def test_values(facts: dict[str, Any], expected: dict[str, float | None], values_of: Values) -> None:
    wanted = {name: None if value is None else pytest.approx(value, rel=1e-12) for name, value in expected.items()}
    assert values_of(expected, **facts) == wanted
