"""People, headcount and the investors behind a company."""

import numpy as np
import polars as pl

from seeds.chance import source
from seeds.process import factors
from seeds.traces.days import after, within
from seeds.world import World

EDUCATION = ("doctor", "master", "bachelor", "other")
LEAVING = (0.0, 0.10)  # chance a quarter that a person leaves, at team 1 and what team 0 adds
LEAVERS = (0.02, 0.10)  # share of staff leaving a quarter, at team 1 and what team 0 adds
ROLES = ("founder", "founder", "technical_lead", "executive")


def person_roles(world: World, quarters: pl.DataFrame) -> pl.DataFrame:
    """One row when a role starts, and one more when it ends; ``noted_on`` is the day the row's news is of."""
    draw = source(world.seed, "people")
    team = factors(world.traits.anchor[1])
    count = 1 + draw.integers(0, len(ROLES), len(team))
    company = np.repeat(np.arange(len(team)), count)
    position = np.arange(len(company)) - np.repeat(np.cumsum(count) - count, count)
    n, level = len(company), team[np.repeat(np.arange(len(team)), count)]
    degree = np.clip((3.2 * (1.0 - level) + 0.9 * draw.standard_normal(n)).round(), 0, 3).astype(np.int64)
    keys = draw.integers(0, 1 << 62, n)
    started = world.companies["founded_on"].gather(company)
    people = pl.DataFrame({
        "company": company,
        "person_key": [f"{key:016x}" for key in keys.tolist()],
        "role": [ROLES[i] for i in position.tolist()],
        "started_on": after(started, draw, 0, 400).zip_with(pl.Series(position > 1), started),
        "education": [EDUCATION[i] for i in degree.tolist()],
        "industry_years": np.clip(4 + 12 * level + 4 * draw.standard_normal(n), 0, 45).astype(np.int64),
        "prior_startups": draw.poisson(1.2 * level),
        "prior_exits": draw.poisson(0.5 * level**2),
    }).with_columns(pl.lit(None, pl.Date).alias("ended_on"), pl.col("started_on").alias("noted_on"))  # fmt: skip
    return pl.concat([people, _departures(people, quarters, draw)])


def _departures(people: pl.DataFrame, quarters: pl.DataFrame, draw: np.random.Generator) -> pl.DataFrame:
    """The rows of people who leave: a weak team leaves more."""
    chance = LEAVING[0] + LEAVING[1] * (1.0 - quarters["team"].to_numpy())
    left = quarters.filter(pl.Series(draw.random(len(quarters)) < chance)).select("company", "quarter")
    left = left.unique("company", keep="first", maintain_order=True)
    left = left.with_columns(within(left["quarter"], draw).alias("ended"))
    last = people.unique("company", keep="last", maintain_order=True).join(left, on="company", maintain_order="left")
    gone = last.filter(pl.col("ended") > pl.col("started_on"))
    return gone.with_columns(pl.col("ended").alias("ended_on"), pl.col("ended").alias("noted_on")).select(
        people.columns
    )


def headcounts(world: World, quarters: pl.DataFrame) -> pl.DataFrame:
    """Staff at the end of a quarter; leavers and openings say how the team does before the headcount shows it."""
    draw = source(world.seed, "headcount")
    n, staff = len(quarters), quarters["headcount"].to_numpy()
    team, technology = quarters["team"].to_numpy(), quarters["technology"].to_numpy()
    employees = np.maximum(staff.round(), 1).astype(np.int64)
    share = np.clip(0.25 + 0.5 * technology + 0.05 * draw.standard_normal(n), 0.0, 0.95)
    lasting = np.clip(quarters["cash"].to_numpy() / np.maximum(quarters["burn"].to_numpy(), 1.0), 0.0, 12.0)
    lasting = np.where(quarters["burn"].to_numpy() <= 0, 12.0, lasting)
    return quarters.select("company", "quarter", pl.col("as_of").alias("observed_on")).with_columns(
        pl.Series("employees", employees),
        pl.Series("rd_employees", np.floor(employees * share).astype(np.int64)),
        pl.Series("graduates_hired", draw.binomial(employees, 0.08)),
        pl.Series("openings", draw.poisson(0.012 * employees * lasting)),
        pl.Series("leavers", draw.binomial(employees, LEAVERS[0] + LEAVERS[1] * (1.0 - team))),
    )


def investor_profiles(world: World) -> pl.DataFrame:
    """Each investor of a company, seen at the round it came in."""
    draw = source(world.seed, "board seats")
    stakes = (
        world.rounds.select("company", "announced_on", "lead", pl.col("investors").alias("investor"))
        .explode("investor")
        .sort("company", "announced_on", maintain_order=True)
        .unique(["company", "investor"], keep="first", maintain_order=True)
    )
    seats = pl.Series(draw.random(len(stakes)) < 0.1)
    return stakes.join(world.investors, on="investor", how="left", maintain_order="left").select(
        "company",
        pl.col("investor").alias("investor_no"),
        pl.col("investor_name").alias("investor"),
        pl.col("announced_on").alias("observed_on"),
        "reputation", "exits", "fund_age", "dry_powder",
        ((pl.col("lead") == pl.col("investor")) | seats).alias("board_seat"),
    )  # fmt: skip
