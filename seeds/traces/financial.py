"""Yearly statements: thin, late, and of limited use for young firms."""

import numpy as np
import polars as pl

from seeds.chance import source
from seeds.parameters import MARGIN
from seeds.world import World

CAPITALISED = 2.0e5  # equipment and capitalised research a head, log-sd 0.8: what makes young accounts hard to read
PAYABLE = 5.0e4  # payables a head, log-sd 0.5


def statements(world: World, years: pl.DataFrame) -> pl.DataFrame:
    """Accounts of each year a company lived to the end of."""
    draw = source(world.seed, "statements")
    n = len(years)
    revenue, burn = years["revenue"].to_numpy(), years["burn"].to_numpy()
    cash, balance = years["cash"].to_numpy(), years["balance"].to_numpy()
    gross = revenue * (MARGIN[0] + MARGIN[1] * years["model_fit"].to_numpy()) * np.exp(0.05 * draw.standard_normal(n))
    capitalised = CAPITALISED * years["headcount"].to_numpy() * np.exp(0.8 * draw.standard_normal(n))
    assets = cash + 0.25 * revenue + capitalised
    payables = PAYABLE * years["headcount"].to_numpy() * np.exp(0.5 * draw.standard_normal(n))
    liabilities = balance + 0.12 * revenue + payables
    values = {
        "revenue": revenue, "gross_profit": gross, "net_profit": -burn * np.exp(0.35 * draw.standard_normal(n)),
        "operating_cash_flow": -burn * np.exp(0.35 * draw.standard_normal(n)), "total_assets": assets,
        "total_liabilities": liabilities,
    }  # fmt: skip
    whole = [pl.Series(name, value.round()).cast(pl.Int64) for name, value in values.items()]
    return (
        years.select("company", "period_end")
        .with_columns(whole)
        .with_columns((pl.col("total_assets") - pl.col("total_liabilities")).alias("equity"))
    )
