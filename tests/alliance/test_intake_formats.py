"""The same facts in any format, packed or not, are the same records."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from alliance.contracts import Contract
from alliance.intake import submit
from alliance.store import Store

ROWS: list[dict[str, Any]] = [
    {"code": None, "client": "c1", "name": "启明科技 & <Söhne>", "day": date(2015, 3, 31), "cash": 123.4567,
     "burn": -12, "secured": True, "share": 0.25, "no": "F-001"},
    {"code": "91110000600037341L", "client": "c2", "name": "深圳市大疆创新", "day": date(2016, 12, 31), "cash": 0.0,
     "burn": 700, "secured": False, "share": None, "no": "F-002"},
    {"code": None, "client": "c2", "name": None, "day": date(2017, 1, 1), "cash": None, "burn": None, "secured": None,
     "share": 1.0, "no": "007"},
]  # fmt: skip
COLUMNS = list(ROWS[0])

RECORDS = (
    {
        "signal": "cash_position",
        "observed_on": "day",
        "cash": {"column": "cash", "scale": 10_000},
        "monthly_burn": "burn",
    },
    {"signal": "revenue_model", "observed_on": "day", "recurring_share": "share"},
    {"signal": "facility", "facility_no": "no", "opened_on": "day", "secured": "secured"},
    {"signal": "company_profile", "observed_on": "day", "name": "name", "registration_number": "code"},
)


def words() -> list[dict[str, str]]:
    """The rows as a person would write them."""

    def word(value: Any) -> str:
        return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)

    return [{name: word(value) for name, value in row.items()} for row in ROWS]


def as_csv(encoding: str) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(words())
    return text.getvalue().encode(encoding)


def as_json() -> bytes:
    return json.dumps({"data": {"items": ROWS}}, default=str, ensure_ascii=False).encode()


def as_jsonl() -> bytes:
    return "\n".join(json.dumps(row, default=str) for row in ROWS).encode()


def as_parquet() -> bytes:
    content = io.BytesIO()
    pl.DataFrame(ROWS).write_parquet(content)
    return content.getvalue()


def as_xlsx() -> bytes:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.append(["报送表"])
    page.append(COLUMNS)
    for row in ROWS:
        page.append(list(row.values()))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def as_xml() -> bytes:
    rows = "".join(
        "<row>" + "".join(f"<{name}>{escape(word)}</{name}>" for name, word in row.items() if word) + "</row>"
        for row in words()
    )
    return f"<?xml version='1.0' encoding='UTF-8'?><list><batch>1</batch><rows>{rows}</rows></list>".encode()


FILES: list[tuple[str, bytes, dict[str, Any]]] = [
    ("utf8.csv", as_csv("utf-8"), {}),
    ("bom.csv", as_csv("utf-8-sig"), {}),
    ("gb.csv", as_csv("gb18030"), {"server": {"path": "gb.csv", "encoding": "gb18030"}}),
    ("rows.json", as_json(), {"reading": {"rowsAt": "data.items"}}),
    ("rows.jsonl", as_jsonl(), {}),
    ("rows.parquet", as_parquet(), {}),
    ("rows.xlsx", as_xlsx(), {"reading": {"headerRow": 2}}),
    ("rows.xml", as_xml(), {"reading": {"rowsAt": "list/rows/row"}}),
]


def test_the_format_makes_no_difference(
    store: Store, contract: Callable[..., Contract], tmp_path: Path, now: datetime
) -> None:
    for name, content, how in FILES:
        for path, packed in ((tmp_path / name, content), (tmp_path / f"{name}.gz", gzip.compress(content))):
            path.write_bytes(packed)
            given = {"server": {"path": path.name}, **how}
            made = contract(*RECORDS, id=path.name, registrationNumber={"column": "code"}, **given)
            receipt = submit(store, made, path, now=now)
            assert (receipt.rows, receipt.accepted, receipt.records) == (3, 3, 12), path.name

    claims = store.claims()
    for name in ("cash_position", "revenue_model", "facility", "company_profile"):
        by_submission = claims.frames[name].partition_by("submission_no", include_key=False)
        assert len(by_submission) == 2 * len(FILES)
        for other in by_submission[1:]:
            assert_frame_equal(other, by_submission[0])
    first = claims.frames["cash_position"].filter(pl.col("submission_no") == 1).sort("row")
    assert first["cash"].to_list() == [1_234_567, 0, None]
    assert first["monthly_burn"].to_list() == [-12, 700, None]
    assert claims.frames["facility"]["facility_no"].unique().sort().to_list() == ["007", "F-001", "F-002"]
    assert claims.frames["facility"].sort("submission_no", "row")["secured"].head(3).to_list() == [True, False, None]
    assert len(store.company_ids()) == 2


@pytest.mark.parametrize(("name", "said"), [("rows.pdf", "'pdf'"), ("rows", "'rows'")])
def test_a_format_nobody_reads_is_refused(
    store: Store, contract: Callable[..., Contract], tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / name).write_bytes(b"%PDF-1.7")
    with pytest.raises(Exception, match=said):
        submit(store, contract(*RECORDS, server={"path": "*"}), tmp_path / name)
    assert store.watermark() == 0
