"""How the company means to earn, and who has signed for it."""

from functools import partial

import polars as pl

from alliance.signals import Pillar
from scoring.features.declaration import Direction, Feature, Unit
from scoring.features.expressions import AGE, YEAR, change, latest, number_of, one_of, ratio, share_of, total, within

LOWERS, RAISES = Direction.LOWERS_RISK, Direction.RAISES_RISK

# What a contract still owes, in whole yuan: its value by the part of the term, in whole days, that is still to run.
TERM = pl.col("months") * 365 // 12
BACKLOG = pl.when(TERM > 0).then(pl.col("value") * (TERM - AGE).clip(lower_bound=0) // TERM)

_model = partial(Feature, pillar=Pillar.BUSINESS_MODEL, signal="revenue_model")
_contract = partial(Feature, pillar=Pillar.BUSINESS_MODEL, signal="customer_contract")
_derived = partial(Feature, pillar=Pillar.BUSINESS_MODEL, signal=None)

REVENUE: tuple[Feature, ...] = (
    _model(name="model_recurring_share", expr=latest("recurring_share"), unit=Unit.SHARE, direction=LOWERS,
           zh="经常性收入占比", en="share of recurring revenue"),
    _model(name="model_recurring_change", expr=change("recurring_share"), unit=Unit.SHARE, window="1 year",
           direction=LOWERS, zh="经常性收入占比的一年变动", en="change of the recurring share in a year"),
    _model(name="model_gross_margin", expr=latest("gross_margin"), unit=Unit.SHARE, direction=LOWERS,
           zh="业务毛利率", en="gross margin of the business"),
    _model(name="model_gross_margin_change", expr=change("gross_margin"), unit=Unit.SHARE, window="1 year",
           direction=LOWERS, zh="业务毛利率的一年变动", en="change of the gross margin in a year"),
    _model(name="model_top_customer_share", expr=latest("top_customer_share"), unit=Unit.SHARE, direction=RAISES,
           zh="最大客户收入占比", en="share of the largest customer"),
    _model(name="model_top_customer_change", expr=change("top_customer_share"), unit=Unit.SHARE, window="1 year",
           zh="最大客户收入占比的一年变动", en="change of the largest customer's share in a year"),
    # Work sold by the project or the hour ends with the project and grows only with people.
    _model(name="model_project_based", expr=latest(one_of("model", "project", "service")), unit=Unit.FLAG,
           zh="以项目或服务方式取得收入", en="earns by projects or services"),
)  # fmt: skip

CONTRACTS: tuple[Feature, ...] = (
    _contract(name="contracts_signed_12m", expr=number_of(within(YEAR)), unit=Unit.COUNT, window="12 months",
              direction=LOWERS, zh="近12个月签订的客户合同数", en="customer contracts signed in the last 12 months"),
    _contract(name="contracts_value_12m", expr=total("value", within(YEAR)), unit=Unit.CNY, window="12 months",
              direction=LOWERS, zh="近12个月签订的客户合同额", en="value of contracts signed in the last 12 months"),
    _contract(name="contracts_value_before", expr=total("value", within(2 * YEAR, but_not=YEAR)), unit=Unit.CNY,
              window="12 months",
              zh="再前12个月签订的客户合同额", en="value of contracts signed in the 12 months before"),
    _derived(name="contracts_momentum", expr=ratio("contracts_value_12m", "contracts_value_before"), unit=Unit.RATIO,
             window="24 months", direction=LOWERS,
             zh="近12个月合同额与前12个月之比", en="contract value of the last 12 months to that of the 12 before"),
    _contract(name="contracts_backlog", expr=total(BACKLOG), unit=Unit.CNY, direction=LOWERS,
              zh="未履行完的合同额", en="contract value still to be delivered"),
    # A leading firm's order is a hard test passed, and pulls others.
    _contract(name="contracts_leading_share", expr=share_of(pl.col("customer") == "leading_firm"), unit=Unit.SHARE,
              direction=LOWERS, zh="龙头企业客户合同占比", en="share of contracts with leading firms"),
    _contract(name="contracts_last_age", expr=AGE.min(), unit=Unit.DAYS, direction=RAISES,
              zh="距最近一份客户合同的天数", en="days since the last customer contract"),
    _derived(name="contracts_cover", expr=ratio("contracts_backlog", "statement_revenue"), unit=Unit.RATIO,
             direction=LOWERS, zh="未履行合同额与年营业收入之比", en="contract backlog to yearly revenue"),
)  # fmt: skip

BUSINESS_MODEL: tuple[Feature, ...] = (*REVENUE, *CONTRACTS)
