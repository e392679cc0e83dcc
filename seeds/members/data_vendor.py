"""The market-data vendor: the mood of sectors, and rounds as the press tells them, late and roughly."""

from collections.abc import Iterator

import polars as pl

from alliance.contracts.contract import Role
from seeds.chance import source
from seeds.imperfections import Imperfections
from seeds.members.claims import noisy, reported
from seeds.members.sheet import Cell, Member, Record, Sheet, Submission
from seeds.traces import Traces
from seeds.world import World

VENDOR = Member("market-data", Role.DATA_VENDOR, 5, "MD")
PRESS_SHARE = 0.6  # rounds the press hears of
PRESS_DELAY = (5, 60)
MARKET_DELAY = (5, 15)
SECTORS = {
    "artificial_intelligence": "AI", "semiconductors": "Semis", "biomedicine": "Bio", "software": "Software",
    "advanced_manufacturing": "Robotics", "new_energy": "Energy", "new_materials": "Materials", "aerospace": "Space",
    "internet": "Internet", "consumer": "Consumer", "finance": "Fintech", "other": "Other",
}  # fmt: skip

MARKET = Sheet(
    name="market", format="parquet", reported="released_on",
    records=(Record(signal="market_signal", cells=(
        Cell(field="sector", column="sector", words=SECTORS), Cell(field="observed_on", column="quarter_end"),
        Cell(field="deals", column="deals"), Cell(field="capital", column="capital_cny_m", scale=1e6),
        Cell(field="sentiment", column="sentiment"),
    )),),
)  # fmt: skip
PRESS = Sheet(
    name="deals", format="csv", reported="first_seen", code="uscc", client="md_id", company_name="company",
    missing="undisclosed",
    records=(
        Record(signal="funding_round", cells=(
            Cell(field="stage", column="round"), Cell(field="announced_on", column="date"),
            Cell(field="amount", column="amount_cny_m", scale=1e6), Cell(field="lead_investor", column="lead"),
        )),
        Record(signal="investor_profile", cells=(
            Cell(field="investor", column="lead", source="lead_investor"),
            Cell(field="observed_on", column="date", source="announced_on"),
            Cell(field="reputation", column="lead_rank_pct", scale=0.01), Cell(field="exits", column="lead_exits"),
        )),
    ),
)  # fmt: skip


def submissions(world: World, traces: Traces, faults: Imperfections) -> Iterator[Submission]:
    draw = source(world.seed, "market data")
    yield Submission(VENDOR, MARKET, reported(traces.market_signal, "observed_on", draw, *MARKET_DELAY))
    heard = traces.funding_round.filter(pl.Series(draw.random(len(traces.funding_round)) < PRESS_SHARE))
    leads = world.investors.select(pl.col("investor").alias("lead"), "reputation", "exits")
    heard = noisy(heard.join(leads, on="lead", how="left", maintain_order="left"), ("amount",), VENDOR, faults, draw)
    yield Submission(VENDOR, PRESS, reported(heard, "announced_on", draw, *PRESS_DELAY))
