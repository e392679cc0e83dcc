"""Patents, copyrights, research, certificates, milestones, data assets: what technology and readiness leave behind."""

from datetime import date

import numpy as np
import polars as pl

from seeds.chance import source
from seeds.traces.days import after, repeated, within
from seeds.world import World

PATENT_RATE = 0.62  # applications a quarter at technology 1 and 30 staff
COPYRIGHT_RATE = {True: 0.06, False: 0.30}  # a quarter at technology 1, by whether the sector is hardware
GRANT_CHANCE = (0.35, 0.5)  # at technology 0, and what technology 1 adds
GRANT_DAYS = (420, 1000)
PATENT_KINDS = {"invention": 0.62, "utility_model": 0.30, "design": 0.08}
IPC = {
    "artificial_intelligence": "G06N 3/08", "semiconductors": "H01L 21/02", "biomedicine": "A61K 31/00",
    "advanced_manufacturing": "B25J 9/16", "new_energy": "H01M 10/05", "new_materials": "C08L 23/00",
    "software": "G06F 8/30", "internet": "H04L 67/10", "aerospace": "B64G 1/10", "consumer": "A23L 33/10",
    "finance": "G06Q 40/03", "other": "G01N 33/00",
}  # fmt: skip
RESEARCH_SHARE = (0.25, 0.5)  # share of spending, at technology 0, and what technology 1 adds
MILESTONES = (("prototype", 0.15, 4), ("pilot", 0.30, 6), ("launch", 0.45, 8), ("mass_production", 0.75, 9))
CERTIFICATES = {  # scheme: technology needed, headcount needed, chance a quarter, years valid
    "high_tech_enterprise": (0.45, 10, 0.06, 3),
    "specialised_sme": (0.55, 15, 0.03, 3),
    "little_giant": (0.70, 40, 0.02, 3),
    "iso_9001": (0.0, 15, 0.025, 3),
    "iso_27001": (0.0, 20, 0.012, 3),
}
ASSETS_FROM = date(2024, 1, 1)
"""Data assets are booked from this day on (interim provisions of the Ministry of Finance, prospective only)."""


def patents(world: World, quarters: pl.DataFrame) -> pl.DataFrame:
    """A row at filing (``pending``) and one at the decision; ``decided_on`` is the day of the row's knowledge."""
    draw = source(world.seed, "patents")
    rate = PATENT_RATE * quarters["technology"] ** 1.5 * (quarters["headcount"] / 30.0) ** 0.3
    filed = repeated(quarters.select("company", "quarter", "technology", "sector"), rate.to_numpy(), draw)
    n = len(filed)
    kinds = draw.choice(list(PATENT_KINDS), n, p=list(PATENT_KINDS.values()))
    filed = filed.with_columns(within(filed["quarter"], draw).alias("filed_on"), pl.Series("kind", kinds.tolist()))
    granted = draw.random(n) < GRANT_CHANCE[0] + GRANT_CHANCE[1] * filed["technology"].to_numpy()
    numbers = pl.format("CN{}{}", pl.col("filed_on").dt.year(), pl.Series(draw.permutation(n) + 10_000_000))
    pending = filed.with_columns(
        numbers.alias("application_no"), pl.col("sector").replace_strict(IPC).alias("ipc"),
        pl.lit("pending").alias("status"), pl.lit(0).cast(pl.Int64).alias("citations"),
        pl.lit(None, pl.Date).alias("granted_on"), pl.col("filed_on").alias("decided_on"),
    )  # fmt: skip
    decided = after(filed["filed_on"], draw, *GRANT_DAYS)
    citations = draw.poisson(3.0 * filed["technology"].to_numpy() ** 2)
    verdict = pending.with_columns(
        pl.Series("status", np.where(granted, "granted", "refused").tolist()), decided.alias("decided_on"),
        pl.Series("citations", citations), pl.when(pl.Series(granted)).then(decided).alias("granted_on"),
    )  # fmt: skip
    return pl.concat([pending, verdict.filter(pl.col("decided_on") <= world.horizon)])


