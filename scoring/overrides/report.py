"""How often results are overridden, why and by whom, and how such cases ended against the model's PD.

Endings are read as of a day through each member's own rights. A case counts once its horizon is over and something
says how it ended: the outcome itself, full repayment, an end of another kind, or a report on the loan from after the
horizon. One of which nothing is known ended neither well nor badly, and is not counted.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import polars as pl

from alliance.corroboration import Facts
from alliance.errors import InvalidInput, Refused
from alliance.rights import AccessRequest
from alliance.signals.outcome import KINDS_OF
from alliance.store import Decision, Store
from alliance.store.decisions import select_decisions
from alliance.store.overrides import Override, State, decisions_by_member, select_overrides
from alliance.view import View
from scoring.months import months_after
from scoring.overrides.policy import Direction, OverridesPolicy

PURPOSE = "portfolio_monitoring"
"""For which endings are read."""

ENDED_WELL = ("repaid", "acquisition", "listing")
"""Kinds of credit events after which an outcome that has not come will not come."""

DIRECTION_NAMES = {Direction.UPGRADE: ("上调", "upgrade"), Direction.DOWNGRADE: ("下调", "downgrade")}


class Verdict(StrEnum):
    """How overridden cases ended against the model's PD."""

    INSUFFICIENT = "insufficient evidence"
    AS_EXPECTED = "as the model expected"
    WORSE = "worse than the model expected"
    BETTER = "better than the model expected"


