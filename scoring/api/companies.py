"""Find companies."""

from typing import Annotated

from fastapi import APIRouter, Query

from alliance.callers import Caller, Scope
from scoring.api import responses, visible
from scoring.api.context import InContext
from scoring.api.problems import declared
from scoring.api.requests import CompanyReference, Text
from scoring.api.scopes import requires

router = APIRouter(tags=["companies"])


@router.get("/v1/companies", summary="Find companies", responses=declared())
def search(
    context: InContext,
    caller: Annotated[Caller, requires(Scope.COMPANIES_READ)],
    q: Annotated[Text, Query(description="Part of a name, or the start of an identifier.", examples=["星辰"])],
    limit: Annotated[int, Query(ge=1, le=100, description="Companies given at most.")] = 20,
) -> responses.Companies:
    """Companies by part of a name or the start of an identifier, ordered by id."""
    found = visible.search(caller, context.scorer.store, q, limit)
    return responses.Companies(companies=[responses.Company.of(entry) for entry in found])


@router.get("/v1/companies/{reference:path}", summary="Read a company", responses=declared(404))
def read(
    reference: CompanyReference, context: InContext, caller: Annotated[Caller, requires(Scope.COMPANIES_READ)]
) -> responses.Company:
    """The company a reference means, with its names, its registration number and the caller's own ids of it."""
    return responses.Company.of(visible.company(caller, context.scorer.store, reference))
