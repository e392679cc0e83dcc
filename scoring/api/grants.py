"""Grants: what members let others do with their data; given as ODRL, listed, and revoked from the next read on."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response

from alliance import grants
from alliance.callers import Caller, Scope
from alliance.errors import Refused
from alliance.rights.odrl import document_of, grants_of
from scoring.api import grants_responses as responses
from scoring.api import visible
from scoring.api.context import InContext
from scoring.api.grants_requests import EXAMPLE, EndBody, canonical
from scoring.api.idempotency import InOnce
from scoring.api.problems import declared
from scoring.api.requests import GrantId, Text
from scoring.api.scopes import requires

router = APIRouter(tags=["grants"], prefix="/v1/grants")

Reads = Annotated[Caller, requires(Scope.GRANTS_READ)]
Writes = Annotated[Caller, requires(Scope.GRANTS_WRITE)]
Document = Annotated[
    dict[str, Any],
    Body(
        description="ODRL 2.2 in JSON-LD, of the alliance's profile: one permission a grant. What cannot be honoured is"
        " refused.",
        examples=[EXAMPLE],
    ),
]


@router.post("", status_code=201, summary="Give grants", responses=declared(404, 409))
def give(
    document: Document, response: Response, context: InContext, once: InOnce, caller: Writes
) -> responses.GrantsGiven:
    """Give all that a document permits, by one entry; its assigner is the caller's own member."""
    store, wanted = context.scorer.store, grants_of(document)
    for one in wanted:
        _refuse_foreign(caller, one.giver)
    made = once.run(
        lambda: canonical(document),
        lambda along: grants.give(store, wanted, author=caller.member, along=along),
        lambda first: grants.given_with(store, first),
    )
    if len(made) == 1:
        response.headers["Location"] = f"/v1/grants/{made[0].grant_id}"
    now = store.clock()
    return responses.GrantsGiven(entry=made[0].no, grants=[responses.Grant.of(one, now) for one in made])


@router.get("", summary="List grants", responses=declared())
def listed(
    context: InContext,
    *,
    giver: Annotated[Text | None, Query(description="Only those this member gave.")] = None,
    in_force: Annotated[bool, Query(description="Only those that allow something now.")] = False,
    limit: Annotated[int, Query(ge=1, le=1_000, description="Grants given at most.")] = 100,
    caller: Reads,
) -> responses.Grants:
    """Grants given by or to the caller's member, oldest first, with those that are revoked."""
    store = context.scorer.store
    state, now = store.rights(), store.clock()
    own = state.members.get(caller.member)
    found = [
        one for one in state.grants
        if giver in (None, one.giver) and (not in_force or grants.in_force(one, now))
        and visible.concerned(caller, own, one, Scope.GRANTS_READ)
    ]  # fmt: skip
    return responses.Grants(grants=[responses.Grant.of(one, now) for one in found[:limit]], found=len(found))


@router.get("/{grant_id}", summary="Read a grant", responses=declared(404))
def read(grant_id: GrantId, context: InContext, caller: Reads) -> responses.GrantInFull:
    """A grant given by or to the caller's member, in plain fields and as ODRL."""
    store = context.scorer.store
    found = visible.grant(caller, store, grant_id, Scope.GRANTS_READ)
    return responses.GrantInFull(grant=responses.Grant.of(found, store.clock()), odrl=document_of([found]))


@router.post("/{grant_id}/revocation", status_code=201, summary="Revoke a grant", responses=declared(404, 409))
def revoke(grant_id: GrantId, body: EndBody, context: InContext, caller: Writes) -> responses.Revoked:
    """End a grant the caller's member gave: from the next read on, everywhere and for ever.

    The answer names the scores that relied on it, which stay as they are, and the models trained under it, with what
    follows for them.
    """
    store = context.scorer.store
    _refuse_foreign(caller, visible.grant(caller, store, grant_id, Scope.GRANTS_WRITE).giver)
    done = grants.revoke(store, grant_id, author=caller.member, reason=body.reason)
    return responses.Revoked.of(
        done, store.clock(), {one.decision_id for one in visible.decisions(caller, done.touched)}
    )


def _refuse_foreign(caller: Caller, giver: str) -> None:
    """Nobody gives or revokes for another member."""
    if not caller.sees(Scope.GRANTS_WRITE, giver):
        raise Refused("The grant is another member's to give.", remedy="Ask its giver.", field="assigner")
