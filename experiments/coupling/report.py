"""The laboratory on the console and in MLflow: what was asked, what was seen, what it comes to."""

from collections.abc import Sequence
from dataclasses import asdict

from rich.table import Table

from alliance.config import Settings
from alliance.terminal import out, progress, table
from experiments.coupling.composites import MEAN
from experiments.coupling.datasets import Dataset
from experiments.coupling.interactions import ALPHA, Pair
from experiments.coupling.laboratory import LABORATORY, Effort, Findings, investigate
from experiments.coupling.steps import COVERAGE
from experiments.coupling.verdict import Verdict, judge
from experiments.metrics import Estimate
from experiments.report import shown
from experiments.tracking import log_study
from experiments.train import Recipe

SHOWN = 8
"""Pairs and steps a table names, besides all that were found."""


def run_laboratory(
    settings: Settings, given: Dataset, *, recipe: Recipe = LABORATORY, effort: Effort | None = None
) -> Verdict:
    """Investigate a panel, print what was found and the verdict, keep both in MLflow."""
    with progress("laboratory", None) as bar:
        found = investigate(
            given.panel,
            given.splits,
            recipe=recipe,
            effort=effort,
            progress=lambda what: bar.update(bar.task_ids[0], description=what),
        )
    verdict = judge(found)
    listings = (*tables(found), verdict_table(verdict))
    for listing in listings:
        out.print(listing)
    out.print(verdict.words, highlight=False)
    run = log_study(
        settings,
        experiment="coupling",
        name=given.name,
        params={**asdict(recipe), **asdict(effort or Effort()), **given.params, "verdict": str(verdict.decision)},
        metrics=named(found),
        card=shown(*listings, verdict.words),
        data=given.data,
    )
    out.print(f"run {run} at {settings.tracking_uri}", highlight=False)
    return verdict


def tables(found: Findings) -> tuple[Table, ...]:
    """The findings for people."""
    return (
        _contests(found),
        _pairs("pillars", found.pillars),
        _pairs("features", found.features),
        _steps(found),
    )


def _contests(found: Findings) -> Table:
    title = f"(a), (b): log-loss won a row; {found.rows:,} test rows of {found.companies:,} companies, "
    title += f"{found.outcomes:,} outcomes"
    listing = table(title, "who", "over whom", "gain", "95% interval", right=("gain", "95% interval"))
    rows = [("free trees", "confined to pillars", found.free_gain)]
    rows += [(name, MEAN.name, gain) for name, gain in found.composite_gains.items()]
    rows += [("CES", "bent sum", found.over_bent)]
    for who, whom, gain in rows:
        listing.add_row(who, whom, f"{gain.value:+.4f}", f"{gain.low:+.4f} to {gain.high:+.4f}")
    listing.add_section()
    listing.add_row("rho of CES", "", f"{found.rho.value:+.2f}", f"{found.rho.low:+.2f} to {found.rho.high:+.2f}")
    return listing


def _pairs(of: str, pairs: Sequence[Pair]) -> Table:
    title = f"(c) {of} that act together; intervals hold for all pairs at once ({1 - ALPHA:.0%})"
    numbers = ("strength", "excess", "interval")
    listing = table(title, "one", "other", *numbers, "", right=numbers)
    for place, pair in enumerate(pairs):
        if pair.found or place < SHOWN:
            span = f"{pair.low:+.3f} to {pair.high:+.3f}"
            listing.add_row(
                pair.one, pair.other, f"{pair.strength:.3f}", f"{pair.excess:+.3f}", span, "found" if pair.found else ""
            )
    return listing


def _steps(found: Findings) -> Table:
    title = f"(c) steps; the limit holds {ALPHA:.0%} over all features and thresholds"
    numbers = ("statistic", "limit", "threshold", f"{COVERAGE:.0%} interval", "jump")
    listing = table(title, "feature", *numbers, "", right=numbers)
    for place, step in enumerate(found.steps):
        if step.found:
            where = (f"{step.threshold:.4g}", f"{step.low:.4g} to {step.high:.4g}", f"{step.jump:+.2f}", "found")
        else:
            where = ("", "", "", "")
        if step.found or place < SHOWN:
            listing.add_row(step.feature, f"{step.statistic:.1f}", f"{step.limit:.1f}", *where)
    return listing


def verdict_table(verdict: Verdict) -> Table:
    """Each question's decision, and why."""
    listing = table("verdict", "question", "decision", "because")
    for answer in verdict.answers:
        listing.add_row(answer.question, str(answer.decision), answer.because)
    return listing


def named(found: Findings) -> dict[str, Estimate | float]:
    """The findings as MLflow's metrics."""
    gains: dict[str, Estimate | float] = {
        f"gain.{name.replace(' ', '_')}": gain for name, gain in found.composite_gains.items()
    }
    return gains | {
        "gain.free_trees": found.free_gain,
        "gain.CES_over_bent_sum": found.over_bent,
        "rho": found.rho,
        "pairs_of_pillars": float(sum(pair.found for pair in found.pillars)),
        "pairs_of_features": float(sum(pair.found for pair in found.features)),
        "steps": float(sum(step.found for step in found.steps)),
    }
