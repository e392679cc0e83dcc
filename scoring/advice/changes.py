"""What a company can change, and what moves with it.

A change is of one quantity a record tells, and is declared with everything that is computed from that quantity:

- features derived from other features follow by their own expressions (``scoring.features``), and are not named here;
- ``follows`` says how the other features of the quantity move: the runway with the burn, the cash with what is repaid;
- ``stays`` names those that do not, for they look at the past: the worst arrears of a year are no less for being paid.

Whatever is not named stays as it is: age and sector, what has happened, what others do (rounds, grants of patents,
facilities, the sector's climate), how well the alliance knows the company, and quantities whose features cannot be
moved together without the records behind them (a contract's share of all contracts, a hire's of all staff). A change
looks from today: the months it takes are told, and nothing is aged by them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from scoring.features.venture import RUNWAY_CAP

TO = pl.col("to")
BY = pl.col("by")
"""In expressions: the changed feature's new value, and the new less the one before."""

RUNWAY = pl.col("cash_runway")
BURN = pl.col("cash_burn")
CASH = pl.col("cash_balance")


@dataclass(frozen=True, kw_only=True, eq=False)  # expressions have no truth value to compare by
class Change:
    """One thing a company can do.

    Attributes:
        name: as in the policy.
        feature: the feature that it moves step by step.
        rises: whether it moves upwards.
        fields: the quantities it changes, as ``signal.field``.
        follows: other features that move with it, by name: the new value, from all features before and ``TO``, ``BY``.
        stays: features of the same quantities that do not move.
        adds: whether it comes as one more record of its signal, which every feature of the signal would see.
        zh, en: what to do.
    """

    name: str
    feature: str
    rises: bool
    fields: tuple[str, ...]
    follows: Mapping[str, pl.Expr] = field(default_factory=dict)
    stays: tuple[str, ...] = ()
    adds: bool = False
    zh: str
    en: str


def _burning(months: pl.Expr) -> pl.Expr:
    """A runway within its bounds."""
    return months.clip(0.0, RUNWAY_CAP)


def _with_more_cash(more: pl.Expr) -> dict[str, pl.Expr]:
    """How the runway moves with so much more cash; not at all for who burns none."""
    longer = _burning((CASH + more) / BURN) - _burning(CASH / BURN)
    return {
        "cash_runway": pl.when(BURN > 0).then(_burning(RUNWAY + more / BURN)).otherwise(RUNWAY),
        "cash_runway_change": pl.col("cash_runway_change") + pl.when(BURN > 0).then(longer).otherwise(0.0),
    }


CHANGES: tuple[Change, ...] = (
    Change(
        name="burn_less", feature="cash_burn", rises=False, fields=("cash_position.monthly_burn",),
        follows={
            "cash_runway": _burning(RUNWAY * BURN / TO),
            "cash_runway_change": pl.col("cash_runway_change") + _burning(CASH / TO) - _burning(CASH / BURN),
            "cash_burn_growth": (pl.col("cash_burn_growth") + 1) * TO / BURN - 1,
        },
        zh="压缩月度净消耗", en="burn less cash a month",
    ),
    Change(
        name="collect_sooner", feature="cash_balance", rises=True, fields=("cash_position.cash",),
        follows=_with_more_cash(BY),
        zh="加快应收账款回款", en="collect what customers owe sooner",
    ),
    Change(
        name="repay_from_cash", feature="credit_balance", rises=False,
        fields=("repayment_status.balance", "cash_position.cash"),
        follows={"cash_balance": CASH + BY, **_with_more_cash(BY)},
        zh="用账上现金归还部分贷款", en="repay part of the loans from cash",
    ),
    Change(
        name="pay_arrears", feature="credit_days_past_due", rises=False, fields=("repayment_status.days_past_due",),
        stays=("credit_days_past_due_12m", "credit_late_reports_12m"),
        zh="结清逾期款项", en="pay what is past due",
    ),
    # New capital in the place of debt: assets stay as they are.
    Change(
        name="debt_to_equity", feature="statement_leverage", rises=False,
        fields=("financial_statement.total_liabilities", "financial_statement.equity"),
        follows={
            "statement_equity_ratio": pl.col("statement_equity_ratio") - BY,
            "statement_equity_change": pl.col("statement_equity_change") - BY,
        },
        zh="以新增资本偿还债务", en="repay debt out of new capital",
    ),
    Change(
        name="keep_staff", feature="headcount_churn", rises=False, fields=("headcount.leavers",),
        zh="降低季度离职率", en="lose fewer people in a quarter",
    ),
    Change(
        name="recur_more", feature="model_recurring_share", rises=True, fields=("revenue_model.recurring_share",),
        follows={"model_recurring_change": pl.col("model_recurring_change") + BY},
        zh="提高经常性收入占比", en="earn more of the revenue again and again",
    ),
    Change(
        name="earn_more", feature="model_gross_margin", rises=True, fields=("revenue_model.gross_margin",),
        follows={"model_gross_margin_change": pl.col("model_gross_margin_change") + BY},
        zh="提高业务毛利率", en="raise the gross margin of the business",
    ),
    Change(
        name="spread_customers", feature="model_top_customer_share", rises=False,
        fields=("revenue_model.top_customer_share",),
        follows={"model_top_customer_change": pl.col("model_top_customer_change") + BY},
        zh="降低对最大客户的依赖", en="depend less on the largest customer",
    ),
    Change(
        name="reach_milestone", feature="product_readiness", rises=True, fields=("product_milestone.trl",), adds=True,
        follows={
            "product_milestones_24m": pl.col("product_milestones_24m") + BY,
            "product_last_milestone_age": pl.lit(0.0),
        },
        stays=("product_launched",),
        zh="达成下一个产品里程碑", en="reach the next product milestone",
    ),
    Change(
        name="certify_high_tech", feature="certified_high_tech", rises=True, fields=("certification.scheme",),
        adds=True, follows={"certificates_valid": pl.col("certificates_valid") + BY},
        stays=("certified_specialised", "certified_little_giant"),
        zh="取得高新技术企业认定", en="be certified as a high-tech enterprise",
    ),
    Change(
        name="certify_specialised", feature="certified_specialised", rises=True, fields=("certification.scheme",),
        adds=True, follows={"certificates_valid": pl.col("certificates_valid") + BY},
        stays=("certified_high_tech", "certified_little_giant"),
        zh="取得专精特新认定", en="be recognised as a specialised SME",
    ),
    Change(
        name="sell_technology", feature="rd_technology_contracts", rises=True,
        fields=("rd_activity.technology_contracts",),
        zh="增加技术合同成交额", en="conclude more technology contracts",
    ),
    Change(
        name="use_machines", feature="telemetry_utilisation", rises=True, fields=("equipment_telemetry.utilisation",),
        follows={"telemetry_utilisation_change": pl.col("telemetry_utilisation_change") + BY},
        stays=("telemetry_utilisation_low",),
        zh="提高设备利用率", en="use the machines more",
    ),
    Change(
        name="keep_machines_up", feature="telemetry_uptime", rises=True, fields=("equipment_telemetry.uptime",),
        zh="提高设备在线率", en="keep the machines up",
    ),
)  # fmt: skip
"""All changes there are; made in this order where several are."""
