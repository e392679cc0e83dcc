"""Monitoring as a study: tables, figures, alerts, and the decision."""

from collections.abc import Sequence

import numpy as np

from alliance.signals import PILLAR_NAMES, Pillar
from experiments.listing import Listing, listing
from experiments.metrics import Estimate
from experiments.monitoring.cohort import GradeSeen
from experiments.monitoring.figures import Z, figures
from experiments.monitoring.findings import Monitoring
from experiments.monitoring.plan import Plan
from experiments.monitoring.quarters import Reading, cohorts
from experiments.monitoring.rule import Alert, of_companies
from experiments.study import Study

QUESTION = (
    "Is the champion still right? Every quarter since it was examined, by what was known then: the mix of scores and"
    " features in frozen bins, what members tell, outcomes against what was foretold, and how good the PDs let expect"
    " the model to be before outcomes are known."
)

MOST_FEATURES = 10
"""Features listed, the most shifted first."""

FEWEST_TOLD = 5
"""Companies of a grade of which outcomes are told: the alliance's smallest cell (``k`` in ``alliance/policy.toml``)."""


def monitoring_study(found: Monitoring, about: str, *, simulated: bool) -> Study:
    """The findings, ready to be published."""
    told, made = found.alerts, found.made
    last = found.readings[-1]
    metrics: dict[str, Estimate | float] = {
        "alerts": float(len(told)),
        "proposed": float(found.proposal.proposed),
        "score_psi": last.score.psi,
        "expected_brier": last.expected_brier,
        **{f"pillar_psi.{name}": shift.psi for name, shift in last.pillars.items()},
    }
    if last.expected_auc is not None:
        metrics["expected_auc"] = last.expected_auc
    if known := cohorts(found.readings):
        metrics |= {"observed_to_expected": known[-1].ratio, "brier": known[-1].brier}
        if known[-1].auc is not None:
            metrics["auc"] = known[-1].auc
    return Study(
        kind="monitor",
        data="store",
        about=about,
        question=QUESTION,
        says=(
            found.proposal.sentence(),
            f"{len(told)} alerts in {len(found.readings)} quarters; a year without a real cause proposes a challenger"
            f" with a chance of {found.plan.per_year:.0%} at most ({found.plan.source}).",
            f"Held against {made.rows:,} rows of {made.companies:,} companies, {made.first} to {made.last}:"
            f" {found.reference.origin}.",
        ),
        listings=listings(found),
        params={"bundle_sha256": found.bundle.sha256, "bundle_version": found.bundle.version,
                "development_sha256": made.sha256, "first": str(found.readings[0].day), "last": str(last.day)},
        metrics=metrics,
        figures=figures(found),
        simulated=simulated,
    )  # fmt: skip


def listings(found: Monitoring) -> tuple[Listing, ...]:
    """Every table, for the console, the card and a validation report."""
    return tuple(
        one
        for one in (
            alerts_listing(found.alerts), mix_listing(found), features_listing(found), pillars_listing(found),
            outcomes_listing(found.readings), grades_listing(found.readings), members_listing(found.readings),
            rates_listing(found.readings), plan_listing(found.plan),
        )
        if one.rows
    )  # fmt: skip


def alerts_listing(told: Sequence[Alert]) -> Listing:
    """One row an alert."""
    return listing(
        "alerts: limits that were surely passed",
        "quarter|rule|of|measured|limit|what follows",
        [(str(one.day), one.rule.name, one.about, f"{one.measured:.3f}", f"{one.limit:.3f}",
          "a challenger is proposed" if one.acts else "watch") for one in told],
        "measured|limit",
    )  # fmt: skip


def plan_listing(plan: Plan) -> Listing:
    """The rules, in both languages."""
    return listing(
        "monitoring plan",
        "rule|measured|watch|act|what to do|source",
        [(one.name, f"{one.zh} / {one.en}", _limit(one.watch), _limit(one.act), f"{one.todo_zh} / {one.todo_en}",
          one.source) for one in plan.rules.values()],
        "watch|act",
    )  # fmt: skip


def _limit(limit: float | None) -> str:
    return "" if limit is None else f"{limit:g}"


def mix_listing(found: Monitoring) -> Listing:
    """Score and expected performance by quarter."""
    rule, chance = found.plan.rules["score_mix"], found.plan.chance
    rows = []
    for one in found.readings:
        limits = [_index(one.score.limit(limit, chance)) for limit in (rule.watch, rule.act) if limit is not None]
        expected = "" if one.expected_auc is None else f"{one.expected_auc:.3f}"
        rows.append((str(one.day), f"{one.companies:,}", f"{one.foretold:.2%}", _index(one.score.psi),
                     f"{one.score.chance:.3f}", " / ".join(limits), expected, f"{one.expected_brier:.4f}"))  # fmt: skip
    return listing(
        "scores by quarter; p: chance of such an index without any shift; limits: what an index of the plan's yields",
        "quarter|companies|mean PD|PSI|p|watch / act|expected AUC|expected Brier",
        rows,
        "companies|mean PD|PSI|p|watch / act|expected AUC|expected Brier",
    )


