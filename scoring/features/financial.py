"""The thin financials: levels and ratios of the latest yearly statement, and how they moved in a year."""

from functools import partial

import polars as pl

from alliance.signals import Pillar
from scoring.features.declaration import Direction, Feature, Rows, Unit
from scoring.features.expressions import AGE, change, growth, latest, ratio

LOWERS, RAISES = Direction.LOWERS_RISK, Direction.RAISES_RISK

STATEMENT_ROWS: Rows = {"gross_margin": ratio("gross_profit", "revenue")}

_statement = partial(Feature, pillar=Pillar.FINANCIAL, signal="financial_statement")

FINANCIAL: tuple[Feature, ...] = (
    _statement(name="statement_revenue", expr=latest("revenue"), unit=Unit.CNY, direction=LOWERS,
               zh="最近一年营业收入", en="revenue of the latest year"),
    _statement(name="statement_revenue_growth", expr=growth("revenue"), unit=Unit.SHARE, window="1 year",
               direction=LOWERS, zh="营业收入同比增长率", en="revenue growth on the year before"),
    _statement(name="statement_gross_margin", expr=latest("gross_margin"), unit=Unit.SHARE, direction=LOWERS,
               zh="年报毛利率", en="gross margin in the latest statement"),
    _statement(name="statement_gross_margin_change", expr=change("gross_margin"), unit=Unit.SHARE, window="1 year",
               zh="年报毛利率同比变动", en="change of the stated gross margin on the year before"),
    _statement(name="statement_net_profit", expr=latest("net_profit"), unit=Unit.CNY, direction=LOWERS,
               zh="最近一年净利润", en="net profit of the latest year"),
    _statement(name="statement_net_margin", expr=latest(ratio("net_profit", "revenue")), unit=Unit.SHARE,
               direction=LOWERS, zh="净利率", en="net margin"),
    _statement(name="statement_cash_margin", expr=latest(ratio("operating_cash_flow", "revenue")), unit=Unit.SHARE,
               direction=LOWERS, zh="经营现金流占营业收入之比", en="operating cash flow to revenue"),
    _statement(name="statement_leverage", expr=latest(ratio("total_liabilities", "total_assets")), unit=Unit.SHARE,
               direction=RAISES, zh="资产负债率", en="liabilities to assets"),
    _statement(name="statement_equity_ratio", expr=latest(ratio("equity", "total_assets")), unit=Unit.SHARE,
               direction=LOWERS, zh="净资产占总资产之比", en="equity to assets"),
    # Equity used up by losses in a year, against assets: equity itself may be near nothing or below it.
    _statement(name="statement_equity_change", expr=ratio(change("equity"), latest("total_assets")), unit=Unit.SHARE,
               window="1 year", direction=LOWERS,
               zh="净资产一年变动占总资产之比", en="change of equity in a year, to assets"),
    _statement(name="statement_years", expr=pl.len(), unit=Unit.COUNT,
               zh="掌握的年度报表份数", en="yearly statements on file"),
    _statement(name="statement_age", expr=AGE.min(), unit=Unit.DAYS,
               zh="最近一期年报距今的天数", en="days since the end of the latest stated year"),
)  # fmt: skip
