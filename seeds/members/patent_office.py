"""The patent office: applications and grants as one JSON document, software copyrights as Parquet."""

from collections.abc import Iterator

import polars as pl

from alliance.contracts.contract import Role
from seeds.chance import source
from seeds.imperfections import Imperfections
from seeds.members.claims import reported
from seeds.members.sheet import Cell, Member, Record, Sheet, Submission
from seeds.traces import Traces
from seeds.world import World

OFFICE = Member("patent-office", Role.PATENT_OFFICE, 2, "AP")
PUBLICATION_DELAY = (90, 540)  # from filing to publication
DECISION_DELAY = (7, 30)
COPYRIGHT_DELAY = (10, 40)
KINDS = {"invention": "发明", "utility_model": "实用新型", "design": "外观设计"}
STATUS = {"pending": "实审", "granted": "授权", "refused": "驳回", "lapsed": "失效"}

PATENTS = Sheet(
    name="patents", format="json", rows_at="data.patents", reported="published_on", code="applicant.uscc",
    client="applicant.id", company_name="applicant.name",
    records=(Record(signal="patent", cells=(
        Cell(field="application_no", column="application_no"), Cell(field="kind", column="kind", words=KINDS),
        Cell(field="filed_on", column="filed_on"), Cell(field="granted_on", column="granted_on"),
        Cell(field="status", column="status", words=STATUS), Cell(field="ipc", column="ipc"),
        Cell(field="citations", column="citations"),
    )),),
)  # fmt: skip
COPYRIGHTS = Sheet(
    name="software_copyrights", format="parquet", reported="notice_date", code="uscc", client="owner_id",
    company_name="owner_name",
    records=(Record(signal="software_copyright", cells=(
        Cell(field="registration_no", column="registration_no"), Cell(field="registered_on", column="registered_on"),
    )),),
)  # fmt: skip


def submissions(world: World, traces: Traces, _: Imperfections) -> Iterator[Submission]:
    draw = source(world.seed, "patent office")
    pending = pl.col("status") == "pending"
    rows = pl.concat([
        reported(traces.patent.filter(pending), "decided_on", draw, *PUBLICATION_DELAY),
        reported(traces.patent.filter(~pending), "decided_on", draw, *DECISION_DELAY),
    ])  # fmt: skip
    yield Submission(OFFICE, PATENTS, rows)
    yield Submission(OFFICE, COPYRIGHTS, reported(traces.software_copyright, "registered_on", draw, *COPYRIGHT_DELAY))
