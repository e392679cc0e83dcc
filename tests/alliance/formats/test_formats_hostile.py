"""Files built to cost memory or time: each refused after bounded work and 100 MB; large honest files read in bounds."""

import gzip
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

MIB = 1024 * 1024
MOST_CALLS = 3_500_000
"""Of functions: three for each of the million elements that a workbook may hold beside its rows, and some."""

MOST_UNPACKED = 68 * MIB
"""What a small file may unpack to whatever its size; what its encoding is told from; blocks in which more is noticed.
"""

LAUGHS = '<!DOCTYPE a [<!ENTITY e0 "lol">' + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
ENTITIES = LAUGHS.encode()


def with_sheet(sheet: bytes, part: str = "xl/worksheets/sheet1.xml") -> bytes:
    """Return a workbook one part of which is replaced."""
    honest, hostile = io.BytesIO(), io.BytesIO()
    book = openpyxl.Workbook()
    book.worksheets[0].append(["a"])
    book.save(honest)
    with zipfile.ZipFile(honest) as old, zipfile.ZipFile(hostile, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for item in old.infolist():
            new.writestr(item.filename, sheet if item.filename == part else old.read(item))
    return hostile.getvalue()


def parquet(values: Any) -> bytes:
    content = io.BytesIO()
    pq.write_table(pa.table({"v": values}), content, dictionary_pagesize_limit=8 * MIB)
    return content.getvalue()


def packed(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=1)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "billion_laughs.xml": lambda: ENTITIES + b"]><a><r>&e9;</r></a>",
    "quadratic.xml": lambda: b'<!DOCTYPE a [<!ENTITY e "' + b"x" * 100_000 + b'">]><a>' + b"&e;" * 50_000 + b"</a>",
    "external.xml": lambda: b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a><r>&e;</r></a>',
    "deep.xml": lambda: b"<a>" * 100_000,
    "long_attribute.xml.gz": lambda: packed(b'<a><r x="' + b"y" * (60 * MIB)),
    "long_comment.xml.gz": lambda: packed(b"<a><!--" + b"y" * (60 * MIB)),
    "long_text.xml.gz": lambda: packed(b"<a><r>" + b"y" * (60 * MIB)),
    "many_elements.xml.gz": lambda: packed(b"<a><r>" + b"<x/>" * (10 * MIB)),
    "many_columns.xml": lambda: b"<a><r>" + b"".join(b"<x%d/>" % n for n in range(5000)) + b"</r></a>",
    "bomb.xlsx": lambda: with_sheet(bytes(80 * MIB)),
    "entities.xlsx": lambda: with_sheet(ENTITIES + b"]><worksheet>&e9;</worksheet>"),
    "entities_in_styles.xlsx": lambda: with_sheet(ENTITIES + b"]><styleSheet>&e9;</styleSheet>", "xl/styles.xml"),
    "deep.xlsx": lambda: with_sheet(b"<worksheet>" + b"<a>" * 100_000),
    "many_elements.xlsx": lambda: with_sheet(b"<worksheet>" + b"<a/>" * (10 * MIB)),
    "many_cells.xlsx": lambda: with_sheet(b"<worksheet><sheetData><row>" + b"<c/>" * (10 * MIB)),
    "bomb.csv.gz": lambda: packed(bytes(80 * MIB)),
    "bomb.json.gz": lambda: packed(b"[" + b" " * (80 * MIB)),
    "bomb.xlsx.gz": lambda: packed(b"PK\x03\x04" + bytes(80 * MIB)),
    "bomb.parquet.gz": lambda: packed(b"PAR1" + bytes(80 * MIB)),
    "long_line.csv.gz": lambda: packed(b"a,b\n" + b"x" * (60 * MIB)),
    "long_cell.csv": lambda: b'a,b\n1,"' + b"x" * (2 * MIB) + b'"\n',
    "many_columns.csv": lambda: b",".join(b"c%d" % n for n in range(5000)) + b"\n",
    "deep.json": lambda: b"[" * 100_000,
    "deep_objects.json": lambda: b'[{"a":' * 100_000,
    "long_value.json.gz": lambda: packed(b'[{"a": "' + b"x" * (60 * MIB)),
    "long_number.json.gz": lambda: packed(b'[{"a": ' + b"1" * (60 * MIB)),
    "long_row.json.gz": lambda: packed(b'[{"a": [' + b"1," * (30 * MIB)),
    "deep.jsonl": lambda: b'{"a":' + b"[" * 100_000,
    "long_line.jsonl.gz": lambda: packed(b'{"a": "' + b"x" * (60 * MIB)),
    "many_columns.jsonl": lambda: json.dumps({f"c{n}": 1 for n in range(5000)}).encode(),
    "long_value.parquet": lambda: parquet(
        pa.DictionaryArray.from_arrays(pa.array([0] * 1_000, pa.int32()), ["x" * (2 * MIB)])
    ),
    "many_values.parquet": lambda: parquet(pa.nulls(80_000_000)),
    "long_list.parquet": lambda: parquet(pa.array([list(range(4)) * 500_000])),
}

