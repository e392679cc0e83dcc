"""What a peer is: a way to learn PDs that an analyst or a data scientist might use instead."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import polars as pl

from experiments.datasets.dataset import Column
from experiments.metrics import Floats
from experiments.splits import Split

INSTALL = "pip install 'alliance-credit[evidence]'"
"""How to get what some peers need."""

Model = Callable[[pl.DataFrame], Floats]
"""Rows with the columns (n) -> PD, each in [0, 1] (n)."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """All a peer is told. The test rows are not among it, so no peer can look at them.

    Attributes:
        columns: what it may use.
        fit, stop, taught: as in ``splits.Split``.
        seed: of every random choice.
    """

    columns: tuple[Column, ...]
    fit: pl.DataFrame
    stop: pl.DataFrame
    taught: pl.DataFrame
    seed: int = 0

    @classmethod
    def of(cls, split: Split, columns: Sequence[Column], seed: int = 0) -> "Lesson":
        """What a split teaches."""
        return cls(tuple(columns), split.fit, split.stop, split.taught, seed)

    @property
    def known(self) -> tuple[Column, ...]:
        """Those of the columns of which anything is known in what is taught."""
        rows = self.taught
        return tuple(column for column in self.columns if rows[column.name].null_count() < rows.height)

    @property
    def names(self) -> list[str]:
        """Names of the known columns, in order."""
        return [column.name for column in self.known]


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One way to learn.

    Attributes:
        name: what tables call it.
        how: its settings, in a sentence.
        fit: learns from a lesson.
        needs: the module it cannot do without; empty if always there.
        unfit: why it cannot be used with some columns; empty if it can.
    """

    name: str
    how: str
    fit: Callable[[Lesson], Model]
    needs: str = ""
    unfit: Callable[[Sequence[Column]], str] = lambda _: ""

    def missing(self) -> str:
        """How to install what it needs, if that is not there; else empty."""
        if not self.needs or find_spec(self.needs):
            return ""
        return f"{self.needs} is not installed: {INSTALL}"
