"""Emissions and machines of companies with plants."""

import numpy as np
import polars as pl

from seeds.chance import source
from seeds.world import World


def emissions(world: World, years: pl.DataFrame) -> pl.DataFrame:
    """Power used in a year, and the carbon dioxide at 0.57 t a MWh."""
    draw = source(world.seed, "emissions")
    plants = years.filter(pl.col("hardware"))
    energy = plants["headcount"].to_numpy() * 9_000.0 * np.exp(0.4 * draw.standard_normal(len(plants)))
    return plants.select("company", "period_end").with_columns(
        pl.Series("energy", energy.round(1)), pl.Series("co2", (energy * 0.57e-3).round(2))
    )


def telemetry(world: World, quarters: pl.DataFrame) -> pl.DataFrame:
    """Machines in the last month of a quarter: how busy they are follows readiness times model fit."""
    draw = source(world.seed, "telemetry")
    rows = quarters.filter(pl.col("hardware") & (pl.col("readiness") > 0.4))
    n = len(rows)
    busy = 0.15 + 0.75 * (rows["readiness"] * rows["model_fit"]).to_numpy() + 0.07 * draw.standard_normal(n)
    return rows.select("company", "quarter", pl.col("as_of").alias("observed_on")).with_columns(
        pl.format("厂区{}", pl.col("company") % 2 + 1).alias("site"),
        pl.Series("utilisation", np.clip(busy, 0.0, 1.0).round(4)),
        pl.Series("uptime", np.clip(1.0 - draw.gamma(1.5, 0.03, n), 0.0, 1.0).round(4)),
        pl.Series("devices", draw.poisson(2.0 + rows["headcount"].to_numpy() / 4.0)),
    )
