"""Advice on a decision, told as far as its receiver may see."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from alliance.rights import Held
from scoring.advice.changes import CHANGES, Change
from scoring.advice.moved import touched
from scoring.advice.next_data import NextDatum, ranked
from scoring.advice.search import Proposal, search
from scoring.advice.situation import Situation, situation
from scoring.decide import Scorer
from scoring.features import FEATURES_BY_NAME
from scoring.features.sources import sources
from scoring.score import ID, score_arrays


@dataclass(frozen=True, kw_only=True)
class Advised:
    """What advice is about.

    Attributes:
        decision_id, company_id, as_of: the decision.
        pd, grade: of its facts, read by the rights of now.
        exact: whether nothing of the company is withheld, so that numbers are told.
    """

    decision_id: str
    company_id: str
    as_of: date
    pd: float
    grade: str
    exact: bool


@dataclass(frozen=True, kw_only=True)
class Help(Advised):
    """What would help.

    Attributes:
        target: the next better grade; empty where there is none.
        proposals: what reaches it, cheapest first; none where nothing does.
        best: where nothing does, what lowers the PD most; ``None`` where nothing lowers it.
        considered: the changes that could be made.
        withheld: the changes left out, for what they rest on may not be seen as it is.
    """

    target: str
    proposals: tuple[Proposal, ...]
    best: Proposal | None
    considered: tuple[Change, ...]
    withheld: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class NextData(Advised):
    """Which signals to obtain, most worth by cost first."""

    signals: tuple[NextDatum, ...]


def what_would_help(scorer: Scorer, decision_id: str) -> Help:
    """The cheapest changes that would bring a decision's company to the next better grade.

    Raises:
        NotFound, Erased, Refused, Conflict: see ``situation``.
    """
    found = situation(scorer, decision_id)
    withheld = tuple(change for change in CHANGES if _is_held(change, found.held))
    allowed = tuple(change for change in CHANGES if change not in withheld)
    searched = search(scorer.bundle, found.features, allowed=allowed)
    exact = not found.held
    return Help(
        **vars(_about(scorer, found)),
        target=searched.target,
        proposals=tuple(_told(one, exact) for one in searched.proposals),
        best=None if searched.best is None else _told(searched.best, exact),
        considered=tuple(change for change in allowed if change.name in searched.considered),
        withheld=withheld,
    )


def next_data(scorer: Scorer, decision_id: str) -> NextData:
    """The signals that would make the PD of a decision's company less uncertain.

    Raises:
        NotFound, Erased, Refused, Conflict: see ``situation``.
    """
    found = situation(scorer, decision_id)
    values = found.features.select(scorer.bundle.names).to_numpy().astype(np.float64)[0]
    signals = ranked(scorer.bundle, values, found.given)
    if found.held:
        signals = tuple(replace(one, narrows=None) for one in signals)
    return NextData(**vars(_about(scorer, found)), signals=signals)


def _about(scorer: Scorer, found: Situation) -> Advised:
    made = score_arrays(scorer.bundle, found.features.select(ID, *scorer.bundle.names))
    return Advised(
        decision_id=found.decision.decision_id,
        company_id=found.decision.company_id,
        as_of=found.decision.as_of,
        pd=float(made.pd[0]),
        grade=made.grades[0],
        exact=not found.held,
    )


def _is_held(change: Change, held: Mapping[str, Held]) -> bool:
    """Whether a feature that a change moves, leaves on purpose or reckons with is made of what may not be seen raw."""
    read = {name for value in change.follows.values() for name in value.meta.root_names()}
    names = (touched(change) | read | {*change.stays}) & FEATURES_BY_NAME.keys()
    return any(name in held for feature in names for name in sources(FEATURES_BY_NAME[feature]))


def _told(proposal: Proposal, exact: bool) -> Proposal:
    return proposal if exact else replace(proposal, pd=None, points=None)
