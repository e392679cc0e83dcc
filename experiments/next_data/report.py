"""Next best data as a study: how fast the error falls, with a verdict."""

import numpy as np

from alliance.terminal import progress
from experiments.listing import Listing, gain, interval, listing, value
from experiments.metrics import Estimate, Floats, Sample, estimate, surprise
from experiments.next_data.revealing import ALWAYS_KNOWN, OURS, WAYS, Revealed, importance, revealed
from experiments.panel import Panel
from experiments.splits import out_of_time
from experiments.study import Study
from experiments.study_plots import course_figure
from experiments.train import train
from experiments.training import Plan

REPLICATES = 2_000
"""Draws of companies."""

QUESTION = (
    "Which signal should be obtained next? Of every company tested, signals are hidden by lot and revealed one at a"
    " time: by what scoring.advice expects of each for this company, by lot, and by global importance; all cost the"
    " same. The error is the distance of the PD from the PD with everything known. Intervals hold 95 per cent of"
    f" {REPLICATES:,} bootstrap draws of companies; differences are paired."
)

ERROR, LOSS = "error", "log-loss"
"""Measures: mean distance of the PD from that with all known; mean negative log-likelihood of the outcomes."""


def run_next_data(made: Panel, plan: Plan, *, share: float, most: int, seed: int = 0) -> Study:
    """Train a model by a plan on a panel, and reveal signals of the companies of its test, each as last tested."""
    split = out_of_time(made, plan.test_quarters, companies_apart=plan.companies_apart)
    bundle = train(made, split, version="next-data").bundle
    rows = split.test.sort("company_id", "as_of").unique("company_id", keep="last", maintain_order=True)
    weights = importance(bundle, split.taught)
    with progress("companies", len(rows) * len(WAYS) * (most + 1)) as bar:
        found = revealed(
            bundle, rows, weights, share=share, most=most, seed=seed,
            progress=lambda n: bar.advance(bar.task_ids[0], n),
        )  # fmt: skip
    about = f"One row a company, as last tested; {ALWAYS_KNOWN} is never hidden, each other known signal with a chance"
    return next_data_study(
        found, about=f"{about} of {share:g}.", simulated=plan.simulated,
        params={"share_hidden": share, "revealed": most, "seed": seed, "outcome": plan.outcome,
                "horizon": plan.horizon, "trained_until": str(split.taught["as_of"].max())},
    )  # fmt: skip


def next_data_study(found: Revealed, *, about: str, simulated: bool, params: dict[str, object]) -> Study:
    """Tables, curves and verdicts."""
    measured = {measure: _replicated(found, measure) for measure in (ERROR, LOSS)}
    gains = {
        (measure, way): estimate(_area(values[way]) - _area(values[OURS]))
        for measure, values in measured.items()
        for way in WAYS
        if way != OURS
    }
    courses = {way: [estimate(step) for step in values.T] for way, values in measured[ERROR].items()}
    areas = {(measure, way): estimate(_area(values[way])) for measure, values in measured.items() for way in WAYS}
    steps = [str(step) for step in range(len(courses[OURS]))]
    return Study(
        kind="next-data",
        data="store",
        about=about,
        question=QUESTION,
        says=tuple(sentence(measure, way, one) for (measure, way), one in gains.items()),
        listings=(_course_listing(found, courses), _areas_listing(areas, gains)),
        params={**params, "companies": len(found.labels), "model": found.bundle.sha256},
        metrics={f"{measure}.{way}": one for (measure, way), one in areas.items()}
        | {f"{measure}.gain_over.{way}": one for (measure, way), one in gains.items()},
        figures={"error": course_figure("Error left", steps, courses, "mean |PD - PD with all known|")},
        simulated=simulated,
    )


def sentence(measure: str, way: str, gained: Estimate) -> str:
    """The verdict against one order, by the interval of the paired difference."""
    figures = f"({measure} {gain(gained, 5)}, averaged over the signals revealed)"
    if gained.low > 0:
        return f"The next best datum cuts the {measure} faster than {way} does {figures}."
    if gained.high < 0:
        return f"The next best datum cuts the {measure} more slowly than {way} does {figures}."
    return f"No gain of the next best datum over {way} is shown {figures}."


def _replicated(found: Revealed, measure: str) -> dict[str, Floats]:
    """By way, the mean of a measure after each number of signals, on the companies and on each draw (1 + r, k + 1)."""
    sample = Sample.of(found.labels, found.companies)
    values = {way: _measured(found, sample, pd, measure) for way, pd in found.pd.items()}
    joined = sample.sums(np.column_stack([*values.values(), np.ones(len(found.labels))]))
    sums = np.concatenate([times @ joined for times in sample.draws(REPLICATES, seed=0)])
    means = sums[:, :-1] / sums[:, -1:]
    width = means.shape[1] // len(values)
    return {way: means[:, place * width : (place + 1) * width] for place, way in enumerate(values)}


def _measured(found: Revealed, sample: Sample, pd: Floats, measure: str) -> Floats:
    if measure == ERROR:
        error: Floats = np.abs(pd - found.whole[:, None])
        return error
    return np.column_stack([surprise(sample, step) for step in pd.T])


def _area(values: Floats) -> Floats:
    """The mean over the steps at which something is revealed (1 + r)."""
    area: Floats = values[:, 1:].mean(axis=1)
    return area


def _course_listing(found: Revealed, courses: dict[str, list[Estimate]]) -> Listing:
    title = (
        f"mean |PD - PD with all known| in percentage points, by number of signals revealed; {len(found.labels):,}"
        f" companies, {found.hidden.mean():.1f} signals hidden on average"
    )
    heads = "|".join(str(step) for step in range(len(courses[OURS])))
    rows = [(way, *(f"{100 * one.value:.3f}" for one in course)) for way, course in courses.items()]
    return listing(title, f"by|{heads}", rows, heads)


def _areas_listing(areas: dict[tuple[str, str], Estimate], gains: dict[tuple[str, str], Estimate]) -> Listing:
    rows = [
        (measure, way, value(one, 5), interval(one, 5), gain(gains.get((measure, way)), 5))
        for (measure, way), one in areas.items()
    ]
    heads = "mean|95% interval|more than next best (paired)"
    return listing("averaged over the signals revealed", f"measure|by|{heads}", rows, heads)
