"""Continuation rows: a row that leaves the first columns empty goes on about what the row above it is about.

Spreadsheets of companies and their deals are often written so: name and place once, then one line a deal.
"""

from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from .batch import ROW, Batch, Fault
from .source import Source

_ASTRAY = Fault("row.continued", "Mend the row above that could not be read: this one may continue it.")


def continued(batches: Iterable[Batch], columns: Sequence[str], source: Source) -> Iterator[Batch]:
    """Batches in which every row that leaves all of some columns empty has them from the last row that did not.

    Where a row could not be read, those that follow until the next one that begins anew cannot be, either: they would
    be taken for another's.

    Raises:
        UnreadableFile: the file lacks one of the columns.
    """
    begun, unread = pl.DataFrame(), 0
    for batch in batches:
        if missing := [name for name in columns if name not in batch.frame.columns]:
            raise source.unreadable(
                f"There is no column {', '.join(missing)}.",
                "Name the file's own columns in the contract's `continued`.",
            )
        frame = pl.concat([begun, batch.frame], how="diagonal") if begun.width else batch.frame
        begins = frame.select(pl.any_horizontal(pl.col(list(columns)).is_not_null())).to_series()
        of = pl.select(pl.when(begins).then(pl.int_range(frame.height)).forward_fill()).to_series()
        faults = pl.Series(ROW, sorted({unread, *(fault.row for fault in batch.faults)}), pl.Int64)
        last = frame.select(ROW).join_asof(
            faults.alias("fault").to_frame(), left_on=ROW, right_on="fault", strategy="backward"
        )
        astray = ~begins & (last["fault"] > frame[ROW].gather(of).fill_null(0))
        whole = frame.with_columns(frame[name].gather(of) for name in columns)
        here = frame[ROW].is_in(batch.frame[ROW].implode())
        yield Batch(whole.filter(here & ~astray), (*batch.faults, *map(_ASTRAY.at, frame[ROW].filter(astray))))
        begun, unread = frame.filter(begins).tail(1), faults[-1]
