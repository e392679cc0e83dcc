"""Ask what would help a company, and which data to obtain next."""

from fastapi import APIRouter

from scoring import advice
from scoring.api import advice_responses as responses
from scoring.api import visible
from scoring.api.context import InContext
from scoring.api.decisions import ReadsDecisions
from scoring.api.problems import declared
from scoring.api.requests import DecisionId

router = APIRouter(tags=["decisions"])


@router.get(
    "/v1/decisions/{decision_id}/what-would-help", summary="What would help", responses=declared(403, 404, 409, 410)
)
def what_would_help(decision_id: DecisionId, context: InContext, caller: ReadsDecisions) -> responses.WhatWouldHelp:
    """The cheapest feasible changes that would bring the company to the next better grade, each verified by scoring it.

    Where values of the company are withheld, it is told on the day of the decision alone, and in grades.
    """
    visible.decision(caller, context.scorer.store, decision_id)
    return responses.WhatWouldHelp.of(advice.what_would_help(context.scorer, decision_id))


@router.get("/v1/decisions/{decision_id}/next-data", summary="Next best data", responses=declared(403, 404, 409, 410))
def next_data(decision_id: DecisionId, context: InContext, caller: ReadsDecisions) -> responses.NextData:
    """The signals not known of the company that would make its PD less uncertain, for what they cost to obtain."""
    visible.decision(caller, context.scorer.store, decision_id)
    return responses.NextData.of(advice.next_data(context.scorer, decision_id))
