"""Which scope each endpoint needs. What declares none is not served, unless it is listed here as open to all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.routing import BaseRoute

from alliance.callers import Caller, Scope

OPEN: Mapping[str, str] = {
    "/healthz": "whether the process answers",
    "/readyz": "whether store and model are there: a count of entries and the model's digest",
    "/docs": "the description of the API, which holds no data",
    "/docs/oauth2-redirect": "part of /docs",
    "/redoc": "the same description in another form",
    "/openapi.json": "the same description for programs",
    "/static-offline-docs": "style and script of these pages, and nothing else",
}
"""Paths that are open to all, each with what it tells; of the last one, all that is under it."""

_PAGES = "/static-offline-docs/"

_BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="bearer",
    description="An API key (`alliance keys create`), or a token of an issuer the alliance trusts. What a caller may do"
    " is told by scopes; docs/endpoints.md lists them by endpoint and role.",
)


def is_open(path: str) -> bool:
    """Whether a path is open to all."""
    return path in OPEN or path.startswith(_PAGES)


class Requires:
    """The caller of an endpoint, once it is sure that it has the endpoint's scope."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(
        self, request: Request, _sent: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]
    ) -> Caller:
        caller = request.state.caller  # set by Authentication, which lets nobody through without
        assert isinstance(caller, Caller)
        caller.require(self.scope)
        return caller


def requires(scope: Scope) -> Any:
    """The declaration of an endpoint's scope: ``caller: Annotated[Caller, requires(Scope.FACTS_READ)]``."""
    return Depends(Requires(scope))


@dataclass(frozen=True)
class Endpoint:
    """One operation of the API and the scope it needs; ``None`` where it is open to all."""

    method: str
    path: str
    scope: Scope | None
    summary: str


def endpoints(routes: Sequence[BaseRoute]) -> Iterator[Endpoint]:
    """The operations among some routes, those of included routers too, in their order.

    Raises:
        TypeError: one declares no scope and is not open, or declares two, or one although it is open.
    """
    for context in iter_route_contexts(routes):
        route, path = context.original_route, context.path or ""
        scopes = sorted(_declared(route)) if isinstance(route, APIRoute) else []
        if len(scopes) != (path not in OPEN):
            raise TypeError(f"{path} declares the scopes {scopes}: declare one, or list the path as open.")
        if isinstance(route, APIRoute):
            for method in sorted(route.methods or ()):
                yield Endpoint(method, context.path_format or path, scopes[0] if scopes else None, route.summary or "")


def _declared(route: APIRoute) -> set[Scope]:
    return {one.call.scope for one in route.dependant.dependencies if isinstance(one.call, Requires)}
