"""The thin financials a bank would otherwise rely on."""

from alliance.signals.declaration import Grain, KeyPart, Pillar, Signal, day, money

FINANCIAL_STATEMENT = Signal(
    name="financial_statement",
    pillar=Pillar.FINANCIAL,
    zh="财务报表",
    en="financial statement of a year",
    fields=(
        day("period_end", "期末", "end of the year reported"),
        money("revenue", "营业收入", "revenue"),
        money("gross_profit", "毛利", "gross profit", negative=True),
        money("net_profit", "净利润", "net profit", negative=True),
        money("operating_cash_flow", "经营现金流", "operating cash flow", negative=True),
        money("total_assets", "总资产", "total assets"),
        money("total_liabilities", "总负债", "total liabilities"),
        money("equity", "净资产", "equity", negative=True),
    ),
    key=(KeyPart("period_end", Grain.YEAR),),
    event="period_end",
)

FINANCIAL = (FINANCIAL_STATEMENT,)
