"""How much of a score is the luck of a seed: the same model grown again and again, and how far companies move."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from experiments.datasets.dataset import Dataset, Examination
from experiments.listing import Listing, listing
from experiments.metrics import Floats, replicated
from experiments.peers import LIGHTGBM
from experiments.peers.compare import foretold
from experiments.study import Study, rows_of
from experiments.study_plots import spread_figure
from scoring.model import ScoreScale

QUESTION = (
    "How much of a score is luck? The same rows and recipe, another seed each time: the measures' spread, and how far"
    " one company's points move between two models that nobody could prefer one to the other."
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Stability:
    """Models by seed, on the same test rows.

    Attributes:
        examination: its name.
        seeds: the seeds (s).
        measures: by name, one value a seed (s).
        agreement: Spearman's rank correlation of PDs, lowest over pairs of seeds.
        points_spread: by row, the standard deviation of its points over seeds (n).
        regraded: share of rows that do not have the same grade by all seeds.
    """

    examination: str
    seeds: tuple[int, ...]
    measures: Mapping[str, Floats]
    agreement: float
    points_spread: Floats
    regraded: float


def stability(
    dataset: Dataset,
    examination: Examination,
    seeds: Sequence[int],
    *,
    progress: Callable[[int], None] = lambda _: None,
) -> Stability:
    """Grow a model by each seed; ``progress`` is called with 1 after each."""
    told = []
    for seed in seeds:
        told.append(foretold(examination, dataset.columns, LIGHTGBM.fit, seed))
        progress(1)
    sample = examination.sample
    found = [{name: drawn[0] for name, drawn in replicated(sample, pd, 0).items()} for pd in told]
    pds, scale = np.stack(told), ScoreScale()
    points = scale.points(np.log(pds / (1 - pds)))
    grades = np.array([scale.grades(row) for row in pds])
    return Stability(
        examination=examination.name,
        seeds=tuple(seeds),
        measures={name: np.array([one[name] for one in found]) for name in found[0]},
        agreement=_lowest_agreement(pds),
        points_spread=points.std(axis=0, ddof=1),
        regraded=float((grades != grades[0]).any(axis=0).mean()),
    )


def _lowest_agreement(pds: Floats) -> float:
    """Spearman's rank correlation of the two rows (of s, each n) that agree least."""
    ranks = np.stack([rankdata(row) for row in pds])
    return float(np.corrcoef(ranks).min())


def stability_study(dataset: Dataset, found: Stability) -> Study:
    """The spread in tables."""
    auc = found.measures["auc"]
    middle, far = np.quantile(found.points_spread, [0.5, 0.95])
    metrics = {f"{name}_sd": float(values.std(ddof=1)) for name, values in found.measures.items()}
    metrics |= {"rank_agreement_lowest": found.agreement, "points_sd_median": float(middle),
                "points_sd_p95": float(far), "regraded_share": found.regraded}  # fmt: skip
    return Study(
        kind="stability",
        data=dataset.name,
        about=dataset.about,
        question=QUESTION,
        says=(
            f"Over {len(auc)} seeds the AUC keeps to {auc.min():.4f} to {auc.max():.4f}:"
            " a difference of models smaller than that is not one of their signals.",
            f"Half of the rows move by a standard deviation of {middle:.1f} points or less, 95 per cent by {far:.1f} or"
            f" less; {found.regraded:.1%} do not have the same grade by all seeds.",
        ),
        listings=(measures_listing(found), rows_listing(found)),
        params={"seeds": " ".join(map(str, found.seeds)), "examination": found.examination, **rows_of(dataset)},
        metrics=metrics,
        figures={"seeds": spread_figure("AUC by seed", {"AUC": auc.tolist()}, "AUC")},
        simulated=dataset.simulated,
    )


def measures_listing(found: Stability) -> Listing:
    """Spread of each measure over the seeds."""
    rows = [
        (name, f"{values.mean():.4f}", f"{values.std(ddof=1):.4f}", f"{values.min():.4f}", f"{values.max():.4f}")
        for name, values in found.measures.items()
    ]
    title = f"{found.examination}: {len(found.seeds)} seeds on the same rows"
    return listing(
        title, "measure|mean|standard deviation|lowest|highest", rows, "mean|standard deviation|lowest|highest"
    )


def rows_listing(found: Stability) -> Listing:
    """How far single rows move."""
    shares = (0.5, 0.9, 0.95, 0.99)
    rows = [(f"{share:.0%} of rows", f"{np.quantile(found.points_spread, share):.2f}") for share in shares]
    rows += [("lowest rank correlation of two seeds", f"{found.agreement:.4f}"),
             ("rows not of one grade by all seeds", f"{found.regraded:.1%}")]  # fmt: skip
    return listing("standard deviation of a row's points over the seeds", "what|points", rows, "points")
