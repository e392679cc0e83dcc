"""Who may use what, for which purpose: a decision with reasons, taken once, on the one read path. Pure."""

from alliance.rights.access import OWN, Access, AccessRequest, Reason, Refusal, Terms
from alliance.rights.charter import Duty
from alliance.rights.decision import decide
from alliance.rights.grant import (
    EVERYBODY,
    OPERATOR,
    Consent,
    Grant,
    Member,
    Receiver,
    ReceiverKind,
    Right,
    Scope,
)
from alliance.rights.held import Held
from alliance.rights.ladder import Disclosure, banded
from alliance.rights.state import RightsState, Rules

__all__ = [
    "EVERYBODY",
    "OPERATOR",
    "OWN",
    "Access",
    "AccessRequest",
    "Consent",
    "Disclosure",
    "Duty",
    "Grant",
    "Held",
    "Member",
    "Reason",
    "Receiver",
    "ReceiverKind",
    "Refusal",
    "Right",
    "RightsState",
    "Rules",
    "Scope",
    "Terms",
    "banded",
    "decide",
]
