"""The decision itself: pure, from grants and a request.

For now one open grant stands: every member may read every signal for every listed purpose. What it will take to say no
(grants by member, signal and field, consents, disclosure, expiry) belongs behind ``decide``; its callers stay as they
are.
"""

from dataclasses import dataclass

from alliance.errors import InvalidInput

PURPOSES = ("loan_origination", "portfolio_monitoring", "model_training", "research", "settlement")
"""The closed list of purposes data may be used for."""

OPEN_GRANT = "grant:open"
"""The one grant there is: all signals, all companies, all purposes, to all members."""


@dataclass(frozen=True)
class AccessRequest:
    """Who wants to read, and for what."""

    member: str
    purpose: str


@dataclass(frozen=True)
class Access:
    """What a request is allowed, and by which grants."""

    request: AccessRequest
    grants: tuple[str, ...]


def decide(request: AccessRequest) -> Access:
    """What the grants allow the request.

    Raises:
        InvalidInput: the purpose is not in the closed list.
    """
    if request.purpose not in PURPOSES:
        raise InvalidInput(
            f"The purpose {request.purpose!r} is not known.",
            remedy=f"Use one of {', '.join(PURPOSES)}.",
            field="purpose",
        )
    return Access(request, (OPEN_GRANT,))
