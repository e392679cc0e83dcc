"""What is true and never submitted: outcomes, the best possible forecast of them, and who meant whom."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score

from seeds import parameters as p
from seeds.calendar import quarter_end
from seeds.chance import source
from seeds.imperfections import Imperfections
from seeds.members.reseller import FEED, RESELLER
from seeds.process import advance
from seeds.state import Floats, Ints, Status
from seeds.traces.outcome import credit_events
from seeds.traces.quarters import active_quarters
from seeds.true_facts import true_facts
from seeds.world import World, lending_open, next_climate

REPLICATES = 400
REPLICATES_AT_ONCE = 400_000
"""Company lives simulated together, which bounds memory."""


@dataclass(frozen=True)
class BayesAuc:
    """Area under the ROC curve of the Bayes PD over a set of as-of days; no model can be expected to beat it.

    ``auc`` is not a number when all outcomes are alike, as may be in a tiny world.
    """

    auc: float
    as_of: tuple[date, ...]
    companies: int
    defaults: int


def panel(world: World) -> pl.DataFrame:
    """Every company and quarter of the window, from founding on.

    Columns: company, registration_number, quarter, as_of, eligible (active, a facility open, no default so far),
    default_12m (default within twelve months after as_of; null if not eligible or not yet known).
    """
    last_known = max(world.snapshots) - p.HORIZON_QUARTERS
    fallen = np.full(len(world.companies), np.iinfo(np.int64).max)
    defaults = world.events.filter(pl.col("kind") == "default")
    fallen[defaults["company"].to_numpy()] = defaults["quarter"].to_numpy()
    codes = world.companies.select("company", "registration_number")
    frames = []
    for quarter in world.snapshots:
        born = np.flatnonzero(world.traits.founded <= quarter)
        eligible = np.isin(born, eligible_companies(world, quarter))
        soon = (fallen[born] > quarter) & (fallen[born] <= quarter + p.HORIZON_QUARTERS)
        label = pl.when(pl.Series(eligible) & (quarter <= last_known)).then(pl.Series(soon))
        rows = pl.DataFrame({"company": born, "quarter": np.full(len(born), quarter), "eligible": eligible})
        frames.append(rows.with_columns(pl.lit(quarter_end(quarter)).alias("as_of"), label.alias("default_12m")))
    every = pl.concat(frames).join(codes, on="company", how="left", maintain_order="left")
    return every.select("company", "registration_number", "quarter", "as_of", "eligible", "default_12m")


def eligible_companies(world: World, quarter: int) -> Ints:
    """Companies active at the end of the quarter with a facility open; a default ends activity."""
    state = world.snapshots[quarter]
    return np.flatnonzero((state.status == Status.ACTIVE) & (state.left > 0))


def bayes_pd(world: World, quarter: int, replicates: int = REPLICATES) -> tuple[Ints, Floats]:
    """Chance of default within twelve months of the quarter's end for each eligible company, given its latent state."""
    companies, chances = bayes_pds(world, quarter, p.HORIZON_QUARTERS, replicates)
    return companies, chances[-1]


