"""How well outcomes could be foreseen at best, where a simulator has written down the truth."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl

from alliance.contracts.contract import REGISTRATION
from alliance.errors import InvalidInput, NotFound
from alliance.store import Store
from experiments.listing import Listing, gain, interval, listing, value
from experiments.metrics import Floats, Sample
from experiments.paired import Draws, Measured

BEST = "Bayes-optimal: the simulator's truth"


def numbers_of(store: Store, companies: pl.Series) -> dict[str, str | None]:
    """Registration number by company id; ``None`` where the alliance knows none."""
    entries = store.companies(companies.unique().sort().to_list())
    return {entry.company_id: entry.identifiers.get(REGISTRATION) for entry in entries}


def best_foreseeable(numbers: Mapping[str, str | None], rows: pl.DataFrame, truth: Path) -> Floats:
    """The chance of the outcome given all that is hidden, by row (n); NaN where the truth says nothing.

    Args:
        rows: with ``company_id`` and ``as_of``.
        truth: the simulator's folder ``truth``.

    Raises:
        NotFound: the folder has no panel.
    """
    file = truth / "panel.parquet"
    if not file.is_file():
        raise NotFound(
            "There is no panel.parquet.", remedy="Name the simulator's folder: --truth DIR.", folder=str(truth)
        )
    ids = rows.select("company_id", "as_of").with_columns(
        pl.col("company_id")
        .replace_strict(list(numbers), list(numbers.values()), default=None, return_dtype=pl.String)
        .alias("registration_number")
    )
    told = pl.read_parquet(file).select("registration_number", "as_of", "bayes_pd").drop_nulls()
    found = ids.join(told, on=["registration_number", "as_of"], how="left", maintain_order="left")
    chances: Floats = found["bayes_pd"].to_numpy().astype(np.float64)
    return chances


def told_enough(sample: Sample, best: Floats) -> None:
    """Refuse a truth that says too little of some test rows.

    Raises:
        InvalidInput: the rows it knows do not hold both outcomes.
    """
    known = ~np.isnan(best)
    if len(np.unique(sample.labels[known])) < 2:
        raise InvalidInput(
            f"The truth tells of {known.sum():,} of the {len(best):,} test rows, which is too little to measure.",
            remedy="Test on the simulator's last quarters, which it tells of, or leave --truth out.",
            field="truth",
        )


def against_best(sample: Sample, pd: Floats, best: Floats) -> dict[str, Measured]:
    """A forecast and the best there could be, on the rows of which the best is known."""
    known = ~np.isnan(best)
    part = Sample.of(sample.labels[known], sample.companies[known])
    return Draws.of(part, {BEST: best[known], "model": pd[known]}).against(BEST)


def best_listing(found: Mapping[str, Measured], rows: int) -> Listing:
    """The two in a table."""
    cells = [
        (name, value(one.values["auc"]), interval(one.values["auc"]), "" if name == BEST else gain(one.gains["auc"]))
        for name, one in found.items()
    ]
    title = f"beside the best there could be, on the {rows:,} rows whose truth is known"
    return listing(title, "by|AUC|95% interval|less the best's (paired)", cells, "AUC")
