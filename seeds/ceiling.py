"""``python -m seeds.ceiling``: how far the demo's model is from what members' claims could tell at best.

The simulator's own chance of default is given all that is hidden, so no model of claims reaches it. How far claims go
is shown by teaching the same recipe on ever larger alliances of the same kind, of other seeds, and examining each on
the demo's own test rows: what is won by size alone is what the demo's model lacks in companies, and what is left to
the chance of all that is hidden is what the claims do not hold, or what yet more companies would teach.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import polars as pl
import typer

from alliance.config import Settings
from alliance.store import Store
from alliance.terminal import PlainErrors, progress
from experiments.foreseeable import best_foreseeable, numbers_of, told_enough
from experiments.listing import Listing, gain, interval, listing, value
from experiments.metrics import Floats, Sample
from experiments.paired import Draws, Measured
from experiments.panel import LABEL, Panel
from experiments.splits import Split, out_of_time, sound
from experiments.study import Study, publish
from experiments.study_plots import forest_figure
from experiments.train import learn
from experiments.training import Plan, panel_of, training_history
from scoring.model.scale import probability
from seeds.demo import LAST_TEACHING_DAY
from seeds.pieces import piece, together

FIRST_SEED = 1001
"""Seed of the first piece; the others follow. None is the demo's own."""

OWN, BEST = "own alliance", "all that is hidden known"

NEAR = 0.01
"""Of AUC: nearer than this to the ceiling, more companies would win little. Our own choice."""

QUESTION = (
    "How well could default be foretold from members' claims at best? The same recipe is taught on ever larger"
    " alliances of other seeds, by the same days, and examined on the demo's test rows."
)
ABOUT = "The demo's test rows; the larger alliances are pieces of the demo's size, each simulated from its own seed."

app = typer.Typer(cls=PlainErrors, pretty_exceptions_enable=False)


@dataclass(frozen=True, eq=False)
class Ceiling:
    """Forecasts of the same test rows.

    Attributes:
        found: by who told, the last but one on most companies; each gain is paired, over the demo's own model.
        left: what the largest alliance's model lacks to all that is hidden known.
        taught: by who told, number of rows and of outcomes it was taught on.
        rows, outcomes: of the test.
    """

    found: Mapping[str, Measured]
    left: Measured
    taught: Mapping[str, tuple[int, int]]
    rows: int
    outcomes: int

    @property
    def largest(self) -> str:
        """Who was taught on most companies."""
        return list(self.taught)[-1]


def sizes_up_to(pieces: int) -> list[int]:
    """Numbers of pieces to look at: doubling, and all of them."""
    return sorted({2**power for power in range(pieces.bit_length()) if 2**power <= pieces} | {pieces})


def taught_on(pieces: Sequence[Path], like: Split) -> Split:
    """A larger alliance's rows of the same days as a split's, under the split's own test.

    Raises:
        InvalidInput: a part lacks either outcome.
    """
    every = together(pieces)
    parts = {
        name: every.filter(pl.col("as_of").is_in(rows["as_of"].unique().implode()))
        for name, rows in vars(like).items()
        if name != "test"
    }
    return sound(Split(**parts, test=like.test))


def ceiling(made: Panel, split: Split, best: Floats, pieces: Sequence[Path]) -> Ceiling:
    """The demo's model, those of larger alliances and the simulator's chance, on the rows of which it is known.

    Args:
        best: the simulator's chance by test row (n); NaN where it says nothing.
    """
    splits = {OWN: split} | {f"{size} x as large": taught_on(pieces[:size], split) for size in sizes_up_to(len(pieces))}
    known = ~np.isnan(best)
    told = {}
    with progress("alliances taught on", len(splits)) as bar:
        for name, one in splits.items():
            grown, calibration = learn(one, made.features)
            told[name] = probability(calibration.apply(grown.raw(split.test)))[known]
            bar.advance(bar.task_ids[0])
    sample = Sample.of(split.test[LABEL].to_numpy()[known], split.test["company_id"].filter(pl.Series(known)))
    draws = Draws.of(sample, {**told, BEST: best[known]})
    return Ceiling(
        found=draws.against(OWN),
        left=draws.one(list(told)[-1], BEST),
        taught={name: (one.taught.height, int(one.taught[LABEL].sum())) for name, one in splits.items()},
        rows=int(known.sum()),
        outcomes=int(sample.labels.sum()),
    )


