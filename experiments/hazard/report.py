"""Hazards on the console and in MLflow."""

from rich.table import Table

from alliance.config import Settings
from alliance.terminal import out, table
from experiments.experiment import DataUsed
from experiments.hazard.lag import SETTLED
from experiments.hazard.study import HazardStudy
from experiments.metrics import Estimate
from experiments.report import interval, shown
from experiments.tracking import log_study


def report_hazard(settings: Settings, found: HazardStudy, data: DataUsed) -> None:
    """Print a study and keep it in MLflow."""
    listing, words = horizons_table(found), said(found)
    out.print(listing)
    out.print(words, highlight=False)
    metrics: dict[str, Estimate | float] = {}
    for one in found.horizons:
        metrics |= {f"{name}_{one.months}m": value for name, value in one.metrics.items()}
        metrics |= {f"slope_{one.months}m": one.slope, f"intercept_{one.months}m": one.intercept}
    run = log_study(
        settings,
        experiment="hazard",
        name=f"{found.panel.outcome.name}-hazard",
        params={
            "trees": found.model.grown.trees, "slope": found.model.slope, "periods": found.periods,
            "outcomes": found.outcomes, "taught_until": found.taught_until.isoformat(),
            "known_until": found.known_until.isoformat(), "lag_days": found.lag.settled(),
        },
        metrics=metrics,
        card=shown(listing, words),
        data=data,
    )  # fmt: skip
    out.print(f"run {run} at {settings.tracking_uri}", highlight=False)


def horizons_table(found: HazardStudy) -> Table:
    """Each horizon's PDs against what came."""
    numbers = ("months", "rows", "outcomes", "foretold", "observed", "AUC", "95% interval", "Brier",
               "one PD for all", "slope", "intercept")  # fmt: skip
    title = f"PD by horizon out of time; {found.periods:,} periods taught with {found.outcomes:,} outcomes"
    listing = table(title, *numbers, right=numbers)
    for one in found.horizons:
        area = one.metrics["auc"]
        listing.add_row(
            f"{one.months}", f"{one.rows:,}", f"{one.outcomes:,}", f"{one.foretold:.2%}", f"{one.observed:.2%}",
            f"{area.value:.4f}", interval(area), f"{one.metrics['brier'].value:.4f}", f"{one.plain_brier:.4f}",
            f"{one.slope:.2f}", f"{one.intercept:+.2f}",
        )  # fmt: skip
    return listing


def said(found: HazardStudy) -> str:
    """What was done about outcomes that are recorded late."""
    days = found.lag.settled()
    return (
        f"Recording: {SETTLED:.0%} of outcomes are on record {days} days after they came (told from"
        f" {found.lag.outcomes:,}; late ones allowed for, none later than the latest seen). So taught periods end by"
        f" {found.taught_until}, tested horizons by {found.known_until}; what came after is left out, not counted safe."
    )
