"""API keys as such: their text, what of it is kept, and whether a key still holds. Pure; the register keeps them.

A key is ``alc_PREFIX_SECRET``: twelve hexadecimal digits that name it, in logs and lists too, and sixty-four that are
the secret: 256 bits from the system's generator. Of the secret only its SHA-256 is kept. A slow hash is for secrets
that people choose and others can guess; nobody guesses 256 random bits, and a slow hash would cost every request.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_hex

from alliance.callers.caller import Caller
from alliance.callers.roles import Role, Scope, scopes_of
from alliance.errors import InvalidInput

PREFIX_BYTES, SECRET_BYTES = 6, 32

DEFAULT_DAYS = 365
LONGEST_DAYS = 730
"""Days a key may hold; the alliance's own numbers: nothing is open for ever, and a forgotten key ends by itself."""

LONGEST_LABEL = 100

_TEXT = re.compile(rf"alc_([0-9a-f]{{{2 * PREFIX_BYTES}}})_([0-9a-f]{{{2 * SECRET_BYTES}}})")
_MEMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """What is kept of a key.

    Attributes:
        prefix: what it is called.
        secret_sha256: hexadecimal SHA-256 of the secret.
        member: the member its caller acts for; of a company, the company's id.
        roles: what its caller is.
        scopes: what its caller may do at most; ``None`` for all that its roles may.
        company: the company its caller speaks for, if that is its role.
        label: in its owner's words, what it is for.
        made_at, made_by: when (UTC) and by whom.
        expires_at: when it ends by itself, UTC.
        replaces: prefix of the key it was made to replace.
        ends_at: when it was or will be ended before that, by revocation or rotation.
    """

    prefix: str
    secret_sha256: str = field(repr=False)
    member: str
    roles: frozenset[Role]
    scopes: frozenset[Scope] | None
    company: str | None
    label: str
    made_at: datetime
    made_by: str
    expires_at: datetime
    replaces: str | None = None
    ends_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it is good at a moment."""
        return now < min(self.expires_at, self.ends_at or self.expires_at)

    def matches(self, secret: str) -> bool:
        """Whether a secret is this key's; takes the same time whichever byte differs."""
        return hmac.compare_digest(_digest(secret), self.secret_sha256)

    def caller(self) -> Caller:
        """Who asks with it."""
        return Caller.of(
            self.member, self.roles, self.scopes, company=self.company, key=self.prefix, credential=self.prefix
        )


def draw(
    *, member: str, roles: frozenset[Role], scopes: frozenset[Scope] | None = None, company: str | None = None,
    label: str = "", days: int = DEFAULT_DAYS, now: datetime, by: str, replaces: str | None = None,
) -> tuple[str, ApiKey]:  # fmt: skip
    """A new key: its text, to be shown once, and what is kept of it.

    Raises:
        InvalidInput: member, roles, scopes, company, label or days cannot be used.
    """
    _check_caller(member, roles, scopes, company)
    _check_words(label, days)
    prefix, secret = token_hex(PREFIX_BYTES), token_hex(SECRET_BYTES)
    key = ApiKey(
        prefix=prefix, secret_sha256=_digest(secret), member=member, roles=roles, scopes=scopes, company=company,
        label=label, made_at=now, made_by=by, expires_at=now + timedelta(days=days), replaces=replaces,
    )  # fmt: skip
    return f"alc_{prefix}_{secret}", key


def parts(text: str) -> tuple[str, str] | None:
    """Prefix and secret of a key's text; ``None`` for what is no key."""
    found = _TEXT.fullmatch(text)
    return None if found is None else (found[1], found[2])


def _check_caller(member: str, roles: frozenset[Role], scopes: frozenset[Scope] | None, company: str | None) -> None:
    if not _MEMBER.fullmatch(member):
        raise InvalidInput(
            f"{member!r} is no member's id.", remedy="Use letters, digits, dots, dashes, at most 64.", field="member"
        )
    if not roles:
        raise InvalidInput("A key needs a role.", remedy=f"Give one of {', '.join(Role)}.", field="roles")
    if (company is not None) != (roles == {Role.COMPANY}) or (Role.COMPANY in roles and len(roles) > 1):
        raise InvalidInput(
            "The role company is for one company, and goes with no other role.",
            remedy="Name the company for that role, and for no other.",
            field="company",
        )
    if scopes is not None and (beyond := sorted(scopes - scopes_of(roles))):
        raise InvalidInput(
            f"The roles do not have {', '.join(beyond)}.", remedy="Scopes narrow what a role may do.", field="scopes"
        )
    if scopes is not None and not scopes:
        raise InvalidInput("No scope is left.", remedy="Name one, or leave them to the roles.", field="scopes")


def _check_words(label: str, days: int) -> None:
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput(f"A key holds 1 to {LONGEST_DAYS} days.", remedy="Give a number of days.", field="days")
    if len(label) > LONGEST_LABEL or not label.isprintable():
        raise InvalidInput("The label cannot be used.", remedy=f"At most {LONGEST_LABEL} characters.", field="label")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
