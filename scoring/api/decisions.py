"""Read decisions and make them again."""

from typing import Annotated

from fastapi import APIRouter

from alliance import grants
from alliance.callers import Caller, Scope
from scoring import overrides
from scoring.api import overrides_responses, responses, visible
from scoring.api.context import InContext
from scoring.api.problems import declared
from scoring.api.requests import DecisionId
from scoring.api.scopes import requires

router = APIRouter(tags=["decisions"])

ReadsDecisions = Annotated[Caller, requires(Scope.DECISIONS_READ)]


@router.get("/v1/decisions/{decision_id}", summary="Read a decision", responses=declared(404, 410))
def read(decision_id: DecisionId, context: InContext, caller: ReadsDecisions) -> overrides_responses.DecisionRead:
    """A decision as it was recorded, of those the caller's member asked for, which of its grants hold no more, and what
    analysts have put beside its result.
    """
    store = context.scorer.store
    made = visible.decision(caller, store, decision_id).whole()
    entry = visible.entries(caller, store, store.companies([made.company_id]))[0]
    proof = context.notary.of_decisions([decision_id])[decision_id]
    told = responses.Decision.of(made, entry, proof, grants.revoked(store))
    beside = overrides.of_decision(store, [decision_id])
    return overrides_responses.DecisionRead.with_overrides(told, beside, context.overrides)


@router.post("/v1/decisions/{decision_id}/replay", summary="Replay a decision", responses=declared(403, 404, 410))
def replay(decision_id: DecisionId, context: InContext, caller: ReadsDecisions) -> responses.Replay:
    """Compute a decision's score again from what was known then, and say what differs; nothing is recorded."""
    visible.decision(caller, context.scorer.store, decision_id)
    return responses.Replay.of(context.scorer.replay(decision_id))
