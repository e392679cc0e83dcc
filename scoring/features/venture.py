"""How the venture financing is going: rounds, the process between rounds, cash, and the mood of the sector.

The next round is what repays a venture loan, so most features ask how likely and how near it is: is the company in its
rhythm, does it raise more at a higher price, is a term sheet out, will the cash last, are investors buying its sector.
"""

from functools import partial

import polars as pl

from alliance.signals import Pillar
from scoring.features.declaration import Direction, Feature, Rows, Unit
from scoring.features.expressions import (
    AGE,
    DAYS_TO_MONTHS,
    HALF_YEAR,
    HALF_YEAR_APART,
    YEAR,
    change,
    distinct,
    growth,
    latest,
    number_of,
    one_of,
    previous,
    ratio,
    share_of,
    total,
    within,
)

LOWERS, RAISES = Direction.LOWERS_RISK, Direction.RAISES_RISK

LADDER = ("angel", "seed", "pre_a", "series_a", "series_b", "series_c", "series_d", "series_e", "series_f")
"""Stages with an order; a round of another name (``venture``, ``strategic``) says nothing of how far a company is."""

RUNWAY_CAP = 60.0
"""Months. Cash for five years, or no burn at all: more is not safer."""

# Rounds that brought risk capital: no gifts, no loans, no trade in shares already issued.
_RISK_CAPITAL = ~one_of("stage", "grant", "debt", "post_ipo", "secondary")

ROUND_ROWS: Rows = {
    "risk_capital": _RISK_CAPITAL,
    "round_age": pl.when(_RISK_CAPITAL).then(AGE),
    "raised": pl.when(_RISK_CAPITAL).then(pl.col("amount")),
    "valuation": pl.when(_RISK_CAPITAL).then(pl.col("post_money")),
    "rung": pl.coalesce(pl.when(pl.col("stage") == stage).then(rung) for rung, stage in enumerate(LADDER, start=1)),
}
RISK_CAPITAL = pl.col("risk_capital")
ROUND_AGE = pl.col("round_age")


def _runway(spent: pl.Expr | float) -> pl.Expr:
    """Row by row: cash at the report in months of burn, less those spent since; 0 to the cap, which no burn earns."""
    left = pl.col("cash") / pl.col("monthly_burn") - spent
    burning = pl.when(pl.col("monthly_burn") > 0).then(left.clip(0.0, RUNWAY_CAP))
    return burning.when(pl.col("monthly_burn") <= 0).then(RUNWAY_CAP)


CASH_ROWS: Rows = {"runway": _runway(0.0), "runway_now": _runway(AGE * DAYS_TO_MONTHS)}

_round = partial(Feature, pillar=Pillar.VENTURE, signal="funding_round")
_event = partial(Feature, pillar=Pillar.VENTURE, signal="financing_event")
_cash = partial(Feature, pillar=Pillar.VENTURE, signal="cash_position")
_market = partial(Feature, pillar=Pillar.VENTURE, signal="market_signal")
_derived = partial(Feature, pillar=Pillar.VENTURE, signal=None)


def _happened(kind: str, days: int) -> pl.Expr:
    return ((pl.col("kind") == kind) & within(days)).any()


ROUNDS: tuple[Feature, ...] = (
    _round(name="round_count", expr=number_of(RISK_CAPITAL), unit=Unit.COUNT,
           zh="累计融资轮数", en="funding rounds so far"),
    _round(name="round_count_12m", expr=number_of(ROUND_AGE < YEAR), unit=Unit.COUNT, window="12 months",
           zh="近12个月融资轮数", en="funding rounds in the last 12 months"),
    _round(name="round_count_24m", expr=number_of(ROUND_AGE < 2 * YEAR), unit=Unit.COUNT,
           window="24 months", zh="近24个月融资轮数", en="funding rounds in the last 24 months"),
    _round(name="round_count_36m", expr=number_of(ROUND_AGE < 3 * YEAR), unit=Unit.COUNT,
           window="36 months", zh="近36个月融资轮数", en="funding rounds in the last 36 months"),
    _round(name="round_first_age", expr=ROUND_AGE.max(), unit=Unit.DAYS,
           zh="首轮融资至今的天数", en="days since the first funding round"),
    _round(name="round_last_age", expr=ROUND_AGE.min(), unit=Unit.DAYS, direction=RAISES,
           zh="距上一轮融资的天数", en="days since the last funding round"),
    _derived(name="round_first_delay", expr=pl.col("company_age") - pl.col("round_first_age"), unit=Unit.DAYS,
             zh="从成立到首轮融资的天数", en="days from founding to the first funding round"),
    _derived(name="round_usual_gap", unit=Unit.MONTHS,
             expr=ratio(pl.col("round_first_age") - pl.col("round_last_age"), pl.col("round_count") - 1)
             * DAYS_TO_MONTHS,
             zh="平均融资间隔的月数", en="mean months between funding rounds"),
    # Above one the company is late by its own rhythm; later than that, the next round grows doubtful.
    _derived(name="round_lateness", unit=Unit.RATIO, direction=RAISES,
             expr=ratio(pl.col("round_last_age") * DAYS_TO_MONTHS, "round_usual_gap"),
             zh="距上一轮融资的时间与平均间隔之比",
             en="time since the last funding round to the usual gap"),
    _round(name="round_stage", expr=latest("rung"), unit=Unit.LEVEL, direction=LOWERS,
           zh="最近所处的融资阶段（1为天使轮）", en="latest stage of funding (1 is angel)"),
    _derived(name="round_stage_pace", expr=ratio(pl.col("round_stage") * YEAR, "company_age"), unit=Unit.RATIO,
             zh="成立以来年均推进的融资阶段数", en="stages of funding reached per year of age"),
)  # fmt: skip

