"""Who asks, once that is known: whose word it is, what it may do, and whose things it sees."""

from dataclasses import dataclass, field

from alliance.callers.roles import ROLES, Reach, Role, Scope, scopes_of
from alliance.errors import Refused


class ScopeMissing(Refused):
    """The caller is known, and may not do this."""

    code = "scope.missing"


@dataclass(frozen=True)
class Caller:
    """Who asks.

    Attributes:
        member: the member it acts for, under which decisions and disputes are recorded; of a company, the company's id.
        roles: what it is.
        scopes: what it may do: all that its roles may, or less.
        company: the one company a caller of that role speaks for, by its id.
        key: prefix of the API key it came with, which logs may show; empty for a bearer token.
        credential: what tells it from other callers within a process, to count its requests by; never written down.
    """

    member: str
    roles: frozenset[Role]
    scopes: frozenset[Scope]
    company: str | None = None
    key: str = ""
    credential: str = field(default="", repr=False)

    @classmethod
    def of(
        cls, member: str, roles: frozenset[Role], narrowed: frozenset[Scope] | None = None, *,
        company: str | None = None, key: str = "", credential: str = "",
    ) -> "Caller":  # fmt: skip
        """A caller of some roles, with the scopes of ``narrowed`` at most."""
        scopes = scopes_of(roles)
        return cls(member, roles, scopes if narrowed is None else scopes & narrowed, company, key, credential)

    def require(self, scope: Scope) -> None:
        """Raise ``ScopeMissing`` unless the caller has a scope."""
        if scope not in self.scopes:
            raise ScopeMissing(
                f"This needs the scope {scope.value}, which the caller does not have.",
                remedy="Ask with a key of a role that has it; docs/endpoints.md lists them.",
                scope=scope.value,
            )

    def sees_all(self, scope: Scope) -> bool:
        """Whether what it may do by a scope reaches every member's things."""
        return scope in self.scopes and any(
            scope in ROLES[role].scopes and ROLES[role].reach is Reach.ALL for role in self.roles
        )

    def sees(self, scope: Scope, member: str) -> bool:
        """Whether it may see, by a scope, a thing that belongs to a member."""
        return self.sees_all(scope) or (scope in self.scopes and member == self.member)

    def may_give(self) -> frozenset[Role]:
        """The roles it may give others a key for."""
        return frozenset[Role]().union(*(ROLES[role].may_give for role in self.roles))
