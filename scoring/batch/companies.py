"""The input: a file of any format the alliance reads, one company a row."""

from pathlib import Path

import polars as pl

from alliance.contracts.dates import parsed_date
from alliance.errors import UnreadableFile
from alliance.formats import ROW, Batch, read

COMPANY, AS_OF = "company", "as_of"

SCHEMA: dict[str, pl.DataType] = {
    "row": pl.Int64(),
    "company": pl.String(),
    "as_of": pl.Date(),
    "fault": pl.String(),
    "remedy": pl.String(),
}


def read_companies(path: Path) -> pl.DataFrame:
    """The rows of the file, by row: ``SCHEMA``.

    ``company`` is read from the column of that name, or else the first; ``as_of`` from the column of that name, if
    there is one, null where it is empty. A row that cannot be used has a ``fault`` and a ``remedy``.

    Raises:
        UnreadableFile: the file as a whole cannot be read, or has no column.
    """
    parts = [part for batch in read(path) for part in (_sound(path, batch), _faulty(batch))]
    return pl.concat([pl.DataFrame(schema=SCHEMA), *parts]).sort("row")


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