AMOUNTS: tuple[Feature, ...] = (
    _round(name="round_total_amount", expr=total("raised", RISK_CAPITAL), unit=Unit.CNY, direction=LOWERS,
           zh="累计融资金额", en="capital raised so far"),
    _round(name="round_amount_24m", expr=total("raised", ROUND_AGE < 2 * YEAR), unit=Unit.CNY,
           window="24 months", direction=LOWERS, zh="近24个月融资金额", en="capital raised in the last 24 months"),
    _round(name="round_largest_amount", expr=pl.col("raised").max(), unit=Unit.CNY,
           direction=LOWERS, zh="最大单轮融资金额", en="amount of the largest funding round"),
    _round(name="round_last_amount", expr=latest("raised"), unit=Unit.CNY, direction=LOWERS,
           zh="上一轮融资金额", en="amount of the last funding round"),
    _round(name="round_amount_momentum", unit=Unit.RATIO, direction=LOWERS,
           expr=ratio(latest("raised"), previous("raised")),
           zh="上一轮融资金额与再前一轮之比", en="amount of the last funding round to that of the one before"),
    # Sums worth showing are shown.
    _round(name="round_undisclosed_share", expr=share_of(pl.col("amount").is_null(), RISK_CAPITAL), unit=Unit.SHARE,
           zh="未披露金额的融资轮次占比", en="share of funding rounds of undisclosed amount"),
    _round(name="round_post_money", expr=latest("valuation"), unit=Unit.CNY, direction=LOWERS,
           zh="最近一次投后估值", en="latest post-money valuation"),
    _round(name="round_price_step", unit=Unit.RATIO, direction=LOWERS,
           expr=ratio(latest("valuation"), previous("valuation")),
           zh="最近投后估值与前一次之比", en="latest post-money valuation to the one before"),
    _round(name="round_dilution", expr=latest(ratio("raised", "valuation")), unit=Unit.SHARE,
           zh="上一轮出让的股权比例", en="share of the company sold in the last funding round"),
    _round(name="round_investors", expr=latest("investors", RISK_CAPITAL), unit=Unit.COUNT, direction=LOWERS,
           zh="上一轮投资方数量", en="investors in the last funding round"),
    _round(name="round_lead_investors", expr=distinct("lead_investor"), unit=Unit.COUNT,
           zh="历史领投机构数", en="different lead investors so far"),
    _round(name="round_grants", expr=number_of(pl.col("stage") == "grant"), unit=Unit.COUNT,
           zh="获得的政府或机构资助次数", en="grants received"),
    _round(name="round_debt", expr=(pl.col("stage") == "debt").any(), unit=Unit.FLAG,
           zh="有过债权融资", en="has raised debt"),
    # A note instead of a priced round puts the question of price off.
    _round(name="round_convertible_24m", expr=((pl.col("stage") == "convertible") & within(2 * YEAR)).any(),
           unit=Unit.FLAG, window="24 months",
           zh="近24个月发行过可转债", en="raised by a convertible note in the last 24 months"),
)  # fmt: skip

