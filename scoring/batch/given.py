"""The input of ready features: a file of any format the alliance reads, one company a row, read in bounded memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from alliance.contracts.dates import parsed_date
from alliance.errors import InvalidInput, UnreadableFile
from alliance.formats import ROW, Batch, read
from scoring.batch.checked import FAULT, require_features
from scoring.batch.companies import AS_OF, COMPANY
from scoring.model import Bundle

READ_AT_ONCE = 1 << 16
"""Bytes of a column read from a Parquet file at a time."""

ROWS_READ = 8_192
"""Rows taken from a Parquet file at a time."""

_FAULT_OF = "_fault_"


@dataclass(frozen=True, kw_only=True)
class Given:
    """A file of ready features.

    Attributes:
        path: the file.
        bundle: the model, which says which columns are features.
        as_of: the day of the rows that name none.
        today: the last day a row can be of.
        missing_as_unknown: whether a feature that has no column counts as unknown; else the file is refused.
    """

    path: Path
    bundle: Bundle
    as_of: date
    today: date
    missing_as_unknown: bool = False

    @cached_property
    def schema(self) -> dict[str, pl.DataType]:
        """The columns of the file, in order; of text files all are text."""
        if self._parquet:
            empty = pl.from_arrow(self._opened().schema_arrow.empty_table())
            return dict(empty.schema) if isinstance(empty, pl.DataFrame) else {}
        first = next(read(self.path))
        return {name: pl.String() for name in first.frame.columns if name != ROW}

    @cached_property
    def id_column(self) -> str | None:
        """``company``, or else the first column that is no feature; without one, rows go by their numbers."""
        others = [name for name in self.schema if name not in self.bundle.names and name != AS_OF]
        return COMPANY if COMPANY in others else next(iter(others), None)

    @property
    def passed_over(self) -> tuple[str, ...]:
        """Columns that nothing is made of."""
        used = {*self.bundle.names, self.id_column, AS_OF}
        return tuple(name for name in self.schema if name not in used)

    @property
    def missing(self) -> tuple[str, ...]:
        """Features that have no column."""
        return tuple(name for name in self.bundle.names if name not in self.schema)

    @cached_property
    def rows(self) -> int | None:
        """How many rows there are, where the file says so."""
        return int(self._opened().metadata.num_rows) if self._parquet else None

    def check(self) -> None:
        """Refuse at once what no row of the file could mend.

        Raises:
            UnreadableFile: the file cannot be read.
            InvalidInput: a feature of the model has no column, or one that holds no numbers.
        """
        unknown = dict.fromkeys(self.missing if self.missing_as_unknown else (), pl.Null())
        require_features(self.bundle, {**self.schema, **unknown})
        if ROW in self.schema:
            raise InvalidInput(f"The name {ROW!r} is kept for row numbers.", remedy="Rename the column.", field=ROW)
        if not isinstance(self.schema.get(AS_OF, pl.Date()), pl.String | pl.Date | pl.Datetime | pl.Null):
            raise InvalidInput(f"The column {AS_OF!r} holds no days.", remedy="Give dates, or text as 2026-06-30.")

    def frames(self, done: int = 0) -> Iterator[pl.DataFrame]:
        """The rows but the first ``done``, in order: ``KEYS``, the features, and ``FAULT`` of rows that cannot be used.

        Raises:
            UnreadableFile: the file cannot be read.
        """
        for frame in self._typed(done) if self._parquet else self._text(done):
            yield frame.select(*self._keys(), *self._features(), *self._faults(frame.columns))

    @property
    def _parquet(self) -> bool:
        return self.path.suffix.lower() == ".parquet"

    def _opened(self) -> Any:
        try:
            return pq.ParquetFile(self.path, buffer_size=READ_AT_ONCE, pre_buffer=False)
        except FileNotFoundError:
            raise UnreadableFile("There is no such file.", file=self.path.name) from None
        except (pa.ArrowException, OSError) as error:
            raise self._unreadable(error) from None

    def _unreadable(self, error: Exception) -> UnreadableFile:
        reason = str(error).partition("\n")[0]
        return UnreadableFile(
            f"The file is not Parquet: {reason}", remedy="Write it again as Parquet.", file=self.path.name
        )

    def _typed(self, done: int) -> Iterator[pl.DataFrame]:
        """Rows of a Parquet file; whole groups of rows that are done are not read."""
        file = self._opened()
        groups, before = _left(file.metadata, done)
        used = [name for name in self.schema if name not in self.passed_over]
        row = before + 1
        try:
            for batch in file.iter_batches(ROWS_READ, row_groups=groups, columns=used, use_threads=False):
                frame = pl.DataFrame(pl.from_arrow(pa.Table.from_batches([batch])))
                numbered = frame.select(pl.int_range(row, row + len(frame), dtype=pl.Int64).alias(ROW), pl.all())
                yield numbered.slice(max(0, done - row + 1))
                row += len(frame)
        except (pa.ArrowException, OSError) as error:
            raise self._unreadable(error) from None

    def _text(self, done: int) -> Iterator[pl.DataFrame]:
        for batch in read(self.path):
            known = batch.frame.select(ROW, *(name for name in self.schema if name in batch.frame.columns))
            frame = pl.concat([pl.DataFrame(schema=self.schema), known, _unread(batch)], how="diagonal").sort(ROW)
            yield frame.filter(pl.col(ROW) > done)

    def _keys(self) -> Sequence[pl.Expr]:
        number = pl.col(ROW)
        company = number.cast(pl.String) if self.id_column is None else pl.col(self.id_column).cast(pl.String)
        day = pl.coalesce(self._day(), pl.lit(self.as_of))
        return number.alias("row"), company.alias("company"), day.alias("as_of")

    def _day(self) -> pl.Expr:
        if AS_OF not in self.schema:
            return pl.lit(None, pl.Date)
        return parsed_date(pl.col(AS_OF), ()) if self.schema[AS_OF] == pl.String else pl.col(AS_OF).cast(pl.Date)

    def _features(self) -> list[pl.Expr]:
        return [pl.col(name) if name in self.schema else pl.lit(None).alias(name) for name in self.bundle.names]

    def _faults(self, columns: Sequence[str]) -> list[pl.Expr]:
        """``FAULT`` of a row that could not be read, or is of a day that is none, or has not come."""
        told = dict.fromkeys(FAULT, pl.lit(None, pl.String))
        if AS_OF in columns:
            day, written = self._day(), pl.col(AS_OF)
            none, late = written.is_not_null() & day.is_null(), day > self.today
            told["code"] = pl.when(none | late).then(pl.lit(InvalidInput.code))
            told["field"] = pl.when(none | late).then(pl.lit(AS_OF))
            told["reason"] = (
                pl.when(none).then(pl.format("{} is not a day.", written))
                .when(late).then(pl.format("{} is in the future.", day))
            )  # fmt: skip
            told["remedy"] = (
                pl.when(none).then(pl.lit("Write the day as 2026-06-30."))
                .when(late).then(pl.lit(f"Give features of {self.today} or earlier."))
            )  # fmt: skip
        return [
            (pl.coalesce(pl.col(_FAULT_OF + name), told[name]) if _FAULT_OF + name in columns else told[name]).alias(
                name
            )
            for name in FAULT
        ]


def _left(metadata: Any, done: int) -> tuple[list[int], int]:
    """The groups of rows that are not done as a whole, and how many rows stand before them."""
    before = 0
    for place in range(metadata.num_row_groups):
        rows = metadata.row_group(place).num_rows
        if before + rows > done:
            return list(range(place, metadata.num_row_groups)), before
        before += rows
    return [], before


def _unread(batch: Batch) -> pl.DataFrame:
    """A row for each that could not be read, with nothing but its fault."""
    rows = [
        (fault.row, InvalidInput.code, fault.field or None, f"The row breaks the rule {fault.rule!r}.", fault.remedy)
        for fault in batch.faults
    ]
    schema = {ROW: pl.Int64(), **{_FAULT_OF + name: kind for name, kind in FAULT.items()}}
    return pl.DataFrame(rows, schema=schema, orient="row").unique(ROW, keep="first", maintain_order=True)
