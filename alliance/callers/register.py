"""The register of keys: made, ended, replaced, and looked up at every request. Append-only; of secrets it has digests.

A request looks its key up by prefix, in one indexed read. There is no cache before it: whether a cached key has been
ended since could only be learned by the same read.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from alliance.callers.caller import Caller
from alliance.callers.keys import DEFAULT_DAYS, ApiKey, draw, parts
from alliance.callers.roles import Role, Scope
from alliance.errors import AllianceError, Conflict, NotFound
from alliance.store import Store
from alliance.store.keys import find_key, insert_end, insert_key, select_keys

OVERLAP = timedelta(hours=24)
"""How long a replaced key still holds, so that its users can change over; the alliance's own number."""


_SUBJECT_DIGITS = 16


class Unauthenticated(AllianceError):
    """Nobody can say who asks.

    Attributes:
        reason: why, in a word for the operator's log: ``missing``, ``malformed``, ``unknown``, ``expired``, ``ended``,
            or a token's. The caller is told none of it: whoever tries keys is not to learn which of them there are.
    """

    code = "caller.unauthenticated"

    def __init__(self, reason: str) -> None:
        super().__init__(
            "The request does not say who asks, or not so that it can be believed.",
            remedy="Send Authorization: Bearer, followed by an API key that holds or a token of your issuer.",
        )
        self.reason = reason


@dataclass(frozen=True)
class Made:
    """A new key: its text, which is never seen again, and what is kept."""

    text: str = field(repr=False)
    key: ApiKey


def create(
    store: Store, *, member: str, roles: frozenset[Role], scopes: frozenset[Scope] | None = None,
    company: str | None = None, label: str = "", days: int = DEFAULT_DAYS, by: str, now: datetime | None = None,
) -> Made:  # fmt: skip
    """Make a key.

    Args:
        company: for the role of that name, a reference as ``Store.find_companies`` understands it; its caller acts
            under the company's id, and ``member`` is not looked at.

    Raises:
        InvalidInput: what is asked is no key.
        NotFound: the reference means no company.
    """
    company_id = None if company is None else store.company(company).company_id
    text, key = draw(
        member=company_id or member, roles=roles, scopes=scopes, company=company_id, label=label, days=days, by=by,
        now=now or datetime.now(UTC),
    )  # fmt: skip
    with store.writing() as connection:
        insert_key(connection, key)
    return Made(text, key)


def revoke(store: Store, prefix: str, *, by: str, reason: str = "", now: datetime | None = None) -> ApiKey:
    """End a key at once: the next request that comes with it is refused.

    Raises:
        NotFound: no such key.
    """
    now = now or datetime.now(UTC)
    with store.writing() as connection:
        key = _found(find_key(connection, prefix), prefix)
        insert_end(connection, prefix, ends_at=now, made_at=now, by=by, reason=reason)
    return replace(key, ends_at=min(now, key.ends_at or now))


def rotate(
    store: Store, prefix: str, *,
    by: str, days: int = DEFAULT_DAYS, overlap: timedelta = OVERLAP, now: datetime | None = None,
) -> Made:  # fmt: skip
    """Make a key like another, which ends after an overlap.

    Raises:
        NotFound: no such key.
        Conflict: it holds no more, so there is nothing to carry over.
    """
    now = now or datetime.now(UTC)
    with store.writing() as connection:
        old = _found(find_key(connection, prefix), prefix)
        if not old.holds(now):
            raise Conflict(f"The key {prefix} holds no more.", remedy="Make a new one.", key=prefix)
        text, key = draw(
            member=old.member, roles=old.roles, scopes=old.scopes, company=old.company, label=old.label, days=days,
            by=by, now=now, replaces=prefix,
        )  # fmt: skip
        insert_key(connection, key)
        insert_end(connection, prefix, ends_at=now + overlap, made_at=now, by=by, reason=f"replaced by {key.prefix}")
    return Made(text, key)


def find(store: Store, prefix: str) -> ApiKey:
    """A key; ``NotFound`` if there is none."""
    with store.reading() as connection:
        return _found(find_key(connection, prefix), prefix)


def listed(store: Store, *, member: str | None = None) -> Sequence[ApiKey]:
    """Keys of a member or all, oldest first."""
    with store.reading() as connection:
        return [key for key in select_keys(connection) if member in (None, key.member)]


def authenticated(store: Store, text: str, now: datetime) -> Caller:
    """Who asks with a key.

    Raises:
        Unauthenticated: it is no key, or none that holds.
    """
    given = parts(text)
    if given is None:
        raise Unauthenticated("malformed")
    prefix, secret = given
    with store.reading() as connection:
        key = find_key(connection, prefix)
    if key is None or not key.matches(secret):
        raise Unauthenticated("unknown")
    if not key.holds(now):
        raise Unauthenticated("expired" if key.expires_at <= now else "ended")
    return key.caller()


def person(store: Store, caller: Caller) -> str:
    """Who a caller is among its member's people: the first of the keys its own replaced, or a token's subject, hashed.

    Two keys made one beside the other are two people here; whom they are given to is for the member's administrator.
    """
    if not caller.key:
        return f"token:{hashlib.sha256(caller.credential.encode()).hexdigest()[:_SUBJECT_DIGITS]}"
    prefix = caller.key
    with store.reading() as connection:
        while (key := find_key(connection, prefix)) is not None and key.replaces is not None:
            prefix = key.replaces
    return f"key:{prefix}"


def no_key(prefix: str) -> NotFound:
    return NotFound(f"There is no key {prefix!r}.", remedy="List them: alliance keys list.", key=prefix)


def _found(key: ApiKey | None, prefix: str) -> ApiKey:
    if key is None:
        raise no_key(prefix)
    return key
