"""Certainty on the console and in MLflow: the evidence, what was chosen, and what it does on a store's test rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rich.table import Table

from alliance.config import Settings
from alliance.terminal import out, progress, table
from experiments.certainty.evidence import ALIKE, Coverage, Trial, chosen, compare
from experiments.certainty.fitted import band_by_accuracy, certainty_of, shifts
from experiments.certainty.methods import LEVEL
from experiments.coupling.confined import by_pillar
from experiments.coupling.laboratory import folds
from experiments.coupling.worlds import world
from experiments.experiment import DataUsed, examined
from experiments.panel import Panel
from experiments.report import shown
from experiments.splits import Split
from experiments.tracking import log_study
from experiments.train import grow, matrix, regrown, train, witnesses
from scoring.model.certainty import Advice, Band, Certainty

Floats = NDArray[np.float64]

LAWS, SEEDS, COMPANIES, BASE_RATE = ("additive", "weakest_link", "steps"), (1, 2), (3_000, 6_000), 0.05
"""Worlds the methods are compared on: smooth, coupled and with jumps, small and larger (some 30 and 50 outcomes to make
intervals from), at a start-up portfolio's rate of default."""

BAD_AMONG_APPROVED, BAD_AMONG_DECLINED = 0.02, 0.15
"""Accuracy asked of the other band, a convention too."""


@dataclass(frozen=True, eq=False)
class CertaintyFound:
    """A store's certainty and what it does on the test rows.

    Attributes:
        certainty: with the band by cost.
        accurate: the band by accuracy.
        alarms: share of test rows flagged, as they are and under each shift.
        pd, labels: of the test rows (n).
        unlike: flagged as they are (n).
        tested: ``company_id`` and ``as_of`` of the test rows (n).
        low, high: their intervals (n).
    """

    certainty: Certainty
    accurate: Band
    alarms: Mapping[str, float]
    pd: Floats
    labels: Floats
    unlike: NDArray[np.bool_]
    tested: pl.DataFrame
    low: Floats
    high: Floats

    @property
    def width(self) -> float:
        """Mean width of the intervals."""
        return float((self.high - self.low).mean())

    @property
    def inside(self) -> float:
        """Share of ten bins by PD whose observed share is within the bin's mean interval."""
        bins = np.array_split(np.argsort(self.pd, kind="stable"), 10)
        held = [self.low[part].mean() <= self.labels[part].mean() <= self.high[part].mean() for part in bins]
        return float(np.mean(held))


def trials(seeds: Sequence[int] = SEEDS) -> list[Trial]:
    """Models on worlds whose true PDs are known."""
    return [_trial(law, seed, companies) for companies in COMPANIES for law in LAWS for seed in seeds]


def _trial(law: str, seed: int, companies: int) -> Trial:
    made = world(law, companies, seed, base_rate=BASE_RATE)
    split = folds(made.panel)[0]
    chosen = grow(split.fit, split.stop, made.panel.features)
    kept = regrown(chosen, split.taught, made.panel.features)
    places = split.test["company_id"].str.slice(len("co_")).cast(int).to_numpy()
    rows = witnesses(chosen, split.taught, made.panel.features, made.panel.horizon_months)
    return Trial(rows, kept.raw(split.test), made.pd[places])


def certainty_on(panel: Panel, split: Split, band: Band) -> CertaintyFound:
    """The certainty of a model of the panel, measured on its test rows."""
    found = examined(panel, split, train(panel, split, version="certainty"), split.test)
    rows, names = found.trained.witnesses, panel.names
    certainty = certainty_of(
        rows, band, developed=matrix(split.taught, names), earlier=matrix(split.fit, names),
        later=matrix(split.stop, names),
    )  # fmt: skip
    accurate = band_by_accuracy(
        rows.pd, rows.sample.labels, bad_among_approved=BAD_AMONG_APPROVED, bad_among_declined=BAD_AMONG_DECLINED
    )
    values, pd = matrix(split.test, names), found.scored.pd
    low, high = certainty.interval((found.scored.log_odds - found.bundle.calibration.intercept)
                                   / found.bundle.calibration.slope, pd)  # fmt: skip
    alarms = {
        name: float(certainty.support.unlike(shifted).mean())
        for name, shifted in shifts(values, by_pillar(panel.features)).items()
    }
    return CertaintyFound(
        certainty=certainty,
        accurate=accurate,
        alarms=alarms,
        pd=pd,
        labels=found.sample.labels,
        unlike=certainty.support.unlike(values),
        tested=split.test.select("company_id", "as_of"),
        low=low,
        high=high,
    )


