"""The company registry: profiles of all companies and how they end, as packed XML."""

from collections.abc import Iterator

import polars as pl

from alliance.contracts.contract import Role
from seeds.chance import source
from seeds.imperfections import Imperfections
from seeds.members.claims import reported
from seeds.members.sheet import Cell, Member, Record, Sheet, Submission
from seeds.traces import Traces
from seeds.world import World

REGISTRY = Member("registry", Role.REGISTRY, 1, "GS")
FOUNDING_DELAY = (5, 30)
CLOSING_DELAY = (30, 90)
STATUS = {"operating": "存续", "closed": "注销", "acquired": "被并购", "listed": "上市"}
EVENTS = {"closure": "注销", "acquisition": "被并购", "listing": "上市"}

SHEET = Sheet(
    name="companies", format="xml", packed=True, rows_at="registry/company", reported="公示日期",
    code="统一社会信用代码", client="注册号", company_name="企业名称",
    records=(
        Record(signal="company_profile", cells=(
            Cell(field="name", column="企业名称", source="written_name"),
            Cell(field="registration_number", column="登记代码"),
            Cell(field="founded_on", column="成立日期"), Cell(field="country", column="国家"),
            Cell(field="region", column="省份"), Cell(field="city", column="城市"),
            Cell(field="industry", column="行业"),
            Cell(field="sector", column="赛道"), Cell(field="key_technology", column="关键技术领域"),
            Cell(field="cluster", column="产业集群"), Cell(field="website", column="网址"),
            Cell(field="status", column="经营状态", words=STATUS),
            Cell(field="observed_on", column="变更日期"),
        )),
        Record(signal="credit_event", when=({"column": "经营状态", "in": list(EVENTS.values())},), cells=(
            Cell(field="kind", column="经营状态", source="status", words=EVENTS),
            Cell(field="happened_on", column="变更日期", source="observed_on"),
        )),
    ),
)  # fmt: skip


def submissions(world: World, traces: Traces, _: Imperfections) -> Iterator[Submission]:
    draw = source(world.seed, "registry")
    founding = traces.company_profile["status"] == "operating"
    rows = pl.concat([
        reported(traces.company_profile.filter(founding), "observed_on", draw, *FOUNDING_DELAY),
        reported(traces.company_profile.filter(~founding), "observed_on", draw, *CLOSING_DELAY),
    ])  # fmt: skip
    yield Submission(REGISTRY, SHEET, rows)
