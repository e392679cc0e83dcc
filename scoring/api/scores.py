"""Ask for scores."""

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from alliance.errors import AllianceError
from alliance.store import Decision
from scoring.api import responses
from scoring.api.context import Context, InContext
from scoring.api.observation import request_id
from scoring.api.problems import declared, problem_of
from scoring.api.requests import ANONYMOUS, Member, ScoreBody, ScoresBody

router = APIRouter(tags=["scores"])


@router.post(
    "/v1/scores",
    status_code=201,
    summary="Score one company",
    response_description="The decision, recorded under its id.",
    responses=declared(403, 404),
)
def score_one(
    body: ScoreBody, response: Response, context: InContext, member: Member = ANONYMOUS
) -> responses.Decision:
    """Score a company from what the alliance knew by the end of a day, explained and recorded as a decision.

    A score that cannot be recorded is not served.
    """
    made = context.scorer.decide(body.asked(member, context.scorer.today()))
    response.headers["Location"] = f"/v1/decisions/{made.decision_id}"
    return _told(context, [made])[0]


@router.post(
    "/v1/scores/batch",
    summary="Score many companies",
    response_description="A decision or a problem for each request, in their order.",
    responses=declared(403, 404),
)
def score_many(body: ScoresBody, request: Request, context: InContext, member: Member = ANONYMOUS) -> responses.Scores:
    """Score up to 1,000 requests from one state of the data; one that cannot be scored does not stop the others.

    A body that does not fit its description is refused as a whole.
    """
    today = context.scorer.today()
    results = context.scorer.decide_many([one.asked(member, today) for one in body.requests])
    told = iter(_told(context, [made for made in results if isinstance(made, Decision)]))
    items = [
        responses.ScoresItem(problem=problem_of(made, request_id(request.scope)))
        if isinstance(made, AllianceError)
        else responses.ScoresItem(decision=next(told))
        for made in results
    ]
    refused = sum(item.problem is not None for item in items)
    return responses.Scores(results=items, scored=len(items) - refused, refused=refused)


def _told(context: Context, made: Sequence[Decision]) -> list[responses.Decision]:
    """Decisions with their companies' names and the proof that they are recorded, counted as served."""
    known = context.scorer.store.companies(sorted({one.company_id for one in made}))
    entries = {entry.company_id: entry for entry in known}
    proofs = context.notary.of_decisions([one.decision_id for one in made])
    for one in made:
        context.metrics.scores.labels(one.result["grade"]).inc()
    return [responses.Decision.of(one, entries[one.company_id], proofs[one.decision_id]) for one in made]
