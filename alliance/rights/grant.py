"""What members allow: grants, consents of the companies they tell of, and who the members are. Pure declarations."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from alliance.contracts.contract import Role
from alliance.errors import InvalidInput
from alliance.rights.ladder import Disclosure
from alliance.signals import SIGNALS

OPERATOR = "operator"
"""Role of those who run the alliance's software; no contract can name it."""

ROLES = (*(role.value for role in Role), OPERATOR)

EVERYTHING = "*"
"""All signals, or all purposes."""


class Right(StrEnum):
    """What may be done; the rights are separated, each given by itself.

    Source: 数据二十条 (CPC Central Committee and State Council, Opinions on Building Basic Systems for Data, 2022),
    part 3: the rights to hold data resources, to process and use data, and to operate data products.
    """

    HOLD = "hold"
    """Keep a copy (数据资源持有权)."""
    USE = "use"
    """Process it and use what comes of it, scores among them (数据加工使用权)."""
    OPERATE = "operate"
    """Offer products made of it to others (数据产品经营权)."""
    SCORES = "scores"
    """Receive scores computed from it, and nothing else."""


RIGHT_NAMES: dict[Right, tuple[str, str]] = {
    Right.HOLD: ("持有", "hold"),
    Right.USE: ("加工使用", "process and use"),
    Right.OPERATE: ("经营", "operate"),
    Right.SCORES: ("仅接收评分", "receive scores"),
}
"""Chinese and English name of each right, as shown to people."""


class ReceiverKind(StrEnum):
    """Whom a grant is for."""

    MEMBER = "member"
    ROLE = "role"
    ALL = "all"


@dataclass(frozen=True, order=True)
class Receiver:
    """Whom a grant is for: one member, all members of a role, or all members (``name`` then is empty)."""

    kind: ReceiverKind
    name: str = ""

    def __post_init__(self) -> None:
        if self.kind is ReceiverKind.ROLE and self.name not in ROLES:
            raise _unusable("receiver", f"There is no role {self.name!r}.", f"Use one of {', '.join(ROLES)}.")
        if (self.kind is ReceiverKind.ALL) == bool(self.name.strip()):
            raise _unusable("receiver", "A receiver is a member, a role, or all.", "Name it, unless it is all.")

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".rstrip()


EVERYBODY = Receiver(ReceiverKind.ALL)


@dataclass(frozen=True)
class Member:
    """A member of the alliance.

    Attributes:
        member_id: its id.
        role: one of ``ROLES``.
        jurisdiction: where it is established, ISO 3166 alpha-2.
        registered_at: since when it is a member.
    """

    member_id: str
    role: str
    jurisdiction: str
    registered_at: datetime

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise _unusable("role", f"There is no role {self.role!r}.", f"Use one of {', '.join(ROLES)}.")
        if not self.member_id.strip():
            raise _unusable("member", "A member has an id.", "Name it.")
        _check_place("jurisdiction", self.jurisdiction)

    def is_meant(self, receiver: Receiver) -> bool:
        """Whether a grant to the receiver is for this member."""
        match receiver.kind:
            case ReceiverKind.MEMBER:
                return receiver.name == self.member_id
            case ReceiverKind.ROLE:
                return receiver.name == self.role
        return True


class Scope(StrEnum):
    """Companies of a grant that no list names."""

    ALL = "all"
    CONSENTED = "consented"
    """Those whose consent to the signal and the purpose is in force."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a member allows another to do with the claims it gives. Lists are kept sorted, each word once.

    Attributes:
        grant_id, no: its id, and the entry that gave it; empty and 0 until it is given.
        giver: the member whose claims they are.
        receiver: whom it is for.
        fields: patterns: ``*`` for all, ``signal``, or ``signal.field``, which brings the record's key and event along.
        companies: all, those that consent, or a list of ids.
        purposes: what for; from the policy's closed list.
        rights: what may be done.
        disclosure: how much of the values may be seen.
        valid_from, valid_until: moments, the first inclusive, the last exclusive; ``None`` for no bound.
        jurisdiction: where it may be used, ISO 3166 alpha-2; empty for where the giver is.
        legal_basis: the law or contract that lets it leave the giver's jurisdiction.
        price: reference of the price agreed on; empty for none.
        revoked_at: when it was revoked; from that entry on it allows nothing, whatever the clock says.

    Raises:
        InvalidInput: something of it cannot be used; names it.
    """

    giver: str
    receiver: Receiver
    fields: tuple[str, ...]
    purposes: tuple[str, ...]
    rights: tuple[Right, ...] = (Right.USE,)
    disclosure: Disclosure = Disclosure.RAW
    companies: Scope | tuple[str, ...] = Scope.ALL
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    jurisdiction: str = ""
    legal_basis: str = ""
    price: str = ""
    grant_id: str = ""
    no: int = 0
    revoked_at: datetime | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        for name in ("fields", "purposes", "rights"):
            object.__setattr__(self, name, _each_once(name, getattr(self, name)))
        if not isinstance(self.companies, Scope):
            object.__setattr__(self, "companies", _each_once("companies", self.companies))
        for pattern in self.fields:
            check_pattern(pattern)
        if not self.giver.strip():
            raise _unusable("giver", "A grant has a giver.", "Name the member whose claims they are.")
        _check_span(self.valid_from, self.valid_until)
        if self.jurisdiction:
            _check_place("jurisdiction", self.jurisdiction)

    def rung(self, right: Right) -> Disclosure:
        """How much it lets be seen in what the right gives; who may receive scores alone sees no value in them."""
        if right not in self.rights and not (right is Right.SCORES and Right.USE in self.rights):
            return Disclosure.NONE
        if right is Right.SCORES and Right.USE not in self.rights:
            return min(self.disclosure, Disclosure.SCORE_ONLY)
        return self.disclosure


