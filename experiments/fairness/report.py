"""Fairness as a study."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from pypinyin import lazy_pinyin

from experiments.fairness.estimates import Rows
from experiments.fairness.judge import UNKNOWN, Fairness, Group, Verdict
from experiments.fairness.policy import MEASURES
from experiments.fairness.summary import Summary, missing, summaries
from experiments.listing import Listing, interval, listing, value
from experiments.metrics import Estimate
from experiments.study import Study
from experiments.study_plots import forest_figure

QUESTION = (
    "Does the model treat groups of companies alike? Approvals, errors at the cut, level and ranking by group. A group"
    " is within limits only where the whole interval is; that no gap was found is not enough."
)


def fairness_study(
    found: Fairness, rows: Rows, groups: Mapping[str, Sequence[str | None]], *, data: str, about: str, simulated: bool,
    params: Mapping[str, object],
) -> Study:  # fmt: skip
    """Tables, figures and verdicts."""
    told = {attribute: [value or UNKNOWN for value in values] for attribute, values in groups.items()}
    large = {attribute: [one.name for one in found.groups if one.attribute == attribute and one.companies]
             for attribute in groups}  # fmt: skip
    absent = missing()
    compared = () if absent else summaries(rows, told, large)
    counts = {one: sum(group.verdict is one for group in found.groups) for one in Verdict}
    metrics: dict[str, Estimate | float] = {f"groups_{one.name.lower()}": float(n) for one, n in counts.items()}
    for one in compared:
        metrics |= {f"{one.attribute}.approval_ratio": one.approval_ratio, f"{one.attribute}.error_gap": one.error_gap}
    return Study(
        kind="fairness",
        data=data,
        about=about,
        question=QUESTION,
        says=(*says(found), *([f"Gaps between all groups are left out: {absent}."] if absent else [])),
        listings=listings(found, compared),
        params={"jurisdiction": found.policy.jurisdiction, "cut": found.cut, "cut_from": found.cut_from,
                "looks": found.looks, "rows": len(rows.pd), "verdict": found.verdict.value, **params},
        metrics=metrics,
        figures=_figures(found),
        simulated=simulated,
    )  # fmt: skip


def says(found: Fairness) -> tuple[str, ...]:
    """The verdicts in sentences."""
    counts = {one: sum(group.verdict is one for group in found.groups) for one in Verdict}
    named = [
        f"Beyond limits: {group.attribute} {group.name}, {MEASURES[one.measure.name][1]}: {one.allowed.value:.3f}"
        f" ({one.allowed.low:.3f} to {one.allowed.high:.3f}), limit {one.measure.limits}."
        for group, one in found.beyond
        if one.allowed
    ]
    return (
        f"{found.policy.jurisdiction}: {found.verdict.value}. Of {len(found.groups)} groups"
        f" {counts[Verdict.BEYOND]} are beyond limits, {counts[Verdict.WITHIN]} within,"
        f" of {counts[Verdict.INSUFFICIENT]} the evidence is insufficient.",
        *named,
        f"Approved is a PD below {found.cut:.4f} ({found.cut_from}). Verdicts allow for {found.looks} looks.",
        "A gap beyond limits is to be explained, and is no wrong by itself: groups may differ in risk, as level and"
        " errors beside it show.",
        f"{found.policy.zh} / {found.policy.en}. {found.policy.source}.",
    )


def listings(found: Fairness, compared: Sequence[Summary] = ()) -> tuple[Listing, ...]:
    """Every table, for the console, the card and a validation report."""
    made = [groups_listing(found)]
    made += [measure_listing(found, place) for place in range(len(found.policy.measures))]
    if compared:
        made.append(
            listing(
                "gaps between all large groups, by fairlearn: no intervals, no verdict",
                "by|least over greatest approval rate|largest gap of an error rate",
                [(one.attribute, f"{one.approval_ratio:.3f}", f"{one.error_gap:.3f}") for one in compared],
                "least over greatest approval rate|largest gap of an error rate",
            )
        )
    return (*made, policy_listing(found))


def groups_listing(found: Fairness) -> Listing:
    """One row a group."""
    few = f"fewer than {found.policy.fewest}"
    rows = [
        (one.attribute, one.name, f"{one.companies:,}" if one.companies else few, f"{one.rows:,}" if one.rows else "",
         f"{one.outcomes:,}" if one.rows else "", "" if one.approved is None else f"{one.approved:.1%}",
         one.verdict.value)
        for one in found.groups
    ]  # fmt: skip
    heads = "companies|rows|outcomes|approved"
    return listing("groups", f"by|group|{heads}|verdict", rows, heads)


def measure_listing(found: Fairness, place: int) -> Listing:
    """One measure of every group."""
    measure = found.policy.measures[place]
    zh, en = MEASURES[measure.name]
    rows = [
        (group.attribute, group.name, value(one.found, 3), interval(one.found), interval(one.allowed),
         one.verdict.value, one.why)
        for group in found.groups
        for one in (group.judged[place],)
    ]  # fmt: skip
    heads = "value|95% interval|for all looks"
    return listing(f"{zh} / {en}: {measure.limits}", f"by|group|{heads}|verdict|why", rows, heads)


def policy_listing(found: Fairness) -> Listing:
    """Limits and their sources."""
    rows = [(MEASURES[one.name][0], MEASURES[one.name][1], one.limits, one.source) for one in found.policy.measures]
    sizes = found.policy.sizes
    if "size" in found.policy.attributes:
        rows.append(("规模", "size", f"staff from {sizes.small}, {sizes.medium}, {sizes.large}", sizes.source))
    return listing(f"policy of {found.policy.jurisdiction}", "度量|measure|limits|source", rows)


def _figures(found: Fairness) -> dict[str, Figure]:
    """One figure a measure that was taken of any group."""
    made = {}
    for place, measure in enumerate(found.policy.measures):
        seen = {_named(group): group.judged[place].allowed for group in found.groups}
        taken = {name: one for name, one in seen.items() if one}
        if taken:
            limit = measure.low if measure.low != float("-inf") else measure.high
            even = 1.0 if measure.name in ("approval_ratio", "observed_to_expected") else 0.0
            made[measure.name] = forest_figure(MEASURES[measure.name][1], taken, measure.limits, mark=even, bound=limit)
    return made


def _named(group: Group) -> str:
    """Fonts of figures have no Chinese."""
    return " ".join((f"{group.attribute}:", *lazy_pinyin(group.name)))
