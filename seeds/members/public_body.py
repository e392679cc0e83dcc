"""The statistics bureau: research, certificates, emissions, data assets and accounts that companies must report."""

from collections.abc import Iterator

from alliance.contracts.contract import Role
from seeds.chance import source
from seeds.imperfections import Imperfections
from seeds.members.claims import covered, noisy, reported
from seeds.members.sheet import Cell, Member, Record, Sheet, Submission
from seeds.traces import Traces
from seeds.world import World

BUREAU = Member("statistics-bureau", Role.PUBLIC_BODY, 4, "TJ")
ACCOUNTS_SHARE = 0.5
YEARLY_DELAY = (90, 150)
NOTICE_DELAY = (10, 45)
WAN = 1e4
SCHEMES = {
    "high_tech_enterprise": "高新技术企业", "specialised_sme": "专精特新中小企业", "little_giant": "专精特新小巨人",
    "iso_9001": "质量管理体系认证", "iso_27001": "信息安全管理体系认证", "other": "其他",
}  # fmt: skip
TREATMENT = {"recognised": "入表", "disclosed": "披露"}
RIGHTS = {"hold": "持有权", "process": "加工使用权", "operate": "经营权"}


def _sheet(name: str, *cells: Cell, signal: str) -> Sheet:
    return Sheet(
        name=name, format="csv", encoding="utf-8", reported="发布日期", code="统一社会信用代码", client="单位代码",
        company_name="单位名称", missing="/", records=(Record(signal=signal, cells=cells),),
    )  # fmt: skip


RESEARCH = _sheet(
    "research", Cell(field="period_end", column="年度末"), Cell(field="rd_expense", column="研发费用(万元)", scale=WAN),
    Cell(field="rd_staff", column="研发人员"), Cell(field="projects", column="在研项目数"),
    Cell(field="technology_contracts", column="技术合同成交额(万元)", scale=WAN), signal="rd_activity",
)  # fmt: skip
CERTIFICATES = _sheet(
    "certificates", Cell(field="scheme", column="资质名称", words=SCHEMES),
    Cell(field="certificate_no", column="证书编号"),
    Cell(field="issued_on", column="发证日期"), Cell(field="expires_on", column="有效期至"), signal="certification",
)  # fmt: skip
EMISSIONS = _sheet(
    "emissions", Cell(field="period_end", column="年度末"), Cell(field="co2", column="二氧化碳排放量(吨)"),
    Cell(field="energy", column="用电量(千瓦时)"), signal="emission",
)  # fmt: skip
ASSETS = _sheet(
    "data_assets", Cell(field="asset_no", column="资产编号"), Cell(field="registered_on", column="登记日期"),
    Cell(field="cost", column="入账成本(万元)", scale=WAN), Cell(field="treatment", column="会计处理", words=TREATMENT),
    Cell(field="right", column="权利类型", words=RIGHTS), signal="data_asset",
)  # fmt: skip
ACCOUNTS = _sheet(
    "accounts", Cell(field="period_end", column="年度末"), Cell(field="revenue", column="营业收入(万元)", scale=WAN),
    Cell(field="net_profit", column="净利润(万元)", scale=WAN),
    Cell(field="total_assets", column="资产总计(万元)", scale=WAN),
    Cell(field="total_liabilities", column="负债合计(万元)", scale=WAN), signal="financial_statement",
)  # fmt: skip


def submissions(world: World, traces: Traces, faults: Imperfections) -> Iterator[Submission]:
    draw = source(world.seed, "statistics bureau")
    research = noisy(traces.rd_activity, ("rd_expense",), BUREAU, faults, draw)
    yield Submission(BUREAU, RESEARCH, reported(research, "period_end", draw, *YEARLY_DELAY))
    yield Submission(BUREAU, CERTIFICATES, reported(traces.certification, "issued_on", draw, *NOTICE_DELAY))
    yield Submission(BUREAU, EMISSIONS, reported(traces.emission, "period_end", draw, *YEARLY_DELAY))
    yield Submission(BUREAU, ASSETS, reported(traces.data_asset, "registered_on", draw, *NOTICE_DELAY))
    accounts = covered(traces.financial_statement, BUREAU, ACCOUNTS_SHARE)
    accounts = noisy(accounts, ("revenue", "net_profit", "total_assets", "total_liabilities"), BUREAU, faults, draw)
    yield Submission(BUREAU, ACCOUNTS, reported(accounts, "period_end", draw, *YEARLY_DELAY))
