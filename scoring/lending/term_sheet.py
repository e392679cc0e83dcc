"""From a recorded decision and a loan that is thought of to what a lender wants to know before a term sheet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from alliance.corroboration import Facts
from alliance.errors import InvalidInput
from alliance.rights import Held
from scoring.decide import Scorer
from scoring.features import feature_frame, feature_named
from scoring.lending.inputs import INPUTS, RUNWAY, Span, Told, told
from scoring.lending.limits import Fit, Limit, limits, months_added
from scoring.lending.loss import Returns, returns
from scoring.lending.policy import MOST_SCENARIOS, MOST_WINTER, LendingPolicy
from scoring.lending.winter import hides, inputs_after, scenarios, winter
from scoring.model.certainty import Advice

MOST_AMOUNT = 10**12
"""Yuan."""
LONGEST_TERM = 120
"""Months."""

NO_ADVICE = (
    "本表仅为测算辅助，不构成授信建议；是否放款由人决定。",
    "This is an aid to reckon with, no advice: people decide whether to lend.",
)
"""What every term sheet says, in Chinese and English."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """A loan that is thought of.

    Attributes:
        amount: whole yuan.
        rate: interest a year, as a share.
        term_months: until it is repaid, all at once.
        lgd: loss given default; ``None`` for the policy's.
        subordinated: whether other debts are paid before it; decides the policy's LGD.
        fee: paid once, as a share of the amount.
        warrant_coverage: what warrants may buy, as a share of the amount.
        winter_months: lengths of funding winters to look at; ``None`` for the policy's.
    """

    amount: int
    rate: float
    term_months: int
    lgd: float | None = None
    subordinated: bool = False
    fee: float = 0.0
    warrant_coverage: float = 0.0
    winter_months: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        shares = {"rate": self.rate, "lgd": self.lgd or 0.0, "fee": self.fee, "warrant_coverage": self.warrant_coverage}
        for name, share in shares.items():
            _refuse(not 0 <= share <= 1, f"{share} is no share.", "Give one from 0 to 1.", name)
        _refuse(not 0 < self.amount <= MOST_AMOUNT, "The amount cannot be used.", "Give whole yuan above 0.", "amount")
        term = 0 < self.term_months <= LONGEST_TERM
        _refuse(not term, "The term cannot be used.", f"Give 1 to {LONGEST_TERM} months.", "term_months")
        winters = self.winter_months or ()
        _refuse(
            len(winters) > MOST_SCENARIOS or not all(1 <= one <= MOST_WINTER for one in winters),
            "The winters cannot be used.", f"Give up to {MOST_SCENARIOS} of 1 to {MOST_WINTER} months.",
            "winter_months",
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Winter:
    """After some months without a next round: PD (``None`` where it is not told), grade, runway and limits then."""

    months: int
    pd: float | None
    grade: str
    runway: Told
    limits: tuple[Limit, ...]
    fit: Fit


@dataclass(frozen=True, kw_only=True)
class TermSheet:
    """The aid.

    Attributes:
        decision_id, company_id: what it is about.
        terms, lgd: the loan, and the loss given default that was used.
        pd, horizon_months, grade: the decision's.
        advice, model_advice: of the lender's band, and the decision's own, if it has one.
        inputs: what limits are made of, as far as the reader may know it.
        limits: by rule, and together.
        fit: how the amount stands to the limit.
        months_added: months of the burn that the amount pays for, as far as that may be known.
        returns: loss, capital and return.
        returns_low, returns_high: the same at the ends of the PD's interval, if the decision has one.
        winters: by length.
        same_model: whether the model that scored the winters is the decision's.
    """

    decision_id: str
    company_id: str
    terms: Terms
    lgd: float
    pd: float
    horizon_months: int
    grade: str
    advice: Advice
    model_advice: Advice | None
    inputs: tuple[Told, ...]
    limits: tuple[Limit, ...]
    fit: Fit
    months_added: Span | None
    returns: Returns
    returns_low: Returns | None
    returns_high: Returns | None
    winters: tuple[Winter, ...]
    same_model: bool


def term_sheet(scorer: Scorer, decision_id: str, terms: Terms, policy: LendingPolicy) -> TermSheet:
    """The aid for a loan to a decision's company, from what was known then, by the rights of now. Nothing is recorded.

    Raises:
        NotFound: no such decision.
        Erased: what it said was erased.
        Refused: nothing may be read any more, or the winters asked for would give a withheld value away.
    """
    made = scorer.store.decision(decision_id).whole()
    facts, score = scorer.facts(made), made.result
    held = facts.rungs.get(made.company_id, {})
    [values] = feature_frame(facts, [feature_named(name) for name in INPUTS]).iter_rows(named=True)
    inputs = told(values, held)
    found = limits(inputs, policy)
    lgd = terms.lgd if terms.lgd is not None else policy.lgd_subordinated if terms.subordinated else policy.lgd
    low, high = score.get("pd_low"), score.get("pd_high")
    return TermSheet(
        decision_id=made.decision_id, company_id=made.company_id, terms=terms, lgd=lgd,
        pd=score["pd"], horizon_months=score["horizon_months"], grade=score["grade"],
        advice=_advice(score, policy), model_advice=Advice(score["advice"]) if score.get("advice") else None,
        inputs=tuple(inputs.values()), limits=found, fit=found[-1].fit(terms.amount),
        months_added=months_added(inputs, terms.amount),
        returns=_returns(score["pd"], score, terms, lgd, policy),
        returns_low=None if low is None else _returns(low, score, terms, lgd, policy),
        returns_high=None if high is None else _returns(high, score, terms, lgd, policy),
        winters=_winters(scorer, facts, inputs, held=held, terms=terms, policy=policy),
        same_model=made.bundle_sha256 == scorer.bundle.sha256,
    )  # fmt: skip


def _advice(score: Mapping[str, Any], policy: LendingPolicy) -> Advice:
    """What the lender's band suggests; a company unlike those learned from is referred whatever its PD."""
    return policy.band.advise(np.array([score["pd"]]), np.array([bool(score.get("unlike"))]))[0]


def _returns(pd: float, score: Mapping[str, Any], terms: Terms, lgd: float, policy: LendingPolicy) -> Returns:
    return returns(
        pd, score["horizon_months"], policy, amount=terms.amount, rate=terms.rate, term_months=terms.term_months,
        lgd=lgd, fee=terms.fee, coverage=terms.warrant_coverage,
    )  # fmt: skip


def _winters(
    scorer: Scorer, facts: Facts, inputs: Mapping[str, Told], *,
    held: Mapping[str, Held], terms: Terms, policy: LendingPolicy,
) -> tuple[Winter, ...]:  # fmt: skip
    found = []
    for months in scenarios(terms.winter_months, held, policy):
        made = winter(scorer.bundle, facts, months, hidden=hides(held))
        after = inputs_after(inputs, made)
        then = limits(after, policy)
        found.append(
            Winter(
                months=months, pd=made.pd, grade=made.grade, runway=after[RUNWAY], limits=then,
                fit=then[-1].fit(terms.amount),
            )
        )  # fmt: skip
    return tuple(found)


def _refuse(wrong: bool, what: str, remedy: str, field: str) -> None:
    if wrong:
        raise InvalidInput(what, remedy=remedy, field=field)
