"""The three questions put to a panel, one after the other, each on rows that nothing was chosen by."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from experiments.coupling.composites import BENT, CES, MEAN, SHAPES, Shape, fit, fitted_rho, percentiles
from experiments.coupling.confined import by_feature, by_pillar, parts, pillars_of, refuse_mixed
from experiments.coupling.interactions import REPLICATES, Pair, interacting
from experiments.coupling.steps import Step, find_steps
from experiments.metrics import Estimate, Sample, log_loss_gain
from experiments.panel import LABEL, Panel
from experiments.splits import Split, by_company, company_folds
from experiments.train import RECIPE, Recipe, grow, learn
from scoring.model.scale import probability

Floats = NDArray[np.float64]
Progress = Callable[[str], None]
"""Told what begins."""

LABORATORY = replace(
    RECIPE, learning_rate=0.05, max_depth=3, num_leaves=6, leaf_share=0.02, feature_fraction=0.5, patience=40
)
"""Trees of both sides. Chosen on worlds of known laws, so that each side is near its best there, and never on the data
that are asked: with few large leaves neither side is held back, or let loose, by how it is grown."""

FOLDS = 3


@dataclass(frozen=True)
class Effort:
    """How often things are drawn.

    Attributes:
        maps: maps of additive data the interaction map is held against.
        steps: data without jumps the step finder is held against.
        refits: refits behind the interval of rho.
    """

    maps: int = 39
    steps: int = 99
    refits: int = 200


@dataclass(frozen=True)
class Findings:
    """What the laboratory saw; gains are in log-loss a row (nats), above nought for the one named first.

    Attributes:
        rows, companies, outcomes: of the test.
        free_gain: (a) of trees that may mix pillars over trees confined to one each.
        composite_gains: (b) of each composite over the weighted mean.
        over_bent: (b) of CES over the bent sum.
        rho: (b) of CES on the test rows, for description; gains are from composites fitted elsewhere.
        pillars, features: (c) their pairs, strongest excess first.
        steps: (c) likeliest step of each feature.
    """

    rows: int
    companies: int
    outcomes: int
    free_gain: Estimate
    composite_gains: Mapping[str, Estimate]
    over_bent: Estimate
    rho: Estimate
    pillars: tuple[Pair, ...]
    features: tuple[Pair, ...]
    steps: tuple[Step, ...]


def folds(panel: Panel, count: int = FOLDS) -> list[Split]:
    """Splits by company in which each company is tested once: for panels of one day."""
    fold = company_folds(panel.frame["company_id"], count)
    return [by_company(panel.frame, fold == place) for place in range(count)]


def investigate(
    panel: Panel, splits: Sequence[Split], *, recipe: Recipe = LABORATORY, effort: Effort | None = None,
    seed: int = 7, progress: Progress = lambda _: None,
) -> Findings:  # fmt: skip
    """Put the three questions to a panel.

    Args:
        panel: gives the features and the horizon.
        splits: (a) and (b) are answered on the test rows of all together, which must not overlap; (c) on the
            ``taught`` rows of the first.
    """
    effort = effort or Effort()
    labels = np.concatenate([split.test[LABEL].to_numpy() for split in splits])
    companies = np.concatenate([split.test["company_id"].to_numpy() for split in splits])
    sample = Sample.of(labels, companies.tolist())
    progress("(a) confined against free")
    free_gain = contest(panel, splits, sample, recipe)
    progress("(b) composites")
    told, strengths = composites(panel, splits, recipe)
    gains = {shape.name: log_loss_gain(sample, told[shape], told[MEAN]) for shape in SHAPES if shape is not MEAN}
    rho = fitted_rho(CES, strengths, sample, replicates=effort.refits, seed=seed)
    pillars, features = maps(panel, splits[0], recipe, effort.maps, seed=seed, progress=progress)
    progress("(c) steps")
    steps = find_steps(
        splits[0], panel.features, recipe, panel.horizon_months, replicates=effort.steps, seed=seed
    )  # fmt: skip
    return Findings(
        rows=len(labels),
        companies=sample.count,
        outcomes=int(sample.labels.sum()),
        free_gain=free_gain,
        composite_gains=gains,
        over_bent=log_loss_gain(sample, told[CES], told[BENT]),
        rho=rho,
        pillars=pillars,
        features=features,
        steps=steps,
    )


def contest(panel: Panel, splits: Sequence[Split], sample: Sample, recipe: Recipe = LABORATORY) -> Estimate:
    """(a): gain of free trees over confined ones on the test rows of all splits, each grown and calibrated alike."""
    groups = by_pillar(panel.features)
    free, confined = [], []
    for split in splits:
        grown, calibration = learn(split, panel.features, recipe)
        free.append(probability(calibration.apply(grown.raw(split.test))))
        grown, calibration = learn(split, panel.features, recipe, groups=groups)
        refuse_mixed(grown, groups)
        confined.append(probability(calibration.apply(grown.raw(split.test))))
    return log_loss_gain(sample, np.concatenate(free), np.concatenate(confined))


def composites(
    panel: Panel, splits: Sequence[Split], recipe: Recipe = LABORATORY
) -> tuple[dict[Shape, Floats], Floats]:
    """(b): PD of the test rows by each composite (n), and their pillars' strengths (n, p).

    A pillar's strength is the percentile, among the rows that grew the trees, of what it does to the log-odds of
    trees confined to pillars. Composites are fitted to the strengths of the ``stop`` rows, which grew none of them.
    """
    groups = by_pillar(panel.features)
    told: dict[Shape, list[Floats]] = {shape: [] for shape in SHAPES}
    strengths = []
    for split in splits:
        grown = grow(split.fit, split.stop, panel.features, recipe, groups=groups)
        among = parts(grown, split.fit, groups)
        fitted_on, tested = (percentiles(parts(grown, rows, groups), among) for rows in (split.stop, split.test))
        labels = split.stop[LABEL].to_numpy().astype(np.float64)
        for shape in SHAPES:
            told[shape].append(probability(fit(shape, fitted_on, labels).log_odds(tested)))
        strengths.append(tested)
    return {shape: np.concatenate(found) for shape, found in told.items()}, np.concatenate(strengths)


def maps(
    panel: Panel, split: Split, recipe: Recipe = LABORATORY, replicates: int = REPLICATES, *,
    seed: int = 7, progress: Progress = lambda _: None,
) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:  # fmt: skip
    """(c): pairs of pillars against data in which pillars add up, pairs of features against data in which all do."""
    pillars = by_pillar(panel.features), [str(pillar) for pillar in pillars_of(panel.features)]
    features = by_feature(panel.features), panel.names
    found = []
    for what, (groups, names) in (("pillars", pillars), ("features", features)):
        progress(f"(c) pairs of {what}")
        found.append(
            interacting(
                split,
                panel.features,
                groups,
                names,
                recipe=recipe,
                horizon_months=panel.horizon_months,
                replicates=replicates,
                seed=seed,
            )
        )
    return found[0], found[1]
