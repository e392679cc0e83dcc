"""Platforms: the HR platform that sees staff, and two industrial-internet platforms that see machines."""

from collections.abc import Iterator

import polars as pl

from alliance.contracts.contract import Role
from seeds.chance import source
from seeds.imperfections import Imperfections
from seeds.members.claims import covered, noisy, reported
from seeds.members.sheet import Cell, Member, Record, Sheet, Submission
from seeds.traces import Traces
from seeds.world import World

HR = Member("hr-platform", Role.HR_PLATFORM, 3, "HR")
HR_SHARE = 0.55
HR_DELAY = (8, 25)
MACHINES = tuple(Member(f"equipment-{i + 1}", Role.DATA_VENDOR, 10 + i, f"EQ{i + 1}") for i in range(2))
MACHINES_SHARE = 0.4
MACHINES_DELAY = (1, 5)
STAFF = ("employees", "openings", "leavers")

HEADCOUNT = Sheet(
    name="headcount", format="csv", packed=True, reported="snapshot_ts", code="uscc", client="org_id",
    company_name="org_name",
    records=(Record(signal="headcount", ordered=(("rd_employees", "employees"),), cells=(
        Cell(field="observed_on", column="quarter_end"), Cell(field="employees", column="employees"),
        Cell(field="rd_employees", column="rd_staff"), Cell(field="graduates_hired", column="fresh_graduates"),
        Cell(field="openings", column="open_jobs"), Cell(field="leavers", column="leavers"),
    )),),
)  # fmt: skip
TELEMETRY = Sheet(
    name="telemetry", format="jsonl", reported="sent_on", code="owner.uscc", client="owner.account",
    company_name="owner.name",
    records=(Record(signal="equipment_telemetry", cells=(
        Cell(field="site", column="site"), Cell(field="observed_on", column="month_end"),
        Cell(field="utilisation", column="metrics.utilisation_pct", scale=0.01),
        Cell(field="uptime", column="metrics.uptime_pct", scale=0.01), Cell(field="devices", column="metrics.devices"),
    )),),
)  # fmt: skip


def submissions(world: World, traces: Traces, faults: Imperfections) -> Iterator[Submission]:
    draw = source(world.seed, "platforms")
    staff = noisy(covered(traces.headcount, HR, HR_SHARE), STAFF, HR, faults, draw)
    staff = staff.with_columns(pl.min_horizontal("rd_employees", "employees").alias("rd_employees"))
    yield Submission(HR, HEADCOUNT, reported(staff, "observed_on", draw, *HR_DELAY))
    for member in MACHINES:
        rows = covered(traces.equipment_telemetry, member, MACHINES_SHARE)
        yield Submission(member, TELEMETRY, reported(rows, "observed_on", draw, *MACHINES_DELAY))
