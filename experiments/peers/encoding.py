"""Categories for learners that take numbers, and for those that take categories; learnt from what is taught alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import polars as pl

from experiments.datasets.dataset import Column
from experiments.peers.peer import Lesson

MOST_FLAGS = 60
"""Values of a category that have a flag of their own; the rarer ones share none."""


@dataclass(frozen=True, eq=False)
class Levels:
    """The values each category had in what was taught, the commonest first; any other value is unknown.

    Attributes:
        columns: all columns, numbers among them.
        values: by category.
    """

    columns: tuple[Column, ...]
    values: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, lesson: Lesson, columns: Sequence[Column] | None = None) -> "Levels":
        """Of some columns; by default of those of which anything is known."""
        kept = lesson.known if columns is None else tuple(columns)
        words = [column.name for column in kept if lesson.taught.schema[column.name] == pl.String]
        return cls(kept, {name: _commonest(lesson.taught[name]) for name in words})

    @property
    def flags(self) -> tuple[Column, ...]:
        """The columns ``flagged`` makes: numbers as they are, a category as one flag a value."""
        return tuple(flag for column in self.columns for flag in self._flags(column))

    def _flags(self, column: Column) -> Sequence[Column]:
        if column.name not in self.values:
            return (column,)
        return [Column(f"{column.name}_{place}", f"{column.en}: {value}", pillar=column.pillar)
                for place, value in enumerate(self.values[column.name])]  # fmt: skip

    def flagged(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows with every category as flags, besides all their other columns."""
        return rows.with_columns(
            (pl.col(name) == value).fill_null(False).cast(pl.Float64).alias(f"{name}_{place}")
            for name, values in self.values.items()
            for place, value in enumerate(values)
        )

    def categorical(self, rows: pl.DataFrame) -> pd.DataFrame:
        """The columns for pandas: numbers as floats, categories of pandas' own kind, NaN for unknown."""
        made: dict[str, object] = {}
        for column in self.columns:
            if column.name in self.values:
                values = self.values[column.name]
                known = rows.select(pl.when(pl.col(column.name).is_in(values)).then(pl.col(column.name)))
                made[column.name] = pd.Categorical(known.to_series().to_list(), categories=list(values))
            else:
                made[column.name] = rows[column.name].to_numpy()
        return pd.DataFrame(made)


def _commonest(values: pl.Series) -> tuple[str, ...]:
    counts = values.drop_nulls().value_counts().sort("count", values.name, descending=[True, False])
    return tuple(counts[values.name].head(MOST_FLAGS).to_list())
