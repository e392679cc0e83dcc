"""Three incubators: workbooks on the milestones, staff, customers and people of their tenants."""

from collections.abc import Iterator

import polars as pl

from alliance.contracts.contract import Role
from seeds.chance import source
from seeds.imperfections import Imperfections
from seeds.members.claims import covered, noisy, reported
from seeds.members.sheet import Cell, Member, Record, Sheet, Submission
from seeds.traces import Traces
from seeds.world import World

INCUBATORS = tuple(Member(f"incubator-{i + 1}", Role.INCUBATOR, 20 + i, f"FH{i + 1}") for i in range(3))
TENANTS = 0.08  # share of all companies, each
DELAY = (10, 40)
DATES = "yyyy-M-d"
MILESTONES_ZH = {
    "prototype": "样机", "pilot": "中试", "launch": "上市发布", "mass_production": "量产", "first_revenue": "首笔收入",
    "other": "其他",
}  # fmt: skip
CUSTOMERS_ZH = {
    "leading_firm": "龙头企业", "public_body": "政府及事业单位", "sme": "中小企业", "foreign": "境外客户",
    "other": "其他",
}  # fmt: skip


def _sheet(name: str, signal: str, *cells: Cell) -> Sheet:
    return Sheet(
        name=name, format="xlsx", header_row=3, reported="填报日期", report_dates=DATES, code="信用代码",
        client="入孵编号", company_name="企业名称", records=(Record(signal=signal, cells=cells),),
    )  # fmt: skip


MILESTONES = _sheet(
    "milestones", "product_milestone", Cell(field="milestone", column="里程碑", words=MILESTONES_ZH),
    Cell(field="reached_on", column="达成日期", dates=DATES), Cell(field="trl", column="技术就绪度"),
)  # fmt: skip
STAFF = _sheet(
    "staff", "headcount", Cell(field="observed_on", column="统计日期", dates=DATES),
    Cell(field="employees", column="在职人数"), Cell(field="rd_employees", column="研发人数"),
    Cell(field="graduates_hired", column="应届生人数"),
)  # fmt: skip
CUSTOMERS = _sheet(
    "customers", "customer_contract", Cell(field="contract_no", column="合同号"),
    Cell(field="signed_on", column="签订日期", dates=DATES), Cell(field="value", column="合同额(万元)", scale=1e4),
    Cell(field="months", column="期限(月)"), Cell(field="customer", column="客户类别", words=CUSTOMERS_ZH),
)  # fmt: skip


def submissions(world: World, traces: Traces, faults: Imperfections) -> Iterator[Submission]:
    draw = source(world.seed, "incubators")
    half_years = traces.headcount.filter(pl.col("observed_on").dt.month().is_in((6, 12)))
    for member in INCUBATORS:
        reached = covered(traces.product_milestone, member, TENANTS)
        yield Submission(member, MILESTONES, reported(reached, "reached_on", draw, *DELAY))
        staff = noisy(covered(half_years, member, TENANTS), ("employees", "rd_employees"), member, faults, draw)
        yield Submission(member, STAFF, reported(staff, "observed_on", draw, *DELAY))
        signed = noisy(covered(traces.customer_contract, member, TENANTS), ("value",), member, faults, draw)
        yield Submission(member, CUSTOMERS, reported(signed, "signed_on", draw, *DELAY))
