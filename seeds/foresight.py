"""``python -m seeds.foresight``: hazards and intervals held against the simulator's own chances, on the demo's store.

The simulator's chance is given all that is hidden (latent factors, cash, arrears), so it spreads more than any PD that
features can give: no interval around a score's PD is expected to hold it often, and the table says how often it does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

import numpy as np
import polars as pl
import typer
from rich.table import Table
from sklearn.metrics import roc_auc_score

from alliance.config import Settings
from alliance.contracts.contract import REGISTRATION
from alliance.store import Store
from alliance.terminal import PlainErrors, out, table
from experiments.certainty.evidence import ALIKE, scored_alike
from experiments.certainty.report import certainty_on
from experiments.hazard.periods import HORIZONS, PERIOD_MONTHS, PERIODS, befallen
from experiments.hazard.study import HazardStudy, hazard_study, over
from experiments.outcome import outcome_named
from experiments.splits import out_of_time
from experiments.training import Plan, panel_of, training_history
from scoring.model.certainty import Band
from seeds.calendar import quarter_end
from seeds.parameters import WINDOW_START
from seeds.truth import bayes_pds
from seeds.world import World, simulate

TEST_FROM, LAST = date(2021, 12, 31), date(2023, 12, 31)
"""First test day, whose 36 months end within the simulation; last day whose year does."""

REPLICATES = 200

app = typer.Typer(cls=PlainErrors, pretty_exceptions_enable=False)


@dataclass(frozen=True)
class Foreseen:
    """One horizon, the model against the simulator on the same rows.

    Attributes:
        months, rows: the horizon, and test rows whose horizon is over.
        model_auc, best_auc: area under the curve of the model's PD and of the simulator's chance.
        model_pd, true_pd: means.
    """

    months: int
    rows: int
    model_auc: float
    best_auc: float
    model_pd: float
    true_pd: float


@app.command()
def foresight(
    companies: Annotated[int, typer.Option(min=200, help="As the store's seed alliance was made.")] = 4000,
    seed: Annotated[int, typer.Option(help="As the store's seed alliance was made.")] = 7,
) -> None:
    """Hold PDs of every horizon, and their intervals at 12 months, against the simulator's chances."""
    world = simulate(companies, seed)
    store = Store(Settings.from_environment().database_url)
    try:
        history, _ = training_history(store)
        found = hazard_study(history, outcome_named("default"), WINDOW_START, LAST, TEST_FROM)
        plan = Plan(last=LAST)
        made = panel_of(history, plan)
        sure = certainty_on(
            made, out_of_time(made, plan.test_quarters), Band.by_cost(bad_loan=60, lost_good=4, review=1)
        )
        chances = true_pds(world, store, pl.concat([found.tested, sure.tested], how="diagonal"))
    finally:
        store.close()
    out.print(horizons_table(foreseen(found, chances)))
    known = sure.tested.join(chances, on=["company_id", "as_of"], how="left", maintain_order="left")
    truth = known[_column(12)].to_numpy()
    seen = ~np.isnan(truth)
    low, high, pd = sure.low[seen], sure.high[seen], sure.pd[seen]
    alike = scored_alike(pd, truth[seen])
    own = ((low <= truth[seen]) & (truth[seen] <= high)).mean()
    held = ((low <= alike) & (alike <= high)).mean()
    out.print(
        f"Intervals of 12 months ({sure.certainty.method}, {sure.certainty.level:.0%}), {int(seen.sum()):,} test rows:"
        f" {sure.width:.2%} wide, hold the mean chance of the {ALIKE} scored most alike in {held:.1%}, a company's own"
        f" chance given all that is hidden in {own:.1%}.",
        highlight=False,
    )


def true_pds(world: World, store: Store, rows: pl.DataFrame) -> pl.DataFrame:
    """The simulator's chance of default within each horizon, by ``company_id`` and ``as_of`` of the rows.

    Companies are met by registration number; one without, or not at risk by the truth, is left out.
    """
    quarters = {quarter_end(quarter): quarter for quarter in world.snapshots}
    entries = store.companies(rows["company_id"].unique().to_list())
    ids = pl.DataFrame(
        {"company_id": [entry.company_id for entry in entries],
         "registration_number": [entry.identifiers.get(REGISTRATION) for entry in entries]},
        schema={"company_id": pl.String, "registration_number": pl.String},
    ).drop_nulls().join(world.companies.select("company", "registration_number"), on="registration_number")  # fmt: skip
    parts = []
    days: Sequence[date] = rows["as_of"].unique().sort().to_list()
    for day in days:
        members, chance = bayes_pds(world, quarters[day], PERIODS, REPLICATES)
        by_horizon = {_column(months): chance[months // PERIOD_MONTHS - 1] for months in HORIZONS}
        parts.append(pl.DataFrame({"company": members, **by_horizon}).with_columns(pl.lit(day).alias("as_of")))
    return pl.concat(parts).join(ids, on="company").drop("company", "registration_number")


def _column(months: int) -> str:
    return f"true_{months}m"


def foreseen(found: HazardStudy, chances: pl.DataFrame) -> list[Foreseen]:
    """Each horizon on the test rows whose horizon is over and whose chance is known."""
    joined = found.tested.select("company_id", "as_of", "first_event").join(
        chances, on=["company_id", "as_of"], how="left", maintain_order="left"
    )
    rows = []
    for place, months in enumerate(HORIZONS):
        truth = joined[_column(months)].to_numpy()
        used = over(joined, months, found.known_until) & ~np.isnan(truth)
        labels = befallen(joined, months).to_numpy()[used]
        if used.any() and 0 < labels.mean() < 1:
            told = found.pd[used, place]
            rows.append(
                Foreseen(
                    months=months,
                    rows=int(used.sum()),
                    model_auc=float(roc_auc_score(labels, told)),
                    best_auc=float(roc_auc_score(labels, truth[used])),
                    model_pd=float(told.mean()),
                    true_pd=float(truth[used].mean()),
                )
            )
    return rows


def horizons_table(rows: Sequence[Foreseen]) -> Table:
    """The model beside the simulator, horizon by horizon."""
    numbers = ("months", "rows", "AUC", "AUC of the truth", "mean PD", "mean true PD")
    listing = table("hazards against the simulator's own chances", *numbers, right=numbers)
    for one in rows:
        listing.add_row(
            f"{one.months}", f"{one.rows:,}", f"{one.model_auc:.4f}", f"{one.best_auc:.4f}", f"{one.model_pd:.2%}",
            f"{one.true_pd:.2%}",
        )  # fmt: skip
    return listing


if __name__ == "__main__":
    app()
