"""Ask for scores."""

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Request, Response

from alliance import grants
from alliance.callers import Caller, Scope
from alliance.errors import AllianceError
from alliance.store import Decision, no_company
from alliance.store.effects import Along
from scoring.api import responses, visible
from scoring.api.context import Context, InContext
from scoring.api.idempotency import InOnce, Once
from scoring.api.observation import request_id
from scoring.api.problems import declared, problem_of
from scoring.api.requests import ReadyBody, ScoreBody, ScoresBody
from scoring.api.scopes import requires
from scoring.decide import ScoreRequest

router = APIRouter(tags=["scores"])

Scores = Annotated[Caller, requires(Scope.SCORES_WRITE)]


@router.post(
    "/v1/scores",
    status_code=201,
    summary="Score one company",
    response_description="The decision, recorded under its id.",
    responses=declared(404, 410),
)
def score_one(
    body: ScoreBody, response: Response, context: InContext, once: InOnce, caller: Scores
) -> responses.Decision:
    """Score a company from what the alliance knew by the end of a day, explained and recorded as a decision.

    A score that cannot be recorded is not served.
    """
    scorer = context.scorer
    asked = body.asked(caller.member, scorer.today())
    told = _one(body, context, once, caller, lambda along: scorer.decide(asked, along=along))
    response.headers["Location"] = f"/v1/decisions/{told.decision_id}"
    return told


@router.post(
    "/v1/scores/features",
    status_code=201,
    summary="Score ready features",
    response_description="The decision, recorded under its id.",
    responses=declared(404, 410),
)
def score_ready(
    body: ReadyBody, response: Response, context: InContext, once: InOnce, caller: Scores
) -> responses.Decision:
    """Score a company by features its caller keeps itself, explained and recorded as a decision.

    Nothing the alliance knows of the company is read or told. A score that cannot be recorded is not served.
    """
    scorer = context.scorer
    asked = body.asked(caller.member, scorer.today())
    told = _one(body, context, once, caller, lambda along: scorer.decide_ready(asked, along=along))
    response.headers["Location"] = f"/v1/decisions/{told.decision_id}"
    return told


@router.post(
    "/v1/scores/batch",
    summary="Score many companies",
    response_description="A decision or a problem for each request, in their order.",
    responses=declared(404),
)
def score_many(body: ScoresBody, request: Request, context: InContext, caller: Scores) -> responses.Scores:
    """Score up to 1,000 requests from one state of the data; one that cannot be scored does not stop the others.

    A body that does not fit its description is refused as a whole.
    """
    today = context.scorer.today()
    results = _decided(context, caller, [one.asked(caller.member, today) for one in body.requests])
    told = iter(_told(context, caller, [made for made in results if isinstance(made, Decision)]))
    items = [
        responses.ScoresItem(problem=problem_of(made, request_id(request.scope)))
        if isinstance(made, AllianceError)
        else responses.ScoresItem(decision=next(told))
        for made in results
    ]
    refused = sum(item.problem is not None for item in items)
    return responses.Scores(results=items, scored=len(items) - refused, refused=refused)


def _one(
    body: ScoreBody | ReadyBody, context: Context, once: Once, caller: Caller,
    decide: Callable[[Along | None], Decision],
) -> responses.Decision:  # fmt: skip
    """The decision on one request, made once."""
    store = context.scorer.store
    if visible.hidden(caller, store, [body.company]):
        raise no_company(body.company)
    made = once.run(
        lambda: body.model_dump_json().encode(), decide, lambda decision_id: store.decision(decision_id).whole()
    )
    return _told(context, caller, [made])[0]


def _decided(context: Context, caller: Caller, asked: Sequence[ScoreRequest]) -> list[Decision | AllianceError]:
    """The results in the order of the requests; what names a company by another member's id finds none."""
    hidden = visible.hidden(caller, context.scorer.store, [one.company for one in asked])
    made = iter(context.scorer.decide_many([one for one in asked if one.company not in hidden]))
    return [no_company(one.company) if one.company in hidden else next(made) for one in asked]


def _told(context: Context, caller: Caller, made: Sequence[Decision]) -> list[responses.Decision]:
    """Decisions with their companies' names and the proof that they are recorded, counted as served."""
    store = context.scorer.store
    with store.snapshot():
        known = visible.entries(caller, store, store.companies(sorted({one.company_id for one in made})))
        proofs = context.notary.of_decisions([one.decision_id for one in made])
        revoked = grants.revoked(store) if any(one.grants for one in made) else frozenset()
    entries = {entry.company_id: entry for entry in known}
    for one in made:
        context.metrics.scores.labels(one.result["grade"]).inc()
    return [responses.Decision.of(one, entries[one.company_id], proofs[one.decision_id], revoked) for one in made]
