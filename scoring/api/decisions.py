"""Read decisions and make them again."""

from fastapi import APIRouter

from scoring.api import responses
from scoring.api.context import InContext
from scoring.api.problems import declared
from scoring.api.requests import DecisionId

router = APIRouter(tags=["decisions"])


@router.get("/v1/decisions/{decision_id}", summary="Read a decision", responses=declared(404))
def read(decision_id: DecisionId, context: InContext) -> responses.Decision:
    """A decision as it was recorded."""
    store = context.scorer.store
    made = store.decision(decision_id)
    proof = context.notary.of_decisions([decision_id])[decision_id]
    return responses.Decision.of(made, store.companies([made.company_id])[0], proof)


@router.post("/v1/decisions/{decision_id}/replay", summary="Replay a decision", responses=declared(403, 404))
def replay(decision_id: DecisionId, context: InContext) -> responses.Replay:
    """Compute a decision's score again from what was known then, and say what differs; nothing is recorded."""
    return responses.Replay.of(context.scorer.replay(decision_id))