MEASURE = """
import gzip, json, pathlib, sys, zipfile
from alliance.errors import AllianceError
from alliance.formats import read

calls = unpacked = 0

def called(frame, event, argument):
    global calls
    calls += event in ("call", "c_call")

def counted(kind):
    plain = kind.read
    def read(*words):
        global unpacked
        data = plain(*words)
        unpacked += len(data)
        return data
    kind.read = read

counted(gzip.GzipFile)
counted(zipfile.ZipExtFile)

def peak():
    # Not ru_maxrss: a child process inherits that from its parent, which may be large and would hide what is measured.
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024

list(read(pathlib.Path(sys.argv[1])))  # so that what libraries set up once is not counted
before = peak()
for name in sys.argv[2:]:
    error, rows, calls, unpacked = "", 0, 0, 0
    sys.setprofile(called)
    try:
        for batch in read(pathlib.Path(name)):
            rows += batch.frame.height + len(batch.faults)
    except AllianceError as refusal:
        error = refusal.code
    sys.setprofile(None)
    told = {"error": error, "rows": rows, "calls": calls, "unpacked": unpacked, "bytes": peak() - before}
    print(json.dumps(told), flush=True)
"""

needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")


def measure(folder: Path, *names: str) -> list[dict[str, Any]]:
    """Read the files one after another in a process of their own; its peak only grows, so each is held to the bound."""
    (folder / "warm.csv").write_bytes(b"a,b\n1,2\n")
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, str(folder / "warm.csv"), *(str(folder / name) for name in names)],
        capture_output=True,
        check=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("hostile")
    for name, make in HOSTILE.items():
        (folder / name).write_bytes(make())
    return dict(zip(HOSTILE, measure(folder, *HOSTILE), strict=True))


@needs_proc
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_before_it_costs(refusals: dict[str, dict[str, Any]], name: str) -> None:
    refusal = refusals[name]
    assert refusal["error"] == "file.hostile"
    assert refusal["bytes"] < 100 * MIB
    assert refusal["calls"] < MOST_CALLS
    assert refusal["unpacked"] < MOST_UNPACKED


@needs_proc
def test_a_large_file_is_read_in_bounded_memory(tmp_path: Path) -> None:
    block = b"".join(b"%d,Company %d Limited,2012-06-01,%d,software,USA\n" % (n, n, n * 7) for n in range(50_000))
    copies = 60 * MIB // len(block) + 1
    (tmp_path / "large.csv").write_bytes(b"id,name,founded,raised,field,country\n" + block * copies)
    (reading,) = measure(tmp_path, "large.csv")
    assert reading["rows"] == 50_000 * copies
    assert reading["bytes"] < 150 * MIB
