"""How investors write: three ways of keeping a portfolio, as sheets."""

from dataclasses import dataclass

from seeds.members.incubators import CUSTOMERS_ZH, MILESTONES_ZH
from seeds.members.sheet import Cell, Format, Record, Sheet

USD_RATE = 7.1
"""Yuan per dollar in the investors' contracts, the same on every day."""

STAGES_ZH = {
    "angel": "天使轮", "seed": "种子轮", "pre_a": "Pre-A轮", "series_a": "A轮", "series_b": "B轮", "series_c": "C轮",
    "series_d": "D轮",
}  # fmt: skip
KINDS_ZH = {
    "term_sheet": "签署意向书", "due_diligence": "尽职调查", "lead_change": "更换领投", "bridge": "过桥融资",
    "down_round": "降价融资", "withdrawn": "终止",
}  # fmt: skip
MODELS_ZH = {
    "subscription": "订阅", "licence": "许可", "hardware": "硬件销售", "service": "服务", "platform": "平台",
    "project": "项目",
}  # fmt: skip
ROLES_ZH = {
    "founder": "创始人", "executive": "高管", "technical_lead": "技术负责人", "director": "董事", "adviser": "顾问",
}  # fmt: skip
DEGREES_ZH = {"doctor": "博士", "master": "硕士", "bachelor": "本科", "other": "其他"}
MILESTONE, CONTRACT = "milestone", "contract"


@dataclass(frozen=True)
class Dialect:
    """An investor's way: format and encoding, columns in Chinese or English, unit of money, whether amounts say their
    currency."""

    format: Format
    encoding: str = "utf-8"
    chinese: bool = False
    unit: float = 1.0
    currency: str = ""
    dates: str = ""

    def cell(self, field: str, english: str, chinese: str, *, source: str = "", money: bool = False, day: bool = False,
             words: dict[str, str] | None = None) -> Cell:  # fmt: skip
        return Cell(
            field=field, column=chinese if self.chinese else english, source=source,
            scale=self.unit if money else 1.0, currency=self.currency if money else "",
            dates=self.dates if day else "", words=(words or {}) if self.chinese else {},
        )  # fmt: skip

    def sheet(self, name: str, *records: Record, marks: dict[str, str] | None = None) -> Sheet:
        english = ("company.uscc", "company.portfolio_id", "company.name", "reported_on")
        chinese = ("统一社会信用代码", "项目编号", "企业名称", "填报日期")
        code, client, company_name, reported = chinese if self.chinese else english
        return Sheet(
            name=name, format=self.format, encoding=self.encoding, code=code, client=client, company_name=company_name,
            reported=reported, report_dates=self.dates, missing="无" if self.chinese else "",
            rates={"USD": USD_RATE, "CNY": 1} if self.currency else {}, records=records, marks=marks or {},
        )  # fmt: skip


DIALECTS = (
    Dialect("jsonl"),
    Dialect("jsonl", currency="currency"),
    Dialect("csv", encoding="utf-8", chinese=True, unit=1e4, dates="yyyy/MM/dd"),
    Dialect("csv", encoding="gb18030", chinese=True, unit=1e4, dates="yyyy年MM月dd日"),
)
"""Investors take these in turn."""


def deals(way: Dialect) -> Sheet:
    """Rounds the investor took part in, and its own standing at that time."""
    stage = way.cell("stage", "round.stage", "轮次", words=STAGES_ZH)
    return way.sheet(
        "deals",
        Record(signal="funding_round", cells=(
            stage, way.cell("announced_on", "round.closed_on", "交割日期", day=True),
            way.cell("amount", "round.amount", "融资额(万元)", money=True),
            way.cell("post_money", "round.post_money", "投后估值(万元)", money=True),
            way.cell("investors", "round.investors", "投资方数"), way.cell("lead_investor", "round.lead", "领投方"),
        )),
        Record(signal="investor_profile", cells=(
            way.cell("investor", "fund.name", "本机构", source="investor_name"),
            way.cell("observed_on", "round.closed_on", "交割日期", source="announced_on", day=True),
            way.cell("reputation", "fund.rank", "声誉分位"), way.cell("exits", "fund.exits", "退出数"),
            way.cell("fund_age", "fund.age", "基金年龄"),
            way.cell("dry_powder", "fund.dry_powder", "可投余额(万元)", money=True),
            way.cell("board_seat", "fund.board_seat", "董事席位", words={"true": "有", "false": "无席位"}),
        )),
    )  # fmt: skip


def process(way: Dialect) -> Sheet:
    """News of a financing under way."""
    return way.sheet("process", Record(signal="financing_event", cells=(
        way.cell("kind", "event.kind", "进展", words=KINDS_ZH),
        way.cell("happened_on", "event.date", "日期", day=True),
    )))  # fmt: skip


def portfolio(way: Dialect) -> Sheet:
    """Quarterly reports: cash and burn, and the revenue model of those that sell."""
    model = way.cell("model", "business.model", "收入模式", words=MODELS_ZH)
    return way.sheet(
        "portfolio",
        Record(signal="cash_position", cells=(
            way.cell("observed_on", "as_of", "报告期末", day=True),
            way.cell("cash", "finance.cash", "现金余额(万元)", money=True),
            way.cell("monthly_burn", "finance.monthly_burn", "月净消耗(万元)", money=True),
        )),
        Record(signal="revenue_model", when=({"column": model.column, "present": True},), cells=(
            way.cell("observed_on", "as_of", "报告期末", day=True), model,
            way.cell("recurring_share", "business.recurring_share", "经常性收入占比"),
            way.cell("gross_margin", "business.gross_margin", "毛利率"),
            way.cell("top_customer_share", "business.top_customer_share", "最大客户占比"),
        )),
    )  # fmt: skip


def people(way: Dialect) -> Sheet:
    """Who runs the company, under pseudonyms shared by all members."""
    return way.sheet("people", Record(signal="person_role", cells=(
        way.cell("person_key", "person.key", "人员代号"), way.cell("role", "person.role", "职务", words=ROLES_ZH),
        way.cell("started_on", "person.from", "任职日", day=True),
        way.cell("ended_on", "person.to", "离职日", day=True),
        way.cell("education", "person.degree", "最高学历", words=DEGREES_ZH),
        way.cell("industry_years", "person.industry_years", "行业年限"),
        way.cell("prior_startups", "person.startups", "创业次数"),
        way.cell("prior_exits", "person.exits", "成功退出次数"),
    )))  # fmt: skip


def operations(way: Dialect) -> Sheet:
    """Milestones and contracts in one log, told apart by a column."""
    kind = "类别" if way.chinese else "entry.type"
    date = way.cell("reached_on", "entry.date", "日期", day=True)
    return way.sheet(
        "operations",
        Record(signal="product_milestone", when=({"column": kind, "in": [MILESTONE]},), cells=(
            way.cell("milestone", "entry.milestone", "里程碑", words=MILESTONES_ZH), date,
            way.cell("trl", "entry.trl", "技术就绪度"),
        )),
        Record(signal="customer_contract", when=({"column": kind, "in": [CONTRACT]},), cells=(
            way.cell("contract_no", "entry.contract_no", "合同号"),
            way.cell("signed_on", "entry.date", "日期", source="reached_on", day=True),
            way.cell("value", "entry.value", "合同额(万元)", money=True), way.cell("months", "entry.months", "期限"),
            way.cell("customer", "entry.customer", "客户类别", words=CUSTOMERS_ZH),
        )),
        marks={kind: "entry"},
    )  # fmt: skip
