"""What the alliance holds true, who says so, and how far each is to be believed."""

from typing import Annotated

from fastapi import APIRouter, Query

from alliance.callers import Caller, Scope
from alliance.policy import shipped_rules
from alliance.rights import AccessRequest, Right
from alliance.signals import signal_named
from alliance.view import View
from scoring.api import facts_responses as responses
from scoring.api import visible
from scoring.api.context import InContext
from scoring.api.problems import declared
from scoring.api.requests import CompanyReference, Day, Text
from scoring.api.responses import Company
from scoring.api.scopes import requires

router = APIRouter()

AsOf = Annotated[
    Day | None,
    Query(description="The day whose knowledge is used; today, UTC, when left out.", examples=["2026-06-30"]),
]


@router.get(
    "/v1/companies/{reference:path}/facts", tags=["companies"], summary="Read facts", responses=declared(403, 404)
)
def facts(
    reference: CompanyReference,
    context: InContext,
    *,
    as_of: AsOf = None,
    signal: Annotated[Text | None, Query(description="Facts of one signal only.", examples=["cash_position"])] = None,
    purpose: Annotated[Text, Query(description=f"One of {', '.join(shipped_rules().purposes)}.")] = "loan_origination",
    caller: Annotated[Caller, requires(Scope.FACTS_READ)],
) -> responses.Facts:
    """Every fact of a company as known by the end of a day, with who says what of it and how far they agree."""
    store, wanted = context.scorer.store, None if signal is None else signal_named(signal).name
    day, watermark = as_of or context.scorer.today(), store.watermark()
    entry = visible.company(caller, store, reference)
    view = View(
        store, AccessRequest(caller.member, purpose, Right.SCORES, about=entry.company_id if caller.company else "")
    )
    found = view.evidence([entry.company_id], day, watermark=watermark)
    return responses.Facts(
        company=Company.of(entry),
        as_of=day,
        data_watermark=watermark,
        facts=[responses.Fact.of(fact) for fact in found if wanted in (None, fact.signal)],
    )


@router.get("/v1/reliability", tags=["members"], summary="Read reliabilities", responses=declared())
def reliability(
    context: InContext, _caller: Annotated[Caller, requires(Scope.RELIABILITY_READ)], as_of: AsOf = None
) -> responses.Reliabilities:
    """How far each member was to be believed, by signal, as learned by a day from agreement alone."""
    learned = context.scorer.store.reliabilities().as_of(as_of or context.scorer.today()).drop("no")
    rows = learned.sort("reliability", "member", "signal").to_dicts()
    return responses.Reliabilities(
        learned_as_of=rows[0]["as_of"] if rows else None,
        members=[responses.MemberReliability.model_validate(row) for row in rows],
    )
