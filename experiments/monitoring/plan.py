"""The monitoring plan, read from its file: rules with limits, each with where it comes from and what to do."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from alliance.errors import InvalidInput

SHIPPED = Path(__file__).with_name("plan.toml")

RULES = ("score_mix", "feature_mix", "pillar_mix", "member_coverage", "member_values", "level", "grade_level",
         "ranking", "rate")  # fmt: skip
"""Every rule there is; a plan has each of them once."""

QUARTERS_A_YEAR = 4


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One thing that is looked at.

    Attributes:
        name: one of ``RULES``.
        zh, en: what is measured.
        watch, act: limits from which on it is told, and from which on a challenger is proposed; ``None`` for never.
        least_weight: of a feature to be judged.
        source: where the limits come from.
        todo_zh, todo_en: what to do.
    """

    name: str
    zh: str
    en: str
    watch: float | None = None
    act: float | None = None
    least_weight: float = 0.0
    source: str
    todo_zh: str
    todo_en: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All rules, and how often they may be wrong.

    Attributes:
        per_year: chance of a proposal within a year in which no ``act`` limit is really passed.
        source: where that comes from.
        rules: by name.
    """

    per_year: float
    source: str
    rules: Mapping[str, Rule]

    @property
    def chance(self) -> float:
        """Chance of being wrong that one rule has in one quarter: ``per_year`` over all acting rules and quarters.

        Bonferroni's division holds however rules and quarters hang together.
        """
        acting = sum(rule.act is not None for rule in self.rules.values())
        return self.per_year / (QUARTERS_A_YEAR * max(1, acting))


@cache
def shipped_plan() -> Plan:
    """The plan that holds unless another is named."""
    return read_plan(SHIPPED)


def read_plan(path: Path) -> Plan:
    """A plan from a file.

    Raises:
        InvalidInput: it cannot be read, or is none.
    """
    try:
        given: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        rules = {one["name"]: Rule(**one) for one in given["rules"]}
        plan = Plan(rules=rules, **given["false_alarms"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput(
            f"{path.name} is no monitoring plan: {error}", remedy=f"Begin with {SHIPPED.name}."
        ) from error
    if sorted(rules) != sorted(RULES) or len(given["rules"]) != len(RULES) or not 0 < plan.per_year < 1:
        raise InvalidInput(
            f"{path.name} is no monitoring plan: it must have each of {', '.join(RULES)} once, and a chance of false"
            " alarms between 0 and 1.",
            remedy=f"Begin with {SHIPPED.name}.",
        )
    return plan