PROCESS: tuple[Feature, ...] = (
    _event(name="process_term_sheet_6m", expr=_happened("term_sheet", HALF_YEAR), unit=Unit.FLAG, window="6 months",
           direction=LOWERS, zh="近6个月获得投资意向书", en="received a term sheet in the last 6 months"),
    _event(name="process_due_diligence_6m", expr=_happened("due_diligence", HALF_YEAR), unit=Unit.FLAG,
           window="6 months", direction=LOWERS,
           zh="近6个月进入尽职调查", en="was in due diligence in the last 6 months"),
    _event(name="process_withdrawn_12m", expr=_happened("withdrawn", YEAR), unit=Unit.FLAG, window="12 months",
           direction=RAISES, zh="近12个月有投资方退出谈判", en="an investor withdrew in the last 12 months"),
    _event(name="process_bridge_12m", expr=_happened("bridge", YEAR), unit=Unit.FLAG, window="12 months",
           direction=RAISES, zh="近12个月做过过桥融资", en="took a bridge in the last 12 months"),
    _event(name="process_down_round_24m", expr=_happened("down_round", 2 * YEAR), unit=Unit.FLAG, window="24 months",
           direction=RAISES, zh="近24个月有过降价融资", en="had a down round in the last 24 months"),
    _event(name="process_lead_change_12m", expr=_happened("lead_change", YEAR), unit=Unit.FLAG, window="12 months",
           zh="近12个月更换过领投方", en="changed its lead investor in the last 12 months"),
)  # fmt: skip

CASH: tuple[Feature, ...] = (
    _cash(name="cash_balance", expr=latest("cash"), unit=Unit.CNY, direction=LOWERS,
          zh="最近的现金余额", en="latest cash balance"),
    _cash(name="cash_burn", expr=latest("monthly_burn"), unit=Unit.CNY,
          zh="月均净消耗现金", en="net cash burnt a month"),
    _cash(name="cash_burn_growth", expr=growth("monthly_burn"), unit=Unit.SHARE, window="1 year", direction=RAISES,
          zh="月净消耗同比增长率", en="growth of the monthly burn on the year before"),
    _cash(name="cash_runway", expr=latest("runway_now"), unit=Unit.MONTHS, direction=LOWERS,
          zh="现金还可支撑的月数", en="months the cash will still last"),
    _cash(name="cash_runway_change", unit=Unit.MONTHS, window="6 months", direction=LOWERS,
          expr=change("runway", HALF_YEAR_APART),
          zh="现金可支撑月数较半年前的变动", en="change of the cash runway in half a year"),
    _cash(name="cash_age", expr=AGE.min(), unit=Unit.DAYS,
          zh="距最近一次现金报告的天数", en="days since the last cash report"),
    _derived(name="cash_left_of_round", expr=ratio("cash_balance", "round_last_amount"), unit=Unit.RATIO,
             direction=LOWERS, zh="现金余额与上一轮融资额之比", en="cash balance to the amount of the last round"),
    # By the books instead of the burn the company reports; a profit needs no cover.
    _derived(name="cash_loss_cover", unit=Unit.MONTHS, direction=LOWERS,
             expr=pl.when(pl.col("statement_net_profit") < 0)
             .then((pl.col("cash_balance") * 12 / -pl.col("statement_net_profit")).clip(0.0, RUNWAY_CAP))
             .when(pl.col("statement_net_profit") >= 0).then(RUNWAY_CAP),
             zh="现金按最近年度亏损可支撑的月数", en="months of the latest year's loss the cash covers"),
)  # fmt: skip

MARKET: tuple[Feature, ...] = (
    _market(name="market_deals_growth", expr=growth("deals"), unit=Unit.SHARE, window="1 year", direction=LOWERS,
            zh="所在赛道季度交易数同比增长率", en="growth of the sector's quarterly deals on the year before"),
    _market(name="market_capital_growth", expr=growth("capital"), unit=Unit.SHARE, window="1 year", direction=LOWERS,
            zh="所在赛道季度投资额同比增长率", en="growth of the capital put into the sector on the year before"),
    # Far below its peak of three years, the sector is in a funding winter.
    _market(name="market_capital_to_peak", unit=Unit.SHARE, window="36 months", direction=LOWERS,
            expr=ratio(latest("capital"), pl.when(within(3 * YEAR)).then(pl.col("capital")).max()),
            zh="所在赛道季度投资额与近36个月峰值之比", en="capital put into the sector against its peak of 36 months"),
    _market(name="market_sentiment", expr=latest("sentiment"), unit=Unit.RATIO, direction=LOWERS,
            zh="所在赛道的市场情绪", en="sentiment of the sector"),
    _market(name="market_sentiment_change", expr=change("sentiment", HALF_YEAR_APART), unit=Unit.RATIO,
            window="6 months", direction=LOWERS,
            zh="所在赛道市场情绪较半年前的变动", en="change of the sector's sentiment in half a year"),
)  # fmt: skip

VENTURE: tuple[Feature, ...] = (*ROUNDS, *AMOUNTS, *PROCESS, *CASH, *MARKET)
