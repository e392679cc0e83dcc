"""Blocks of delimited text that any reader reads alike, read all at once."""

from collections.abc import Sequence

import polars as pl

from .encoding import MARK
from .limits import MAX_CELL

_NOT_PLAIN = ('"', "\r", "\0", MARK)


def plain_cells(text: str, columns: Sequence[str], delimiter: str) -> pl.DataFrame | None:
    """The cells of whole lines, a String column each; ``None`` if the text has to be read line by line.

    That is so where it holds a quote, bytes that are no text, a line of more or fewer cells than there are columns, or
    one that might be blank.
    """
    text = text.replace("\r\n", "\n")
    if len(columns) == 1 or len(text) > MAX_CELL or any(sign in text for sign in _NOT_PLAIN):
        return None
    if text.startswith("\ufeff") or text.count(delimiter) != (text.count("\n") + 1 - text.endswith("\n")) * (
        len(columns) - 1
    ):
        return None
    schema = dict.fromkeys(columns, pl.String)
    try:
        # A line with too few cells, which it would fill up, comes with one that has too many: that is refused.
        return pl.read_csv(text.encode(), has_header=False, schema=schema, separator=delimiter, quote_char=None)
    except pl.exceptions.PolarsError:
        return None
