"""API keys over HTTP: a member's admin gives its people keys, and takes them back."""

from typing import Annotated

from fastapi import APIRouter, Response

from alliance.callers import Caller, Role, Scope, register
from alliance.callers.keys import ApiKey
from alliance.errors import Refused
from alliance.store import Store
from scoring.api import keys_bodies as bodies
from scoring.api.context import InContext
from scoring.api.problems import declared
from scoring.api.requests import KeyPrefix
from scoring.api.scopes import requires

router = APIRouter(tags=["keys"], prefix="/v1/keys")

Writes = Annotated[Caller, requires(Scope.KEYS_WRITE)]


@router.post("", status_code=201, summary="Make a key", responses=declared(404))
def create(body: bodies.KeyBody, response: Response, context: InContext, caller: Writes) -> bodies.MadeKey:
    """Make a key for the caller's member, shown this once; who sees all may make one for any member or company."""
    store, member = context.scorer.store, body.member or caller.member
    _refuse_beyond(caller, member, body.roles)
    made = register.create(
        store, member=member, roles=body.roles, scopes=body.scopes, company=body.company, label=body.label,
        days=body.days, by=caller.member,
    )  # fmt: skip
    return _shown(made, response)


@router.get("", summary="List keys", responses=declared())
def listed(context: InContext, caller: Annotated[Caller, requires(Scope.KEYS_READ)]) -> bodies.Keys:
    """The keys of the caller's member, oldest first, with those that hold no more; of a key no more than its name."""
    member = None if caller.sees_all(Scope.KEYS_READ) else caller.member
    found = register.listed(context.scorer.store, member=member)
    return bodies.Keys(keys=[bodies.Key.of(key) for key in found])


@router.post("/{prefix}/rotation", status_code=201, summary="Replace a key", responses=declared(404, 409))
def rotate(prefix: KeyPrefix, response: Response, context: InContext, caller: Writes) -> bodies.MadeKey:
    """Make a key like another, shown this once; the old one holds for another day."""
    key = _own(caller, context.scorer.store, prefix)
    return _shown(register.rotate(context.scorer.store, key.prefix, by=caller.member), response)


@router.post("/{prefix}/revocation", status_code=201, summary="End a key", responses=declared(404))
def revoke(prefix: KeyPrefix, context: InContext, caller: Writes) -> bodies.Key:
    """End a key: the next request that comes with it is refused."""
    key = _own(caller, context.scorer.store, prefix)
    return bodies.Key.of(register.revoke(context.scorer.store, key.prefix, by=caller.member))


def _own(caller: Caller, store: Store, prefix: str) -> ApiKey:
    """A key the caller may replace or end; ``NotFound`` for one it does not see."""
    found = register.find(store, prefix)
    if not caller.sees(Scope.KEYS_WRITE, found.member):
        raise register.no_key(prefix)
    _refuse_beyond(caller, found.member, found.roles)
    return found


def _refuse_beyond(caller: Caller, member: str, roles: frozenset[Role]) -> None:
    """Nobody gives a key for another member, or of a role that is not his to give."""
    if not caller.sees(Scope.KEYS_WRITE, member):
        raise Refused("The key would be another member's.", remedy="Make keys for your own member.", field="member")
    if beyond := sorted(roles - caller.may_give()):
        given = ", ".join(sorted(caller.may_give()))
        raise Refused(f"The caller gives no keys of {', '.join(beyond)}.", remedy=f"It gives: {given}.", field="roles")


def _shown(made: register.Made, response: Response) -> bodies.MadeKey:
    response.headers["Cache-Control"] = "no-store"
    return bodies.MadeKey(text=made.text, key=bodies.Key.of(made.key))
