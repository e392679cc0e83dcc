"""The latent story as one long frame: a row for each active company and quarter of the window."""

import numpy as np
import polars as pl

from seeds.calendar import quarter_end
from seeds.parameters import FACTORS
from seeds.process import factors, spending
from seeds.state import Status
from seeds.world import World


def active_quarters(world: World) -> pl.DataFrame:
    """Columns: company, quarter, as_of (its last day), the four factors, readiness, revenue (a year), headcount, cash,
    burn (a quarter, service included), rounds, limit, balance, left, arrears, sector, hardware; by company, quarter.
    """
    frames = []
    for quarter, state in world.snapshots.items():
        at = np.flatnonzero(state.status == Status.ACTIVE)
        levels = factors(state.odds[:, at])
        frames.append(pl.DataFrame({
            "company": at, "quarter": np.full(len(at), quarter), **dict(zip(FACTORS, levels, strict=True)),
            "readiness": state.readiness[at], "revenue": state.revenue[at], "headcount": state.headcount[at],
            "cash": np.maximum(state.cash[at], 0.0), "burn": spending(state)[at],
            "rounds": state.rounds[at], "limit": state.limit[at], "balance": state.balance[at],
            "left": state.left[at], "arrears": state.arrears[at],
        }).with_columns(pl.lit(quarter_end(quarter)).alias("as_of")))  # fmt: skip
    about = world.companies.select("company", "sector", "hardware")
    return pl.concat(frames).join(about, on="company", how="left", maintain_order="left").sort("company", "quarter")


def active_years(quarters: pl.DataFrame) -> pl.DataFrame:
    """A row for each company and year it was active to the end of: means of flows, levels at the end."""
    levels = ("readiness", "technology", "team", "model_fit", "cash", "balance", "headcount", "sector", "hardware")
    return (
        quarters.with_columns(pl.col("as_of").dt.year().alias("year"))
        .group_by("company", "year", maintain_order=True)
        .agg(
            pl.col("revenue").mean(),
            (pl.col("burn") * 4).mean(),
            *(pl.col(name).last() for name in levels),
            pl.col("as_of").last().alias("period_end"),
        )
        .filter(pl.col("period_end").dt.month() == 12)
    )
