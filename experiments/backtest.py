"""Rolling-origin back-test: had the model been made again as time went on, how would each have done?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from alliance.errors import InvalidInput
from experiments.datasets.dataset import Dataset, Examination
from experiments.listing import Listing, gain, interval, listing, value
from experiments.metrics import Estimate, calibration
from experiments.paired import Draws, Measured
from experiments.peers import LIGHTGBM, Peer
from experiments.peers.compare import foretold
from experiments.peers.single import BEST_SINGLE, DAYS_SINCE_LAST_ROUND
from experiments.splits import Split, out_of_time
from experiments.study import Study, rows_of
from experiments.study_plots import course_figure

QUESTION = (
    "Had the model been made again as time went on, by all that was known on each day, how would it have done in what"
    " came next? Each origin teaches and tests anew; nothing is chosen across origins."
)

WINDOW = "test window"


@dataclass(frozen=True, kw_only=True, eq=False)
class Origin:
    """One day the model might have been made on, and how it did in the days after.

    Attributes:
        first, last: days of the test window.
        taught, taught_outcomes, rows, outcomes: what taught and what tested.
        model, baseline: their measures; the gains are the model's over the baseline.
        shift: calibration intercept: above 0, more came than foretold.
    """

    first: date
    last: date
    taught: int
    taught_outcomes: int
    rows: int
    outcomes: int
    model: Measured
    baseline: Measured
    shift: float


@dataclass(frozen=True, eq=False)
class _Window:
    """What of a data set was there when a test window ended."""

    frame: pl.DataFrame
    horizon_months: int


def origins(dataset: Dataset, days_a_window: int, most: int) -> tuple[Split, ...]:
    """Splits out of time, the earliest first: as many windows of test days, back from the last, as can be taught for.

    Raises:
        InvalidInput: not even one can.
    """
    days = dataset.frame["as_of"].unique().sort().to_list()
    found: list[Split] = []
    for place in range(most):
        until = len(days) - place * days_a_window
        seen = dataset.frame.filter(pl.col("as_of").is_in(days[: max(until, 0)]))
        try:
            found.insert(0, out_of_time(_Window(seen, dataset.horizon_months), days_a_window))
        except InvalidInput:
            if not found:
                raise
            break
    return tuple(found)


def backtest(
    dataset: Dataset, splits: Sequence[Split], *, seed: int = 0, progress: Callable[[int], None] = lambda _: None
) -> tuple[Origin, ...]:
    """Teach and test at each origin; ``progress`` is called with 1 after each."""
    baseline = BEST_SINGLE if DAYS_SINCE_LAST_ROUND.unfit(dataset.columns) else DAYS_SINCE_LAST_ROUND
    found = []
    for split in splits:
        found.append(_origin(dataset, split, baseline, seed))
        progress(1)
    return tuple(found)


def _origin(dataset: Dataset, split: Split, baseline: Peer, seed: int) -> Origin:
    examination = Examination(WINDOW, "", (split,))
    told = {peer.name: foretold(examination, dataset.columns, peer.fit, seed) for peer in (LIGHTGBM, baseline)}
    sample, days = examination.sample, split.test["as_of"].unique().sort().to_list()
    draws = Draws.of(sample, told)
    return Origin(
        first=days[0],
        last=days[-1],
        taught=split.taught.height,
        taught_outcomes=int(split.taught["label"].sum()),
        rows=split.test.height,
        outcomes=int(sample.labels.sum()),
        model=draws.one(LIGHTGBM.name, baseline.name),
        baseline=draws.one(baseline.name, baseline.name),
        shift=calibration(sample, told[LIGHTGBM.name])["intercept"],
    )


def backtest_study(dataset: Dataset, found: Sequence[Origin], seed: int = 0) -> Study:
    """The origins in a table, with the spread over them."""
    values = np.array([one.model.values["auc"].value for one in found])
    beaten = sum(one.model.gains["auc"].low > 0 for one in found)
    metrics: dict[str, Estimate | float] = {"auc_mean": float(values.mean()), "auc_lowest": float(values.min())}
    for one in found:
        metrics |= {f"{one.first}.auc": one.model.values["auc"], f"{one.first}.auc_gain": one.model.gains["auc"],
                    f"{one.first}.calibration_intercept": one.shift}  # fmt: skip
    return Study(
        kind="backtest",
        data=dataset.name,
        about=dataset.about,
        question=QUESTION,
        says=(
            f"AUC {values.min():.4f} to {values.max():.4f} over {len(found)} origins, {values.mean():.4f} on the mean.",
            f"Better than the one-variable baseline by an interval above zero at {beaten} of {len(found)} origins.",
        ),
        listings=(origins_listing(found),),
        params={"seed": seed, "origins": len(found), **rows_of(dataset)},
        metrics=metrics,
        figures={
            "backtest": course_figure(
                "AUC of each window",
                [str(one.first) for one in found],
                {LIGHTGBM.name: [one.model.values["auc"] for one in found],
                 "one-variable baseline": [one.baseline.values["auc"] for one in found]},
                "AUC",
            )
        },
        simulated=dataset.simulated,
    )  # fmt: skip


def origins_listing(found: Sequence[Origin]) -> Listing:
    """One row an origin."""
    rows = [
        (str(one.first), f"{one.taught:,}", f"{one.taught_outcomes:,}", f"{one.rows:,}",
         f"{one.outcomes:,}", value(one.model.values["auc"]), interval(one.model.values["auc"]),
         gain(one.model.gains["auc"]), value(one.model.values["brier"]), f"{one.shift:+.2f}")
        for one in found
    ]  # fmt: skip
    numbers = "taught|outcomes|tested|outcomes |AUC|95% interval|over one variable (paired)|Brier|level"
    title = "rolling origins: windows tested, each from a day on; level: log-odds by which more came than foretold"
    return listing(title, f"from|{numbers}", rows, numbers)