def bayes_pds(world: World, quarter: int, ahead: int, replicates: int = REPLICATES) -> tuple[Ints, Floats]:
    """Eligible companies (n), and their chance of default by the end of each of so many quarters (q, n).

    The world's own transition is run from that state many times; what is averaged is the chance of default of each
    quarter given the simulated past, which has the same mean as counting defaults and less noise.
    """
    companies = eligible_companies(world, quarter)
    total, done = np.zeros((ahead, len(companies))), 0
    if not len(companies):
        return companies, total
    draw = source(world.seed, f"bayes {quarter}")
    at_once = max(1, min(replicates, REPLICATES_AT_ONCE // len(companies)))
    while done < replicates:
        count = min(at_once, replicates - done)
        total += _foreseen(world, quarter, companies, count=count, ahead=ahead, draw=draw)
        done += count
    return companies, np.cumsum(total / replicates, axis=0)


def _foreseen(
    world: World, quarter: int, companies: Ints, *, count: int, ahead: int, draw: np.random.Generator
) -> Floats:
    """Sum over so many replicates of the chance to default in each of the quarters ahead (q, n)."""
    traits = world.traits.take(companies)
    state = world.snapshots[quarter].take(companies).replicated(count)
    level = np.log(world.climates[quarter])
    climate = np.broadcast_to(level, (count, len(level)))
    chances = []
    for coming in range(quarter + 1, quarter + 1 + ahead):
        climate = next_climate(climate, coming, draw)
        lending = lending_open(world.years, coming)
        state, moves = advance(state, traits, np.exp(climate)[:, traits.sector], coming, draw, lending=lending)
        chances.append(moves.default_chance.sum(axis=0))
    return np.stack(chances)


def with_bayes_pd(world: World, rows: pl.DataFrame, quarters: tuple[int, ...] | None = None) -> pl.DataFrame:
    """The panel with ``bayes_pd``, null outside the quarters asked for (by default the out-of-time window)."""
    frames = []
    for quarter in quarters or world.test_quarters:
        companies, chance = bayes_pd(world, quarter)
        frames.append(
            pl.DataFrame({"company": companies, "quarter": np.full(len(companies), quarter), "bayes_pd": chance})
        )
    return rows.join(pl.concat(frames), on=["company", "quarter"], how="left", maintain_order="left")


def bayes_auc(rows: pl.DataFrame) -> BayesAuc:
    """AUC of the Bayes PD on the rows that have both it and an outcome.

    Args:
        rows: the panel as ``with_bayes_pd`` gives it, or ``panel.parquet`` read back.
    """
    known = rows.drop_nulls(["bayes_pd", "default_12m"])
    told_apart = known["default_12m"].n_unique() == 2
    auc = float(roc_auc_score(known["default_12m"], known["bayes_pd"])) if told_apart else float("nan")
    days = tuple(known["as_of"].unique().sort().to_list())
    return BayesAuc(auc, days, len(known), int(known["default_12m"].sum()))


def write(world: World, links: pl.DataFrame, directory: Path, faults: Imperfections | None = None) -> BayesAuc:
    """Write the truth into ``<directory>/truth`` and return how well the outcome can be foreseen at best."""
    folder = directory / "truth"
    folder.mkdir(parents=True, exist_ok=True)
    rows = with_bayes_pd(world, panel(world))
    companies(world).write_parquet(folder / "companies.parquet")
    latent(world).write_parquet(folder / "latent.parquet")
    rows.drop("company", "quarter").write_parquet(folder / "panel.parquet")
    links.write_parquet(folder / "links.parquet")
    (folder / "facts").mkdir(exist_ok=True)
    for signal, facts in true_facts(world).items():
        facts.write_parquet(folder / "facts" / f"{signal}.parquet")
    for name, planted in (("liar", liar(world, faults)), ("copier", copier(world, faults))):
        (folder / f"{name}.json").write_text(json.dumps(planted, indent=2) + "\n", encoding="utf-8")
    return bayes_auc(rows)


def companies(world: World) -> pl.DataFrame:
    """One row a company: names, place, long-run factors, founding, first facility, default and exit with their days."""
    frame = world.companies.with_columns(
        pl.Series(f"anchor_{name}", 1.0 / (1.0 + np.exp(-world.traits.anchor[i]))) for i, name in enumerate(p.FACTORS)
    )
    happened = credit_events(world)
    ends = (("default", ["default"], "defaulted_on"), ("exit", ["closure", "acquisition", "listing"], "exited_on"))
    for _, kinds, day in ends:
        first = happened.filter(pl.col("kind").is_in(kinds)).sort("happened_on", "company")
        first = first.unique("company", keep="first", maintain_order=True)
        names = [pl.col("happened_on").alias(day)] + ([pl.col("kind").alias("exit")] if len(kinds) > 1 else [])
        frame = frame.join(first.select("company", *names), on="company", how="left", maintain_order="left")
    opened = world.facilities.group_by("company", maintain_order=True).agg(
        pl.col("opened_on").min().alias("borrowed_on")
    )
    frame = frame.join(opened, on="company", how="left", maintain_order="left")
    return frame.drop("company")


def latent(world: World) -> pl.DataFrame:
    """The latent story: registration_number, as_of and what ``seeds.traces.quarters`` describes, by active quarter."""
    codes = world.companies.select("company", "registration_number")
    quarters = active_quarters(world).join(codes, on="company", how="left", maintain_order="left")
    return quarters.select(
        "registration_number", "as_of", pl.exclude("registration_number", "as_of", "company", "quarter")
    )


def liar(world: World, faults: Imperfections | None = None) -> dict[str, object]:
    """Which member lies, and how."""
    faults = faults or Imperfections()
    member = world.investors.filter(pl.col("investor") == world.liar)["member"].item()
    return {
        "member": member,
        "inflated": ["funding_round.amount", "funding_round.post_money", "cash_position.cash"],
        "deflated": ["cash_position.monthly_burn"],
        "factor": faults.inflation,
        "lifted": {"revenue_model.recurring_share": faults.recurring_lift},
    }


def copier(world: World, faults: Imperfections | None = None) -> dict[str, object]:
    """Which member repeats another's claims, and how."""
    faults = faults or Imperfections()
    return {
        "member": RESELLER.id,
        "copies": liar(world, faults)["member"],
        "signals": [record.signal for record in FEED.records],
        "share": faults.resold,
        "days_later": faults.resold_after,
    }
