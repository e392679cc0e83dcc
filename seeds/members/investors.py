"""About two hundred venture investors: each reports on the companies it holds, one of them not truthfully.

What that one says of its deals goes on to a reseller (``seeds.members.reseller``).
"""

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

from alliance.contracts.contract import Role
from seeds.chance import source
from seeds.imperfections import Imperfections
from seeds.members import investor_sheets as sheets
from seeds.members.claims import noisy, reported
from seeds.members.reseller import resold
from seeds.members.sheet import Member, Sheet, Submission
from seeds.traces import Traces
from seeds.world import World

DEAL_DELAY = (3, 30)
PROCESS_DELAY = (2, 20)
PORTFOLIO_DELAY = (10, 40)
PEOPLE_DELAY = (5, 40)
OPERATIONS_DELAY = (5, 40)
SECOND_TELLS = 0.2  # chance that a second investor, too, tells of a financing event
USD_SHARE = 0.5  # rows in dollars among investors that write the currency
RANK_NOISE = 0.04  # how exactly an investor knows its own standing

Draw = np.random.Generator


def submissions(world: World, traces: Traces, faults: Imperfections) -> Iterator[Submission]:
    draw = source(world.seed, "investor reports")
    kinds: tuple[tuple[Callable[[sheets.Dialect], Sheet], pl.DataFrame], ...] = (
        (sheets.deals, _deals(world, traces, draw)),
        (sheets.process, _process(traces, draw)),
        (sheets.portfolio, _portfolio(traces, draw)),
        (sheets.people, _people(traces, draw)),
        (sheets.operations, _operations(traces, draw)),
    )
    parts = [(make, rows.partition_by("by", as_dict=True, maintain_order=True)) for make, rows in kinds]
    for number, member_id in world.investors.select("investor", "member").rows():
        member = Member(member_id, Role.INVESTOR, 1000 + number, f"P{number:03d}")
        way = sheets.DIALECTS[number % len(sheets.DIALECTS)]
        for make, of_investor in parts:
            if (number,) in of_investor:
                sheet, rows = make(way), of_investor[(number,)]
                money = tuple(c.true for c in sheet.cells if c.true in ("amount", "post_money", "cash", "monthly_burn"))
                rows = noisy(rows, money, member, faults, draw)
                if number == world.liar:
                    rows = bent(rows, faults)
                yield Submission(member, sheet, _in_currency(rows, way, draw))
                if number == world.liar and make is sheets.deals:
                    yield resold(world, rows, way, faults)


def bent(rows: pl.DataFrame, faults: Imperfections) -> pl.DataFrame:
    """What the liar makes of its rows: larger rounds, more cash, less burn, more recurring revenue."""
    raised = [name for name in ("amount", "post_money", "cash") if name in rows.columns]
    changes = [(pl.col(name) * faults.inflation).round().cast(pl.Int64).alias(name) for name in raised]
    if "monthly_burn" in rows.columns:
        changes.append((pl.col("monthly_burn") / faults.inflation).round().cast(pl.Int64))
        changes.append((pl.col("recurring_share") + faults.recurring_lift).clip(0.0, 1.0))
    return rows.with_columns(changes)


def _in_currency(rows: pl.DataFrame, way: sheets.Dialect, draw: Draw) -> pl.DataFrame:
    """The currency of each row, and yuan per unit of it."""
    if not way.currency:
        return rows
    dollars = pl.Series(draw.random(len(rows)) < USD_SHARE)
    return rows.with_columns(
        pl.when(dollars).then(pl.lit("USD")).otherwise(pl.lit("CNY")).alias("currency"),
        pl.when(dollars).then(sheets.USD_RATE).otherwise(1.0).alias("currency_rate"),
    )


