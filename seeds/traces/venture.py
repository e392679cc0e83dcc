"""Rounds, what leads to them or away from them, cash, and the market of each sector."""

import numpy as np
import polars as pl

from alliance.signals import SECTORS
from seeds.calendar import quarter_end
from seeds.chance import source
from seeds.traces.days import after, within
from seeds.world import World

DILIGENCE = 0.7  # chance that a term sheet is followed by a due diligence one hears of
LEAD_CHANGE = 0.02  # chance a quarter at network 0


def funding_rounds(world: World) -> pl.DataFrame:
    """One row a round: lead by name, number of investors, and ``members``, the list of investor numbers."""
    names = world.investors.select(pl.col("investor").alias("lead"), pl.col("investor_name").alias("lead_investor"))
    return world.rounds.join(names, on="lead", how="left", maintain_order="left").select(
        "round", "company", "quarter", "stage", "announced_on", "amount", "post_money", "lead_investor", "lead",
        pl.col("investors").list.len().cast(pl.Int64).alias("investors"), pl.col("investors").alias("members"),
    )  # fmt: skip


def financing_events(world: World, quarters: pl.DataFrame) -> pl.DataFrame:
    """Term sheets, due diligence, withdrawals, bridges, down rounds, changes of lead; by company, kind and day."""
    draw = source(world.seed, "financing")
    kinds = ["term_sheet", "withdrawn", "bridge", "down_round"]
    told = world.events.filter(pl.col("kind").is_in(kinds)).select("company", "kind", "happened_on")
    sheets = told.filter(pl.col("kind") == "term_sheet")
    sheets = sheets.filter(pl.Series(draw.random(len(sheets)) < DILIGENCE))
    diligence = sheets.with_columns(
        pl.lit("due_diligence").alias("kind"), after(sheets["happened_on"], draw, 10, 35).alias("happened_on")
    )
    chance = LEAD_CHANGE * (1.0 - quarters["network"].to_numpy()) * (quarters["rounds"].to_numpy() > 1)
    changed = quarters.filter(pl.Series(draw.random(len(quarters)) < chance)).select("company", "quarter")
    change = changed.select(
        "company", pl.lit("lead_change").alias("kind"), within(changed["quarter"], draw).alias("happened_on")
    )
    return pl.concat([told, diligence, change]).filter(pl.col("happened_on") <= world.horizon)


def cash_positions(quarters: pl.DataFrame) -> pl.DataFrame:
    """Cash at the end of a quarter and net burn a month, debt service included."""
    return quarters.select(
        "company", "quarter", pl.col("as_of").alias("observed_on"), pl.col("cash").round().cast(pl.Int64),
        (pl.col("burn") / 3.0).round().cast(pl.Int64).alias("monthly_burn"),
    )  # fmt: skip


def market_signals(world: World) -> pl.DataFrame:
    """A row for each sector and quarter of the window: the deals there were, and a noisy view of the climate."""
    draw = source(world.seed, "market")
    counted = (
        world.rounds.join(world.companies.select("company", "sector"), on="company", how="left", maintain_order="left")
        .group_by("sector", "quarter", maintain_order=True)
        .agg(pl.len().cast(pl.Int64).alias("deals"), pl.col("amount").sum().alias("capital"))
    )
    frames = []
    for quarter in world.snapshots:
        mood = np.tanh(1.5 * np.log(world.climates[quarter]) + 0.1 * draw.standard_normal(len(SECTORS)))
        rows = pl.DataFrame({"sector": SECTORS, "sentiment": mood.round(3)})
        frames.append(rows.with_columns(pl.lit(quarter).cast(pl.Int64).alias("quarter"),
                                        pl.lit(quarter_end(quarter)).alias("observed_on")))  # fmt: skip
    return (
        pl.concat(frames)
        .join(counted, on=["sector", "quarter"], how="left", maintain_order="left")
        .with_columns(pl.col("deals", "capital").fill_null(0))
    )
