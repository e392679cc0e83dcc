"""JSON Lines: one object per line."""

from collections.abc import Iterator

import orjson

from .batch import Batch, Fault, Options, Records
from .encoding import encoding_of, utf8
from .limits import MAX_LINE
from .nested import Guard, flatten
from .source import Source


def read_json_lines(source: Source, options: Options) -> Iterator[Batch]:
    """Yield the rows of a JSON Lines file.

    A line that is not one JSON object is a RowFault; blank lines are no rows. Raises UnreadableFile, HostileFile.
    """
    records = Records(source)
    with utf8(source, encoding_of(source, options.encoding)) as stream:
        while line := stream.readline(MAX_LINE + 1):
            if len(line) > MAX_LINE:
                raise source.hostile(
                    f"A line is longer than {MAX_LINE} bytes.", "Send one row per line.", row=records.row + 1
                )
            if not line.strip():
                continue
            try:
                records.add(flatten(_parse(source, line)))
                records.weigh(len(line))
            except Fault as fault:
                records.fault(fault)
            if records.full:
                yield records.take()
    yield from records.rest()


def _parse(source: Source, line: bytes) -> object:
    try:
        return orjson.loads(Guard(source).feed(line, final=True))
    except orjson.JSONDecodeError as error:
        raise Fault(
            "json.syntax",
            f"Write one JSON object on the line ({error.msg}, at column {error.pos + 1}).",
            value=line.decode("utf-8", "replace"),
        ) from None
