"""The ledger: what was recorded, for everybody to see and for nobody to read."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from alliance.callers import Caller, Scope
from alliance.ledger.merkle import leaf_hash
from scoring.api import ledger_responses as responses
from scoring.api import visible
from scoring.api.context import InContext
from scoring.api.problems import declared
from scoring.api.requests import Text
from scoring.api.scopes import requires

READS = requires(Scope.LEDGER_READ)

router = APIRouter(tags=["ledger"], prefix="/v1/ledger")

_MOST = 2**53
"""Positions up to which every client counts exactly."""

Count = Annotated[int, Query(ge=0, lt=_MOST)]
Recorded = Annotated[
    Text,
    Path(description="Id of a submission or decision, or number of an entry.", examples=["sub_0123456789abcdef"]),
]


@router.get("/head", summary="Read the signed head", dependencies=[READS], responses=declared())
def head(context: InContext) -> responses.CurrentHead:
    """Size and root of all that is recorded so far, signed. Who keeps it can tell later whether any of it changed."""
    notary = context.notary
    return responses.CurrentHead(head=responses.Head.of(notary.head()), public_key=notary.public_key.pem)


@router.get("/leaves/{position}", summary="Read a leaf", dependencies=[READS], responses=declared(404))
def leaf(position: Annotated[int, Path(ge=0, lt=_MOST)], context: InContext) -> responses.Leaf:
    """A leaf: kind, time, entry or decision, and commitments; no member, no company, no value."""
    text = context.notary.leaf(position)
    return responses.Leaf(position=position, leaf=text.decode(), leaf_hash=leaf_hash(text).hex())


@router.get("/proofs/inclusion", summary="Prove that a leaf is in the log", dependencies=[READS], responses=declared())
def inclusion(context: InContext, position: Count, size: Count | None = None) -> responses.Inclusion:
    """The proof that the leaf at a position is in the log when it had a size; now, when left out."""
    return responses.Inclusion.of(position, *context.notary.inclusion(position, size))


@router.get("/proofs/consistency", summary="Prove that the log only grew", dependencies=[READS], responses=declared())
def consistency(context: InContext, first: Count, second: Count | None = None) -> responses.Consistency:
    """The proof that the log of one size begins with the log of a smaller one; of now, when `second` is left out."""
    return responses.Consistency.model_validate(context.notary.consistency(first, second).as_dict())


@router.get("/receipts/{recorded}", summary="Read a receipt", responses=declared(404))
def receipt(
    recorded: Recorded, context: InContext, caller: Annotated[Caller, requires(Scope.LEDGER_OPEN)]
) -> responses.Receipt:
    """The proof that something of the caller's is recorded, with what opens it: salt, author, digests, its own rows."""
    return responses.Receipt.of(visible.opened(caller, context.notary, recorded))
