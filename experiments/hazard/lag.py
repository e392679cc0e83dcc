"""How long after an outcome it is recorded, and from when on a record can be called complete.

Whoever looks at the data on a day sees a late record only if it had time to arrive: short lags are seen too often.
The share recorded within a lag is therefore estimated backwards in time, among outcomes that could have been seen.
Source: Lagakos, Barraj and De Gruttola (1988), "Nonparametric analysis of truncated survival data, with application to
AIDS", Biometrika 75. It takes the longest lag seen to be the longest there is; lags longer than the data reach cannot
be told, which is stated wherever it is used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

SETTLED = 0.95
"""Share of outcomes that must have been recorded for a month to be counted; the rest of it would look too safe."""


@dataclass(frozen=True, eq=False)
class RecordingLag:
    """Lags of recording, in days.

    Attributes:
        outcomes: how many it was told from; with none, everything counts as recorded at once.
        days: lags seen (k), rising.
        share: estimated share of all outcomes recorded within each (k); 1 for the longest.
    """

    outcomes: int
    days: NDArray[np.int64]
    share: NDArray[np.float64]

    def within(self, days: int) -> float:
        """Estimated share of outcomes that are recorded so many days after they came."""
        place = int(np.searchsorted(self.days, days, "right"))
        return float(self.share[place - 1]) if place else float(self.outcomes == 0)

    def settled(self, share: float = SETTLED) -> int:
        """Days after which at least that share is recorded."""
        return int(self.days[int(np.searchsorted(self.share, share))]) if self.outcomes else 0


def recording_lag(claims: pl.DataFrame, kinds: Sequence[str], cut: date) -> RecordingLag:
    """The lag of the first claim of each outcome, from what was known on a day.

    Args:
        claims: of ``credit_event``, with ``subject_id``, ``key``, ``kind``, ``event_at``, ``known_at``.
        kinds: of events that are the outcome.
        cut: the day; nothing that became known later is looked at.
    """
    seen = claims.filter(pl.col("kind").is_in(kinds), pl.col("known_at") <= cut)
    first = seen.group_by("subject_id", "key").agg(pl.col("known_at").min(), pl.col("event_at").min())
    lag = first.select((pl.col("known_at") - pl.col("event_at")).dt.total_days()).to_series().to_numpy()
    room = first.select((pl.lit(cut) - pl.col("event_at")).dt.total_days()).to_series().to_numpy()
    days, here = np.unique(lag, return_counts=True)
    # Could have been seen with this lag: not slower than it, and come early enough for it.
    could = np.array([((lag <= day) & (room >= day)).sum() for day in days], dtype=np.float64)
    kept = 1 - here / np.maximum(could, 1)
    later = np.append(np.cumprod(kept[::-1])[::-1][1:], 1.0) if len(days) else np.zeros(0)
    return RecordingLag(len(lag), days.astype(np.int64), later)