def software_copyrights(world: World, quarters: pl.DataFrame) -> pl.DataFrame:
    draw = source(world.seed, "copyrights")
    base = quarters["hardware"].replace_strict(COPYRIGHT_RATE, return_dtype=pl.Float64)
    rows = repeated(quarters.select("company", "quarter"), (base * quarters["technology"]).to_numpy(), draw)
    days = within(rows["quarter"], draw).alias("registered_on")
    numbers = pl.Series(draw.permutation(len(rows)) + 1_000_000)
    return rows.with_columns(days).with_columns(
        pl.format("{}SR{}", pl.col("registered_on").dt.year(), numbers).alias("registration_no")
    )


def research(world: World, years: pl.DataFrame) -> pl.DataFrame:
    """Research of a year: a share of the spending that rises with technology."""
    draw = source(world.seed, "research")
    n = len(years)
    technology, headcount = years["technology"].to_numpy(), years["headcount"].to_numpy()
    share = (RESEARCH_SHARE[0] + RESEARCH_SHARE[1] * technology) * np.exp(0.2 * draw.standard_normal(n))
    contracts = draw.poisson(0.6 * technology) * np.exp(draw.normal(13.0, 0.6, n))
    return years.select("company", "period_end").with_columns(
        pl.Series("rd_expense", headcount * 3.6e5 * np.minimum(share, 0.9)).round().cast(pl.Int64),
        pl.Series("rd_staff", np.floor(headcount * np.clip(share + 0.1, 0, 0.9)).astype(np.int64)),
        pl.Series("projects", draw.poisson(1.0 + 4.0 * technology)),
        pl.Series("technology_contracts", contracts).round().cast(pl.Int64),
    )


def certifications(world: World, quarters: pl.DataFrame) -> pl.DataFrame:
    """The first time the conditions of a scheme are met and luck has it."""
    draw = source(world.seed, "certificates")
    issued = []
    for scheme, (technology, staff, chance, years) in CERTIFICATES.items():
        met = (quarters["technology"] >= technology) & (quarters["headcount"] >= staff)
        lucky = quarters.filter(met & pl.Series(draw.random(len(quarters)) < chance))
        first = lucky.unique("company", keep="first", maintain_order=True).select("company", "quarter")
        numbers = pl.Series(draw.permutation(len(first)) + 100_000)
        issued.append(
            first.with_columns(within(first["quarter"], draw).alias("issued_on")).with_columns(
                pl.lit(scheme).alias("scheme"),
                pl.format("{}-{}", pl.lit(scheme[:2].upper()), numbers).alias("certificate_no"),
                pl.col("issued_on").dt.offset_by(f"{years}y").alias("expires_on"),
            )
        )
    return pl.concat(issued)


def milestones(world: World, quarters: pl.DataFrame) -> pl.DataFrame:
    """The quarter in which readiness first passes a threshold, and the first revenue."""
    draw = source(world.seed, "milestones")
    first_seen = quarters["quarter"].min()
    reached = [(name, pl.col("readiness") >= level, trl) for name, level, trl in MILESTONES]
    reached.append(("first_revenue", pl.col("revenue") > 0, 8))
    frames = []
    for name, condition, trl in reached:
        first = quarters.filter(condition).unique("company", keep="first", maintain_order=True)
        first = first.filter(pl.col("quarter") > first_seen).select("company", "quarter")
        frames.append(first.with_columns(pl.lit(name).alias("milestone"), pl.lit(trl).cast(pl.Int64).alias("trl"),
                                         within(first["quarter"], draw).alias("reached_on")))  # fmt: skip
    return pl.concat(frames)


def data_assets(world: World, quarters: pl.DataFrame) -> pl.DataFrame:
    """Booked data sets, a few, of firms whose product is software."""
    draw = source(world.seed, "data assets")
    late = quarters.filter((pl.col("as_of") >= ASSETS_FROM) & ~pl.col("hardware") & (pl.col("readiness") > 0.5))
    rows = late.filter(pl.Series(draw.random(len(late)) < 0.08)).select("company", "quarter")
    n = len(rows)
    return rows.with_columns(
        within(rows["quarter"], draw).alias("registered_on"),
        pl.format("DA{}", pl.Series(draw.permutation(n) + 10_000)).alias("asset_no"),
        pl.Series("cost", np.exp(draw.normal(13.5, 0.8, n))).round().cast(pl.Int64),
        pl.Series("treatment", draw.choice(["recognised", "disclosed"], n, p=[0.3, 0.7]).tolist(), dtype=pl.String),
        pl.Series("right", draw.choice(["hold", "process", "operate"], n, p=[0.5, 0.3, 0.2]).tolist(), dtype=pl.String),
    )
