"""Who asks: roles and their scopes, API keys, and the caller they make. Knows nothing of HTTP."""

from alliance.callers.caller import Caller, ScopeMissing
from alliance.callers.roles import OWNED, ROLES, Reach, Rights, Role, Scope, scopes_of

__all__ = ["OWNED", "ROLES", "Caller", "Reach", "Rights", "Role", "Scope", "ScopeMissing", "scopes_of"]
