"""Disputes: objections to what is claimed, and what was ruled of them."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Response

from alliance import disputes
from alliance.callers import Caller, Scope
from alliance.store.disputes import Party
from scoring.api import disputes_responses as responses
from scoring.api import visible
from scoring.api.context import Context, InContext
from scoring.api.disputes_requests import DisputeBody, RulingBody
from scoring.api.idempotency import InOnce
from scoring.api.problems import declared
from scoring.api.requests import DisputeId, Text
from scoring.api.scopes import requires

router = APIRouter(tags=["disputes"], prefix="/v1/disputes")

Reads = Annotated[Caller, requires(Scope.DISPUTES_READ)]


@router.post("", status_code=201, summary="Raise a dispute", responses=declared(404, 409))
def raise_dispute(
    body: DisputeBody,
    response: Response,
    context: InContext,
    once: InOnce,
    caller: Annotated[Caller, requires(Scope.DISPUTES_WRITE)],
) -> responses.Dispute:
    """Object, for a company or as a member, to a fact or one member's claim of it; it is marked until it is decided.

    Who speaks for a company objects on its behalf, and to what is said of it alone.
    """
    store, days = context.scorer.store, context.policy.due_days
    objection = body.objection(caller.member)
    visible.company(caller, store, objection.company)
    if caller.company is not None:
        objection = replace(objection, on_behalf_of=Party.COMPANY)
    made = once.run(
        lambda: body.model_dump_json().encode(),
        lambda along: disputes.raise_dispute(store, objection, due_days=days, along=along),
        lambda dispute_id: disputes.find(store, dispute_id),
    )
    response.headers["Location"] = f"/v1/disputes/{made.dispute_id}"
    return responses.Dispute.of(made, context.scorer.today())


@router.get("", summary="List disputes", responses=declared(404))
def listed(
    context: InContext,
    *,
    undecided: Annotated[bool, Query(alias="open", description="Only those nobody has decided.")] = False,
    overdue: Annotated[bool, Query(description="Only those that should have been decided.")] = False,
    company: Annotated[
        Text | None, Query(description="Only about this company: id, registration number, or namespace:id.")
    ] = None,
    member: Annotated[Text | None, Query(description="Only raised by this member, or against its claims.")] = None,
    limit: Annotated[int, Query(ge=1, le=1_000, description="Disputes given at most.")] = 100,
    caller: Reads,
) -> responses.Disputes:
    """Disputes with their rulings, oldest first, of those the caller is a party to."""
    store, today = context.scorer.store, context.scorer.today()
    about = None if company is None else visible.company(caller, store, company).company_id
    found = disputes.listed(store, company=about, member=member, undecided=undecided)
    seen = [one for one in found if visible.party(caller, store, one) and (one.overdue(today) or not overdue)]
    return responses.Disputes(disputes=[responses.Dispute.of(one, today) for one in seen[:limit]], found=len(seen))


@router.get("/{dispute_id}", summary="Read a dispute", responses=declared(404))
def read(dispute_id: DisputeId, context: InContext, caller: Reads) -> responses.Outcome:
    """A dispute as it stands, to its parties, and those of the caller's scores that its ruling touches."""
    store = context.scorer.store
    found = visible.dispute(caller, store, dispute_id)
    return _outcome(caller, disputes.Outcome(found, disputes.touched(store, found)), context)


@router.post("/{dispute_id}/ruling", status_code=201, summary="Decide a dispute", responses=declared(404, 409))
def rule(
    dispute_id: DisputeId,
    body: RulingBody,
    context: InContext,
    caller: Annotated[Caller, requires(Scope.DISPUTES_RULE)],
) -> responses.Outcome:
    """Decide, once for all, whether what is disputed is excluded from now on or kept; earlier scores stay."""
    store = context.scorer.store
    made = disputes.rule(store, dispute_id, excluded=body.excluded, author=caller.member, reason=body.reason)
    return _outcome(caller, made, context)


def _outcome(caller: Caller, made: disputes.Outcome, context: Context) -> responses.Outcome:
    seen = replace(made, touched=visible.decisions(caller, made.touched))
    return responses.Outcome.of(seen, context.scorer.today())