VERDICT_NAMES = {
    Verdict.INSUFFICIENT: "证据不足", Verdict.AS_EXPECTED: "与模型预期一致", Verdict.WORSE: "差于模型预期",
    Verdict.BETTER: "好于模型预期",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """An overridden decision: the override the lender went by, and whether the outcome came (``None``: not known)."""

    override: Override
    decision: Decision
    came: bool | None


@dataclass(frozen=True, kw_only=True)
class Line:
    """Overrides of one group.

    Attributes:
        by: what groups: ``all``, ``reason``, ``direction``, ``member`` or ``outcome``.
        name, zh, en: which group, in code and in words.
        in_force, pending, rejected: how many overrides.
        decisions: decisions the rate is of: all, or the member's.
        followed: cases followed to their end.
        expected: mean of the model's PDs of these; ``None`` for none.
        came: in how many the outcome came.
        low, high: Jeffreys interval of the rate at which it came, at the policy's level; ``None`` for no case.
        verdict: see ``Verdict``.
    """

    by: str
    name: str
    zh: str
    en: str
    in_force: int
    pending: int
    rejected: int
    decisions: int
    followed: int
    expected: float | None
    came: int
    low: float | None
    high: float | None
    verdict: Verdict

    @property
    def rate(self) -> float:
        """Share of the decisions that an override in force stands beside."""
        return self.in_force / self.decisions if self.decisions else 0.0


def report(store: Store, policy: OverridesPolicy, *, as_of: date, member: str | None = None) -> list[Line]:
    """Lines on all overrides, by reason, direction, member and outcome; groups without overrides are left out.

    Args:
        as_of: the day whose knowledge of endings is used.
        member: only this member's; all by default.

    Raises:
        InvalidInput: the day is in the future.
    """
    today = store.clock().date()
    if as_of > today:
        raise InvalidInput(f"{as_of} is in the future.", remedy=f"Report as of {today} or earlier.", field="as_of")
    with store.reading() as connection:
        found = [one for one in select_overrides(connection, member) if one.said is not None]
        counts = decisions_by_member(connection)
        decisions = {one.decision_id: one for one in select_decisions(connection, [one.decision_id for one in found])}
    # The last one in force is what the lender went by.
    last = {one.decision_id: one for one in found if one.state is State.IN_FORCE}
    cases = _cases(store, [(one, decisions[one.decision_id]) for one in last.values()], as_of)
    waiting = [one for one in found if one.state is not State.IN_FORCE]
    told = {who: number for who, number in counts.items() if member in (None, who)}
    return [
        _line(
            by, name, words, policy=policy, cases=[one for one in cases if key(one.override) == name],
            waiting=[one for one in waiting if key(one) == name],
            decisions=told.get(name, 0) if by == "member" else sum(told.values()),
        )
        for by, key in _GROUPS.items()
        for name, words in _names(by, sorted({key(one) for one in found}), policy)
    ]  # fmt: skip


def jeffreys(came: int, followed: int, level: float) -> tuple[float, float]:
    """Jeffreys interval of a rate: quantiles of Beta(k + 1/2, n - k + 1/2), 0 and 1 where nothing or all came.

    Source: Brown, Cai and DasGupta (2001), "Interval estimation for a binomial proportion". Tests of PDs against
    realised rates in banking supervision (the "Jeffreys test") rest on the same distribution.
    """
    from scipy.stats import beta  # noqa: PLC0415 -- takes a second, and no score needs it

    tail, of = (1 - level) / 2, (came + 0.5, followed - came + 0.5)
    low = 0.0 if came == 0 else float(beta.ppf(tail, *of))
    high = 1.0 if came == followed else float(beta.ppf(1 - tail, *of))
    return low, high


def judge(expected: float, came: int, followed: int, policy: OverridesPolicy) -> Verdict:
    """What the interval of the realised rate says of the expected one; nothing below the policy's least number."""
    if followed < policy.least:
        return Verdict.INSUFFICIENT
    low, high = jeffreys(came, followed, policy.level)
    if low <= expected <= high:
        return Verdict.AS_EXPECTED
    return Verdict.WORSE if expected < low else Verdict.BETTER


def _reason(one: Override) -> str:
    return one.whole().reason_code


def _direction(one: Override) -> str:
    return one.whole().direction


def _member(one: Override) -> str:
    return one.member


def _outcome(one: Override) -> str:
    return one.whole().outcome or "grade"


_GROUPS: Mapping[str, Callable[[Override], str]] = {
    "all": lambda _one: "all", "reason": _reason, "direction": _direction, "member": _member, "outcome": _outcome,
}  # fmt: skip

_OUTCOME_NAMES = {
    "approve": ("改为批准", "to approve"), "refer": ("改为人工复核", "to refer"), "decline": ("改为拒绝", "to decline"),
    "grade": ("仅改等级", "the grade alone"),
}  # fmt: skip


def _names(by: str, names: Sequence[str], policy: OverridesPolicy) -> Iterator[tuple[str, tuple[str, str]]]:
    """Groups with their Chinese and English names; a reason no longer on the list goes by its code."""
    listed = {code: (one.zh, one.en) for code, one in policy.reasons.items()}
    directions = {one.value: names for one, names in DIRECTION_NAMES.items()}
    words = {"all": {"all": ("全部", "all")}, "reason": listed, "direction": directions, "outcome": _OUTCOME_NAMES}
    return ((name, words.get(by, {}).get(name, (name, name))) for name in names)


def _line(
    by: str, name: str, words: tuple[str, str], *,
    cases: Sequence[Case], waiting: Sequence[Override], decisions: int, policy: OverridesPolicy,
) -> Line:  # fmt: skip
    ended = [one for one in cases if one.came is not None]
    came = sum(bool(one.came) for one in ended)
    expected = sum(one.override.whole().model_pd for one in ended) / len(ended) if ended else None
    low, high = jeffreys(came, len(ended), policy.level) if ended else (None, None)
    return Line(
        by=by, name=name, zh=words[0], en=words[1], in_force=len(cases),
        pending=sum(one.state is State.PENDING for one in waiting),
        rejected=sum(one.state is State.REJECTED for one in waiting),
        decisions=decisions, followed=len(ended), expected=expected, came=came, low=low, high=high,
        verdict=Verdict.INSUFFICIENT if expected is None else judge(expected, came, len(ended), policy),
    )  # fmt: skip


def _cases(store: Store, overridden: Sequence[tuple[Override, Decision]], as_of: date) -> list[Case]:
    """The cases with their endings, as far as each member may see them."""
    now = store.find_companies([made.company_id for _, made in overridden])
    cases: list[Case] = []
    for member in dict.fromkeys(made.member for _, made in overridden):
        own = [(one, made) for one, made in overridden if made.member == member]
        companies = sorted({now.get(made.company_id, made.company_id) for _, made in own})
        facts = _facts(store, member, companies, as_of)
        for one, made in own:
            company = now.get(made.company_id, made.company_id)
            cases.append(Case(one, made, None if facts is None else _came(facts, company, made)))
    return cases


def _facts(store: Store, member: str, companies: Sequence[str], as_of: date) -> Facts | None:
    """What a member may see of companies; ``None`` for nothing at all."""
    try:
        return View(store, AccessRequest(member, PURPOSE)).facts(companies, as_of)
    except Refused:
        return None


def _came(facts: Facts, company: str, made: Decision) -> bool | None:
    """Whether a decision's outcome came within its horizon; ``None`` while that is not known."""
    end = months_after(made.as_of, made.result["horizon_months"])
    if end > facts.as_of:
        return None
    of_company = pl.col("subject_id") == company
    within = (pl.col("event_at") > made.as_of) & (pl.col("event_at") <= end)
    kinds = facts.frames["credit_event"].filter(of_company, within)["kind"].to_list()
    if any(kind in KINDS_OF[made.result["outcome"]] for kind in kinds):
        return True
    reported = facts.frames["repayment_status"].filter(of_company, pl.col("event_at") >= end).height > 0
    return False if reported or any(kind in ENDED_WELL for kind in kinds) else None
