"""What foretold, in October 2013, that a company would close by the end of 2014; and who may close after that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from alliance.store import Store
from experiments.crunchbase.cohort import END_OF_2014, NAMESPACE, PLACE, history_2014
from experiments.experiment import Experiment, experiment
from experiments.metrics import Estimate, Sample, auc_gains, measure
from experiments.panel import LABEL, VINTAGE, Panel
from experiments.splits import Split, by_company, company_folds
from experiments.train import learn
from scoring.features import FEATURES, Feature, feature_frame, feature_named
from scoring.model import Bundle
from scoring.model.scale import probability
from scoring.result import Score
from scoring.score import score

Floats = NDArray[np.float64]

FOLDS = 5
LATER_VINTAGE = 2012
"""Out of vintage: learn from companies first funded before this year, test on those first funded in it or after."""

LAST_ROUND = "round_last_age"

BOTH_EXPORTS = (
    "company_age", "company_capital_heavy", "company_biomedicine", "company_digital", "round_first_age",
    "round_last_age", "round_first_delay", "round_stage", "round_total_amount",
)  # fmt: skip
"""Features that mean the same in both exports: the later one dates the first and the last round only."""

THIN = (
    "company_age", "company_capital_heavy", "company_biomedicine", "company_digital", "round_total_amount",
    "round_largest_amount", "round_last_amount",
)  # fmt: skip
"""Amounts, age and sector: what a lender has without following the financing."""

BASELINE, PORTABLE, LOOKED_FOR = "days since the last round", "signals both exports tell", "all signals"

LADDER: Mapping[str, tuple[Feature, ...]] = {
    "amounts, age and place": (*map(feature_named, THIN), *PLACE),
    PORTABLE: tuple(map(feature_named, BOTH_EXPORTS)),
    LOOKED_FOR: FEATURES,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Findings:
    """How well each set of signals foretells, on the same companies.

    Attributes:
        companies, closures: how many were examined, and how many of them closed.
        auc: by name, the baseline first.
        gain: area over the baseline, paired, of each of the others.
        brier: Brier score of the models' calibrated probabilities, by name.
        trees: trees of each model, fold by fold.
    """

    companies: int
    closures: int
    auc: Mapping[str, Estimate]
    gain: Mapping[str, Estimate]
    brier: Mapping[str, Estimate]
    trees: Mapping[str, Sequence[int]]


def cross_validated(panel: Panel, folds: int = FOLDS) -> Findings:
    """Each company foretold by models that never saw it, in folds by company."""
    fold = company_folds(panel.frame["company_id"], folds)
    return _findings([by_company(panel.frame, fold == place) for place in range(folds)])


def out_of_vintage(panel: Panel) -> Findings:
    """Companies first funded in ``LATER_VINTAGE`` or after, foretold from those before; both told in the same years."""
    funded = panel.frame.filter(pl.col(VINTAGE).is_not_null())
    return _findings([by_company(funded, (funded[VINTAGE] >= LATER_VINTAGE).to_numpy())])


def _findings(splits: Sequence[Split]) -> Findings:
    tested = pl.concat([split.test for split in splits])
    sample = Sample.of(tested[LABEL].to_numpy(), tested["company_id"])
    told = {name: _foretold(splits, features) for name, features in LADDER.items()}
    log_odds = {name: found for name, (found, _) in told.items()}
    found = auc_gains(sample, {BASELINE: days_since_last_round(tested), **log_odds}, BASELINE)
    return Findings(
        companies=tested.height,
        closures=int(tested[LABEL].sum()),
        auc={name: area for name, (area, _) in found.items()},
        gain={name: gain for name, (_, gain) in found.items() if name != BASELINE},
        brier={name: measure(sample, probability(values))["brier"] for name, values in log_odds.items()},
        trees={name: trees for name, (_, trees) in told.items()},
    )


def _foretold(splits: Sequence[Split], features: Sequence[Feature]) -> tuple[Floats, list[int]]:
    """Calibrated log-odds of all test rows, split after split, and the number of trees of each."""
    parts, trees = [], []
    for split in splits:
        grown, calibration = learn(split, features)
        parts.append(calibration.apply(grown.raw(split.test)))
        trees.append(grown.trees)
    return np.concatenate(parts), trees


def days_since_last_round(rows: pl.DataFrame) -> Floats:
    """The baseline's ranking: no model at all. No dated round ranks as the longest wait."""
    days: Floats = rows[LAST_ROUND].fill_null(float("inf")).to_numpy()
    return days


def model(panel: Panel) -> Experiment:
    """The model that scores the later cohort, by the signals both exports tell; tested on one fold of the companies."""
    told = replace(panel, features=LADDER[PORTABLE])
    split = by_company(panel.frame, company_folds(panel.frame["company_id"], FOLDS) == 0)
    return experiment(told, split, version="crunchbase-2013")


def scores_2014(store: Store, bundle: Bundle) -> pl.DataFrame:
    """Every company operating at the end of 2014, scored as of then by the one scoring function.

    Returns:
        ``slug``, ``country`` (null for unknown), ``pd``, ``points``, ``grade``, ``reasons_zh``, ``reasons_en`` (the
        features that did most, worst first, each with its points), ordered by ``slug``.
    """
    history = history_2014(store)
    facts = history.facts(END_OF_2014)
    operating = facts.frames["company_profile"].filter(pl.col("status") == "operating")
    features = feature_frame(facts, [feature_named(name) for name in bundle.names])
    population = features.join(operating, left_on="company_id", right_on="subject_id", how="semi")
    found = score(bundle, population, as_of=END_OF_2014, watermark=facts.watermark)
    slugs = {entry.company_id: entry.identifiers[NAMESPACE] for entry in store.companies([s.company_id for s in found])}
    countries = dict(operating.select("subject_id", "country").iter_rows())
    return pl.DataFrame(
        [_row(slugs[scored.company_id], countries[scored.company_id], scored) for scored in found],
        schema={
            "slug": pl.String, "country": pl.String, "pd": pl.Float64, "points": pl.Float64, "grade": pl.String,
            "reasons_zh": pl.String, "reasons_en": pl.String,
        },
        orient="row",
    ).sort("slug")  # fmt: skip


def _row(slug: str, country: str | None, scored: Score) -> tuple[object, ...]:
    reasons = (*scored.raises, *reversed(scored.lowers))
    zh = "；".join(f"{reason.zh}（{reason.points:+.0f}）" for reason in reasons)
    en = "; ".join(f"{reason.en} ({reason.points:+.0f})" for reason in reasons)
    return slug, country, scored.pd, scored.points, scored.grade, zh, en
