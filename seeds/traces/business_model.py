"""How a company earns, and the contracts it wins."""

import numpy as np
import polars as pl

from seeds.chance import source
from seeds.parameters import MARGIN
from seeds.traces.days import repeated, within
from seeds.world import World

MODELS = ("subscription", "licence", "hardware", "service", "platform", "project")
CONTRACT_RATE = 0.55  # contracts a quarter at model fit = readiness = 1
CUSTOMERS = ("leading_firm", "public_body", "sme", "foreign", "other")


def revenue_models(world: World, quarters: pl.DataFrame) -> pl.DataFrame:
    """The revenue model at the end of a quarter, of companies that sell."""
    draw = source(world.seed, "revenue models")
    model = np.array(MODELS)[draw.integers(0, len(MODELS), len(world.companies))]
    selling = quarters.filter(pl.col("revenue") > 0)
    n, fit, readiness = len(selling), selling["model_fit"].to_numpy(), selling["readiness"].to_numpy()
    recurring = 0.05 + 0.8 * fit + 0.08 * draw.standard_normal(n)
    top = 0.75 - 0.6 * fit * readiness + 0.08 * draw.standard_normal(n)
    margin = MARGIN[0] + MARGIN[1] * fit + 0.05 * draw.standard_normal(n)
    return selling.select("company", "quarter", pl.col("as_of").alias("observed_on")).with_columns(
        pl.Series("model", model[selling["company"].to_numpy()].tolist(), dtype=pl.String),
        pl.Series("recurring_share", np.clip(recurring, 0.0, 1.0).round(4)),
        pl.Series("gross_margin", np.clip(margin, -1.0, 1.0).round(4)),
        pl.Series("top_customer_share", np.clip(top, 0.02, 1.0).round(4)),
    )


def customer_contracts(world: World, quarters: pl.DataFrame) -> pl.DataFrame:
    """Contracts signed: as many as model fit times readiness allows; better fit wins leading firms."""
    draw = source(world.seed, "contracts")
    selling = quarters.filter(pl.col("revenue") > 0).select("company", "quarter", "model_fit", "readiness", "revenue")
    rate = (CONTRACT_RATE * selling["model_fit"] * selling["readiness"]).to_numpy()
    rows = repeated(selling, rate, draw)
    n = len(rows)
    rank = np.clip(2.4 * (1.0 - rows["model_fit"].to_numpy()) + 0.9 * draw.standard_normal(n), 0, 4).astype(np.int64)
    value = rows["revenue"].to_numpy() * np.exp(draw.normal(-2.2, 0.7, n))
    return rows.select("company", "quarter").with_columns(
        pl.format("HT{}", pl.Series(draw.permutation(n) + 1_000_000)).alias("contract_no"),
        within(rows["quarter"], draw).alias("signed_on"),
        pl.Series("value", value).round().cast(pl.Int64),
        pl.Series("months", draw.choice([6, 12, 24, 36], n, p=[0.2, 0.5, 0.2, 0.1])),
        pl.Series("customer", [CUSTOMERS[i] for i in rank.tolist()], dtype=pl.String),
    )
