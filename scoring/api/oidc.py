"""Bearer tokens of the members' own identity providers (OpenID Connect): checked, and mapped to a member and roles.

Every bank has a provider of its own, and each may speak for the members that are named with it, and for no others. The
file that ``ALLIANCE_OIDC`` names says so:

    [[issuer]]
    issuer = "https://login.spd-bank.example"       # what the tokens' `iss` must be
    audience = "alliance-credit"                    # what their `aud` must hold
    jwks_uri = "https://login.spd-bank.example/jwks"
    member_claim = "org"                            # claim whose value tells the member
    roles_claim = "groups"                          # claim whose values tell the roles
    [issuer.members]
    "SPD" = "spd-bank"
    [issuer.roles]
    "credit-officers" = "analyst"
"""

import hashlib
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt

from alliance.callers import Caller, Role
from alliance.callers.register import Unauthenticated
from alliance.errors import AllianceError, InvalidInput
from scoring.api.jwks import Jwks, JwksUnavailable

ALGORITHMS = ("RS256", "ES256")
REQUIRED = ("exp", "iat", "iss", "aud", "sub")
LEEWAY_SECONDS = 30
"""How far clocks may be apart."""
LONGEST_TOKEN = 16_384
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_TEXTS = ("issuer", "audience", "jwks_uri", "member_claim", "roles_claim")


class IssuerUnavailable(AllianceError):
    """A token cannot be checked, since its issuer's keys cannot be had."""

    code = "issuer.unavailable"


@dataclass(frozen=True)
class Issuer:
    """A member's identity provider, and for whom it may speak.

    Attributes:
        issuer, audience: what a token's ``iss`` must be and its ``aud`` hold.
        jwks_uri: where its keys are.
        member_claim, roles_claim: the claims that tell member and roles.
        members, roles: what values of these claims mean here; other values mean nothing.
        jwks: its keys.
    """

    issuer: str
    audience: str
    jwks_uri: str
    member_claim: str
    roles_claim: str
    members: Mapping[str, str]
    roles: Mapping[str, Role]
    jwks: Jwks = field(repr=False, compare=False)

    def caller(self, token: str, kid: str) -> Caller:
        """Who asks with a token of this issuer's.

        Raises:
            Unauthenticated: the token is not good, or of a member it may not speak for.
            IssuerUnavailable: its keys cannot be had.
        """
        try:
            key = self.jwks.key(kid)
        except JwksUnavailable:
            raise IssuerUnavailable(
                "The keys of the token's issuer cannot be fetched now.", remedy="Try again, or use an API key."
            ) from None
        if key is None:
            raise Unauthenticated("token.key")
        try:
            claims = jwt.decode(
                token, key, algorithms=ALGORITHMS, audience=self.audience, issuer=self.issuer, leeway=LEEWAY_SECONDS,
                options={"require": list(REQUIRED)},
            )  # fmt: skip
        except jwt.ExpiredSignatureError:
            raise Unauthenticated("token.expired") from None
        except jwt.PyJWTError:
            raise Unauthenticated("token.invalid") from None
        member = self.members.get(str(claims.get(self.member_claim)))
        if member is None:
            raise Unauthenticated("token.member")
        given = claims.get(self.roles_claim, [])
        names = [given] if isinstance(given, str) else given if isinstance(given, list) else []
        roles = frozenset(self.roles[str(name)] for name in names if str(name) in self.roles)
        who = hashlib.sha256(f"{self.issuer}\0{claims['sub']}".encode()).hexdigest()
        return Caller.of(member, roles, credential=who)


class Issuers:
    """The issuers the alliance trusts; none by default, and then no token is good."""

    def __init__(self, trusted: Sequence[Issuer] = ()) -> None:
        self._trusted = {one.issuer: one for one in trusted}

    def __len__(self) -> int:
        return len(self._trusted)

    def caller(self, token: str) -> Caller:
        """Who asks with a token; errors as of ``Issuer.caller``."""
        if not self._trusted or len(token) > LONGEST_TOKEN:
            raise Unauthenticated("malformed")
        try:
            header = jwt.get_unverified_header(token)
            # Read to find whose keys to check it by; believed only once they have.
            unproven = jwt.decode(token, options={"verify_signature": False})
        except (jwt.PyJWTError, ValueError):
            raise Unauthenticated("malformed") from None
        issuer, kid = self._trusted.get(str(unproven.get("iss"))), header.get("kid")
        if issuer is None:
            raise Unauthenticated("token.issuer")
        if header.get("alg") not in ALGORITHMS or not isinstance(kid, str):
            raise Unauthenticated("token.invalid")
        return issuer.caller(token, kid)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Issuers":
        """The issuers in the file that ``ALLIANCE_OIDC`` names; none when it names none.

        Raises:
            InvalidInput: the file cannot be used.
        """
        env = os.environ if environment is None else environment
        named = env.get("ALLIANCE_OIDC")
        return read_issuers(Path(named)) if named else cls()


def read_issuers(path: Path) -> Issuers:
    """The issuers in a TOML file.

    Raises:
        InvalidInput: it cannot be read, or an issuer in it cannot be used; says which.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _unusable(path, f"cannot be read: {error}") from error
    found = given.get("issuer")
    if not isinstance(found, list) or not found or set(given) != {"issuer"}:
        raise _unusable(path, "holds [[issuer]] tables, and nothing else")
    made = [_issuer(path, no, one) for no, one in enumerate(found, 1)]
    if len({one.issuer for one in made}) < len(made):
        raise _unusable(path, "names an issuer twice")
    return Issuers(made)


def _issuer(path: Path, no: int, given: Mapping[str, Any]) -> Issuer:
    maps = ("members", "roles")
    if set(given) != {*_TEXTS, *maps} or not all(isinstance(given[name], str) and given[name] for name in _TEXTS):
        raise _unusable(path, f"needs in issuer {no} the texts {', '.join(_TEXTS)} and the tables members and roles")
    if not all(_is_table_of_text(given[name]) for name in maps):
        raise _unusable(path, f"needs in issuer {no} members and roles as tables of texts, not empty")
    allowed = [role for role in Role if role is not Role.COMPANY]  # a token does not say for which company
    if unknown := sorted(set(given["roles"].values()) - set(allowed)):
        raise _unusable(path, f"gives in issuer {no} the roles {', '.join(unknown)}, of {', '.join(allowed)}")
    where = urlsplit(given["jwks_uri"])
    if where.scheme != "https" and not (where.scheme == "http" and where.hostname in _LOOPBACK):
        raise _unusable(path, f"needs in issuer {no} a jwks_uri by https")
    roles = {name: Role(role) for name, role in given["roles"].items()}
    return Issuer(**{**given, "roles": roles}, jwks=Jwks(given["jwks_uri"]))


def _is_table_of_text(given: Any) -> bool:
    return isinstance(given, dict) and bool(given) and all(isinstance(one, str) and one for one in given.values())


def _unusable(path: Path, what: str) -> InvalidInput:
    return InvalidInput(f"The file of issuers {what}.", remedy="Mend it, or leave ALLIANCE_OIDC unset.", file=str(path))
