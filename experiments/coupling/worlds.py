"""Made-up worlds whose law is known, to see what each instrument of the laboratory finds and what it must not.

A company has four pillars, each measured by ``MEASURES`` features, uniform on (0, 1) and correlated within the company
by one shared normal factor. A pillar's strength is the percentile of the sum of its features' normal scores, so it is
uniform on (0, 1) too, and it is 1 for the strongest. Outcomes are drawn independently from the stated log-odds; the
intercept makes the mean PD ``base_rate``. All is known but the draw: ``pd`` is the true PD given the features.

What the laws say, on the scale of log-odds (adding log-odds multiplies odds):

=================  =====================================================================================================
``additive``       minus ``SLOPE`` times the mean of the strengths: a loss in one is made up for by a gain in another
``bent``           minus ``BENT_SLOPE`` times the mean of their logarithms: still a sum, so no pillar couples
``multiplicative`` minus ``SLOPE`` times the geometric mean: any strength at nought takes all the others with it
``weakest_link``   minus ``SLOPE`` times CES of ``WEAKEST`` (close to the least strength)
``pairs``          ``additive``, and ``PAIR`` times the product of two features' normal scores, for each planted pair
``steps``          ``additive``, and ``JUMP`` where a feature is below its planted threshold
=================  =====================================================================================================

Nothing here is evidence about real companies.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import norm

from alliance.errors import NotFound
from alliance.rights import Access, AccessRequest
from alliance.signals import Pillar
from experiments.coupling.composites import ces
from experiments.outcome import outcome_named
from experiments.own_study import OPERATOR_MEMBER
from experiments.panel import LABEL, VINTAGE, Panel
from scoring.features import Feature, Unit

Floats = NDArray[np.float64]

PILLARS = (Pillar.TECHNOLOGY, Pillar.TEAM, Pillar.BUSINESS_MODEL, Pillar.VENTURE)
MEASURES = 3
SHARED = 0.2
"""Correlation of any two features' normal scores."""

SLOPE, BENT_SLOPE = 10.0, 3.0
WEAKEST = -4.0
PAIR = 0.8
JUMP = 1.3

PLANTED_PAIRS = (("technology_1", "team_1"), ("business_model_2", "venture_2"))
PLANTED_STEPS: Mapping[str, float] = {"team_1": 0.35, "venture_1": 0.6}

DAY = date(2024, 12, 31)


@dataclass(frozen=True, eq=False)
class World:
    """Companies, what can be known of them, and what is true.

    Attributes:
        name: of the law.
        panel: one row a company, of one day.
        pd: true PD given the features (n).
        pairs: features that act together by the law, beyond what each does alone; empty where none, or where all do.
        steps: features with a jump, and where it is.
    """

    name: str
    panel: Panel
    pd: Floats
    pairs: tuple[tuple[str, str], ...] = ()
    steps: Mapping[str, float] | None = None


def world(name: str, companies: int, seed: int, *, base_rate: float = 0.2) -> World:
    """A world of a law; the same seed and size give the same companies under every law.

    Raises:
        NotFound: no such law.
    """
    if name not in LAWS:
        raise NotFound(f"There is no world {name!r}.", remedy=f"Use one of {', '.join(LAWS)}.", field="world")
    generator = np.random.default_rng(seed)
    names = [f"{pillar.value}_{place}" for pillar in PILLARS for place in range(1, MEASURES + 1)]
    own = generator.standard_normal((companies, len(names)))
    scores = np.sqrt(SHARED) * generator.standard_normal((companies, 1)) + np.sqrt(1 - SHARED) * own
    part = LAWS[name](dict(zip(names, scores.T, strict=True)), _strengths(scores))
    level = brentq(lambda x: expit(x + part).mean() - base_rate, -60, 60)
    pd = expit(level + part)
    label = generator.random(companies) < pd
    return World(
        name=name,
        panel=_panel(names, norm.cdf(scores), label),
        pd=pd,
        pairs=PLANTED_PAIRS if name == "pairs" else (),
        steps=PLANTED_STEPS if name == "steps" else None,
    )


def _strengths(scores: Floats) -> Floats:
    """Strength of each pillar (n, p): percentile of the sum of its features' normal scores."""
    sums = scores.reshape(len(scores), len(PILLARS), MEASURES).sum(axis=2)
    spread = np.sqrt(MEASURES * (1 + (MEASURES - 1) * SHARED))
    strengths: Floats = norm.cdf(sums / spread)
    return strengths


def _panel(names: list[str], values: Floats, label: NDArray[np.bool_]) -> Panel:
    count = len(values)
    features = tuple(
        Feature(
            name=name, pillar=Pillar(name.rpartition("_")[0]), signal=None, expr=pl.col(name), zh=name, en=name,
            unit=Unit.LEVEL,
        )
        for name in names
    )  # fmt: skip
    frame = pl.DataFrame(
        {
            "company_id": [f"co_{place:06}" for place in range(count)],
            "as_of": pl.repeat(DAY, count, dtype=pl.Date, eager=True),
            **{name: values[:, place] for place, name in enumerate(names)},
            LABEL: label,
            VINTAGE: pl.repeat(None, count, dtype=pl.Int32, eager=True),
        }
    )
    return Panel(
        frame=frame, features=features, outcome=outcome_named("default"), horizon_months=12, data_cut=DAY, watermark=0,
        access=NOBODYS,
    )  # fmt: skip


NOBODYS = Access(AccessRequest(OPERATOR_MEMBER, "research"), (), {}, (), None)
"""The access to data that are no member's."""

Law = Callable[[Mapping[str, Floats], Floats], Floats]
"""Normal scores by feature (n each) and strengths by pillar (n, p) -> log-odds (n), up to the intercept."""

_EVEN = np.full(len(PILLARS), 1 / len(PILLARS))


def _additive(_: Mapping[str, Floats], strengths: Floats) -> Floats:
    return -SLOPE * ces(strengths, _EVEN, 1.0)


def _bent(_: Mapping[str, Floats], strengths: Floats) -> Floats:
    return np.asarray(-BENT_SLOPE * np.log(strengths + 0.02).mean(axis=1))


def _multiplicative(_: Mapping[str, Floats], strengths: Floats) -> Floats:
    return -SLOPE * ces(strengths, _EVEN, 0.0)


def _weakest_link(_: Mapping[str, Floats], strengths: Floats) -> Floats:
    return -SLOPE * ces(strengths, _EVEN, WEAKEST)


def _pairs(scores: Mapping[str, Floats], strengths: Floats) -> Floats:
    together = [PAIR * scores[one] * scores[other] for one, other in PLANTED_PAIRS]
    return np.asarray(_additive(scores, strengths) + np.sum(together, axis=0))


def _steps(scores: Mapping[str, Floats], strengths: Floats) -> Floats:
    below = [JUMP * (scores[name] < norm.ppf(threshold)) for name, threshold in PLANTED_STEPS.items()]
    return np.asarray(_additive(scores, strengths) + np.sum(below, axis=0))


LAWS: Mapping[str, Law] = {
    "additive": _additive,
    "bent": _bent,
    "multiplicative": _multiplicative,
    "weakest_link": _weakest_link,
    "pairs": _pairs,
    "steps": _steps,
}
