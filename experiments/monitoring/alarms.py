"""How often the rule proposes a challenger that is not needed, and how often one that is.

Companies of one day are a population: the yardstick and every quarter are samples of it, drawn with replacement, so
that features hang together as they do. A world says how later companies, or what becomes of them, differ from those the
model was examined on. In the stable one they do not, and every proposal is a false alarm. Outcomes are drawn from
chances that are the model's own PDs, or the world's change of them: whether the model was right to begin with is not
asked here.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import beta

from experiments.monitoring.bins import Shift
from experiments.monitoring.cohort import cohort_of
from experiments.monitoring.development import Development, pillar_parts
from experiments.monitoring.expected import expected_auc, expected_brier
from experiments.monitoring.plan import QUARTERS_A_YEAR, Plan
from experiments.monitoring.quarters import Reading
from experiments.monitoring.rule import alerts, of_companies, proposal
from scoring.model import Bundle
from scoring.model.scale import probability
from scoring.score import ScoreTable, score_arrays

Floats = NDArray[np.float64]

Progress = Callable[[int], None]

_DAY = date(2000, 3, 31)  # nothing depends on it


@dataclass(frozen=True, eq=False)
class World:
    """How later quarters are.

    Attributes:
        name: in a few words.
        scored: the population as it is then (n).
        chances: chance of the outcome of each company then (n).
        drift: whether there is something to find.
    """

    name: str
    scored: ScoreTable
    chances: Floats
    drift: bool = True


@dataclass(frozen=True)
class Alarms:
    """What came of many years of one world.

    Attributes:
        world: its name; ``drift``: whether there is something to find.
        companies: in each quarter.
        years: simulated.
        proposed: years with at least one proposal; ``by_rule``: years in which a rule proposed, by its name.
    """

    world: str
    drift: bool
    companies: int
    years: int
    proposed: int
    by_rule: dict[str, int]

    @property
    def share(self) -> float:
        return self.proposed / self.years

    def interval(self) -> tuple[float, float]:
        """Clopper and Pearson's 95 per cent interval of the share of years."""
        low = beta.ppf(0.025, self.proposed, self.years - self.proposed + 1) if self.proposed else 0.0
        high = beta.ppf(0.975, self.proposed + 1, self.years - self.proposed) if self.proposed < self.years else 1.0
        return float(low), float(high)


def worlds(bundle: Bundle, rows: pl.DataFrame, made: Development) -> tuple[World, ...]:
    """The stable world, and those with a drift.

    Args:
        rows: ``company_id`` and the bundle's features of companies of one day (n).
    """
    scored = score_arrays(bundle, rows)
    feature = max(filter(of_companies, bundle.names), key=lambda name: made.weights[name])
    parts = pillar_parts(scored)
    pillar = max(parts, key=lambda name: float(np.abs(parts[name]).mean()))
    known = pl.col(feature)
    changed = {
        f"{feature} a spread higher": known + known.std(),
        f"{feature} lost for every second company": pl.when(pl.int_range(pl.len()) % 2 == 0).then(known),
    }
    log_odds = scored.log_odds
    return (
        World("stable", scored, scored.pd, drift=False),
        *(World(name, score_arrays(bundle, rows.with_columns(values.alias(feature))), scored.pd)
          for name, values in changed.items()),
        World("odds of the outcome x 1.5", scored, probability(log_odds + np.log(1.5))),
        World("odds of the outcome x 2", scored, probability(log_odds + np.log(2.0))),
        World("log-odds count for half", scored, _levelled(log_odds / 2, scored.pd)),
        World(f"{pillar} foretells nothing", scored, _levelled(log_odds - parts[pillar], scored.pd)),
    )  # fmt: skip


def _levelled(log_odds: Floats, pd: Floats) -> Floats:
    """Chances of these log-odds, all moved alike so that as many outcomes come as the PDs say (n)."""
    shift = brentq(lambda by: probability(log_odds + by).mean() - pd.mean(), -20, 20)
    return probability(log_odds + shift)


def alarms(
    plan: Plan, made: Development, base: World, world: World, *, companies: int, years: int, seed: int,
    progress: Progress = lambda _: None,
) -> Alarms:  # fmt: skip
    """Many years of a world under the rule.

    Args:
        base: the stable world, from which the yardstick is drawn.
        companies: in the yardstick and in every quarter.
        progress: called with 1 after each year.
    """
    draw = np.random.default_rng([seed, companies])
    then, now = _places(made, base.scored, plan), _places(made, world.scored, plan)
    grades = np.asarray(world.scored.grades)
    proposed, by_rule = 0, dict.fromkeys((rule.name for rule in plan.rules.values() if rule.act is not None), 0)
    for _ in range(years):
        chosen = draw.integers(len(base.chances), size=companies)
        counted = partial(_counts, then, chosen)
        found: set[str] = set()
        for _ in range(QUARTERS_A_YEAR):
            drawn = draw.integers(len(world.chances), size=companies)
            pd, came = world.scored.pd[drawn], draw.random(companies) < world.chances[drawn]
            cohort = cohort_of(_DAY, pd, grades[drawn].tolist(), came, known_on=_DAY)
            shifts = {
                name: Shift.between(before, after, companies)
                for (name, before), (_, after) in zip(counted(), _counts(now, drawn), strict=True)
            }
            reading = Reading(
                day=_DAY, companies=companies, score=shifts.pop(""), features=shifts, pillars={}, coverage={},
                unknown={}, foretold=float(pd.mean()), expected_auc=expected_auc(pd), expected_brier=expected_brier(pd),
                cohort=cohort,
            )  # fmt: skip
            found |= {one.rule.name for one in proposal(alerts(plan, reading, made.weights)).because}
        proposed += bool(found)
        for name in found:
            by_rule[name] += 1
        progress(1)
    return Alarms(world.name, world.drift, companies, years, proposed, by_rule)


Places = Sequence[tuple[str, NDArray[np.int64], int]]
"""Name, bin of each company (n), and number of bins; the score's name is empty."""


def _places(made: Development, scored: ScoreTable, plan: Plan) -> Places:
    """The score's bins, and those of the features the rule judges."""
    least = plan.rules["feature_mix"].least_weight
    binned = [("", made.score, scored.log_odds)]
    binned += [
        (name, made.features[name], column)
        for name, column in zip(scored.bundle.names, scored.values.T, strict=True)
        if made.weights[name] >= least and of_companies(name)
    ]
    return [(name, bins.place(values), len(bins.counts)) for name, bins, values in binned]


def _counts(places: Places, drawn: NDArray[np.int64]) -> Iterator[tuple[str, NDArray[np.int64]]]:
    for name, place, size in places:
        yield name, np.bincount(place[drawn], minlength=size).astype(np.int64)
