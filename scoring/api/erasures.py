"""Erasures: a company or a person is forgotten."""

from typing import Annotated

from fastapi import APIRouter, Response

from alliance import erasure
from alliance.callers import Caller, Scope
from scoring.api import erasures_bodies as bodies
from scoring.api.context import InContext
from scoring.api.problems import declared
from scoring.api.scopes import requires

router = APIRouter(tags=["erasures"], prefix="/v1/erasures")


@router.post("", status_code=201, summary="Erase a company or a person", responses=declared(404))
def erase(
    body: bodies.ErasureBody,
    response: Response,
    context: InContext,
    caller: Annotated[Caller, requires(Scope.ERASURES_WRITE)],
) -> bodies.Erasure:
    """Erase all that is held of a company, or of a person in all companies, for ever; the receipt says how much.

    Where nothing is held, nothing is recorded, and the answer is 200: so an erasure may be sent again, without a key.
    """
    made = erasure.erase(
        context.scorer.store, body.subject(), author=caller.member, reason=body.reason, basis=body.basis
    )
    if made is None:
        response.status_code = 200
        return bodies.Erasure(entry=None, made_at=None, counts={}, ledger=None)
    return bodies.Erasure.of(made, context.notary.of_entry(made.no))
