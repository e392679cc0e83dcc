"""Who does the work and who stands behind them."""

from alliance.signals.declaration import (
    NEWEST,
    Field,
    FieldType,
    Grain,
    KeyPart,
    Pillar,
    Sensitivity,
    Signal,
    category,
    count,
    day,
    flag,
    money,
    share,
)  # fmt: skip

PERSON_ROLE = Signal(
    name="person_role",
    pillar=Pillar.TEAM,
    zh="人员任职",
    en="role of a person",
    fields=(
        Field(name="person_key", type=FieldType.TEXT, zh="人员代号", en="pseudonym of the person",
              sensitivity=Sensitivity.PERSONAL),
        category("role", ("founder", "executive", "technical_lead", "director", "adviser"), "职务", "role"),
        day("started_on", "任职日", "start of the role"),
        day("ended_on", "离职日", "end of the role"),
        category("education", ("doctor", "master", "bachelor", "other"), "最高学历", "highest degree",
                 sensitivity=Sensitivity.PERSONAL),
        count("industry_years", "行业年限", "years in the industry", "years", maximum=70, lasts=365),
        count("prior_startups", "创业次数", "companies founded before", "companies", maximum=50),
        count("prior_exits", "成功退出次数", "successful exits before", "exits", maximum=50),
    ),
    key=(KeyPart("person_key"), KeyPart("role")),
    event="started_on",
)  # fmt: skip

HEADCOUNT = Signal(
    name="headcount",
    pillar=Pillar.TEAM,
    zh="人员规模",
    en="headcount",
    fields=(
        day("observed_on", "观察日期", "day of observation"),
        count("employees", "员工数", "employees", "people"),
        count("rd_employees", "研发员工数", "employees in research", "people"),
        count("graduates_hired", "吸纳应届生数", "graduates hired in the year", "people"),
        count("openings", "在招岗位数", "open positions", "positions"),
        count("leavers", "季度离职人数", "leavers in the quarter", "people"),
    ),
    key=(KeyPart("observed_on", Grain.QUARTER),),
    event="observed_on",
)

INVESTOR_PROFILE = Signal(
    name="investor_profile",
    pillar=Pillar.TEAM,
    zh="投资人画像",
    en="profile of an investor in the company",
    fields=(
        Field(name="investor", type=FieldType.TEXT, zh="投资机构", en="investor"),
        day("observed_on", "观察日期", "day of observation", lasts=NEWEST),
        share("reputation", "投资人声誉分位", "reputation percentile among investors", lasts=365),
        count("exits", "历史退出数", "exits so far", "exits", lasts=365),
        count("fund_age", "基金年龄", "age of the fund", "years", maximum=60, lasts=365),
        money("dry_powder", "可投余额", "capital still to be invested", lasts=180),
        flag("board_seat", "是否派驻董事", "has a board seat", lasts=365),
    ),
    key=(KeyPart("investor"),),
    event="observed_on",
)

TEAM = (PERSON_ROLE, HEADCOUNT, INVESTOR_PROFILE)
