"""The numbers that advice rests on, from ``policy.toml``: read once, checked, each with where it comes from."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import inf
from pathlib import Path
from typing import Any

from alliance.errors import InvalidInput, NotFound
from alliance.signals import signal_named

SHIPPED = Path(__file__).with_name("policy.toml")

SHARE, AMOUNT, BOUND = "share", "amount", "bound"
"""What a step is: a share of today's value; an amount in the feature's unit; all the way to the bound."""

MOST_STEPS = 20


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How far a company can carry one change.

    Attributes:
        kind: what a step is.
        step: its size; 0 where it goes to the bound.
        most: steps at most.
        lowest, highest: values beyond which nothing is proposed.
        months: until it is done and seen in the data.
        cost: of one step; relative, in no currency.
    """

    kind: str
    step: float = 0.0
    most: int
    lowest: float = -inf
    highest: float = inf
    months: int
    cost: float

    def __post_init__(self) -> None:
        if self.kind not in (SHARE, AMOUNT, BOUND) or (self.step > 0) is (self.kind == BOUND):
            raise ValueError(f"a step of kind {self.kind!r} and size {self.step}")
        if not (0 < self.most <= MOST_STEPS and self.cost > 0 and self.months > 0 and self.lowest < self.highest):
            raise ValueError("most, cost and months must be above 0, and lowest below highest")


@dataclass(frozen=True, kw_only=True)
class Obtaining:
    """What it takes to obtain a signal.

    Attributes:
        cost: relative, in no currency.
        days: until it is there.
        zh, en: how.
    """

    cost: float
    days: int
    zh: str
    en: str

    def __post_init__(self) -> None:
        if not (self.cost > 0 and self.days > 0 and self.zh and self.en):
            raise ValueError("cost and days must be above 0, and both languages say how")


@dataclass(frozen=True, kw_only=True)
class AdvicePolicy:
    """What advice rests on besides the model.

    Attributes:
        version, source: of the file, and where its numbers come from.
        changes: by name of a change.
        signals: by name of a signal; one that is not here cannot be obtained by asking.
    """

    version: str
    source: str
    changes: Mapping[str, Terms]
    signals: Mapping[str, Obtaining]


@cache
def shipped_policy() -> AdvicePolicy:
    """The policy shipped."""
    return read_policy(SHIPPED)


def read_policy(path: Path) -> AdvicePolicy:
    """The policy in a TOML file.

    Raises:
        InvalidInput: it cannot be read, or a number in it cannot be used; says what.
    """
    try:
        told: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return AdvicePolicy(
            version=told["version"],
            source=told["source"],
            changes={name: Terms(**terms) for name, terms in told["changes"].items()},
            signals={signal_named(name).name: Obtaining(**terms) for name, terms in told["signals"].items()},
        )
    except (OSError, NotFound, KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(
            f"The policy of advice cannot be used: {error}.", remedy=f"Mend it, after {SHIPPED.name}.", file=path.name
        ) from error
