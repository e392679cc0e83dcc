"""Overrides: an analyst's result beside a decision's, and the second person who approves it."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from alliance.callers import Caller, Scope
from alliance.callers.register import person
from alliance.store.overrides import State
from scoring import overrides
from scoring.api import overrides_responses as responses
from scoring.api import visible
from scoring.api.context import InContext
from scoring.api.idempotency import InOnce
from scoring.api.overrides_requests import OverrideBody, OverrideRulingBody
from scoring.api.problems import declared
from scoring.api.requests import DecisionId, OverrideId
from scoring.api.scopes import requires

router = APIRouter(tags=["overrides"])


@router.post(
    "/v1/decisions/{decision_id}/overrides", status_code=201, summary="Override a decision",
    responses=declared(404, 409, 410),
)  # fmt: skip
def override(
    decision_id: DecisionId,
    body: OverrideBody,
    response: Response,
    context: InContext,
    once: InOnce,
    *,
    caller: Annotated[Caller, requires(Scope.OVERRIDES_WRITE)],
) -> responses.Override:
    """Put another outcome or grade beside a decision of the caller's member; the model's result stays as it is.

    Above the policy's limits it is pending until another person approves it.
    """
    store, policy = context.scorer.store, context.overrides
    visible.decision(caller, store, decision_id, Scope.OVERRIDES_WRITE)
    wish = body.wish(person(store, caller))
    made = once.run(
        lambda: decision_id.encode() + b"\0" + body.model_dump_json().encode(),
        lambda along: overrides.override(store, decision_id, wish, policy, context.lending.band, along=along),
        lambda override_id: overrides.find(store, override_id),
    )
    response.headers["Location"] = f"/v1/decisions/{decision_id}"
    return responses.Override.of(made, policy)


@router.get("/v1/overrides", summary="List overrides", responses=declared())
def listed(
    context: InContext,
    *,
    state: Annotated[State | None, Query(description="Only those that stand so.")] = None,
    limit: Annotated[int, Query(ge=1, le=1_000, description="Overrides given at most.")] = 100,
    caller: Annotated[Caller, requires(Scope.OVERRIDES_READ)],
) -> responses.Overrides:
    """Overrides of the caller's member, oldest first; what was erased is left out."""
    member = None if caller.sees_all(Scope.OVERRIDES_READ) else caller.member
    found = overrides.listed(context.scorer.store, member=member, state=state)
    told = [responses.Override.of(one, context.overrides) for one in found[:limit]]
    return responses.Overrides(overrides=told, found=len(found))


@router.post(
    "/v1/overrides/{override_id}/ruling", status_code=201, summary="Approve or reject an override",
    responses=declared(404, 409, 410),
)  # fmt: skip
def rule(
    override_id: OverrideId,
    body: OverrideRulingBody,
    context: InContext,
    once: InOnce,
    caller: Annotated[Caller, requires(Scope.OVERRIDES_RULE)],
) -> responses.Override:
    """Decide, once for all, whether a pending override holds: as a second person, never the one who made it."""
    store = context.scorer.store
    visible.override(caller, store, override_id, Scope.OVERRIDES_RULE)
    who = person(store, caller)
    made = once.run(
        lambda: override_id.encode() + b"\0" + body.model_dump_json().encode(),
        lambda along: overrides.rule(
            store, override_id, approved=body.approved, person=who, reason=body.reason, along=along
        ),
        lambda _override_id: overrides.find(store, override_id),
    )
    return responses.Override.of(made, context.overrides)
