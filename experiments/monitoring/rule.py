"""What a reading gives cause to tell, and whether a challenger is proposed.

A challenger is proposed in a quarter in which an ``act`` limit is surely passed: the score's mix, the mix of a feature
that matters, the level of outcomes, or the ranking. "Surely" is the same small chance of being wrong for each, chosen
so that all of them in all quarters of a year are wrong together no more often than the plan allows (``Plan.chance``);
features share the chance of their rule. ``alarms`` measures what comes of it. People decide: a proposal is no training.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from scipy.stats import norm

from alliance.signals import Subject, signal_named
from experiments.monitoring.bins import Shift
from experiments.monitoring.cohort import Cohort
from experiments.monitoring.members import Told
from experiments.monitoring.plan import Plan, Rule
from experiments.monitoring.quarters import Reading
from scoring.features import feature_named
from scoring.features.sources import sources


@dataclass(frozen=True)
class Alert:
    """A limit that was passed.

    Attributes:
        rule: whose limit.
        day: last day of the quarter.
        about: of what, such as a feature or a member; empty where there is only one.
        measured: the value; ``limit``: what it would hardly have passed were the rule's own limit kept to.
        acts: whether a challenger is proposed for it.
    """

    rule: Rule
    day: date
    about: str
    measured: float
    limit: float
    acts: bool = False


@dataclass(frozen=True)
class Proposal:
    """Whether a challenger should be trained.

    Attributes:
        because: the alerts that propose it; none, and it is not proposed.
    """

    because: tuple[Alert, ...]

    @property
    def proposed(self) -> bool:
        return bool(self.because)

    def sentence(self) -> str:
        """The decision in a sentence."""
        if not self.because:
            return "No challenger is proposed: no limit to act on was surely passed."
        quarters: dict[str, list[date]] = {}
        for one in self.because:
            what = f"{one.rule.name} ({one.about})" if one.about else one.rule.name
            quarters.setdefault(what, []).append(one.day)
        told = (
            f"{what} on {days[0]}" + (f" and {len(days) - 1} more times" if days[1:] else "")
            for what, days in quarters.items()
        )
        return f"A challenger is proposed: {'; '.join(told)}."


def alerts(plan: Plan, reading: Reading, weights: Mapping[str, float]) -> tuple[Alert, ...]:
    """All limits one reading passes.

    Args:
        weights: by feature, its share of all absolute contributions while the model was examined.
    """
    rules, chance = plan.rules, plan.chance
    found = [*_shifts(rules["score_mix"], reading.day, {"": reading.score}, chance)]
    heavy = {name: shift for name, shift in reading.features.items()
             if weights[name] >= rules["feature_mix"].least_weight and of_companies(name)}  # fmt: skip
    found += _shifts(rules["feature_mix"], reading.day, heavy, chance)
    found += _shifts(rules["pillar_mix"], reading.day, reading.pillars, chance)
    found += _told(rules, reading.day, reading.told, chance)
    if reading.cohort:
        found += _outcomes(rules, reading.day, reading.cohort, chance)
    times = rules["rate"].watch
    if times is not None:
        share = chance / max(1, len(reading.rates))
        found += [
            Alert(rules["rate"], reading.day, rate.name, rate.share / rate.then, times)
            for rate in reading.rates
            if rate.then and rate.surely_off(times, share)
        ]
    return tuple(found)


def proposal(found: Sequence[Alert]) -> Proposal:
    """What follows of alerts."""
    return Proposal(tuple(one for one in found if one.acts))


@cache
def of_companies(feature: str) -> bool:
    """Whether companies differ in a feature one by one.

    What is told of a whole sector has one value a sector and quarter: its index over companies follows no law, and is
    shown but not judged.
    """
    signals = {source.partition(".")[0] for source in sources(feature_named(feature))}
    return all(signal_named(name).subject is Subject.COMPANY for name in signals)


def _shifts(rule: Rule, day: date, shifts: Mapping[str, Shift], chance: float) -> Iterator[Alert]:
    """Alerts on indices; they share the chance of being wrong."""
    share = chance / max(1, len(shifts))
    for about, shift in shifts.items():
        for tolerated, acts in ((rule.act, True), (rule.watch, False)):
            if tolerated is not None and shift.passes(tolerated, share):
                yield Alert(rule, day, about, shift.psi, shift.limit(tolerated, share), acts)
                break


def _told(rules: Mapping[str, Rule], day: date, told: Told, chance: float) -> Iterator[Alert]:
    coverage, values = rules["member_coverage"], rules["member_values"]
    if coverage.watch is not None:
        share = chance / max(1, len(told.coverage))
        for one in told.coverage:
            if one.surely_below(coverage.watch, share):
                yield Alert(coverage, day, one.member, one.kept, coverage.watch)
    yield from _shifts(
        values, day, {f"{one.member}: {one.signal}.{one.field}": one.shift for one in told.values}, chance
    )


def _outcomes(rules: Mapping[str, Rule], day: date, cohort: Cohort, chance: float) -> Iterator[Alert]:
    """Alerts on what became of a cohort."""
    about = f"scored {cohort.day}"
    level, ranking, grade = rules["level"], rules["ranking"], rules["grade_level"]
    for tolerated, acts in ((level.act, True), (level.watch, False)):
        if tolerated is not None and cohort.off_level(tolerated, chance):
            yield Alert(level, day, about, cohort.ratio, tolerated, acts)
            break
    for tolerated, acts in ((ranking.act, True), (ranking.watch, False)):
        limit = None if tolerated is None else cohort.ranking_limit(tolerated, float(norm.isf(chance)))
        if cohort.auc is not None and limit is not None and cohort.auc < limit:
            yield Alert(ranking, day, about, cohort.auc, limit, acts)
            break
    if grade.watch is not None:
        share = 1 - chance / max(1, len(cohort.grades))
        for one in cohort.grades:
            if one.outside(share):
                yield Alert(grade, day, f"{one.grade}, {about}", one.observed / one.companies,
                            one.expected / one.companies)  # fmt: skip
