"""Numbers that are agreed on, not computed: read once at an edge from a file that says where each comes from."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alliance.errors import InvalidInput

SHIPPED = Path(__file__).with_name("policy.toml")
"""The policy that holds unless another is named."""

LONGEST_DUE = 3_650
"""Days; a due date further off is a slip of the pen."""

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


@dataclass(frozen=True)
class Policy:
    """What the alliance has agreed on.

    Attributes:
        due_days: days from the day a dispute is raised (UTC) to the last day it is to be decided on.
        due_source: where that number comes from.
        limits: how much one caller may ask; those shipped where the file says nothing of them.
    """

    due_days: int
    due_source: str
    limits: Limits

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Policy":
        """The policy in the file that ``ALLIANCE_POLICY`` names, by default the one shipped.

        Raises:
            InvalidInput: the file cannot be read, or a number in it cannot be used.
        """
        env = os.environ if environment is None else environment
        return read_policy(Path(env.get("ALLIANCE_POLICY") or SHIPPED))


def read_policy(path: Path) -> Policy:
    """The policy in a TOML file.

    Raises:
        InvalidInput: it cannot be read, or a number in it cannot be used; says which.
    """
    given = _tables(path)
    return Policy(*_disputes(path, given), _limits(path, given if "limits" in given else _tables(SHIPPED)))


def _tables(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _unusable(path, f"cannot be read: {error.strerror}") from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise _unusable(path, f"is not TOML: {error}") from error


def _disputes(path: Path, given: Mapping[str, Any]) -> tuple[int, str]:
    match given.get("disputes"):
        case {"due_days": int(days), "source": str(source)} if not isinstance(days, bool):
            if 0 < days <= LONGEST_DUE and source.strip():
                return days, source
    raise _unusable(path, f"needs [disputes] with due_days, 1 to {LONGEST_DUE:,}, and the source of that number")


def _limits(path: Path, given: Mapping[str, Any]) -> Limits:
    names = ("requests_per_minute", "burst", "failures_per_minute")
    found = given["limits"]
    if isinstance(found, dict) and set(found) == {*names, "source"}:
        numbers, source = {name: found[name] for name in names}, found["source"]
        whole = all(type(one) is int and 0 < one <= MOST_REQUESTS for one in numbers.values())
        if whole and isinstance(source, str) and source.strip():
            return Limits(**numbers, source=source)
    raise _unusable(
        path, f"needs in [limits] {', '.join(names)}, 1 to {MOST_REQUESTS:,}, and the source of the numbers"
    )


def _unusable(path: Path, what: str) -> InvalidInput:
    return InvalidInput(
        f"The policy file {what}.", remedy=f"Mend it, after {SHIPPED}, or leave ALLIANCE_POLICY unset.", file=str(path)
    )
