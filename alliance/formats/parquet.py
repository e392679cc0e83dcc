"""Parquet: typed columns, written out as text."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .arrow_text import column_text
from .batch import Batch, Options, RowFault, check_columns
from .limits import BATCH_CELLS, BATCH_CHARS, BATCH_ROWS, MAX_CELL, allowed_bytes
from .source import Source

_LONG_LIST = 1000  # values in a list, on the average of many


def read_parquet(source: Source, options: Options) -> Iterator[Batch]:  # noqa: ARG001  # the file says all about itself
    """Yield the rows of a Parquet file; structs become dotted columns, lists of scalars are joined with ``;``.

    A row with a number that is none (NaN, infinity), or with binary that is not UTF-8, is a RowFault. Raises
    UnreadableFile, HostileFile if the file declares to unpack to more than its size explains.
    """
    with source.seekable() as stream:
        size = stream.seek(0, 2)
        stream.seek(0)
        try:
            metadata = pq.read_metadata(stream)
            _check_size(source, metadata, size)
            stream.seek(0)
            # Text stays a dictionary until its length is known: one long value repeated costs nothing in the file.
            leaves = [metadata.schema.column(place) for place in range(metadata.num_columns)]
            texts = [leaf.path for leaf in leaves if leaf.physical_type == "BYTE_ARRAY"]
            yield from _batches(source, pq.ParquetFile(stream, read_dictionary=texts))
        except (pa.ArrowException, OSError) as error:
            reason = str(error).partition("\n")[0]
            raise source.unreadable(f"The file is not Parquet: {reason}", "Write it again as Parquet.") from None


def _check_size(source: Source, metadata: Any, size: int) -> None:
    groups = [metadata.row_group(place) for place in range(metadata.num_row_groups)]
    chunks = [(group.num_rows, group.column(place)) for group in groups for place in range(group.num_columns)]
    unpacked = sum(chunk.total_uncompressed_size for _, chunk in chunks)
    values = _values(metadata)  # many equal values take no bytes at all, until they are read
    long_lists = any(chunk.num_values > max(BATCH_CELLS, _LONG_LIST * rows) for rows, chunk in chunks)
    if max(unpacked, values) > allowed_bytes(size) or long_lists:
        raise source.hostile(
            f"The file declares {unpacked} bytes and {values} values, more than its size explains.",
            "Send it in parts, or as CSV.",
        )


def _values(metadata: Any) -> int:
    groups = [metadata.row_group(place) for place in range(metadata.num_row_groups)]
    return sum(group.column(place).num_values for group in groups for place in range(group.num_columns))


def _batches(source: Source, file: Any) -> Iterator[Batch]:
    row = 0
    rows = max(1, min(BATCH_ROWS, BATCH_CELLS * file.metadata.num_rows // max(1, _values(file.metadata))))
    for batch in file.iter_batches(rows):
        for part in _parts(source, _flat(pa.Table.from_batches([batch])), row + 1):
            yield _batch(source, part, range(row + 1, row + 1 + part.num_rows))
            row += part.num_rows
    if not row:
        yield _batch(source, _flat(file.schema_arrow.empty_table()), range(0))


def _flat(table: Any) -> Any:
    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    return table


def _parts(source: Source, table: Any, row: int) -> Iterator[Any]:
    """Yield the table in parts whose text is bounded, before any text is written out."""
    weights = pl.zeros(table.num_rows, dtype=pl.Int64, eager=True)
    for name, column in zip(table.column_names, table.columns, strict=True):
        chunk = column.combine_chunks()
        if pa.types.is_nested(column.type):
            if _leaf_chars(chunk) > 4 * BATCH_CHARS:
                raise source.hostile("Lists are longer than their rows explain.", "Send flatter rows.", field=name)
        elif pa.types.is_dictionary(column.type) and len(chunk):
            lengths = _lengths(chunk)
            if (too_long := lengths > MAX_CELL).any():
                place = row + (too_long.arg_max() or 0)
                raise source.hostile(f"A value is longer than {MAX_CELL} bytes.", "Shorten it.", row=place, field=name)
            weights += lengths
    shares = weights.cum_sum() // BATCH_CHARS
    cuts = [0, *(shares.diff() > 0).arg_true(), table.num_rows]
    for begin, end in pairwise(cuts):
        yield table.slice(begin, end - begin)


def _lengths(texts: Any) -> pl.Series:
    kind = texts.dictionary.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind)):
        return pl.zeros(len(texts), dtype=pl.Int64, eager=True)  # not text, but numbers or the like, which are short
    lengths = pc.take(pc.binary_length(texts.dictionary), texts.indices)
    return pl.Series(pl.from_arrow(lengths), dtype=pl.Int64).fill_null(0)


def _leaf_chars(array: Any) -> int:
    """Return about how many characters a nested column holds; a value that is no text counts as 16."""
    kind = array.type
    if pa.types.is_map(kind):
        return _leaf_chars(array.keys) + _leaf_chars(array.items)
    if pa.types.is_struct(kind):
        return sum(map(_leaf_chars, array.flatten()))
    if pa.types.is_nested(kind):
        return _leaf_chars(array.flatten())
    return 16 * len(array) + (int(_lengths(array).sum()) if pa.types.is_dictionary(kind) else 0)


def _batch(source: Source, table: Any, rows: range) -> Batch:
    check_columns(source, table.column_names, row=1)
    columns: list[pl.Series] = []
    faults: dict[int, RowFault] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        text, found = column_text(name, column)
        columns.append(text)
        for place, fault in found:
            faults.setdefault(rows[place], fault.at(rows[place]))
    numbers = pl.Series(rows, dtype=pl.Int64)
    good = ~numbers.is_in(list(faults))
    return Batch.of(pl.DataFrame(columns).filter(good), numbers.filter(good).to_list(), faults.values())
