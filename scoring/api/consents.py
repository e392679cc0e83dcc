"""Companies' consents: recorded by the member that obtained them, with their evidence, and withdrawn."""

from typing import Annotated

from fastapi import APIRouter, Query

from alliance import grants
from alliance.callers import Caller, Scope
from scoring.api import grants_responses as responses
from scoring.api import visible
from scoring.api.context import InContext
from scoring.api.grants_requests import ConsentBody, EndBody
from scoring.api.idempotency import InOnce
from scoring.api.problems import declared
from scoring.api.requests import ConsentId
from scoring.api.scopes import requires

router = APIRouter(tags=["grants"], prefix="/v1/consents")

Writes = Annotated[Caller, requires(Scope.GRANTS_WRITE)]


@router.post("", status_code=201, summary="Record a consent", responses=declared(404))
def give(body: ConsentBody, context: InContext, once: InOnce, caller: Writes) -> responses.Consent:
    """Record that a company consents to the use of what members tell of it."""
    store = context.scorer.store
    given = body.consent(visible.company(caller, store, body.company).company_id)
    made = once.run(
        lambda: body.model_dump_json().encode(),
        lambda along: grants.consent(store, given, author=caller.member, along=along),
        lambda consent_id: grants.find_consent(store, consent_id),
    )
    return responses.Consent.of(made, store.clock())


@router.get("", summary="List consents", responses=declared())
def listed(
    context: InContext,
    *,
    limit: Annotated[int, Query(ge=1, le=1_000, description="Consents given at most.")] = 100,
    caller: Annotated[Caller, requires(Scope.GRANTS_READ)],
) -> responses.Consents:
    """Consents the caller's member obtained, oldest first, with those that are withdrawn."""
    store = context.scorer.store
    found = [one for one in store.rights().consents if caller.sees(Scope.GRANTS_READ, one.obtained_by)]
    now = store.clock()
    return responses.Consents(consents=[responses.Consent.of(one, now) for one in found[:limit]], found=len(found))


@router.post("/{consent_id}/withdrawal", status_code=201, summary="Withdraw a consent", responses=declared(404, 409))
def withdraw(consent_id: ConsentId, body: EndBody, context: InContext, caller: Writes) -> responses.Consent:
    """End a consent the caller's member obtained: from the next read on, and for ever."""
    store = context.scorer.store
    visible.consent(caller, store, consent_id, Scope.GRANTS_WRITE)
    done = grants.withdraw(store, consent_id, author=caller.member, reason=body.reason)
    return responses.Consent.of(done, store.clock())