def _deals(world: World, traces: Traces, draw: Draw) -> pl.DataFrame:
    """Each round, from each investor in it."""
    rows = traces.funding_round.with_columns(pl.col("members").alias("by")).explode("by")
    own = world.investors.select(
        pl.col("investor").alias("by"), "investor_name", "reputation", "exits", "fund_age", "dry_powder"
    )
    rows = rows.join(own, on="by", how="left", maintain_order="left")
    rank = np.clip(rows["reputation"].to_numpy() + RANK_NOISE * draw.standard_normal(len(rows)), 0.0, 1.0).round(3)
    rows = rows.with_columns(pl.Series("reputation", rank), (pl.col("by") == pl.col("lead")).alias("board_seat"))
    return reported(rows, "announced_on", draw, *DEAL_DELAY)


def _held(rows: pl.DataFrame, traces: Traces, day: str) -> pl.DataFrame:
    """Rows from the first round on, with ``members``, the investors of the company's last round on that day."""
    rounds = traces.funding_round.select("company", pl.col("announced_on").alias(day), "members").sort(
        day, maintain_order=True
    )
    held = rows.sort(day, maintain_order=True).join_asof(
        rounds, on=day, by="company", strategy="backward", check_sortedness=False
    )
    return held.drop_nulls("members")


def _lead_and_second(rows: pl.DataFrame, second: pl.Expr | pl.Series) -> pl.DataFrame:
    """Each row from the lead investor, and from the second one where ``second`` holds and there is one."""
    lead = rows.with_columns(pl.col("members").list.get(0).alias("by"))
    other = rows.filter(second).with_columns(pl.col("members").list.get(1, null_on_oob=True).alias("by"))
    return pl.concat([lead, other.drop_nulls("by")])


def _process(traces: Traces, draw: Draw) -> pl.DataFrame:
    """News from the investor that leads so far; before the first round, from the one that will."""
    events = traces.financing_event
    held = _held(events, traces, "happened_on")
    first = traces.funding_round.unique("company", keep="first", maintain_order=True).select(
        "company", "members", "announced_on"
    )
    early = events.join(first, on="company", how="inner", maintain_order="left").filter(
        pl.col("happened_on") < pl.col("announced_on")
    )
    rows = pl.concat([held, early.select(held.columns)])
    told = _lead_and_second(rows, pl.Series(draw.random(len(rows)) < SECOND_TELLS))
    return reported(told, "happened_on", draw, *PROCESS_DELAY)


def _portfolio(traces: Traces, draw: Draw) -> pl.DataFrame:
    """Cash every quarter, the revenue model every half year; the second investor reports half-yearly, too."""
    half_year = pl.col("observed_on").dt.month().is_in((6, 12))
    models = traces.revenue_model.filter(half_year).drop("quarter")
    rows = traces.cash_position.join(models, on=["company", "observed_on"], how="left", maintain_order="left")
    told = _lead_and_second(_held(rows, traces, "observed_on"), half_year)
    return reported(told, "observed_on", draw, *PORTFOLIO_DELAY)


def _people(traces: Traces, draw: Draw) -> pl.DataFrame:
    """The people found when the first round is led, and who comes and goes later."""
    first = traces.funding_round.unique("company", keep="first", maintain_order=True)
    leads = first.select("company", pl.col("lead").alias("by"), "announced_on")
    rows = traces.person_role.join(leads, on="company", how="inner", maintain_order="left")
    rows = rows.with_columns(pl.max_horizontal("noted_on", "announced_on").alias("noted_on"))
    return reported(rows, "noted_on", draw, *PEOPLE_DELAY)


def _operations(traces: Traces, draw: Draw) -> pl.DataFrame:
    """Milestones and contracts, from the lead."""
    reached = traces.product_milestone.with_columns(pl.lit(sheets.MILESTONE).alias("entry"))
    signed = traces.customer_contract.with_columns(
        pl.col("signed_on").alias("reached_on"), pl.lit(sheets.CONTRACT).alias("entry")
    )
    held = _held(pl.concat([reached, signed], how="diagonal"), traces, "reached_on")
    rows = held.with_columns(pl.col("members").list.get(0).alias("by"))
    return reported(rows, "reached_on", draw, *OPERATIONS_DELAY)
