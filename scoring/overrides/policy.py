"""What is agreed on about overrides: the closed list of reasons, when two people are needed, what a report may say."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from alliance.errors import InvalidInput

SHIPPED = Path(__file__).with_name("policy.toml")
"""The policy that holds unless another is named."""

MOST_NOTCHES, MOST_STEPS = 8, 2
"""Grades are nine, outcomes three."""
MOST_EXPOSURE = 10**12
"""Yuan; a limit above a trillion is none."""


class Direction(StrEnum):
    """Which way an override goes: to less risk than the model says, or to more."""

    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"


@dataclass(frozen=True)
class ReasonCode:
    """A reason on the closed list: its code, Chinese and English, and the directions it can speak for."""

    code: str
    zh: str
    en: str
    directions: frozenset[Direction]


@dataclass(frozen=True, kw_only=True)
class FourEyes:
    """Above any of these an override needs a second person.

    Attributes:
        notches, steps: grades and outcomes it moves.
        exposure: whole yuan it is about.
        source: where the numbers come from.
    """

    notches: int
    steps: int
    exposure: int
    source: str

    def needed(self, direction: Direction, *, notches: int, steps: int, exposure: int | None) -> bool:
        """Whether two people are needed; an upgrade of which nobody says the amount could be of any."""
        unknown = exposure is None and direction is Direction.UPGRADE
        return notches > self.notches or steps > self.steps or unknown or (exposure or 0) > self.exposure


@dataclass(frozen=True)
class OverridesPolicy:
    """What the lender has agreed on about overrides.

    Attributes:
        four_eyes: when two people are needed.
        reasons: the closed list, by code.
        least: cases that must have been followed to their end before it is said how they ended.
        level: of the interval of the realised rate.
        source: where these two come from.
    """

    four_eyes: FourEyes
    reasons: Mapping[str, ReasonCode]
    least: int
    level: float
    source: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "OverridesPolicy":
        """The policy in the file that ``ALLIANCE_OVERRIDES_POLICY`` names, by default the one shipped.

        Raises:
            InvalidInput: the file cannot be read, or something in it cannot be used.
        """
        env = os.environ if environment is None else environment
        return read_policy(Path(env.get("ALLIANCE_OVERRIDES_POLICY") or SHIPPED))

    def reason(self, code: str, direction: Direction) -> ReasonCode:
        """The reason of a code, for an override in a direction.

        Raises:
            InvalidInput: there is none, or it cannot speak for the direction; says which can.
        """
        found = self.reasons.get(code)
        if found is None or direction not in found.directions:
            fitting = ", ".join(one.code for one in self.reasons.values() if direction in one.directions)
            what = f"There is no reason {code!r}" if found is None else f"{code!r} is no reason for this"
            raise InvalidInput(f"{what} {direction}.", remedy=f"Use one of {fitting}.", field="reason_code")
        return found


def read_policy(path: Path) -> OverridesPolicy:
    """The policy in a TOML file.

    Raises:
        InvalidInput: it cannot be read, or something in it cannot be used; says what.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _unusable(path, f"cannot be read: {error}") from error
    reasons = [_reason(path, place, one) for place, one in enumerate(given.get("reason", [None]), 1)]
    if len({one.code for one in reasons}) < len(reasons):
        raise _unusable(path, "has two [[reason]] of one code")
    match given.get("report"):
        case {"least": int(least), "level": float(level), "source": str(source)} if least > 0 and 0 < level < 1:
            return OverridesPolicy(_four_eyes(path, given), {one.code: one for one in reasons}, least, level, source)
    raise _unusable(path, "needs [report] with least (1 or more), level (between 0 and 1) and source")


def _four_eyes(path: Path, given: Mapping[str, Any]) -> FourEyes:
    match given.get("four_eyes"):
        case {"notches": int(notches), "steps": int(steps), "exposure": int(exposure), "source": str(source)} if (
            0 <= notches <= MOST_NOTCHES and 0 <= steps <= MOST_STEPS and 0 <= exposure <= MOST_EXPOSURE
        ):
            return FourEyes(notches=notches, steps=steps, exposure=exposure, source=source)
    raise _unusable(
        path, f"needs [four_eyes] with notches (to {MOST_NOTCHES}), steps (to {MOST_STEPS}), exposure, source"
    )


def _reason(path: Path, place: int, given: object) -> ReasonCode:
    match given:
        case {"code": str(code), "zh": str(zh), "en": str(en), "directions": [*directions]} if (
            code and zh and en and directions and set(directions) <= set(Direction)
        ):
            return ReasonCode(code, zh, en, frozenset(map(Direction, directions)))
    raise _unusable(path, f"has no [[reason]] {place} with code, zh, en and directions ({', '.join(Direction)})")


def _unusable(path: Path, what: str) -> InvalidInput:
    return InvalidInput(
        f"The policy file on overrides {what}.",
        remedy=f"Mend it, after {SHIPPED}, or leave ALLIANCE_OVERRIDES_POLICY unset.",
        file=str(path),
    )