def _index(value: float) -> str:
    return f"{value:.3f}"


def features_listing(found: Monitoring) -> Listing:
    """The most shifted features of the last quarter."""
    last, made = found.readings[-1], found.made
    least = found.plan.rules["feature_mix"].least_weight
    ranked = sorted(last.features.items(), key=lambda item: -item[1].psi)[:MOST_FEATURES]
    rows = [
        (name, f"{made.weights[name]:.1%}", _index(shift.psi), _index(shift.moved), f"{_unknown(found, name):+.1%}",
         "yes" if made.weights[name] >= least and of_companies(name) else "no")
        for name, shift in ranked
    ]  # fmt: skip
    return listing(
        f"features on {last.day}, the most shifted first; moved before: by single quarters of the development time",
        "feature|weight|PSI|moved before|unknown more often|judged",
        rows,
        "weight|PSI|moved before|unknown more often",
    )


def _unknown(found: Monitoring, name: str) -> float:
    """Change of a feature's share of unknown values since development time."""
    then = np.array(found.made.features[name].counts)
    return found.readings[-1].unknown[name] - float(then[-1] / then.sum())


def pillars_listing(found: Monitoring) -> Listing:
    """By pillar, the index of its part and its coverage, then and by quarter."""
    rows = []
    for name, then in found.made.coverage.items():
        for one in found.readings:
            shift = one.pillars[name]
            rows.append((PILLAR_NAMES[Pillar(name)][1], str(one.day), _index(shift.psi), _index(shift.moved),
                         f"{then:.1%}", f"{one.coverage[name]:.1%}"))  # fmt: skip
    return listing(
        "pillars by quarter: index of their part of the score, share of their features that is known",
        "pillar|quarter|PSI|moved before|known then|known now",
        rows,
        "PSI|moved before|known then|known now",
    )


def outcomes_listing(readings: Sequence[Reading]) -> Listing:
    """Realised against expected by cohort, with the error of what was expected before outcomes were known."""
    rows = []
    for one in cohorts(readings):
        auc = "" if one.auc is None or one.auc_error is None else f"{one.auc:.3f} ± {Z * one.auc_error:.3f}"
        off = "" if one.auc is None or one.expected_auc is None else f"{one.expected_auc - one.auc:+.3f}"
        rows.append((str(one.day), str(one.known_on), f"{one.companies:,}", f"{one.expected:.1f}", f"{one.observed:,}",
                     f"{one.ratio:.2f}", f"{one.expected_auc or float('nan'):.3f}", auc, off,
                     f"{one.expected_brier - one.brier:+.4f}"))  # fmt: skip
    heads = "companies|expected|observed|ratio|expected AUC|realised AUC|AUC error|Brier error"
    return listing(
        "cohorts whose outcomes are on record; errors: expected before outcomes were known, less realised",
        f"scored on|known on|{heads}",
        rows,
        heads,
    )


def grades_listing(readings: Sequence[Reading]) -> Listing:
    """The newest cohort by grade."""
    known = cohorts(readings)
    grades = known[-1].grades if known else ()
    heads = "companies|mean PD|outcomes|rate|95% Jeffreys interval"
    return listing(
        f"grades of {known[-1].day}" if known else "grades", f"grade|{heads}", map(_grade_row, grades), heads
    )


def _grade_row(one: GradeSeen) -> tuple[str, ...]:
    """Of a grade with few companies only that they are few."""
    if one.companies < FEWEST_TOLD:
        return (one.grade, f"fewer than {FEWEST_TOLD}", "", "", "", "")
    mean, rate, ends = one.expected / one.companies, one.observed / one.companies, one.interval()
    interval = " to ".join(f"{end:.2%}" for end in ends)
    return (one.grade, f"{one.companies:,}", f"{mean:.2%}", f"{one.observed:,}", f"{rate:.2%}", interval)


def members_listing(readings: Sequence[Reading]) -> Listing:
    """Of the last quarter: the members that lost most coverage, and the values that moved most."""
    last = readings[-1]
    lost = sorted(last.told.coverage, key=lambda one: one.kept)[:MOST_FEATURES]
    moved = sorted(last.told.values, key=lambda one: -one.shift.psi)[:MOST_FEATURES]
    rows = [
        (one.member, "companies told of", f"{one.told:,}", f"{one.kept:.2f} of its former share") for one in lost
    ] + [
        (one.member, f"{one.signal}.{one.field}", f"{one.shift.companies:,}", f"PSI {one.shift.psi:.3f}")
        for one in moved
    ]
    return listing(f"members on {last.day}: least kept, most moved", "member|what|companies|found", rows, "companies")


def rates_listing(readings: Sequence[Reading]) -> Listing:
    """Referrals, overrides and the like by quarter."""
    rows = [
        (rate.name, str(one.day), f"{rate.of:,}", f"{rate.share:.1%}", "" if rate.then is None else f"{rate.then:.1%}")
        for one in readings
        for rate in one.rates
    ]
    return listing("what is done with scores", "rate|quarter|of|now|then", rows, "of|now|then")
