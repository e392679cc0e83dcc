"""What the gate of fairness is handed: how a model treats groups of companies, found by whoever looks at that."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from experiments.metrics import Estimate
from scoring.score import ScoreTable


@dataclass(frozen=True, kw_only=True)
class Gap:
    """How far a group is from all others, by one measure.

    Attributes:
        group: the group, such as ``region: 西部``.
        measure: what differs, such as ``observed less foretold``.
        gap: the difference, with its interval; ``None`` where the group has too few rows to tell.
        allowed: how large it may be, either way, by policy.
    """

    group: str
    measure: str
    gap: Estimate | None
    allowed: float


class Fairness(Protocol):
    """Looks at groups of companies."""

    def gaps(self, rows: pl.DataFrame, scored: ScoreTable) -> Sequence[Gap]:
        """The gaps of all groups among labelled rows of a panel (n), which a model scored (n)."""
        ...
