"""What is shared. One file per pillar, declarations only; ``SIGNALS`` is the explicit list of all record types."""

from alliance.errors import NotFound
from alliance.signals.business_model import BUSINESS_MODEL
from alliance.signals.company import COMPANY_PROFILE, SECTORS
from alliance.signals.declaration import (
    PILLAR_NAMES,
    Field,
    FieldType,
    Grain,
    KeyPart,
    Pillar,
    Sensitivity,
    Signal,
    Subject,
)
from alliance.signals.environment import ENVIRONMENT
from alliance.signals.financial import FINANCIAL
from alliance.signals.outcome import OUTCOME
from alliance.signals.team import TEAM
from alliance.signals.technology import TECHNOLOGY
from alliance.signals.venture import VENTURE

SIGNALS: tuple[Signal, ...] = (
    COMPANY_PROFILE,
    *TECHNOLOGY,
    *TEAM,
    *BUSINESS_MODEL,
    *VENTURE,
    *FINANCIAL,
    *ENVIRONMENT,
    *OUTCOME,
)

_BY_NAME = {signal.name: signal for signal in SIGNALS}


def signal_named(name: str) -> Signal:
    """The signal of that name.

    Raises:
        NotFound: no such signal; the remedy lists those there are.
    """
    try:
        return _BY_NAME[name]
    except KeyError:
        raise NotFound(f"There is no signal {name!r}.", remedy=f"Use one of: {', '.join(_BY_NAME)}.") from None


__all__ = [
    "PILLAR_NAMES",
    "SECTORS",
    "SIGNALS",
    "Field",
    "FieldType",
    "Grain",
    "KeyPart",
    "Pillar",
    "Sensitivity",
    "Signal",
    "Subject",
    "signal_named",
]
