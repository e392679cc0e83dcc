"""What each role may do: the one table from which the API's checks, the docs and the tests are made."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """One thing a caller may do. Every endpoint names the one it needs."""

    SCORES_WRITE = "scores:write"
    DECISIONS_READ = "decisions:read"
    OVERRIDES_READ = "overrides:read"
    OVERRIDES_WRITE = "overrides:write"
    OVERRIDES_RULE = "overrides:rule"
    SUBMISSIONS_WRITE = "submissions:write"
    SUBMISSIONS_READ = "submissions:read"
    COMPANIES_READ = "companies:read"
    FACTS_READ = "facts:read"
    RELIABILITY_READ = "reliability:read"
    IDENTITY_READ = "identity:read"
    IDENTITY_DECIDE = "identity:decide"
    DISPUTES_READ = "disputes:read"
    DISPUTES_WRITE = "disputes:write"
    DISPUTES_RULE = "disputes:rule"
    ERASURES_WRITE = "erasures:write"
    GRANTS_READ = "grants:read"
    GRANTS_WRITE = "grants:write"
    RIGHTS_READ = "rights:read"
    AGGREGATES_ASK = "aggregates:ask"
    LEDGER_READ = "ledger:read"
    LEDGER_OPEN = "ledger:open"
    MODEL_READ = "model:read"
    KEYS_READ = "keys:read"
    KEYS_WRITE = "keys:write"
    METRICS_READ = "metrics:read"


class Role(StrEnum):
    """What a caller is to the alliance."""

    ANALYST = "analyst"
    CREDIT_OFFICER = "credit_officer"
    DATA_SCIENTIST = "data_scientist"
    OPERATOR = "operator"
    MEMBER_ADMIN = "member_admin"
    AUDITOR = "auditor"
    COMPANY = "company"


class Reach(StrEnum):
    """Of what belongs to somebody (submissions, decisions, disputes, keys), whose a role sees."""

    MEMBER = "its member's own"
    ALL = "every member's"
    COMPANY = "its company's own"


OWNED = frozenset({
    Scope.DECISIONS_READ, Scope.OVERRIDES_READ, Scope.OVERRIDES_WRITE, Scope.OVERRIDES_RULE, Scope.SUBMISSIONS_WRITE,
    Scope.SUBMISSIONS_READ, Scope.DISPUTES_READ, Scope.DISPUTES_WRITE,
    Scope.GRANTS_READ, Scope.GRANTS_WRITE, Scope.LEDGER_OPEN, Scope.KEYS_READ, Scope.KEYS_WRITE,
})  # fmt: skip
"""Scopes about things that belong to somebody, so that a role's reach matters."""


@dataclass(frozen=True)
class Rights:
    """What a role may do, of whose things, and which roles it may give others a key for."""

    scopes: frozenset[Scope]
    reach: Reach
    may_give: frozenset[Role] = frozenset()


_READS_OF_ALL = frozenset(scope for scope in Scope if scope.value.endswith((":read", ":open"))) - {Scope.METRICS_READ}
_OF_A_MEMBER = frozenset({Role.ANALYST, Role.CREDIT_OFFICER, Role.DATA_SCIENTIST, Role.MEMBER_ADMIN})

ROLES: Mapping[Role, Rights] = {
    Role.ANALYST: Rights(
        frozenset({
            Scope.SCORES_WRITE, Scope.DECISIONS_READ, Scope.OVERRIDES_READ, Scope.OVERRIDES_WRITE, Scope.COMPANIES_READ,
            Scope.FACTS_READ, Scope.DISPUTES_READ, Scope.DISPUTES_WRITE, Scope.RIGHTS_READ, Scope.AGGREGATES_ASK,
            Scope.LEDGER_READ, Scope.LEDGER_OPEN, Scope.MODEL_READ,
        }),
        Reach.MEMBER,
    ),
    Role.CREDIT_OFFICER: Rights(
        frozenset({
            Scope.DECISIONS_READ, Scope.OVERRIDES_READ, Scope.OVERRIDES_RULE, Scope.COMPANIES_READ, Scope.FACTS_READ,
            Scope.DISPUTES_READ, Scope.RIGHTS_READ, Scope.LEDGER_READ, Scope.LEDGER_OPEN, Scope.MODEL_READ,
        }),
        Reach.MEMBER,
    ),
    Role.DATA_SCIENTIST: Rights(
        frozenset({
            Scope.DECISIONS_READ, Scope.OVERRIDES_READ, Scope.COMPANIES_READ, Scope.FACTS_READ, Scope.RELIABILITY_READ,
            Scope.RIGHTS_READ, Scope.AGGREGATES_ASK, Scope.LEDGER_READ, Scope.LEDGER_OPEN, Scope.MODEL_READ,
        }),
        Reach.MEMBER,
    ),
    Role.OPERATOR: Rights(
        _READS_OF_ALL | {
            Scope.METRICS_READ, Scope.IDENTITY_DECIDE, Scope.DISPUTES_RULE, Scope.ERASURES_WRITE, Scope.KEYS_WRITE,
        },
        Reach.ALL,
        frozenset(Role),
    ),
    Role.MEMBER_ADMIN: Rights(
        frozenset({
            Scope.SUBMISSIONS_WRITE, Scope.SUBMISSIONS_READ, Scope.DECISIONS_READ, Scope.OVERRIDES_READ,
            Scope.COMPANIES_READ, Scope.RELIABILITY_READ, Scope.DISPUTES_READ, Scope.DISPUTES_WRITE, Scope.GRANTS_READ,
            Scope.GRANTS_WRITE, Scope.RIGHTS_READ, Scope.LEDGER_READ, Scope.LEDGER_OPEN, Scope.MODEL_READ,
            Scope.KEYS_READ, Scope.KEYS_WRITE,
        }),
        Reach.MEMBER,
        _OF_A_MEMBER,
    ),
    Role.AUDITOR: Rights(_READS_OF_ALL, Reach.ALL),
    Role.COMPANY: Rights(
        frozenset({
            Scope.COMPANIES_READ, Scope.FACTS_READ, Scope.DISPUTES_READ, Scope.DISPUTES_WRITE, Scope.LEDGER_READ,
        }),
        Reach.COMPANY,
    ),
}  # fmt: skip
"""The table. The ledger is for all to see: it says that something is, not what. Figures of cohorts are
asked for, not read: each answer limits the next. Nobody both asks for scores and rules on what they rest on, or on what
is made of them; who audits changes nothing. A caller may have several roles: that another person rules on an override
than made it is held by itself (``scoring.overrides``)."""


def scopes_of(roles: Iterable[Role]) -> frozenset[Scope]:
    """All that some roles may do together."""
    return frozenset[Scope]().union(*(ROLES[role].scopes for role in roles))
