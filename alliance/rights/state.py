"""All that a decision on rights rests on, beside the request and the clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from alliance.errors import InvalidInput
from alliance.rights.charter import Duty
from alliance.rights.grant import EVERYTHING, Consent, Grant, Member
from alliance.signals import SIGNALS, Subject


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What the alliance has agreed on about rights (``alliance/policy.toml``).

    Attributes:
        purposes: the closed list of purposes data may be used for, each with its Chinese and English name.
        consent_required: signals that may be read of a company only with its consent.
        k: companies that an aggregate is of at least.
        probes: different requests a member may make of one company in a day, where a value is withheld.
        home: jurisdiction of a member of which no other is known.
        charter: what members owe, and what they lose.
    """

    purposes: Mapping[str, tuple[str, str]]
    consent_required: frozenset[str]
    k: int
    probes: int
    home: str
    charter: tuple[Duty, ...]

    def check_purpose(self, purpose: str) -> None:
        """Refuse (``InvalidInput``) a purpose that is not in the list."""
        if purpose not in self.purposes:
            raise InvalidInput(
                f"The purpose {purpose!r} is not known.",
                remedy=f"Use one of {', '.join(self.purposes)}.",
                field="purpose",
            )


@dataclass(frozen=True, kw_only=True)
class RightsState:
    """Members, grants and consents as the last entry left them; in any order.

    Attributes:
        rules: what is agreed on.
        members: by id.
        grants: all that were ever given.
        consents: all that were ever recorded.
        given: when each member last gave each signal; a member that never gave anything is not in it.
        alike: for an id of a company the other ids that mean it by now (``alliance.store.merges``).
    """

    rules: Rules
    members: Mapping[str, Member] = field(default_factory=dict)
    grants: Sequence[Grant] = ()
    consents: Sequence[Consent] = ()
    given: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)
    alike: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def ids(self, companies: Sequence[str]) -> frozenset[str]:
        """All ids of some companies: whoever speaks of a company means all that it goes by."""
        return frozenset(companies).union(*(self.alike[company] for company in companies if company in self.alike))

    def consenting(self, purpose: str, at: datetime) -> Mapping[str, frozenset[str]]:
        """For every signal about companies, the ids of those whose consent is in force."""
        found: dict[str, set[str]] = {EVERYTHING: set()}
        for one in self.consents:
            if one.covers(purpose) and one.in_force(at):
                for signal in one.signals:
                    found.setdefault(signal, set()).update(self.ids((one.company_id,)))
        every = frozenset(found[EVERYTHING])
        return {
            signal.name: every | found[signal.name] if signal.name in found else every
            for signal in SIGNALS
            if signal.subject is Subject.COMPANY
        }

    @cached_property
    def boundaries(self) -> tuple[datetime, ...]:
        """Every moment at which a grant or a consent begins or ends, sorted."""
        spans = [(one.valid_from, one.valid_until) for one in self.grants]
        spans += [(one.valid_from, one.valid_until) for one in self.consents]
        return tuple(sorted({moment for span in spans for moment in span if moment is not None}))
