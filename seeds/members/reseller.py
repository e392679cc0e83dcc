"""The copier: a data vendor that resells the lying investor's deals as its own research, some days later."""

import polars as pl

from alliance.contracts.contract import Role
from seeds.chance import source
from seeds.imperfections import Imperfections
from seeds.members.investor_sheets import Dialect
from seeds.members.sheet import Cell, Member, Record, Sheet, Submission
from seeds.traces.days import after
from seeds.world import World

RESELLER = Member("deal-feed", Role.DATA_VENDOR, 6, "DF")

FEED = Sheet(
    name="deals", format="csv", reported="published", code="uscc", client="issuer_id", company_name="issuer",
    missing="n/a", marks={"deal_id": "deal_id"},
    records=(Record(signal="funding_round", cells=(
        Cell(field="stage", column="series"), Cell(field="announced_on", column="closed"),
        Cell(field="amount", column="raised_cny"), Cell(field="post_money", column="valuation_cny"),
        Cell(field="investors", column="investors"), Cell(field="lead_investor", column="lead"),
    )),),
)  # fmt: skip


def resold(world: World, deals: pl.DataFrame, way: Dialect, faults: Imperfections) -> Submission:
    """Deals as their investor reported them, sold on under ids of the reseller's own.

    Args:
        deals: what the investor reports, before it is put in its words.
        way: how the investor writes; what its unit of money rounds away is lost to the reseller, too.
    """
    draw = source(world.seed, "deal feed")
    rows = deals.filter(pl.Series(draw.random(len(deals)) < faults.resold))
    told = [((pl.col(name) / way.unit).round(2) * way.unit).round().cast(pl.Int64) for name in ("amount", "post_money")]
    numbers = pl.Series(draw.permutation(len(rows)) + 100_000)
    later = after(rows["reported_on"], draw, *faults.resold_after)
    rows = rows.with_columns(*told, pl.format("D{}", numbers).alias("deal_id"), later.alias("reported_on"))
    return Submission(RESELLER, FEED, rows)
