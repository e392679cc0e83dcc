"""The table of endpoints, scopes and roles, made from what the endpoints declare."""

from collections.abc import Iterable, Iterator

from alliance.callers import OWNED, ROLES, Reach, Role, Scope
from scoring.api.app import ROUTERS
from scoring.api.scopes import OPEN, Endpoint, endpoints

_HEAD = """# Endpoints, scopes and roles

Made from the code by `scoring endpoints --write docs/endpoints.md`; a test checks that it is current.

A caller comes with `Authorization: Bearer`, followed by an API key or a token of a trusted issuer. Each endpoint needs
one scope; a role is a set of scopes and a reach: whose submissions, decisions, disputes, grants, keys and own ids of
companies it sees. Without a caller the answer is 401, without the scope 403, and what lies beyond the reach is answered
as if it were not there. A key may be narrowed to fewer scopes than its roles have. Which facts a caller with the scope
gets is decided by the grants behind them, on the one read path.
"""


def endpoints_table() -> str:
    """The page, as Markdown."""
    found = [one for router in ROUTERS for one in endpoints(router.router.routes)]
    roles = list(Role)
    return "\n".join(
        [
            _HEAD,
            "## Endpoints\n",
            *_rows(("method", "path", "scope", *roles), (_endpoint(one, roles) for one in found if one.scope)),
            "\n## Roles\n",
            *_rows(("role", "sees", "scopes"), (_role(role) for role in roles)),
            "\n## Scopes\n",
            *_rows(("scope", *roles), (_scope(scope, roles) for scope in Scope)),
            "\n## Open to all\n",
            *_rows(("path", "what it tells"), ((f"`{path}`", tells) for path, tells in OPEN.items())),
            "",
        ]
    )


def _endpoint(one: Endpoint, roles: Iterable[Role]) -> tuple[str, ...]:
    assert one.scope is not None
    return (one.method, f"`{one.path}`", one.scope.value, *(_may(role, one.scope) for role in roles))


def _scope(scope: Scope, roles: Iterable[Role]) -> tuple[str, ...]:
    return (scope.value, *(_may(role, scope) for role in roles))


def _may(role: Role, scope: Scope) -> str:
    """How far a role reaches by a scope."""
    rights = ROLES[role]
    if scope not in rights.scopes:
        return ""
    if rights.reach is Reach.COMPANY:
        return "own company"
    if scope not in OWNED:
        return "yes"
    return "all" if rights.reach is Reach.ALL else "own"


def _role(role: Role) -> tuple[str, str, str]:
    return (role.value, ROLES[role].reach.value, " ".join(sorted(ROLES[role].scopes)))


def _rows(head: Iterable[str], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    head = tuple(head)
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
