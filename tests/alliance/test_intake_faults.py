"""In a large file of sound rows exactly the planted faults are found, each with its column and rule."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import orjson
import polars as pl

from alliance.contracts import Contract
from alliance.intake import submit
from alliance.store import Store

ROWS, FAULTS = 20_000, 500
HEADER = ["代码", "客户号", "报送日期", "观察日", "员工", "研发", "现金(万元)", "赛道", "持续收入%", "备注"]
STAGES = {"芯片": "semiconductors", "软件": "software"}

RECORDS = (
    {
        "signal": "headcount", "observed_on": {"column": "观察日", "format": "yyyy/MM/dd"},
        "employees": {"column": "员工", "required": True, "maximum": 100_000}, "rd_employees": "研发",
        "quality": [("rd_employees", "<=", "employees")],
    },
    {
        "signal": "cash_position", "observed_on": {"column": "观察日", "format": "yyyy/MM/dd"},
        "cash": {"column": "现金(万元)", "scale": 10_000, "grouping": ","},
    },
    {
        "signal": "company_profile", "observed_on": {"column": "观察日", "format": "yyyy/MM/dd"},
        "sector": {"column": "赛道", "values": STAGES},
    },
    {
        "signal": "revenue_model", "observed_on": {"column": "观察日", "format": "yyyy/MM/dd"},
        "recurring_share": {"column": "持续收入%", "scale": 0.01},
    },
)  # fmt: skip

PLANTED = [
    ("代码", "91310000000000000A", "identity.registration"),
    ("报送日期", "", "known.date"),
    ("报送日期", "2031-01-01", "known.future"),
    ("观察日", "2015/02/30", "date"),
    ("观察日", "2018/06/02", "event.future"),
    ("员工", "", "required"),
    ("员工", "许多", "integer"),
    ("员工", "100001", "maximum"),
    ("研发", "99", "quality"),
    ("现金(万元)", "12万", "money"),
    ("赛道", "面包", "word"),
    ("持续收入%", "101", "maximum"),
    ("", "", "csv.cells"),
]


def test_exactly_the_planted_faults_are_found(
    store: Store, contract: Callable[..., Contract], code: Callable[[int], str], tmp_path: Path, now: datetime
) -> None:
    codes = [code(serial) for serial in range(999)]
    expected: dict[int, tuple[str, str]] = {}
    lines = [",".join(HEADER)]
    for row in range(1, ROWS + 1):
        number = codes[row % 999]
        cells = [number, f"K{row % 999}", "2018-06-01", "2018/05/31", "50", "20", '"1,234.5"', "芯片", "35", ""]
        if row % (ROWS // FAULTS) == 7:
            column, value, rule = PLANTED[len(expected) % len(PLANTED)]
            expected[row] = (column, rule)
            if column:
                cells[HEADER.index(column)] = value
            else:
                cells.append("surplus")
        lines.append(",".join(cells))
    assert len(expected) == FAULTS
    file = tmp_path / "报送.csv"
    file.write_bytes("\r\n".join(lines).encode("gb18030"))

    own = {"namespace": "harbour", "column": "客户号"}
    made = contract(
        *RECORDS,
        registrationNumber={"column": "代码"},
        companyId=own,
        knowledge={"column": "报送日期"},
        server={"encoding": "gb18030"},
    )
    receipt = submit(store, made, file, now=now)

    assert (receipt.rows, receipt.accepted, receipt.quarantined) == (ROWS, ROWS - FAULTS, FAULTS)
    assert receipt.records == 4 * receipt.accepted
    found = {row: orjson.loads(faults) for row, faults in store.quarantined(receipt).select("row", "faults").rows()}
    assert found.keys() == expected.keys()
    told = {row: {(fault["field"], fault["rule"]) for fault in faults} for row, faults in found.items()}
    # A day that is wrong is wrong for each of the four records, and told once.
    assert told == {row: {place} for row, place in expected.items()}
    assert all(fault["remedy"] for faults in found.values() for fault in faults)
    claims = store.claims()
    assert Counter({name: frame.height for name, frame in claims.frames.items() if not frame.is_empty()}) == {
        record["signal"]: receipt.accepted for record in RECORDS
    }
    assert claims.frames["cash_position"]["cash"].unique().to_list() == [12_345_000]
    assert not set(claims.frames["headcount"]["row"]) & set(expected)
    assert claims.frames["headcount"].select(pl.col("subject_id").n_unique()).item() == 999