def evidence() -> dict[str, Coverage]:
    """The methods where truth is known, with a bar on the console."""
    with progress("worlds of known truth", None):
        return compare(trials())


def run_certainty(
    settings: Settings, compared: Mapping[str, Coverage], panel: Panel, split: Split, *, data: DataUsed, band: Band
) -> CertaintyFound:
    """Print what the evidence chooses and what that does on a panel; keep both in MLflow."""
    found = certainty_on(panel, split, band)
    listings = (coverage_table(compared), alarms_table(found), band_table(found))
    words = (
        f"Chosen on evidence: {chosen(compared)}. On the test rows its intervals are {found.width:.2%} wide on the"
        f" average and hold the observed share in {found.inside:.0%} of ten bins."
    )
    for listing in listings:
        out.print(listing)
    out.print(words, highlight=False)
    numbers = {f"coverage.{name.replace(', ', '_')}": one.of_score for name, one in compared.items()}
    run = log_study(
        settings,
        experiment="certainty",
        name=f"{panel.outcome.name}-{panel.horizon_months}m",
        params={"chosen": chosen(compared), "level": LEVEL, "approve_below": band.approve_below,
                "decline_from": band.decline_from},
        metrics={**numbers, "width": found.width, "false_alarms": found.alarms["as they are"]},
        card=shown(*listings, words),
        data=data,
    )  # fmt: skip
    out.print(f"run {run} at {settings.tracking_uri}", highlight=False)
    return found


def coverage_table(compared: Mapping[str, Coverage]) -> Table:
    """How often each method's intervals hold the truth, and how wide they are."""
    numbers = ("holds the score's PD", "holds the company's own", "mean width", "steps")
    listing = table(
        f"intervals at {LEVEL:.0%} where the true PD is known; score's PD: mean of the {ALIKE} scored most alike",
        "method", *numbers, "", right=numbers,
    )  # fmt: skip
    best = chosen(compared)
    for name, one in compared.items():
        cells = (f"{one.of_score:.1%}", f"{one.of_company:.1%}", f"{one.width:.2%}", f"{one.steps}")
        listing.add_row(name, *cells, "chosen" if name == best else "")
    return listing


def alarms_table(found: CertaintyFound) -> Table:
    """How often test rows are called unlike those learned from."""
    most = found.certainty.support.most
    listing = table(
        f"unlike the companies learned from: more than {most} features out of place", "test rows", "flagged",
        right=("flagged",),
    )  # fmt: skip
    for name, share in found.alarms.items():
        listing.add_row(name, f"{share:.1%}")
    return listing


def band_table(found: CertaintyFound) -> Table:
    """What each band suggests on the test rows, and what came of it."""
    numbers = ("approve below", "decline from", "approved", "of them bad", "referred", "declined", "bad among declined")
    listing = table("refer bands on the test rows", "chosen by", *numbers, right=numbers)
    for name, band in (("cost", found.certainty.band), ("accuracy", found.accurate)):
        advice = np.array(band.advise(found.pd, found.unlike))
        approved, declined = advice == Advice.APPROVE, advice == Advice.DECLINE
        listing.add_row(
            name, f"{band.approve_below:.2%}", f"{band.decline_from:.2%}", f"{approved.mean():.1%}",
            _share(found.labels[approved]), f"{(advice == Advice.REFER).mean():.1%}", f"{declined.mean():.1%}",
            _share(found.labels[declined]),
        )  # fmt: skip
    return listing


def _share(labels: Floats) -> str:
    return f"{labels.mean():.1%}" if len(labels) else "none"
