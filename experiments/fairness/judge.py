"""Verdicts on groups: within limits, beyond limits, or insufficient evidence.

A verdict rests on an interval. Beyond limits: all of it is outside. Within limits: all of it is inside; that no gap was
found is not enough. Else the evidence is insufficient, as it is where companies or outcomes are too few to measure.
The intervals of all groups and measures that are judged share the policy's chance of a wrong verdict (Bonferroni). The
group with the highest approval rate is found in the same data, so its comparisons count as if each group had been it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from experiments.fairness.estimates import (
    Flags,
    Rough,
    Rows,
    approval_ratio,
    auc_gap,
    observed_to_expected,
    share_gap,
)
from experiments.fairness.policy import Measure, Policy
from experiments.metrics import LEVEL, Estimate


class Verdict(StrEnum):
    """What the evidence says."""

    WITHIN = "within limits"
    BEYOND = "beyond limits"
    INSUFFICIENT = "insufficient evidence"


@dataclass(frozen=True)
class Judged:
    """One group in one respect.

    Attributes:
        measure: the respect, with its limits.
        found: value with a 95 per cent interval, as if it were the only one looked at; ``None`` if not measured.
        allowed: the same with the interval the verdict rests on.
        verdict: what follows.
        why: why it was not measured; empty if it was.
    """

    measure: Measure
    found: Estimate | None
    allowed: Estimate | None
    verdict: Verdict
    why: str = ""


@dataclass(frozen=True)
class Group:
    """One group.

    Attributes:
        attribute, name: by which companies are grouped, and this group's value.
        companies, rows, outcomes: how many; all 0 where there are too few companies to be told of.
        approved: share of its rows; ``None`` likewise.
        judged: by measure, in the policy's order; empty likewise.
    """

    attribute: str
    name: str
    companies: int
    rows: int
    outcomes: int
    approved: float | None
    judged: tuple[Judged, ...]

    @property
    def verdict(self) -> Verdict:
        """Beyond if anything is; within if all is."""
        return combined([one.verdict for one in self.judged])


@dataclass(frozen=True, kw_only=True)
class Fairness:
    """All verdicts; what gates and reports take.

    Attributes:
        policy: whose limits.
        cut: PD below which a row is approved; ``cut_from``: where it is from.
        groups: by attribute, then name.
        looks: intervals judged, for which the level of ``Judged.allowed`` makes up.
    """

    policy: Policy
    cut: float
    cut_from: str
    groups: tuple[Group, ...]
    looks: int

    @property
    def verdict(self) -> Verdict:
        """Beyond if any group is; within if all groups are; else insufficient evidence, never "fair"."""
        return combined([one.verdict for one in self.groups])

    @property
    def beyond(self) -> tuple[tuple[Group, Judged], ...]:
        """Everything beyond limits."""
        return tuple((group, one) for group in self.groups for one in group.judged if one.verdict is Verdict.BEYOND)


def combined(verdicts: Sequence[Verdict]) -> Verdict:
    """One verdict of many; of none the evidence is insufficient."""
    if Verdict.BEYOND in verdicts:
        return Verdict.BEYOND
    return Verdict.WITHIN if verdicts and {*verdicts} == {Verdict.WITHIN} else Verdict.INSUFFICIENT


UNKNOWN = "unknown"
"""Name of the group of companies whose value is not known."""


def judge(
    policy: Policy, rows: Rows, groups: Mapping[str, Sequence[str | None]], *, cut: float, cut_from: str
) -> Fairness:
    """Judge every group.

    Args:
        groups: by attribute, each row's group (n); ``None`` for unknown.
    """
    members = {
        attribute: {name: given == name for name in np.unique(given).tolist()}
        for attribute, values in groups.items()
        for given in [np.array([value or UNKNOWN for value in values], dtype=np.str_)]
    }
    seen = [
        _Seen(attribute, name, mine, _measured(policy, rows, mine, of))
        for attribute, of in members.items()
        for name, mine in of.items()
    ]
    looks = sum(_looks(policy, rows, members[one.attribute], one.found) for one in seen)
    level = 1 - policy.chance / max(1, looks)
    groups_judged = tuple(_group(policy, rows, one, level) for one in seen)
    return Fairness(policy=policy, cut=cut, cut_from=cut_from, groups=groups_judged, looks=looks)


Measured = Mapping[str, Rough | str]
"""By measure, what was found, or why nothing was."""


@dataclass(frozen=True, eq=False)
class _Seen:
    """A group before it is judged: its rows (n), and what was measured of them."""

    attribute: str
    name: str
    mine: Flags
    found: Measured


def _large(policy: Policy, rows: Rows, of: Mapping[str, Flags]) -> list[Flags]:
    """Groups with companies enough to be judged."""
    return [mine for mine in of.values() if rows.count(mine) >= policy.fewest]


def _looks(policy: Policy, rows: Rows, of: Mapping[str, Flags], found: Measured) -> int:
    kinds = len(_large(policy, rows, of))
    return sum(
        max(1, kinds - 1) if name == "approval_ratio" else 1 for name, one in found.items() if isinstance(one, Rough)
    )


def _measured(policy: Policy, rows: Rows, mine: Flags, of: Mapping[str, Flags]) -> Measured:
    if rows.count(mine) < policy.fewest:
        return {one.name: f"fewer than {policy.fewest} companies" for one in policy.measures}
    highest = max(_large(policy, rows, of), key=lambda other: float(rows.approved[other].mean()))
    return {one.name: _one(policy, rows, one.name, mine, highest) for one in policy.measures}


def _one(policy: Policy, rows: Rows, name: str, mine: Flags, highest: Flags) -> Rough | str:
    """One measure of one group."""
    if rows.count(~mine) < policy.fewest and name != "observed_to_expected":
        return "no others to compare with"
    if name == "approval_ratio":
        return approval_ratio(rows, mine, highest) or "nobody is approved"
    if few := _few_outcomes(policy, rows, (mine,) if name == "observed_to_expected" else (mine, ~mine)):
        return few
    if name == "refused_sound_gap":
        return share_gap(rows, ~rows.approved, ~rows.labels, mine)
    if name == "approved_bad_gap":
        return share_gap(rows, rows.approved, rows.labels, mine)
    return auc_gap(rows, mine) if name == "auc_gap" else observed_to_expected(rows, mine)


def _few_outcomes(policy: Policy, rows: Rows, sides: Sequence[Flags]) -> str:
    """Why errors cannot be measured on some sides; empty if they can."""
    for labelled, words in ((rows.labels, "with the outcome"), (~rows.labels, "without the outcome")):
        if any(rows.count(side & labelled) < policy.fewest_outcomes for side in sides):
            return f"fewer than {policy.fewest_outcomes} companies {words}"
    return ""


def _group(policy: Policy, rows: Rows, seen: _Seen, level: float) -> Group:
    judged, mine = tuple(_judged(one, seen.found[one.name], level) for one in policy.measures), seen.mine
    if rows.count(mine) < policy.fewest:  # of so few nothing is told, not even how many they are
        return Group(seen.attribute, seen.name, 0, 0, 0, None, judged)
    outcomes, approved = int(rows.labels[mine].sum()), float(rows.approved[mine].mean())
    return Group(seen.attribute, seen.name, rows.count(mine), int(mine.sum()), outcomes, approved, judged)


def _judged(measure: Measure, found: Rough | str, level: float) -> Judged:
    if isinstance(found, str):
        return Judged(measure, None, None, Verdict.INSUFFICIENT, found)
    allowed = found.interval(level)
    if allowed.high < measure.low or allowed.low > measure.high:
        verdict = Verdict.BEYOND
    elif allowed.low >= measure.low and allowed.high <= measure.high:
        verdict = Verdict.WITHIN
    else:
        verdict = Verdict.INSUFFICIENT
    return Judged(measure, found.interval(LEVEL), allowed, verdict)
