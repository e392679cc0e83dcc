"""What corroboration is worth to the model: the same claims, once corroborated, once by the latest claim alone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from alliance.store import Store
from alliance.view import History
from experiments.experiment import DataUsed, Experiment, examined, experiment
from experiments.latest_claim import LatestClaims
from experiments.listing import Listing, gain, interval, listing, value
from experiments.metrics import Estimate, auc_gains
from experiments.panel import Panel
from experiments.splits import out_of_time
from experiments.study import Study
from experiments.study_plots import forest_figure
from experiments.training import Plan, data_used, panel_of, training_history

CORROBORATED, LATEST = "corroboration", "latest claim wins"

QUESTION = (
    "What is corroboration worth to a model? The same claims, plan and recipe; facts once by what most weight agrees"
    " with, once by the latest claim of each field. Both are asked the same outcomes on the same rows."
)

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


def worth(history: History, plan: Plan, corroborated: Panel) -> Worth:
    """Train and test a model by each rule on the same plan.

    Args:
        corroborated: the plan's panel as models are taught on it.

    The outcomes are those of the corroborated facts for both, so that both are asked the same.
    """
    by_rule = {CORROBORATED: corroborated, LATEST: panel_of(LatestClaims.of(history), plan)}
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


def worth_listing(found: Worth) -> Listing:
    """One row a rule."""
    rows = [
        (rule, value(area), interval(area, 4), "" if rule == LATEST else gain(found.gain[rule], 4))
        for rule, area in found.auc.items()
    ]
    title = f"out of time, {found.rows:,} rows with {found.outcomes:,} outcomes"
    return listing(title, "facts by|AUC|95% interval|more than the latest claim (paired)", rows, "AUC|95% interval")


def worth_study(found: Worth, data: DataUsed) -> Study:
    """The table, what it comes to, and the run."""
    more = found.gain[CORROBORATED]
    said = "a gain is shown" if more.low > 0 else "a loss is shown" if more.high < 0 else "no gain is shown"
    return Study(
        kind="corroboration",
        data="store",
        about=data.about,
        question=QUESTION,
        says=(f"By corroborated facts rather than each field's latest claim, {said}: AUC {gain(more, 4)}.",),
        listings=(worth_listing(found),),
        params={"data_panel_sha256": data.panel_sha256, "data_data_cut": data.data_cut,
                "data_watermark": data.watermark},
        metrics={"auc_corroborated": found.auc[CORROBORATED], "auc_latest_claim": found.auc[LATEST], "gain": more},
        figures={"auc": forest_figure("AUC out of time, by what facts rest on", dict(found.auc), "AUC")},
        simulated=data.simulated,
    )  # fmt: skip


def run_corroboration(database: str, plan: Plan) -> Study:
    """From a store to the study."""
    store = Store(database)
    try:
        history, contracts = training_history(store)
    finally:
        store.close()
    made = panel_of(history, plan)
    return worth_study(worth(history, plan, made), data_used(made, contracts, plan))
