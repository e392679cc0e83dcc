"""Disputes: objections to what is claimed, and what was ruled of them."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from alliance import disputes
from scoring.api import disputes_responses as responses
from scoring.api.context import InContext
from scoring.api.disputes_requests import DisputeBody, RulingBody
from scoring.api.problems import declared
from scoring.api.requests import ANONYMOUS, DisputeId, Member, Text

router = APIRouter(tags=["disputes"], prefix="/v1/disputes")


@router.post("", status_code=201, summary="Raise a dispute", responses=declared(404, 409))
def raise_dispute(
    body: DisputeBody, response: Response, context: InContext, member: Member = ANONYMOUS
) -> responses.Dispute:
    """Object, for a company or as a member, to a fact or one member's claim of it; it is marked until it is decided."""
    days = context.policy.due_days
    made = disputes.raise_dispute(context.scorer.store, body.objection(member), due_days=days)
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
) -> responses.Disputes:
    """Disputes with their rulings, oldest first."""
    today = context.scorer.today()
    found = disputes.listed(context.scorer.store, company=company, member=member, undecided=undecided)
    found = [one for one in found if one.overdue(today) or not overdue]
    given = [responses.Dispute.of(one, today) for one in found[:limit]]
    return responses.Disputes(disputes=given, found=len(found))


@router.get("/{dispute_id}", summary="Read a dispute", responses=declared(404))
def read(dispute_id: DisputeId, context: InContext) -> responses.Outcome:
    """A dispute as it stands, and the scores its ruling touches."""
    store = context.scorer.store
    found = disputes.find(store, dispute_id)
    return responses.Outcome.of(disputes.Outcome(found, disputes.touched(store, found)), context.scorer.today())


@router.post("/{dispute_id}/ruling", status_code=201, summary="Decide a dispute", responses=declared(404, 409))
def rule(dispute_id: DisputeId, body: RulingBody, context: InContext, member: Member = ANONYMOUS) -> responses.Outcome:
    """Decide, once for all, whether what is disputed is excluded from now on or kept; earlier scores stay."""
    store = context.scorer.store
    made = disputes.rule(store, dispute_id, excluded=body.excluded, author=member, reason=body.reason)
    return responses.Outcome.of(made, context.scorer.today())
