"""Bytes -> rows. Every format gives the same: batches of numbered rows of text, and the rows that could not be read.

Rows in frames plus rows in faults are all the rows of the file. An error may come after some batches were given:
whoever stores rows must store all of a file or nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path

from .batch import ROW, Batch, Options, RowFault
from .continued import continued
from .delimited import read_delimited
from .json_array import read_json
from .json_lines import read_json_lines
from .source import Source
from .xml_rows import read_xml

__all__ = ["READERS", "ROW", "Batch", "Options", "Reader", "RowFault", "Source", "read"]

Reader = Callable[[Source, Options], Iterator[Batch]]


def _on_demand(module: str, function: str) -> Reader:
    """A reader whose library is imported when a file first wants it: a service that only scores never does."""

    def reader(source: Source, options: Options) -> Iterator[Batch]:
        found: Reader = getattr(import_module(f".{module}", __name__), function)
        return found(source, options)

    return reader


READERS: Mapping[str, Reader] = {
    "csv": read_delimited,
    "tsv": read_delimited,
    "txt": read_delimited,
    "json": read_json,
    "jsonl": read_json_lines,
    "ndjson": read_json_lines,
    "parquet": _on_demand("parquet", "read_parquet"),
    "xlsx": _on_demand("excel", "read_excel"),
    "xml": read_xml,
}
"""Extension, without its dot, -> reader."""

_AS_FILE = Options()


def read(path: Path, options: Options = _AS_FILE) -> Iterator[Batch]:
    """Yield the rows of a file, in order, in batches of bounded size; at least one batch, empty if there are no rows.

    Raises UnreadableFile if the file as a whole cannot be read, HostileFile if it is built to cost memory or time.
    """
    source = Source(path)
    batches = _reader(source, options)(source, options)
    yield from continued(batches, options.continued, source) if options.continued else batches


def _reader(source: Source, options: Options) -> Reader:
    names = source.name.lower().removesuffix(".gz")
    format_ = options.format or names.rpartition(".")[2]
    if format_ not in READERS:
        raise source.unreadable(
            f"The format {format_!r} is not one that can be read.", f"Send one of {', '.join(READERS)}."
        )
    return READERS[format_]