@dataclass(frozen=True, kw_only=True)
class Consent:
    """A company's word that what members tell of it may be used.

    Attributes:
        consent_id, no: its id, and the entry that recorded it.
        company_id: whose.
        signals, purposes: to what, and what for; ``*`` for all.
        evidence: how it was given, in words.
        document_sha256: digest of the document that shows it; empty for none.
        valid_from, valid_until: moments, the first inclusive, the last exclusive; ``None`` for no bound.
        withdrawn_at: when it was withdrawn; from that entry on it allows nothing.
        obtained_by: the member that obtained it, or the person who recorded it.

    Raises:
        InvalidInput: something of it cannot be used; names it.
    """

    company_id: str
    evidence: str
    signals: tuple[str, ...] = (EVERYTHING,)
    purposes: tuple[str, ...] = (EVERYTHING,)
    document_sha256: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    consent_id: str = ""
    no: int = 0
    withdrawn_at: datetime | None = field(default=None, compare=False)
    obtained_by: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        for name in ("signals", "purposes"):
            object.__setattr__(self, name, _each_once(name, getattr(self, name)))
        for signal in self.signals:
            if signal != EVERYTHING and signal not in FIELDS:
                raise _unusable("signals", f"There is no signal {signal!r}.", "See: alliance signals.")
        if not self.evidence.strip():
            raise _unusable("evidence", "A consent has evidence.", "Say how it was given; it is kept for ever.")
        _check_span(self.valid_from, self.valid_until)

    def in_force(self, at: datetime) -> bool:
        return self.withdrawn_at is None and in_span(self.valid_from, self.valid_until, at)

    def covers(self, purpose: str) -> bool:
        return EVERYTHING in self.purposes or purpose in self.purposes


FIELDS = {signal.name: tuple(field.name for field in signal.fields) for signal in SIGNALS}
"""Field names of each signal."""


def check_pattern(pattern: str) -> None:
    """Refuse (``InvalidInput``) what names no signal and no field."""
    signal, dot, name = pattern.partition(".")
    if pattern != EVERYTHING and (signal not in FIELDS or (dot and name not in FIELDS[signal])):
        raise _unusable("fields", f"There is no signal or field {pattern!r}.", "Use *, SIGNAL or SIGNAL.FIELD.")


def in_span(since: datetime | None, until: datetime | None, at: datetime) -> bool:
    return (since is None or since <= at) and (until is None or at < until)


def _each_once(name: str, words: Iterable[str]) -> tuple[str, ...]:
    found = tuple(sorted(set(words)))
    if not found or not all(word.strip() for word in found):
        raise _unusable(name, f"No {name} are named.", "Name at least one.")
    return found


def _check_span(since: datetime | None, until: datetime | None) -> None:
    for name, moment in (("valid_from", since), ("valid_until", until)):
        if moment is not None and moment.tzinfo is None:
            raise _unusable(name, "A moment needs its zone.", "Write it as 2026-01-31T00:00:00+08:00.")
    if since is not None and until is not None and until <= since:
        raise _unusable("valid_until", "It ends before it begins.", "Let it end later.")


def _check_place(name: str, place: str) -> None:
    if not (len(place) == 2 and place.isascii() and place.isalpha() and place.isupper()):
        raise _unusable(name, f"{place!r} is no jurisdiction.", "Use two letters of ISO 3166, such as CN.")


def _unusable(name: str, message: str, remedy: str) -> InvalidInput:
    return InvalidInput(message, remedy=remedy, field=name)
