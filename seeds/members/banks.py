"""Twelve banks: facilities, repayment, credit events and statements of their clients, in columns of their own."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from alliance.contracts.contract import Role
from seeds.banks import BANKS
from seeds.chance import source
from seeds.imperfections import Imperfections
from seeds.members.claims import covered, noisy, reported
from seeds.members.sheet import Cell, Format, Member, Record, Sheet, Submission
from seeds.traces import Traces
from seeds.traces.outcome import BANK_EVENTS
from seeds.world import World

FACILITY_DELAY = (1, 10)
STATUS_DELAY = (3, 20)
EVENT_DELAY = (5, 30)
STATEMENT_DELAY = (95, 145)
STATEMENTS_SHARE = 0.7  # clients that file accounts with the bank
PRODUCTS = {"term_loan": "定期贷款", "credit_line": "循环额度", "venture_debt": "投贷联动", "other": "其他"}
KINDS = {"default": "违约", "write_off": "核销", "cure": "恢复正常", "repaid": "结清"}
ACCOUNTS = (
    "revenue", "gross_profit", "net_profit", "operating_cash_flow", "total_assets", "total_liabilities", "equity",
)  # fmt: skip


@dataclass(frozen=True)
class House:
    """A bank's own way: format, encoding, date pattern, money unit, words of its columns."""

    format: Format
    encoding: str
    dates: str
    unit: float
    english: bool
    code: str
    client: str

    def column(self, zh: str, en: str, *, money: bool = False) -> str:
        if self.english:
            return en
        return f"{zh}(万元)" if money and self.unit > 1 else zh

    def cell(self, field: str, zh: str, *, money: bool = False, day: bool = False, scale: float = 1.0,
             words: dict[str, str] | None = None) -> Cell:  # fmt: skip
        return Cell(
            field=field, column=self.column(zh, field.upper(), money=money), scale=self.unit if money else scale,
            dates=self.dates if day else "", words=words or {},
        )  # fmt: skip


HOUSES = (
    House("csv", "gb18030", "yyyy/MM/dd", 1e4, False, "统一社会信用代码", "客户号"),
    House("csv", "utf-8-sig", "yyyy年M月d日", 1.0, False, "社会信用代码", "客户编号"),
    House("parquet", "utf-8", "", 1.0, True, "USCC", "CUST_ID"),
    House("csv", "gb18030", "yyyyMMdd", 1e4, False, "信用代码", "核心客户号"),
)
"""Four ways of keeping books; the twelve banks take them in turn."""


def submissions(world: World, traces: Traces, faults: Imperfections) -> Iterator[Submission]:
    draw = source(world.seed, "banks")
    clients = traces.facility.group_by("bank", "company", maintain_order=True).agg(pl.col("opened_on").min())
    for i, bank in enumerate(BANKS):
        member = Member(bank.member, Role.BANK, 100 + i, f"B{i + 1:02d}")
        house = HOUSES[i % len(HOUSES)]
        of_bank = pl.col("bank") == i
        facilities = traces.facility.filter(of_bank)
        yield Submission(member, _facilities(house), reported(facilities, "opened_on", draw, *FACILITY_DELAY))
        status = traces.repayment_status.filter(of_bank)
        yield Submission(member, _repayments(house), reported(status, "observed_on", draw, *STATUS_DELAY))
        events = traces.credit_event.filter(of_bank & pl.col("kind").is_in(BANK_EVENTS))
        yield Submission(member, _events(house), reported(events, "happened_on", draw, *EVENT_DELAY))
        accounts = traces.financial_statement.join(clients.filter(of_bank), on="company", maintain_order="left")
        accounts = accounts.filter(pl.col("period_end") > pl.col("opened_on").dt.offset_by("-1y"))
        accounts = noisy(covered(accounts, member, STATEMENTS_SHARE), ACCOUNTS, member, faults, draw)
        yield Submission(member, _statements(house), reported(accounts, "period_end", draw, *STATEMENT_DELAY))


def _sheet(house: House, name: str, record: Record) -> Sheet:
    reported = house.column("报送日期", "REPORT_DT")
    return Sheet(
        name=name, format=house.format, encoding=house.encoding, report_dates=house.dates, reported=reported,
        code=house.code, client=house.client, company_name=house.column("客户名称", "CUST_NAME"),
        missing="" if house.english else "-", records=(record,),
    )  # fmt: skip


def _facilities(house: House) -> Sheet:
    cells = (
        house.cell("facility_no", "授信编号"), house.cell("opened_on", "放款日期", day=True),
        house.cell("matures_on", "到期日期", day=True), house.cell("limit", "授信额度", money=True),
        house.cell("rate", "年利率" if house.unit == 1 else "年利率(%)", scale=1.0 if house.unit == 1 else 0.01),
        house.cell("product", "产品", words={} if house.english else PRODUCTS),
        house.cell("secured", "是否担保", words={} if house.english else {"true": "是", "false": "否"}),
    )  # fmt: skip
    return _sheet(house, "facilities", Record(signal="facility", cells=cells))


def _repayments(house: House) -> Sheet:
    cells = (
        house.cell("facility_no", "授信编号"), house.cell("observed_on", "数据日期", day=True),
        house.cell("days_past_due", "逾期天数"), house.cell("balance", "贷款余额", money=True),
    )  # fmt: skip
    return _sheet(house, "repayment", Record(signal="repayment_status", cells=cells))


def _events(house: House) -> Sheet:
    cells = (
        house.cell("kind", "事件类型", words={} if house.english else KINDS),
        house.cell("happened_on", "发生日期", day=True), house.cell("facility_no", "授信编号"),
        house.cell("amount", "涉及金额", money=True),
    )  # fmt: skip
    return _sheet(house, "credit_events", Record(signal="credit_event", cells=cells))


def _statements(house: House) -> Sheet:
    words = ("营业收入", "毛利", "净利润", "经营活动现金流净额", "资产总计", "负债合计", "所有者权益")
    cells = [house.cell("period_end", "报表日期", day=True)]
    cells += [house.cell(field, zh, money=True) for field, zh in zip(ACCOUNTS, words, strict=True)]
    return _sheet(house, "statements", Record(signal="financial_statement", cells=tuple(cells)))
