"""Numbers that are agreed on, not computed: read once at an edge from a file that says where each comes from."""

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from alliance.errors import InvalidInput
from alliance.retention import EVENT, Retention
from alliance.rights.charter import Duty
from alliance.rights.grant import FIELDS, ROLES
from alliance.rights.state import Rules
from alliance.signals import FieldType, signal_named

SHIPPED = Path(__file__).with_name("policy.toml")
"""The policy that holds unless another is named."""

LONGEST_KEPT = 100
"""Years; a rule that lets something be kept for longer is none."""

LONGEST_DUE = 3_650
"""Days; a due date further off is a slip of the pen."""

SMALLEST_K, LARGEST_K = 3, 1_000
"""An aggregate of two is known to either of them."""
MOST_PROBES = 1_000
"""What-if requests of one company a day; more would be no limit."""
MOST_REQUESTS = 1_000_000
"""A minute; a limit above that is none."""


@dataclass(frozen=True)
class Limits:
    """How much one caller may ask of one process of the API.

    Attributes:
        requests_per_minute: of one key, over time.
        burst: of one key, at once.
        failures_per_minute: of one address, failed attempts to say who asks.
        source: where these numbers come from.
    """

    requests_per_minute: int
    burst: int
    failures_per_minute: int
    source: str


@cache
def shipped_rules() -> Rules:
    """The rules on rights that hold unless a policy says otherwise."""
    return _rules(SHIPPED, _read(SHIPPED))


@cache
def shipped_limits() -> Limits:
    """The limits that hold unless a policy says otherwise."""
    return _limits(SHIPPED, _read(SHIPPED))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _unusable(path, f"cannot be read: {error.strerror}") from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise _unusable(path, f"is not TOML: {error}") from error


def _rules(path: Path, given: Mapping[str, Any]) -> Rules:
    """The rules on rights, and the charter, each by itself as shipped where the file does not speak of it."""
    given = {**_read(SHIPPED), **given}
    match given["rights"]:
        case {
            "home": str(home), "k": int(k), "probes": int(probes), "consent_required": [*signals],
            "purposes": dict(purposes),
        } if (
            len(home) == 2 and _whole(k, LARGEST_K) and k >= SMALLEST_K and _whole(probes, MOST_PROBES)
            and _signals(signals) and purposes
            and all(_named(names) for names in purposes.values())
        ):  # fmt: skip
            named = {purpose: (zh, en) for purpose, (zh, en) in purposes.items()}
            duties = given["charter"] if isinstance(given["charter"], list) else [None]
            charter = tuple(_duty(path, place, one) for place, one in enumerate(duties, 1))
            return Rules(
                purposes=named, consent_required=frozenset(signals), k=k, probes=probes, home=home, charter=charter
            )
    raise _unusable(
        path,
        f"needs [rights] with home, k ({SMALLEST_K} to {LARGEST_K}), probes (1 to {MOST_PROBES:,}), consent_required"
        " (signals) and purposes, each"
        " with its Chinese and English name",
    )


def _duty(path: Path, place: int, given: object) -> Duty:
    match given:
        case {"role": str(role), "gives": [*gives], "every_days": int(days), "gets": [*gets], "source": str(source)}:
            known = role in ROLES and gives and gets and _signals([*gives, *gets])
            if known and _whole(days, LONGEST_DUE) and source.strip():
                return Duty(role, tuple(gives), days, tuple(gets), source)
    raise _unusable(
        path,
        f"has no [[charter]] {place} with role, gives and gets (signals), every_days and source, or one is unknown",
    )


@cache
def shipped_retention() -> tuple[Retention, ...]:
    """The rules on how long records are kept that hold unless a policy says otherwise."""
    return _retention(SHIPPED, _read(SHIPPED))


def _retention(path: Path, given: Mapping[str, Any]) -> tuple[Retention, ...]:
    found = {**_read(SHIPPED), **given}["retention"]
    rules = tuple(_kept(path, place, one) for place, one in enumerate(found if isinstance(found, list) else [None], 1))
    covered = [(rule.jurisdiction, signal) for rule in rules for signal in rule.signals]
    if len(covered) > len(set(covered)):
        raise _unusable(path, "has two [[retention]] rules of one jurisdiction for the same signal")
    return rules


