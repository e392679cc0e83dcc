"""Facilities, how they are repaid, and how companies end."""

import numpy as np
import polars as pl

from seeds import parameters as p
from seeds.calendar import quarter_end
from seeds.chance import source
from seeds.traces.days import after
from seeds.world import World

BANK_EVENTS = ("default", "write_off", "cure", "repaid")
PUBLIC_EVENTS = ("closure", "acquisition", "listing")


def facilities(world: World) -> pl.DataFrame:
    """Facilities with their numbers and the bank that opened them."""
    return world.facilities.select(
        "facility", "company", "quarter", "bank", facility_number().alias("facility_no"), "opened_on", "matures_on",
        "limit", "rate", "product", "secured",
    )  # fmt: skip


def facility_number() -> pl.Expr:
    return pl.format("SX{}", pl.col("facility") + 100_000)


def repayments(world: World, quarters: pl.DataFrame) -> pl.DataFrame:
    """Status of each open facility at the end of each quarter; 90 days past due or more in the quarter of default."""
    draw = source(world.seed, "repayments")
    owing = quarters.filter(pl.col("left") > 0).select("company", "quarter", "arrears", "balance")
    low, high = np.array(p.DAYS_PAST_DUE).T
    step = owing["arrears"].to_numpy()
    late = owing.with_columns(
        pl.Series("days_past_due", draw.integers(low[step], high[step] + 1)), pl.col("balance").round().cast(pl.Int64)
    ).select("company", "quarter", "days_past_due", "balance")
    fallen = _defaults(world)
    fallen = fallen.with_columns(pl.Series("days_past_due", draw.integers(90, 120, len(fallen))))
    rows = pl.concat([late, fallen.select(late.columns)])
    ends = pl.Series([quarter_end(quarter) for quarter in rows["quarter"].to_list()], dtype=pl.Date)
    return _on_facility(world, rows.with_columns(ends.alias("observed_on")))


def _defaults(world: World) -> pl.DataFrame:
    """Defaults with the balance then owed."""
    fallen = world.events.filter(pl.col("kind") == "default")
    owed = [
        float(world.snapshots[quarter].balance[company])
        for company, quarter in fallen.select("company", "quarter").rows()
    ]
    return fallen.with_columns(pl.Series("balance", owed, dtype=pl.Float64).round().cast(pl.Int64))


def _on_facility(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with the facility that was open then: the last one opened by the row's quarter."""
    opened = facilities(world).select("company", "quarter", "facility_no", "bank").sort("quarter", maintain_order=True)
    sorted_rows = rows.sort("quarter", maintain_order=True)
    return sorted_rows.join_asof(opened, on="quarter", by="company", strategy="backward", check_sortedness=False)


def credit_events(world: World) -> pl.DataFrame:
    """Defaults and what follows them, repayments at maturity and at exit, closures, acquisitions, listings."""
    draw = source(world.seed, "aftermath")
    defaults = _on_facility(world, _defaults(world)).with_columns(pl.col("balance").alias("amount"))
    frames = [defaults]
    lot = draw.random(len(defaults))
    for kind, (chance, soonest, latest) in (("write_off", p.WRITE_OFF), ("cure", p.CURE)):
        followed = defaults.filter(pl.Series(lot < chance if kind == "write_off" else lot > 1.0 - chance))
        days = after(followed["happened_on"], draw, soonest, latest)
        frames.append(followed.with_columns(pl.lit(kind).alias("kind"), days.alias("happened_on")))
    ended = defaults.filter(pl.Series(draw.random(len(defaults)) < p.CLOSED_AFTER[0]))
    closed = ended.with_columns(
        pl.lit("closure").alias("kind"), after(ended["happened_on"], draw, *p.CLOSED_AFTER[1:]).alias("happened_on")
    )
    exits = world.events.filter(pl.col("kind").is_in(PUBLIC_EVENTS))
    columns = ("company", "kind", "happened_on", "facility_no", "bank", "amount")
    on_facility = pl.concat([*frames, _repaid(world)], how="diagonal").select(columns)
    public = pl.concat([closed, exits], how="diagonal").select("company", "kind", "happened_on")
    return pl.concat([on_facility, public], how="diagonal").filter(pl.col("happened_on") <= world.horizon)


def _repaid(world: World) -> pl.DataFrame:
    """Facilities repaid: on the day of maturity, or when the company leaves with a facility open."""
    repaid = _on_facility(world, world.events.filter(pl.col("kind") == "repaid").with_columns(pl.col("quarter") - 1))
    due = facilities(world).select("facility_no", "matures_on")
    repaid = repaid.join(due, on="facility_no", how="left", maintain_order="left")
    at_maturity = repaid.with_columns(pl.col("matures_on").alias("happened_on"))
    exits = world.events.filter(pl.col("kind").is_in(PUBLIC_EVENTS))
    owing = [
        bool(world.snapshots[quarter].left[company] > 0)
        for company, quarter in exits.select("company", "quarter").rows()
    ]
    leaving = _on_facility(world, exits.filter(pl.Series(owing, dtype=pl.Boolean)))
    return pl.concat([at_maturity, leaving], how="diagonal").with_columns(
        pl.lit("repaid").alias("kind"), pl.lit(0).cast(pl.Int64).alias("amount")
    )
