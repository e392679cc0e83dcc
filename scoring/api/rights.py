"""What the caller's member may read and why, in words; and figures of cohorts whose values it may not see."""

from typing import Annotated

from fastapi import APIRouter, Query

from alliance.aggregates import Question, aggregate, cohort_of
from alliance.callers import Caller, Scope
from alliance.policy import shipped_rules
from alliance.rights import AccessRequest, Right
from alliance.rights.words import explained
from alliance.signals import signal_named
from scoring.api import rights_responses as responses
from scoring.api import visible
from scoring.api.context import InContext
from scoring.api.facts import AsOf
from scoring.api.problems import declared
from scoring.api.requests import Text
from scoring.api.scopes import requires

router = APIRouter(tags=["grants"])

Purpose = Annotated[Text, Query(description=f"One of {', '.join(shipped_rules().purposes)}.")]


@router.get("/v1/rights", summary="Explain rights", responses=declared(404))
def explain(
    context: InContext,
    *,
    purpose: Purpose = "loan_origination",
    right: Annotated[Right, Query(description="What it is to do with it.")] = Right.SCORES,
    company: Annotated[
        Text | None, Query(description="Of this company: id, registration number, or namespace:id; else of all alike.")
    ] = None,
    caller: Annotated[Caller, requires(Scope.RIGHTS_READ)],
) -> responses.Rights:
    """What the caller's member may read now, how far it may be seen, by which grants, and what it may not and why."""
    store = context.scorer.store
    about = None if company is None else visible.company(caller, store, company).company_id
    access = store.access(AccessRequest(caller.member, purpose, right))
    sentences = explained(access, store.rights(), about)
    return responses.Rights(
        member=caller.member, purpose=purpose, right=right, company_id=about, grants=list(access.grants),
        sentences=[responses.Sentence(zh=one.zh, en=one.en) for one in sentences],
    )  # fmt: skip


@router.get("/v1/aggregates", summary="Ask for figures of a cohort", responses=declared(403, 404))
def figures(
    context: InContext,
    *,
    field: Annotated[Text, Query(description="Which number: `signal.field`.", examples=["cash_position.cash"])],
    where: Annotated[
        list[Text], Query(max_length=20, description="Cohort: `field=value` of the company profile.")
    ] = [],  # noqa: B006
    as_of: AsOf = None,
    purpose: Purpose = "research",
    caller: Annotated[Caller, requires(Scope.AGGREGATES_ASK)],
) -> responses.Aggregate:
    """Figures over the companies of a cohort, of values that may not be seen one by one; that it was told is kept."""
    day = as_of or context.scorer.today()
    question = Question(field=field, cohort=cohort_of(where), as_of=day)
    found = aggregate(context.scorer.store, AccessRequest(caller.member, purpose), question)
    name, _, of_it = field.partition(".")
    declared_field = signal_named(name).field(of_it)
    return responses.Aggregate(
        field=field, zh=declared_field.zh, en=declared_field.en, cohort=dict(question.cohort), as_of=day,
        companies=found.companies, mean=found.mean, quartiles=list(found.quartiles),
    )  # fmt: skip
