"""``python -m seeds.coverage``: do intervals hold the truth out of time, on alliances that chose nothing of the method?

Each alliance is simulated from its own seed and gone through as the demo is. Its model is taught on the past, and its
test rows lie a horizon later, in a winter that no year before it was like. Three things can be meant by "the truth":
the mean PD of companies scored alike, which is what an interval is said to hold; the share of a band of scores that
did default, which strays from the former by chance; and a company's own PD given all that is hidden, which no interval
around a score's PD can hold. Rows of one alliance share its luck, so what is told is sure to how alliances differ.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import polars as pl
import typer

from alliance.config import Settings
from alliance.terminal import PlainErrors, progress
from experiments.certainty.evidence import ALIKE, scored_alike
from experiments.certainty.fitted import intervals
from experiments.certainty.methods import LEVEL
from experiments.listing import Listing, listing
from experiments.metrics import Estimate, Floats, Sample, calibration, estimate
from experiments.panel import LABEL
from experiments.splits import out_of_time
from experiments.study import Study, publish
from experiments.train import grow, regrown, witnesses
from experiments.training import Plan
from scoring.features import FEATURES
from scoring.model.scale import probability
from seeds.demo import LAST_TEACHING_DAY
from seeds.pieces import piece, truth_beside

NEAR = 0.02
"""Of coverage: what may lie between what is said and what is found."""

FIRST_SEED = 2001
"""Seed of the first alliance; the others follow."""

SIZES = (1000, 2000, 4000)
"""Numbers of companies, in turn."""

BANDS = 10
"""Bands of equal numbers of rows, by PD."""

REPLICATES, LUCK = 2_000, 7

MEASURES = {
    "alike": f"mean PD of the {ALIKE} scored most alike",
    "band": f"share that defaulted, in {BANDS} bands",
    "own": "company's own PD, all that is hidden known",
    "width": "mean width",
    "pd": "mean PD",
    "truth": "mean true PD",
    "slope": "calibration slope",
}

app = typer.Typer(cls=PlainErrors, pretty_exceptions_enable=False)


@dataclass(frozen=True, eq=False)
class Told:
    """A panel to split, as far as ``out_of_time`` asks."""

    frame: pl.DataFrame
    horizon_months: int


@dataclass(frozen=True)
class Covered:
    """One alliance's test rows.

    Attributes:
        companies, seed, rows: of the alliance.
        found: each of ``MEASURES``; the first three are shares of rows, or bands, whose interval held it.
    """

    companies: int
    seed: int
    rows: int
    found: Mapping[str, float]


def covered(panel: pl.DataFrame, chances: pl.DataFrame, plan: Plan, *, companies: int, seed: int) -> Covered:
    """Train on an alliance's panel, and hold the intervals of its test rows against chances as of ``truth_beside``."""
    split = out_of_time(Told(panel, plan.horizon), plan.test_quarters)
    chosen = grow(split.fit, split.stop, FEATURES)
    rows = witnesses(chosen, split.taught, FEATURES, plan.horizon)
    raw = regrown(chosen, split.taught, FEATURES).raw(split.test)
    keys = split.test.select("company_id", "as_of", LABEL)
    joined = keys.join(chances, on=["company_id", "as_of"], how="left", maintain_order="left")
    known = joined["bayes_pd"].is_not_null().to_numpy()
    truth, labels = joined["bayes_pd"].to_numpy()[known], joined[LABEL].to_numpy().astype(np.float64)[known]
    pd = probability(rows.calibration.apply(raw[known]))
    low, high = intervals(rows).at(raw[known])
    low, high = np.minimum(low, pd), np.maximum(high, pd)  # as in use: an interval holds the PD shown
    bands = np.array_split(np.argsort(pd, kind="stable"), BANDS)
    found = {
        "alike": _held(low, scored_alike(pd, truth), high),
        "band": _held(*(np.array([values[band].mean() for band in bands]) for values in (low, labels, high))),
        "own": _held(low, truth, high),
        "width": float((high - low).mean()),
        "pd": float(pd.mean()),
        "truth": float(truth.mean()),
        "slope": calibration(Sample.of(labels), pd)["slope"],
    }
    return Covered(companies, seed, int(known.sum()), found)


