"""The ladder as a study."""

from collections.abc import Mapping, Sequence

from experiments.datasets.dataset import Dataset
from experiments.foreseeable import BEST, best_listing
from experiments.ladder.climb import Ladder
from experiments.ladder.verdict import verdicts
from experiments.listing import Listing, gain, interval, left_out, listing, value
from experiments.metrics import Estimate
from experiments.paired import MEASURES, PARTIAL, Measured
from experiments.peers.report import named_metrics
from experiments.study import Study, rows_of
from experiments.study_plots import forest_figure

QUESTION = (
    "What is each family of signals worth to a model? Nested sets of signals on the same panel, split and seed, each"
    " compared with the set before; then all but one pillar, and all but what one member told. Intervals hold 95 per"
    " cent of 2,000 bootstrap draws of whole companies; differences are paired. Verdicts rest on wider intervals, so"
    " that the chance of any wrong one among them is 5 per cent where no pillar carries anything."
)


def ladder_study(
    dataset: Dataset, ladder: Ladder, *, seed: int = 0, best: Mapping[str, Measured] | None = None, known: int = 0
) -> Study:
    """Tables and verdicts.

    Args:
        best: ``foreseeable.against_best`` of the top rung, on ``known`` rows; only a simulator can tell.
    """
    listings = [rungs_listing(ladder), without_listing(ladder), baselines_listing(ladder)]
    if ladder.skipped:
        listings.append(left_out(ladder.skipped))
    if best:
        listings.append(best_listing(best, known))
    judged = verdicts(ladder)
    found = {name: ladder.draws.one(name, ladder.top) for name in ladder.draws.values}
    metrics = named_metrics({"ladder": found})
    metrics |= {f"step.{one.pillar.value}.auc_gain": one.step for one in judged}
    if best:
        metrics["bayes_auc"] = best[BEST].values["auc"]
    return Study(
        kind="ladder",
        data=dataset.name,
        about=dataset.about,
        question=QUESTION,
        says=tuple(one.sentence() for one in judged),
        listings=tuple(listings),
        params={"seed": seed, "examination": ladder.examination, "columns_all": len(dataset.columns),
                **rows_of(dataset)},
        metrics=metrics,
        figures={
            "ladder": forest_figure(
                f"AUC, {ladder.examination}",
                {name: one.values["auc"] for name, one in found.items()},
                "AUC",
                bound=best[BEST].values["auc"].value if best else None,
            ),
            "left_out": forest_figure("AUC lost", _lost(ladder), "AUC of all less AUC without", mark=0.0),
        },
        simulated=dataset.simulated,
    )  # fmt: skip


NUMBERS = "n|AUC|95% interval|{}|KS|Brier|log-loss|pAUC"
"""Heads after the name: number of columns, measures, and a difference."""

OVER, LESS = "gain (paired)", "difference (paired)"


def rungs_listing(ladder: Ladder) -> Listing:
    """From the bottom up, each against the rung below."""
    title = (
        f"{ladder.examination}: {ladder.how}; {ladder.rows:,} rows of {ladder.companies:,} companies,"
        f" {ladder.outcomes:,} outcomes; pAUC: at most a fifth of the sound turned away,"
        f" {ladder.fresh:,} rows financed within three years"
    )
    rows, below = [], ""
    for rung in ladder.rungs:
        rows.append(_row(ladder, rung.name, below))
        below = rung.name
    return _listing(title, OVER, rows)


def without_listing(ladder: Ladder) -> Listing:
    """All but a pillar, all but a member, each against all."""
    names = [rung.name for rung in ladder.without] + list(ladder.members)
    rows = [_row(ladder, name, ladder.top) for name in names]
    return _listing(f"left out, less the AUC of {ladder.top}", LESS, rows)


def baselines_listing(ladder: Ladder) -> Listing:
    """What is no model, against all."""
    rows = [_row(ladder, name, ladder.top) for name in ladder.baselines]
    return _listing(f"no model at all, less the AUC of {ladder.top}", LESS, rows)


def _listing(title: str, difference: str, rows: Sequence[tuple[str, ...]]) -> Listing:
    numbers = NUMBERS.format(difference)
    return listing(title, f"by|{numbers}", rows, numbers)


def _row(ladder: Ladder, name: str, against: str) -> tuple[str, ...]:
    one = ladder.draws.one(name, against or name)
    found = [one.values.get(measure) for measure in MEASURES]
    auc, ks, brier, log_loss, _ = found
    return (
        name,
        str(ladder.sizes.get(name, "")),
        value(auc),
        interval(auc),
        gain(one.gains["auc"]) if against else "",
        value(ks, 3),
        value(brier),
        value(log_loss),
        value(one.values.get(PARTIAL), 3),
    )


def _lost(ladder: Ladder) -> dict[str, Estimate]:
    names = [rung.name for rung in ladder.without] + list(ladder.members)
    return {name: ladder.draws.one(ladder.top, name).gains["auc"] for name in names}
