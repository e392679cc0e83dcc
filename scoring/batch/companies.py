"""The input: a file of any format the alliance reads, one company a row."""

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from alliance.contracts.dates import parsed_date
from alliance.errors import UnreadableFile
from alliance.formats import ROW, Batch, read
from scoring.batch.output import cut

COMPANY, AS_OF = "company", "as_of"

_BY_LINES = {"csv": 1, "tsv": 1, "txt": 1, "jsonl": 0, "ndjson": 0}
"""Formats of a row a line, and how many lines stand before the first."""

SCHEMA: dict[str, pl.DataType] = {
    "row": pl.Int64(),
    "company": pl.String(),
    "as_of": pl.Date(),
    "fault": pl.String(),
    "remedy": pl.String(),
}


class Companies:
    """The rows of a file, by row, read in bounded memory.

    ``company`` is read from the column of that name, or else the first; ``as_of`` from the column of that name, if
    there is one, null where it is empty. A row that cannot be used has a ``fault`` and a ``remedy``.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: int | None = None
        """How many rows there are; known once they were read to the end."""

    def check(self) -> None:
        """Raise ``UnreadableFile`` if the file cannot be read, or has no column."""
        next(self._frames())

    def chunks(self, done: int, size: int) -> Iterator[pl.DataFrame]:
        """The rows but the first ``done``, so many at a time: ``SCHEMA``.

        Raises:
            UnreadableFile: the file as a whole cannot be read.
        """
        left = (frame.filter(pl.col("row") > done) for frame in self._frames())
        read = done
        for chunk in cut(left, size, pl.DataFrame(schema=SCHEMA)):
            if not chunk.is_empty():
                read += chunk.height
                yield chunk
        self.rows = read

    @cached_property
    def about(self) -> int | None:
        """About how many rows there are, as far as that can be told without reading them: for a progress bar."""
        kind = self.path.suffix.lower().lstrip(".")
        if kind == "parquet":
            return int(pq.read_metadata(self.path).num_rows)
        if kind not in _BY_LINES:
            return None
        with self.path.open("rb") as file:
            lines = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
        return max(0, lines - _BY_LINES[kind])

    def last_day(self, least: date) -> date:
        """The last day that any row names, or ``least`` if that is later."""
        days = (frame["as_of"].max() for frame in self._frames())
        return max([least, *(day for day in days if isinstance(day, date))])

    def _frames(self) -> Iterator[pl.DataFrame]:
        for batch in read(self.path):
            yield pl.concat([pl.DataFrame(schema=SCHEMA), _sound(self.path, batch), _faulty(batch)]).sort("row")


def _sound(path: Path, batch: Batch) -> pl.DataFrame:
    columns = [name for name in batch.frame.columns if name != ROW]
    if not columns:
        raise UnreadableFile(
            "The file has no column.", remedy=f"Name companies in a column {COMPANY!r}.", file=path.name
        )
    company = pl.col(COMPANY if COMPANY in columns else columns[0])
    written = pl.col(AS_OF) if AS_OF in columns else pl.lit(None, pl.String)
    day = parsed_date(written, ())
    no_company, no_day = company.is_null(), written.is_not_null() & day.is_null()
    return batch.frame.select(
        pl.col(ROW).alias("row"),
        company.alias("company"),
        day.alias("as_of"),
        pl.when(no_company)
        .then(pl.lit("The row names no company."))
        .when(no_day)
        .then(pl.format("{} is not a day.", written))
        .alias("fault"),
        pl.when(no_company)
        .then(pl.lit("Give a company id, a registration number, or namespace:id."))
        .when(no_day)
        .then(pl.lit("Write the day as 2026-06-30."))
        .alias("remedy"),
    )


def _faulty(batch: Batch) -> pl.DataFrame:
    rows = [(fault.row, None, None, f"The row breaks the rule {fault.rule!r}.", fault.remedy) for fault in batch.faults]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").unique("row", keep="first", maintain_order=True)