def _held(low: Floats, truth: Floats, high: Floats) -> float:
    return float(((low <= truth) & (truth <= high)).mean())


def over_alliances(found: Sequence[Covered], name: str) -> Estimate:
    """The mean of a measure, and its interval over alliances drawn with replacement."""
    values = np.array([one.found[name] for one in found])
    drawn = np.random.default_rng(LUCK).integers(len(values), size=(REPLICATES, len(values)))
    return estimate(np.append(values.mean(), values[drawn].mean(axis=1)))


def coverage_listing(found: Sequence[Covered]) -> Listing:
    """One row an alliance, then all."""
    rows = [
        (f"{one.companies:,}", f"{one.seed}", f"{one.rows:,}", *(_shown(name, one.found[name]) for name in MEASURES))
        for one in found
    ]
    every = {name: over_alliances(found, name) for name in MEASURES}
    rows.append(
        ("all", "", f"{sum(one.rows for one in found):,}", *(_shown(name, every[name].value) for name in MEASURES))
    )
    rows.append(("95% interval", "", "", *(_between(name, every[name]) for name in MEASURES)))
    numbers = "|".join(["companies", "seed", "test rows", *MEASURES.values()])
    return listing(f"intervals at {LEVEL:.0%}, out of time: how often they hold the ...", numbers, rows, numbers)


def _shown(name: str, value: float) -> str:
    return f"{value:.2f}" if name == "slope" else f"{value:.1%}" if name in ("alike", "band", "own") else f"{value:.2%}"


def _between(name: str, told: Estimate) -> str:
    return f"{_shown(name, told.low)} to {_shown(name, told.high)}"


def coverage_study(found: Sequence[Covered], first: int) -> Study:
    """The table, what it comes to, and the run."""
    held = over_alliances(found, "alike")
    said = "within" if abs(held.value - LEVEL) <= NEAR else "not within"
    return Study(
        kind="coverage",
        data=f"{len(found)} alliances",
        about=f"Alliances of {', '.join(f'{size:,}' for size in SIZES)} companies in turn, from seed {first} on.",
        question="Do intervals around a PD hold, out of time, what they are said to hold?",
        says=(
            f"They hold the mean true PD of the {ALIKE} companies scored most alike in {held.value:.1%} of test rows"
            f" ({held.low:.1%} to {held.high:.1%} over alliances), {said} {NEAR:.0%} of the {LEVEL:.0%} they are for.",
            "That is what they are for. A company's own PD, all that is hidden known, is held less often, and the share"
            " of a band that defaulted strays from its mean PD by chance.",
        ),
        listings=(coverage_listing(found),),
        params={"alliances": len(found), "first_seed": first, "sizes": " ".join(map(str, SIZES)), "level": LEVEL},
        metrics={name: over_alliances(found, name) for name in MEASURES},
        simulated=True,
    )


@app.command()
def run(
    alliances: Annotated[int, typer.Option(min=2, help="Alliances to make and examine.")] = 18,
    first_seed: Annotated[int, typer.Option(help="Seed of the first; the others follow.")] = FIRST_SEED,
    folder: Annotated[Path | None, typer.Option(help="Where panels are kept; by default `pieces` at home.")] = None,
) -> None:
    """Hold intervals against the simulator's truth on several alliances. Each takes a minute, and is made once."""
    settings, plan = Settings.from_environment(), Plan(last=LAST_TEACHING_DAY)
    found = []
    with progress("alliances", alliances) as bar:
        for number in range(alliances):
            companies, seed = SIZES[number % len(SIZES)], first_seed + number
            made = piece(folder or settings.home / "pieces", companies, seed, plan)
            panel, chances = pl.read_parquet(made), pl.read_parquet(truth_beside(made))
            found.append(covered(panel, chances, plan, companies=companies, seed=seed))
            bar.advance(bar.task_ids[0])
    publish(settings, coverage_study(found, first_seed))


if __name__ == "__main__":
    app()
