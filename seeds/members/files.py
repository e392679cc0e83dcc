"""Rows to bytes in a member's format: the same rows give the same bytes, whatever the day and the machine."""

import gzip
import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import polars as pl

from seeds.members.sheet import Sheet

EPOCH = (1980, 1, 1, 0, 0, 0)
TITLE = "数据报送表"
"""What stands above the header row of a workbook."""


def write_rows(frame: pl.DataFrame, sheet: Sheet, path: Path) -> None:
    """Write the columns of the frame, in order, as the sheet says."""
    content = _WRITERS[sheet.format](frame, sheet)
    path.write_bytes(gzip.compress(content, compresslevel=5, mtime=0) if sheet.packed else content)


def _csv(frame: pl.DataFrame, sheet: Sheet) -> bytes:
    return frame.write_csv(null_value=sheet.missing).encode(sheet.encoding)


def _parquet(frame: pl.DataFrame, _: Sheet) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def _nested(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns ``a.b`` become a field ``b`` of an object ``a``."""
    groups: dict[str, list[pl.Expr]] = {}
    for name in frame.columns:
        head, _, tail = name.partition(".")
        groups.setdefault(head, []).append(pl.col(name).alias(tail or head))
    return frame.select(
        pl.struct(parts).alias(head) if f"{head}" not in frame.columns else parts[0] for head, parts in groups.items()
    )


def _jsonl(frame: pl.DataFrame, _: Sheet) -> bytes:
    buffer = io.BytesIO()
    _nested(frame).write_ndjson(buffer)
    return buffer.getvalue()


def _json(frame: pl.DataFrame, sheet: Sheet) -> bytes:
    """An array of objects inside the objects that ``rows_at`` names."""
    lines = _jsonl(frame, sheet).rstrip(b"\n").replace(b"\n", b",\n")
    heads = sheet.rows_at.split(".")
    opening = "".join(f'{{"{head}":' for head in heads)
    return opening.encode() + b"[" + lines + b"]" + b"}" * len(heads)


def _xml(frame: pl.DataFrame, sheet: Sheet) -> bytes:
    """A row element for each row, a child element for each cell that is not empty."""
    root, row = sheet.rows_at.split("/")
    cells = [
        pl.when(pl.col(name).is_not_null())
        .then(pl.format(f"<{name}>{{}}</{name}>", _escaped(pl.col(name))))
        .otherwise(pl.lit(""))
        for name in frame.columns
    ]
    lines = frame.select(pl.concat_str(pl.lit(f"<{row}>"), *cells, pl.lit(f"</{row}>")).alias("line"))["line"]
    body = "\n".join(lines.to_list())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>\n{body}\n</{root}>\n'.encode()


def _escaped(column: pl.Expr) -> pl.Expr:
    words = ["&", "<", ">"]
    return column.cast(pl.String).str.replace_many(words, [escape(word) for word in words])


def _xlsx(frame: pl.DataFrame, sheet: Sheet) -> bytes:
    """A workbook with a title above the header; made without any date of its own."""
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet("Sheet1")
    for line in range(sheet.header_row - 1):
        page.append([TITLE] if line == 0 else [])
    page.append(frame.columns)
    for row in frame.iter_rows():
        page.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return _undated(buffer)


def _undated(workbook: io.BytesIO) -> bytes:
    """The same archive with every date taken out."""
    clean = io.BytesIO()
    with zipfile.ZipFile(workbook) as old, zipfile.ZipFile(clean, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = b'<?xml version="1.0"?><cp:coreProperties xmlns:cp="' + _CORE.encode() + b'"/>'
            new.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return clean.getvalue()


_CORE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_WRITERS = {"csv": _csv, "json": _json, "jsonl": _jsonl, "parquet": _parquet, "xlsx": _xlsx, "xml": _xml}
