"""What advice on a decision starts from: the facts it rests on, read again by the rights of now.

Where something of the company may not be seen as it is, advice must not become a way to difference it out of scores.
What would help is a fixed function of the decision, so it cannot be varied without another decision, which is counted
(``scoring.probing``). Since it tells a little more than the decision does, of such a company

- it is given on the day of the decision alone, and while no more than half of the day's questions are used up: each
  then counts twice, so that advice adds at most half as many answers again;
- only changes are proposed all of whose features may be seen as they are, those that move along among them;
- grades are told, no PDs or points of the company as it would be; and of signals only their order is.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from alliance.errors import Conflict
from alliance.rights import Held
from alliance.signals import SIGNALS, Subject
from alliance.store import Decision
from scoring.decide import Scorer
from scoring.features import FEATURES, FEATURES_BY_NAME, feature_frame
from scoring.probing import require_room
from scoring.score import ID


@dataclass(frozen=True, eq=False)
class Situation:
    """A company as a decision saw it.

    Attributes:
        decision: the decision.
        features: one row: ``company_id``, then every feature there is.
        given: names of the signals of which something is known.
        held: by ``signal.field``, what may not be seen as it is.
    """

    decision: Decision
    features: pl.DataFrame
    given: frozenset[str]
    held: Mapping[str, Held]


def situation(scorer: Scorer, decision_id: str) -> Situation:
    """The situation of a decision.

    Raises:
        NotFound: no such decision.
        Erased: what it said was erased.
        Refused: nothing may be read any more; ``ProbingLimit``: values are withheld, and too much was asked today.
        Conflict: another model made the decision.
    """
    made = scorer.store.decision(decision_id).whole()
    if made.bundle_sha256 != scorer.bundle.sha256:
        raise Conflict(
            f"Decision {decision_id} was made by another model than the one that scores now.",
            remedy="Score the company again, and ask about that decision.",
            decision=decision_id,
        )
    if made.features is not None:
        return _given(made, made.features)
    facts = scorer.facts(made)
    held = facts.rungs.get(made.company_id, {})
    if held:
        require_room(scorer.store, made)
    features = feature_frame(facts)
    given = {
        signal.name
        for signal in SIGNALS
        if (of := facts.frames[signal.name]).height
        and (signal.subject is Subject.SECTOR or (of["subject_id"] == made.company_id).any())
    }
    return Situation(made, features, frozenset(given), held)


def _given(made: Decision, given: Mapping[str, float | None]) -> Situation:
    """The situation of a decision on ready features: what was given with it, all of which its requester knows."""
    row = {ID: made.company_id} | {feature.name: given.get(feature.name) for feature in FEATURES}
    features = pl.DataFrame([row], schema={ID: pl.String} | dict.fromkeys(FEATURES_BY_NAME, pl.Float64))
    known = {feature.signal for feature in FEATURES if given.get(feature.name) is not None}
    return Situation(made, features, frozenset(signal.name for signal in SIGNALS if signal.name in known), {})
