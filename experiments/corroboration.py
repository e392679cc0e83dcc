"""What corroboration is worth to the model: the same claims, once corroborated, once by the latest claim alone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl
from rich.table import Table

from alliance.terminal import table
from alliance.view import History
from experiments.experiment import Experiment, examined, experiment
from experiments.latest_claim import LatestClaims
from experiments.metrics import Estimate, auc_gains
from experiments.panel import Panel
from experiments.splits import out_of_time
from experiments.training import Plan, panel_of

CORROBORATED, LATEST = "corroboration", "latest claim wins"

_ROW = ("company_id", "as_of")


@dataclass(frozen=True)
class Worth:
    """Area under the curve of a model by each rule, on the same rows out of time.

    Attributes:
        rows, outcomes: test rows both rules have, and how many of them had the outcome.
        auc: by rule, with its interval.
        gain: by rule, over ``LATEST``; paired: measured on the same draws of companies.
    """

    rows: int
    outcomes: int
    auc: Mapping[str, Estimate]
    gain: Mapping[str, Estimate]


def worth(history: History, plan: Plan) -> Worth:
    """Train and test a model by each rule on the same plan.

    The outcomes are those of the corroborated facts for both, so that both are asked the same.
    """
    by_rule = {CORROBORATED: panel_of(history, plan), LATEST: panel_of(LatestClaims.of(history), plan)}
    told = by_rule[CORROBORATED].frame.select(*_ROW, "label")
    by_rule = {
        rule: replace(made, frame=made.frame.drop("label").join(told, on=_ROW, maintain_order="left"))
        for rule, made in by_rule.items()
    }
    found = {rule: _examined(made, plan, told) for rule, made in by_rule.items()}
    sample = found[CORROBORATED].sample
    measured = auc_gains(sample, {rule: one.scored.pd for rule, one in found.items()}, LATEST)
    return Worth(
        rows=len(sample.labels),
        outcomes=int(sample.labels.sum()),
        auc={rule: area for rule, (area, _) in measured.items()},
        gain={rule: gain for rule, (_, gain) in measured.items()},
    )


def _examined(made: Panel, plan: Plan, told: pl.DataFrame) -> Experiment:
    """A model of the panel, examined on the rows that both rules have, in one order."""
    split = out_of_time(made, plan.test_quarters, companies_apart=plan.companies_apart)
    found = experiment(made, split, version="compared")
    return examined(made, split, found.trained, split.test.join(told.select(_ROW), on=_ROW, how="semi").sort(_ROW))


def worth_table(found: Worth) -> Table:
    """The findings for people."""
    title = f"AUC out of time, {found.rows:,} rows with {found.outcomes:,} outcomes"
    listing = table(title, "facts by", "AUC", "95% interval", "gain", "paired interval", right=("AUC", "gain"))
    for rule, area in found.auc.items():
        gain = found.gain[rule]
        paired = ("", "") if rule == LATEST else (f"{gain.value:+.4f}", f"{gain.low:+.4f} to {gain.high:+.4f}")
        listing.add_row(rule, f"{area.value:.4f}", f"{area.low:.4f} to {area.high:.4f}", *paired)
    return listing
