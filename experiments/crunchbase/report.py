"""The study from end to end: files in, tables out, the model kept, the later cohort scored."""

from pathlib import Path

import polars as pl
from rich.table import Table

from alliance.config import Settings
from alliance.store import Receipt, Store
from alliance.terminal import out, progress, table
from experiments.crunchbase.cohort import END_OF_2014, OCTOBER_2013, cohort_2013, take_in
from experiments.crunchbase.study import (
    BASELINE,
    FOLDS,
    LATER_VINTAGE,
    LOOKED_FOR,
    Findings,
    cross_validated,
    model,
    out_of_vintage,
    scores_2014,
)
from experiments.experiment import DataUsed
from experiments.keep import keep
from experiments.metrics import Estimate
from experiments.report import interval, measures_table

ABOUT = (
    "Crunchbase, United States: companies operating in October 2013 whose status at the end of 2014 is on record."
    " Closures are recorded late and often by the batch, so part of what is foretold is the keeping of the records."
)

SUSPICIOUS = 0.9
"""An area near this on these data has meant that the later export leaked into the features."""


def run_study(settings: Settings, data: Path, database: str | None, folder: Path) -> None:
    """Run the study and print it.

    Args:
        data: folder of the data sets.
        database: SQLAlchemy URL of the study's own store; a file at home by default.
        folder: where ``cb_2014_scores.parquet`` is written.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    store = Store(database or f"sqlite:///{settings.home / 'crunchbase.db'}")
    try:
        with progress("reading rows", None) as bar:
            receipts = take_in(store, data, progress=lambda rows: bar.advance(bar.task_ids[0], rows))
        out.print(receipts_table(receipts))
        panel = cohort_2013(store)
        with progress("models by company, out of vintage", 2) as bar:
            within = cross_validated(panel)
            bar.advance(bar.task_ids[0])
            later = out_of_vintage(panel)
            bar.advance(bar.task_ids[0])
        out.print(
            findings_table(f"closed by {END_OF_2014}, as foretold on {OCTOBER_2013}: {FOLDS} folds by company", within)
        )
        out.print(
            findings_table(f"the same for companies first funded from {LATER_VINTAGE} on, by those before", later)
        )
        out.print(verdict(within, later), highlight=False)
        found = model(panel)
        out.print(measures_table(found))
        told = DataUsed.of(found.panel, store.contract_versions(panel.watermark), simulated=False, about=ABOUT)
        metrics = _named(within, "cv") | _named(later, "vintage")
        kept = keep(settings, store, found, told, group="crunchbase", metrics=metrics)
        out.print(f"run {kept.run_id} at {settings.tracking_uri}", highlight=False)
        scores = scores_2014(store, found.bundle)
    finally:
        store.close()
    folder.mkdir(parents=True, exist_ok=True)
    scores.write_parquet(folder / "cb_2014_scores.parquet")
    out.print(grades_table(scores))
    out.print(f"{scores.height:,} companies in {folder / 'cb_2014_scores.parquet'}", highlight=False)


def receipts_table(receipts: list[Receipt]) -> Table:
    numbers = ("rows", "accepted", "quarantined", "records")
    listing = table("files", "file", "contract", *numbers, right=numbers)
    for receipt in receipts:
        counts = (f"{getattr(receipt, name):,}" for name in numbers)
        listing.add_row(receipt.file_name, f"{receipt.contract_id}@{receipt.contract_version}", *counts)
    return listing


def findings_table(title: str, found: Findings) -> Table:
    """Area of each set of signals, and its gain over the baseline, with intervals."""
    numbers = ("AUC", "95% interval", "gain", "95% interval of the gain", "Brier")
    title = f"{title}; {found.companies:,} companies, {found.closures:,} closed"
    listing = table(title, "told by", *numbers, "trees", right=numbers)
    for name, area in found.auc.items():
        gain, trees = found.gain.get(name), found.trees.get(name, ())
        listing.add_row(
            name,
            f"{area.value:.4f}",
            interval(area),
            f"{gain.value:+.4f}" if gain else "",
            f"{gain.low:+.4f} to {gain.high:+.4f}" if gain else "",
            f"{found.brier[name].value:.4f}" if gain else "",
            " ".join(map(str, trees)),
        )
    return listing


def verdict(within: Findings, later: Findings) -> str:
    """What the two tables say, in words that follow from the intervals alone."""
    lines = [
        f"All signals against {BASELINE}, within the cohort: {_said(within.gain[LOOKED_FOR])}.",
        f"On later vintages: {_said(later.gain[LOOKED_FOR])}.",
    ]
    if within.auc[LOOKED_FOR].value >= SUSPICIOUS:
        lines.append(f"An area of {SUSPICIOUS} or more is suspicious here: look for a leak.")
    return " ".join(lines)


def _said(gain: Estimate) -> str:
    if gain.low > 0:
        return f"a gain of {gain.value:.3f}"
    return f"a loss of {-gain.value:.3f}" if gain.high < 0 else "no difference that the data can tell"


def grades_table(scores: pl.DataFrame) -> Table:
    """How many of the later cohort have each grade."""
    numbers = ("companies", "mean PD", "United States")
    listing = table(f"grades as of {END_OF_2014}", "grade", *numbers, right=numbers)
    by_grade = scores.group_by("grade").agg(
        pl.len(), pl.col("pd").mean(), (pl.col("country") == "USA").sum().alias("us")
    )
    for row in by_grade.sort("pd").iter_rows(named=True):
        listing.add_row(row["grade"], f"{row['len']:,}", f"{row['pd']:.2%}", f"{row['us']:,}")
    return listing


def _named(found: Findings, prefix: str) -> dict[str, Estimate]:
    """The findings as MLflow's metrics: ``cv_auc.all_signals``, ``cv_gain.all_signals`` ..."""
    areas = {f"{prefix}_auc.{_word(name)}": area for name, area in found.auc.items()}
    return areas | {f"{prefix}_gain.{_word(name)}": gain for name, gain in found.gain.items()}


def _word(name: str) -> str:
    return name.replace(",", "").replace(" ", "_")