def _kept(path: Path, place: int, given: object) -> Retention:
    match given:
        case {
            "jurisdiction": str(jurisdiction), "signals": [*signals], "years": int(years), "from": str(since),
            "source": str(source), "status": str(status),
        } if (
            len(jurisdiction) == 2 and signals and _signals(signals) and _whole(years, LONGEST_KEPT)
            and all(_is_day(name, since) for name in signals) and source.strip() and status.strip()
        ):  # fmt: skip
            return Retention(jurisdiction, tuple(signals), years, since, source, status)
    raise _unusable(
        path,
        f"has no [[retention]] {place} with jurisdiction, signals, years (1 to {LONGEST_KEPT}), from (event_at, or a"
        " field of all its signals that is a day), source and status",
    )


def _is_day(signal: str, since: str) -> bool:
    days = (field.name for field in signal_named(signal).fields if field.type is FieldType.DATE)
    return since == EVENT or since in days


def _disputes(path: Path, given: Mapping[str, Any]) -> tuple[int, str]:
    match given.get("disputes"):
        case {"due_days": int(days), "source": str(source)} if _whole(days, LONGEST_DUE) and source.strip():
            return days, source
    raise _unusable(path, f"needs [disputes] with due_days, 1 to {LONGEST_DUE:,}, and the source of that number")


def _limits(path: Path, given: Mapping[str, Any]) -> Limits:
    names = ("requests_per_minute", "burst", "failures_per_minute")
    found = {**_read(SHIPPED), **given}["limits"]
    if isinstance(found, dict) and set(found) == {*names, "source"}:
        numbers, source = {name: found[name] for name in names}, found["source"]
        whole = all(type(one) is int and 0 < one <= MOST_REQUESTS for one in numbers.values())
        if whole and isinstance(source, str) and source.strip():
            return Limits(**numbers, source=source)
    raise _unusable(
        path, f"needs in [limits] {', '.join(names)}, 1 to {MOST_REQUESTS:,}, and the source of the numbers"
    )


def _whole(number: int, most: int) -> bool:
    return not isinstance(number, bool) and 0 < number <= most


def _signals(names: Sequence[object]) -> bool:
    return all(isinstance(name, str) and name in FIELDS for name in names)


def _named(names: object) -> bool:
    return isinstance(names, list) and len(names) == 2 and all(isinstance(name, str) and name for name in names)


def _unusable(path: Path, what: str) -> InvalidInput:
    return InvalidInput(
        f"The policy file {what}.", remedy=f"Mend it, after {SHIPPED}, or leave ALLIANCE_POLICY unset.", file=str(path)
    )


@dataclass(frozen=True)
class Policy:
    """What the alliance has agreed on.

    Attributes:
        due_days: days from the day a dispute is raised (UTC) to the last day it is to be decided on.
        due_source: where that number comes from.
        rights: what is agreed on about rights.
        limits: how much one caller may ask; those shipped where the file says nothing of them.
        retention: how long records are kept; what no rule speaks of is kept until it is erased.
    """

    due_days: int
    due_source: str
    rights: Rules = field(default_factory=shipped_rules)
    limits: Limits = field(default_factory=shipped_limits)
    retention: tuple[Retention, ...] = field(default_factory=shipped_retention)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Policy":
        """The policy in the file that ``ALLIANCE_POLICY`` names, by default the one shipped.

        Raises:
            InvalidInput: the file cannot be read, or a number in it cannot be used.
        """
        env = os.environ if environment is None else environment
        return read_policy(Path(env.get("ALLIANCE_POLICY") or SHIPPED))


def read_policy(path: Path) -> Policy:
    """The policy in a TOML file; what it does not say of rights, charter and retention is as shipped.

    Raises:
        InvalidInput: it cannot be read, or a number in it cannot be used; says which.
    """
    given = _read(path)
    return Policy(*_disputes(path, given), _rules(path, given), _limits(path, given), _retention(path, given))
