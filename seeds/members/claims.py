"""From what is true to what a member has seen: whom it covers, with what delay, and how exactly."""

import numpy as np
import polars as pl

from seeds.imperfections import Imperfections
from seeds.members.identity import dice
from seeds.members.sheet import Member
from seeds.traces.days import after


def covered(rows: pl.DataFrame, member: Member, share: float) -> pl.DataFrame:
    """The rows of the companies a member covers: a share of all, always the same ones."""
    return rows.filter(dice(member, 3) < share)


def reported(rows: pl.DataFrame, event: str, draw: np.random.Generator, soonest: int, latest: int) -> pl.DataFrame:
    """Rows with ``reported_on``, so many days after the event."""
    return rows.with_columns(after(rows[event], draw, soonest, latest).alias("reported_on"))


def noisy(
    rows: pl.DataFrame, columns: tuple[str, ...], member: Member, faults: Imperfections, draw: np.random.Generator
) -> pl.DataFrame:
    """Whole amounts or counts with the noise of the member's kind."""
    spread = faults.noise.get(member.role, 0.0)
    factors = {name: np.exp(spread * draw.standard_normal(len(rows))) for name in columns}
    return rows.with_columns(
        (pl.col(name) * pl.Series(factor)).round().cast(pl.Int64) for name, factor in factors.items()
    )
