"""What a request is allowed, in a form that is quick to apply."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache, lru_cache

from alliance.errors import Refused
from alliance.rights.grant import EVERYTHING, FIELDS, Right
from alliance.rights.ladder import Disclosure
from alliance.signals import signal_named

OWN = "own"
"""The grant nobody needs to give: a member reads what it gave itself."""


SUBJECT = "subject"
"""The grant nobody can refuse: a company reads what is told of itself."""


@dataclass(frozen=True)
class AccessRequest:
    """Who wants to read, what for, and by which right.

    Attributes:
        about: the id of the company that asks, of itself; empty where a member asks.
    """

    member: str
    purpose: str
    right: Right = Right.USE
    about: str = ""


class Reason(StrEnum):
    """Why a grant allows nothing, why there is nothing to be read, or why a figure is not told; see ``words``."""

    REVOKED = "revoked"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    PURPOSE = "purpose"
    RIGHT = "right"
    BORDER = "border"
    LAPSED = "lapsed"
    NO_CONSENT = "no_consent"
    NOT_A_MEMBER = "not_a_member"
    NO_GRANT = "no_grant"
    TOO_FEW = "too_few"
    DOMINATED = "dominated"
    DIFFERENCE = "difference"


@dataclass(frozen=True)
class Refusal:
    """A grant, or nothing at all, that does not help the request.

    Attributes:
        reason: why.
        grant_id: which grant; empty where there is none.
        signals: which of its signals are concerned; none for all it covers.
    """

    reason: Reason
    grant_id: str = ""
    signals: tuple[str, ...] = ()


@dataclass(frozen=True)
class Terms:
    """On which terms claims of a signal may be read, by field in the signal's order.

    Attributes:
        rungs: how much of each value may be seen.
        grants: ids of the grants that allow that much; none where nothing is allowed.
        named: the same by those grants alone that cover the field itself, rather than bring it along as part of the
            record's key or event.
    """

    rungs: tuple[Disclosure, ...]
    grants: tuple[tuple[str, ...], ...]
    named: tuple[Disclosure, ...]

    @property
    def raw(self) -> bool:
        """Whether every value may be seen as it is."""
        return min(self.rungs) is Disclosure.RAW


@dataclass(frozen=True, slots=True)
class Clause:
    """What one grant allows of one signal.

    Attributes:
        grant_id: the grant.
        terms: on which terms.
        companies: ids it is limited to; ``None`` for no limit.
    """

    grant_id: str
    terms: Terms
    companies: frozenset[str] | None


@cache
def own_terms(signal: str) -> Terms:
    """A member's terms for its own claims."""
    raw = (Disclosure.RAW,) * len(FIELDS[signal])
    return Terms(raw, ((OWN,),) * len(raw), raw)


@lru_cache(maxsize=50_000)  # members' grants differ little from read to read
def granted_terms(grant_id: str, patterns: tuple[str, ...], rung: Disclosure, signal: str) -> Terms | None:
    """Terms of a grant by itself; ``None`` where it does not cover the signal."""
    every = EVERYTHING in patterns or signal in patterns
    named = tuple(every or f"{signal}.{name}" in patterns for name in FIELDS[signal])
    if not any(named) or rung is Disclosure.NONE:
        return None
    settled = signal_named(signal).settled  # a value nobody knows the key or the day of is no claim
    allowed = [own or name in settled for own, name in zip(named, FIELDS[signal], strict=True)]
    return Terms(
        tuple(rung if one else Disclosure.NONE for one in allowed),
        tuple((grant_id,) if one else () for one in allowed),
        tuple(rung if one else Disclosure.NONE for one in named),
    )


def united(several: tuple[Terms, ...]) -> Terms:
    """The terms of several grants together: for each field the best, by those that allow it."""
    if len(several) == 1:
        return several[0]
    rungs = tuple(map(max, *(one.rungs for one in several)))
    grants = tuple(
        tuple(sorted({grant for one in several if one.rungs[place] is rung for grant in one.grants[place]}))
        for place, rung in enumerate(rungs)
    )
    return Terms(rungs, grants, tuple(map(max, *(one.named for one in several))))


@dataclass(frozen=True)
class Access:
    """What a request is allowed at a moment.

    Attributes:
        request: who asked for what.
        grants: ids of every grant that allows something, ``OWN`` first if the member gave anything itself.
        clauses: by giver and signal what its grants allow.
        refusals: what does not help, and why.
        until: the first moment at which the answer may be another without an entry; ``None`` for never.
    """

    request: AccessRequest
    grants: tuple[str, ...]
    clauses: Mapping[tuple[str, str], tuple[Clause, ...]]
    refusals: tuple[Refusal, ...]
    until: datetime | None
    _known: dict[tuple[str, str, tuple[int, ...]], Terms] = field(default_factory=dict, compare=False, repr=False)

    def terms(self, giver: str, signal: str, subject: str | None) -> Terms | None:
        """On which terms a giver's claims of a signal about a company may be read; ``None`` for not at all.

        Args:
            subject: a company's id; ``None`` for what holds of every company.
        """
        if giver == self.request.member or (self.request.about and self.request.about == subject):
            return own_terms(signal)
        clauses = self.clauses.get((giver, signal), ())
        places = tuple(
            [place for place, one in enumerate(clauses) if one.companies is None or subject in one.companies]
        )
        if not places:
            return None
        found = self._known.get((giver, signal, places))
        if found is None:
            found = united(tuple(clauses[place].terms for place in places))
            self._known[giver, signal, places] = found
        return found

    def limited(self, giver: str, signal: str) -> bool:
        """Whether the terms differ by company."""
        if self.request.about:
            return True
        clauses = self.clauses.get((giver, signal), ())
        return giver != self.request.member and any(clause.companies is not None for clause in clauses)

    @property
    def anything(self) -> bool:
        """Whether there is anything to be read at all."""
        return bool(self.grants)

    def require(self) -> None:
        """Refuse a request that may read nothing, with the reasons.

        Raises:
            Refused: no grant allows anything, and the member gave nothing itself.
        """
        if self.anything:
            return
        reasons = sorted({one.reason.value for one in self.refusals})
        asked = self.request
        raise Refused(
            f"Nothing may be read by {asked.member} for {asked.purpose} ({asked.right}): {', '.join(reasons)}.",
            remedy="See why: alliance rights explain; ask members for a grant.",
            member=asked.member,
            purpose=asked.purpose,
            reasons=",".join(reasons),
        )


def lost(before: Access, now: Access) -> tuple[str, ...]:
    """Ids of the grants that allow less now than they did before, sorted: fewer claims, values or companies."""
    gone = set(before.grants) - set(now.grants)
    for place, clauses in before.clauses.items():
        held = {clause.grant_id: clause for clause in now.clauses.get(place, ())}
        gone |= {one.grant_id for one in clauses if not _allowed_by(held.get(one.grant_id), one)}
    return tuple(sorted(gone))


def _allowed_by(held: Clause | None, before: Clause) -> bool:
    """Whether a clause allows all that it did before."""
    if held is None or any(now < then for now, then in zip(held.terms.rungs, before.terms.rungs, strict=True)):
        return False
    return held.companies is None or (before.companies is not None and before.companies <= held.companies)