def ceiling_listing(found: Ceiling) -> Listing:
    """One row a forecast."""
    rows = []
    for name, one in found.found.items():
        taught = [f"{number:,}" for number in found.taught[name]] if name in found.taught else ["", ""]
        more = "" if name == OWN else gain(one.gains["auc"], 4)
        rows.append((name, *taught, value(one.values["auc"]), interval(one.values["auc"]), more))
    title = f"on the demo's {found.rows:,} test rows whose truth is known, {found.outcomes:,} defaults"
    heads = "taught on|rows taught|defaults taught|AUC|95% interval|more than the demo's own (paired)"
    return listing(title, heads, rows, "rows taught|defaults taught|AUC")


def ceiling_study(found: Ceiling, pieces: int, companies: int, seed: int) -> Study:
    """The table, what it comes to, and the run."""
    short = found.found[found.largest].gains["auc"]
    said = "within" if short.value <= NEAR else "not within"
    return Study(
        kind="ceiling",
        data="store",
        about=ABOUT,
        question=QUESTION,
        says=(
            f"The demo's model is {said} {NEAR} of the ceiling from {pieces * companies:,} companies' claims:"
            f" {gain(short, 4)} of AUC to be won by companies alone.",
            f"From all that is hidden known, that ceiling is {gain(found.left.gains['auc'], 4)}.",
        ),
        listings=(ceiling_listing(found),),
        params={"pieces": pieces, "companies": companies, "seed": seed, "first_seed": FIRST_SEED},
        metrics={f"auc.{name.replace(' ', '_')}": one.values["auc"] for name, one in found.found.items()}
        | {"auc_to_be_won": short, "auc_beyond_claims": found.left.gains["auc"]},
        figures={"ceiling": forest_figure("AUC on the demo's test rows",
                                          {name: one.values["auc"] for name, one in found.found.items()}, "AUC")},
        simulated=True,
    )  # fmt: skip


@app.command()
def run(
    pieces: Annotated[int, typer.Option(min=1, help="Alliances of other seeds to make and learn from.")] = 25,
    companies: Annotated[
        int, typer.Option(min=200, help="As the store's seed alliance was made; of each piece.")
    ] = 4000,
    seed: Annotated[int, typer.Option(help="As the store's seed alliance was made.")] = 7,
    folder: Annotated[Path | None, typer.Option(help="Where pieces are kept; by default `pieces` at home.")] = None,
) -> None:
    """Hold the demo's model against models of ever larger alliances. A piece takes minutes, and is made once."""
    settings = Settings.from_environment()
    plan = Plan(last=LAST_TEACHING_DAY)
    made: list[Path] = []
    with progress("alliances", pieces) as bar:
        for number in range(pieces):
            made.append(piece(folder or settings.home / "pieces", companies, FIRST_SEED + number, plan))
            bar.advance(bar.task_ids[0])
    store = Store(settings.database_url)
    try:
        history, _ = training_history(store)
        own = panel_of(history, plan)
        split = out_of_time(own, plan.test_quarters)
        truth = settings.home / f"seeds-{companies}-{seed}" / "truth"
        best = best_foreseeable(numbers_of(store, split.test["company_id"]), split.test, truth)
    finally:
        store.close()
    told_enough(Sample.of(split.test[LABEL].to_numpy(), split.test["company_id"]), best)
    publish(settings, ceiling_study(ceiling(own, split, best, made), pieces, companies, seed))


if __name__ == "__main__":
    app()
