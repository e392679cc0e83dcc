"""Who does the work and who stands behind them: founders, staff, investors.

Personal fields enter only as counts, shares and maxima over the team; no person can be read from a feature.
"""

from functools import partial

import polars as pl

from alliance.signals import Pillar
from scoring.features.declaration import Direction, Feature, Rows, Unit
from scoring.features.expressions import (
    YEAR,
    days_since,
    growth,
    latest,
    number_known,
    number_of,
    one_of,
    ratio,
    share_of,
    total,
)

LOWERS, RAISES = Direction.LOWERS_RISK, Direction.RAISES_RISK

ROLE_ROWS: Rows = {"in_office": pl.col("ended_on").is_null() | (pl.col("ended_on") > pl.col("as_of"))}
IN_OFFICE = pl.col("in_office")
FOUNDER = (pl.col("role") == "founder") & IN_OFFICE
# A role without an end is still held, which is known, not unknown.
LEFT_12M = days_since("ended_on").is_between(0, YEAR - 1).fill_null(False)

_role = partial(Feature, pillar=Pillar.TEAM, signal="person_role")
_headcount = partial(Feature, pillar=Pillar.TEAM, signal="headcount")
_investor = partial(Feature, pillar=Pillar.TEAM, signal="investor_profile")

PEOPLE: tuple[Feature, ...] = (
    _role(name="team_founders", expr=number_of(FOUNDER), unit=Unit.PEOPLE,
          zh="在任创始人数", en="founders still in office"),
    _role(name="team_serial_share", expr=share_of(pl.col("prior_startups") > 0, FOUNDER), unit=Unit.SHARE,
          direction=LOWERS, zh="连续创业者在创始人中的占比", en="share of founders who founded a company before"),
    _role(name="team_best_exits", expr=pl.when(IN_OFFICE).then(pl.col("prior_exits")).max(), unit=Unit.COUNT,
          direction=LOWERS, zh="团队成员过往成功退出的最多次数", en="most exits behind one member of the team"),
    _role(name="team_best_experience", expr=pl.when(IN_OFFICE).then(pl.col("industry_years")).max(), unit=Unit.YEARS,
          direction=LOWERS, zh="团队成员的最长行业年限", en="longest experience in the industry within the team"),
    _role(name="team_doctor_share", expr=share_of(pl.col("education") == "doctor", IN_OFFICE), unit=Unit.SHARE,
          zh="核心团队的博士占比", en="share of doctors in the core team"),
    _role(name="team_key_leavers_12m", expr=number_of(one_of("role", "founder", "technical_lead") & LEFT_12M),
          unit=Unit.PEOPLE, window="12 months", direction=RAISES,
          zh="近12个月离任的创始人和技术负责人数", en="founders and technical leads who left in the last 12 months"),
)  # fmt: skip

STAFF: tuple[Feature, ...] = (
    _headcount(name="headcount_employees", expr=latest("employees"), unit=Unit.PEOPLE,
               zh="最近的员工人数", en="employees"),
    _headcount(name="headcount_growth", expr=growth("employees"), unit=Unit.SHARE, window="1 year", direction=LOWERS,
               zh="员工人数同比增长率", en="growth of the headcount on the year before"),
    # Below its own peak a company has shed people, however large it still is.
    _headcount(name="headcount_to_peak", expr=ratio(latest("employees"), pl.col("employees").max()), unit=Unit.SHARE,
               direction=LOWERS, zh="员工人数与历史峰值之比", en="headcount against its own peak"),
    _headcount(name="headcount_rd_share", expr=latest(ratio("rd_employees", "employees")), unit=Unit.SHARE,
               zh="研发员工占比", en="share of employees in research"),
    _headcount(name="headcount_churn", expr=latest(ratio("leavers", "employees")), unit=Unit.SHARE,
               window="1 quarter", direction=RAISES,
               zh="最近一季度离职率", en="share of employees who left in the latest quarter"),
    # Hiring stops first when money runs short.
    _headcount(name="headcount_openings_ratio", expr=latest(ratio("openings", "employees")), unit=Unit.RATIO,
               zh="在招岗位与员工人数之比", en="open positions to employees"),
    _headcount(name="headcount_graduates", expr=latest("graduates_hired"), unit=Unit.PEOPLE,
               zh="当年吸纳应届生人数", en="graduates hired in the year"),
)  # fmt: skip

# Reputable investors with capital left carry a company to its next round; a fund near its end cannot.
INVESTORS: tuple[Feature, ...] = (
    _investor(name="investors", expr=pl.len(), unit=Unit.COUNT,
              zh="已知的投资机构数", en="investors known"),
    _investor(name="investors_best_reputation", expr=pl.col("reputation").max(), unit=Unit.SHARE, direction=LOWERS,
              zh="最佳投资机构的声誉分位", en="reputation percentile of the best investor"),
    _investor(name="investors_best_exits", expr=pl.col("exits").max(), unit=Unit.COUNT, direction=LOWERS,
              zh="投资机构中最多的历史退出数", en="most exits achieved by one of the investors"),
    _investor(name="investors_dry_powder", expr=total("dry_powder"), unit=Unit.CNY, direction=LOWERS,
              zh="投资机构合计可投余额", en="capital the investors still have to invest"),
    _investor(name="investors_youngest_fund", expr=pl.col("fund_age").min(), unit=Unit.YEARS, direction=RAISES,
              zh="最年轻投资基金的年龄", en="age of the youngest fund invested"),
    _investor(name="investors_oldest_fund", expr=pl.col("fund_age").max(), unit=Unit.YEARS,
              zh="最年长投资基金的年龄", en="age of the oldest fund invested"),
    _investor(name="investors_board_seats", expr=number_known(pl.col("board_seat")), unit=Unit.COUNT,
              zh="派驻董事的投资机构数", en="investors with a board seat"),
)  # fmt: skip

TEAM: tuple[Feature, ...] = (*PEOPLE, *STAFF, *INVESTORS)
