"""The lending aid: limits, loss, return and a funding winter of a loan that is thought of."""

from typing import Annotated

from fastapi import APIRouter

from alliance.callers import Caller, Scope
from scoring.api import visible
from scoring.api.context import InContext
from scoring.api.lending_bodies import Sheet, TermsBody
from scoring.api.problems import declared
from scoring.api.requests import DecisionId
from scoring.api.scopes import requires
from scoring.lending import term_sheet

router = APIRouter(tags=["lending"])


@router.post(
    "/v1/decisions/{decision_id}/term-sheet", summary="Reckon a loan", responses=declared(403, 404, 410)
)  # fmt: skip
def reckon(
    decision_id: DecisionId,
    body: TermsBody,
    context: InContext,
    caller: Annotated[Caller, requires(Scope.DECISIONS_READ)],
) -> Sheet:
    """What a loan to a decision's company would be limited to, cost and bring. It is no advice; nothing is recorded.

    Formulas and sources are in docs/lending.md.
    """
    visible.decision(caller, context.scorer.store, decision_id)
    return Sheet.of(term_sheet(context.scorer, decision_id, body.terms(), context.lending))
