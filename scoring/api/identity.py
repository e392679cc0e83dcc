"""Who is who: cases for people to decide, companies merged, split and explained."""

from typing import Annotated

from fastapi import APIRouter, Query

from alliance.callers import Caller, Scope
from alliance.identity import curate
from alliance.identity.explain import explain
from scoring.api import identity_responses as responses
from scoring.api.context import InContext
from scoring.api.problems import declared
from scoring.api.requests import (
    CaseId,
    CompanyReference,
    Instant,
    MergeBody,
    SplitBody,
    VerdictBody,
)
from scoring.api.scopes import requires

router = APIRouter(tags=["identity"], prefix="/v1/identity")

Reads = Annotated[Caller, requires(Scope.IDENTITY_READ)]
Decides = Annotated[Caller, requires(Scope.IDENTITY_DECIDE)]


@router.get("/cases", summary="List open cases", responses=declared())
def cases(
    context: InContext,
    _caller: Reads,
    limit: Annotated[int, Query(ge=1, le=1_000, description="Cases given at most.")] = 100,
) -> responses.OpenCases:
    """Pairs of companies that may be one and wait for a person, the likeliest first."""
    store = context.scorer.store
    found = curate.review(store)
    given = found[:limit]
    called = store.companies([one for case in given for one in (case.company_id, case.candidate_id)])
    by_id = {entry.company_id: entry for entry in called}
    return responses.OpenCases(cases=[responses.OpenCase.of(case, by_id) for case in given], open=len(found))


@router.post("/cases/{case_id}", status_code=201, summary="Decide a case", responses=declared(404, 409))
def decide(case_id: CaseId, body: VerdictBody, context: InContext, caller: Decides) -> responses.Verdict:
    """Decide, once for all, whether the two companies of a case are one; if so, the first comes to mean the second."""
    store = context.scorer.store
    if not body.same:
        curate.reject(store, case_id, caller.member, body.reason)
        return responses.Verdict(case_id=case_id, same=False, change=None)
    change = curate.accept(store, case_id, caller.member, body.reason)
    return responses.Verdict(case_id=case_id, same=True, change=responses.Change.of(change))


@router.post("/merges", status_code=201, summary="Merge two companies", responses=declared(404, 409))
def merge(body: MergeBody, context: InContext, caller: Decides) -> responses.Change:
    """Say that a company, with all ids that mean it, is another one. No id becomes invalid, and no record is moved."""
    store = context.scorer.store
    said = (body.company, body.into, caller.member, body.reason)
    return responses.Change.of(curate.merge(store, *said, despite_numbers=body.despite_numbers))


@router.post("/splits", status_code=201, summary="Split an id off", responses=declared(404))
def split(body: SplitBody, context: InContext, caller: Decides) -> responses.Change:
    """Say that an id, with all ids that mean it, is a company of its own again."""
    return responses.Change.of(curate.split(context.scorer.store, body.company_id, caller.member, body.reason))


@router.get("/companies/{reference:path}", summary="Explain a company", responses=declared(404))
def explained(
    reference: CompanyReference,
    context: InContext,
    _caller: Reads,
    at: Annotated[
        Instant | None,
        Query(description="The moment whose state is told; now when left out.", examples=["2026-06-30T12:00:00Z"]),
    ] = None,
) -> responses.Explanation:
    """Why a company is who it is: its ids, how each was met, all that was said of what they mean, and its cases."""
    return responses.Explanation.of(explain(context.scorer.store, reference, at=at))
