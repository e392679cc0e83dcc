"""Features that speak of the same thing: a reason counts their points together, and names those that matter.

Declared, not found in data, so that a group means the same in every model. Each group is of one pillar, so that points
by group add up to the pillars'. A feature in no group stands alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Alike:
    """Features of one pillar that speak of the same thing.

    Attributes:
        name: snake_case, unique, no feature's name.
        zh, en: what they speak of, for an analyst.
        features: their names, two or more, all of one pillar.
    """

    name: str
    zh: str
    en: str
    features: tuple[str, ...]


GROUPS: tuple[Alike, ...] = (
    Alike("sector_of_company", "所属赛道", "sector",
          ("company_capital_heavy", "company_biomedicine", "company_digital")),
    Alike("evidence_behind", "数据佐证情况", "evidence behind the facts",
          ("evidence_confirmed_share", "evidence_agreement", "evidence_contested")),
    Alike("profitability", "盈利能力", "profitability",
          ("statement_net_profit", "statement_net_margin", "statement_cash_margin", "statement_gross_margin",
           "statement_gross_margin_change")),
    Alike("revenue", "营业收入", "revenue", ("statement_revenue", "statement_revenue_growth")),
    Alike("solvency", "偿债能力", "solvency",
          ("statement_leverage", "statement_equity_ratio", "statement_equity_change")),
    Alike("statements_filed", "年报披露", "statements on file",
          ("statement_years", "statement_age", "financial_freshest")),
    Alike("patent_filing", "专利申请活跃度", "patent filing",
          ("patents_filed_12m", "patents_filed_36m", "patents_momentum", "patents_fields", "patents_last_filing_age")),
    Alike("patents_held", "授权专利", "granted patents",
          ("patents_granted_36m", "patents_in_force", "patents_invention_share", "patents_lost_share",
           "patents_citations")),
    Alike("research", "研发投入", "research effort",
          ("rd_expense", "rd_expense_growth", "rd_staff", "rd_intensity", "rd_technology_contracts")),
    Alike("software", "软件著作权", "software copyrights", ("copyrights", "copyrights_24m")),
    Alike("certificates", "资质认定", "certificates",
          ("certified_high_tech", "certified_specialised", "certified_little_giant", "certificates_valid")),
    Alike("data_held", "数据资产", "data assets", ("data_assets", "data_assets_recognised")),
    Alike("product", "产品进展", "product progress",
          ("product_readiness", "product_launched", "product_milestones_24m", "product_last_milestone_age")),
    Alike("founding_team", "核心团队", "core team",
          ("team_founders", "team_serial_share", "team_best_exits", "team_best_experience", "team_doctor_share",
           "team_key_leavers_12m")),
    Alike("workforce", "员工队伍", "workforce",
          ("headcount_employees", "headcount_growth", "headcount_to_peak", "headcount_rd_share", "headcount_churn",
           "headcount_openings_ratio", "headcount_graduates")),
    Alike("investors_behind", "投资机构", "investors",
          ("investors", "investors_best_reputation", "investors_best_exits", "investors_dry_powder",
           "investors_youngest_fund", "investors_oldest_fund", "investors_board_seats")),
    Alike("recurring_revenue", "经常性收入", "recurring revenue", ("model_recurring_share", "model_recurring_change")),
    Alike("business_margin", "业务毛利率", "margin of the business",
          ("model_gross_margin", "model_gross_margin_change")),
    Alike("largest_customer", "客户集中度", "dependence on the largest customer",
          ("model_top_customer_share", "model_top_customer_change")),
    Alike("contracts_won", "新签客户合同", "customer contracts won",
          ("contracts_signed_12m", "contracts_value_12m", "contracts_value_before", "contracts_momentum",
           "contracts_leading_share", "contracts_last_age")),
    Alike("order_backlog", "在手订单", "order backlog", ("contracts_backlog", "contracts_cover")),
    Alike("funding_pace", "融资节奏", "pace of funding",
          ("round_count_12m", "round_count_24m", "round_count_36m", "round_last_age", "round_usual_gap",
           "round_lateness", "round_amount_24m", "round_convertible_24m")),
    Alike("funding_history", "融资历程", "history of funding",
          ("round_count", "round_first_age", "round_first_delay", "round_stage", "round_stage_pace")),
    Alike("capital_raised", "融资金额", "capital raised",
          ("round_total_amount", "round_largest_amount", "round_last_amount", "round_amount_momentum",
           "round_undisclosed_share")),
    Alike("valuation", "估值", "valuation", ("round_post_money", "round_price_step", "round_dilution")),
    Alike("backers_of_rounds", "参投方", "backers of rounds", ("round_investors", "round_lead_investors")),
    Alike("other_funding", "其他资金来源", "other sources of funds", ("round_grants", "round_debt")),
    Alike("talks", "融资洽谈", "talks on funding", ("process_term_sheet_6m", "process_due_diligence_6m")),
    Alike("strained_funding", "融资受阻迹象", "signs of strained funding",
          ("process_withdrawn_12m", "process_bridge_12m", "process_down_round_24m", "process_lead_change_12m")),
    Alike("cash", "现金与可支撑时间", "cash and how long it lasts",
          ("cash_balance", "cash_burn", "cash_burn_growth", "cash_runway", "cash_runway_change",
           "cash_left_of_round", "cash_loss_cover")),
    Alike("market", "赛道融资环境", "market of the sector",
          ("market_deals_growth", "market_capital_growth", "market_capital_to_peak", "market_sentiment",
           "market_sentiment_change")),
    Alike("news_of_funding", "融资与现金信息的时效", "how recent news of funding and cash is",
          ("cash_age", "venture_freshest")),
    Alike("emissions", "碳排放与能耗", "emissions and energy",
          ("emission_co2", "emission_intensity", "emission_energy_growth")),
    Alike("equipment", "设备运行", "use of equipment",
          ("telemetry_utilisation", "telemetry_utilisation_change", "telemetry_utilisation_low", "telemetry_uptime")),
    Alike("news_of_equipment", "设备信息的时效", "how recent news of equipment is",
          ("telemetry_age", "environment_freshest")),
    Alike("arrears", "逾期情况", "arrears",
          ("credit_days_past_due", "credit_days_past_due_12m", "credit_late_reports_12m", "credit_cures")),
    Alike("borrowing", "借款负担", "borrowing",
          ("credit_open_limit", "credit_balance", "credit_utilisation", "credit_limit_to_round",
           "credit_secured_share", "credit_next_maturity")),
    Alike("credit_history", "授信历史", "credit history",
          ("credit_facilities", "credit_first_age", "credit_repaid")),
)  # fmt: skip

GROUPS_BY_NAME: Mapping[str, Alike] = {group.name: group for group in GROUPS}
