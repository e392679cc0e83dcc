"""Fairness policies, one a jurisdiction, read from files that say where each limit is from."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from alliance.errors import InvalidInput, NotFound

POLICIES = Path(__file__).with_name("policies")

FEWEST = 5
"""A policy must not judge by fewer: the alliance's smallest cell (``k`` in ``alliance/policy.toml``)."""

MEASURES: dict[str, tuple[str, str]] = {
    "approval_ratio": ("通过率与最高组之比", "approval rate, as a part of the highest group's"),
    "refused_sound_gap": (
        "好企业被拒率（假阳性）与其他组之差",
        "sound companies refused (false positives), less others'",
    ),
    "approved_bad_gap": (
        "坏企业通过率（假阴性）与其他组之差",
        "bad companies approved (false negatives), less others'",
    ),
    "observed_to_expected": ("实际与预期违约之比", "outcomes observed over those expected"),
    "auc_gap": ("AUC与其他组之差", "area under the ROC curve, less others'"),
}
"""What can be measured, in Chinese and English. Positive is who is foretold to have the outcome, so is not
approved: declined, or referred to people."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """How far apart groups may be in one respect.

    Attributes:
        name: one of ``MEASURES``.
        low, high: limits; none on a side without one.
        source: where they come from.
    """

    name: str
    low: float = float("-inf")
    high: float = float("inf")
    source: str

    @property
    def limits(self) -> str:
        """The limits in words."""
        ends = ("at least", self.low), ("at most", self.high)
        return ", ".join(f"{word} {end:g}" for word, end in ends if abs(end) != float("inf"))


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Employees from which on a company is small, medium, large; below that it is micro."""

    small: int
    medium: int
    large: int
    source: str


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What one jurisdiction's look at fairness is.

    Attributes:
        jurisdiction: two letters; ``zh``, ``en``, ``source``: what it looks at, and why.
        attributes: by which companies are grouped, of a store; other data have their own.
        approve_share: share of the rows that is approved where no cut is named.
        fewest, fewest_outcomes: companies of a group, and of each outcome among them, to be judged.
        chance: of any wrong ``beyond limits`` where every group is within them.
        sizes: how companies are grouped by size.
        measures: with their limits.
    """

    jurisdiction: str
    zh: str
    en: str
    source: str
    attributes: tuple[str, ...]
    approve_share: float
    fewest: int
    fewest_outcomes: int
    chance: float
    sizes: Sizes
    measures: tuple[Measure, ...]

    def __post_init__(self) -> None:
        names = [measure.name for measure in self.measures]
        shares = 0 < self.approve_share < 1 and 0 < self.chance < 1
        sound = shares and min(self.fewest, self.fewest_outcomes) >= FEWEST
        rising = 0 < self.sizes.small < self.sizes.medium < self.sizes.large
        if not sound or not rising or not names or len({*names}) < len(names) or not {*names} <= MEASURES.keys():
            raise InvalidInput(
                f"The fairness policy of {self.jurisdiction} is not usable.",
                remedy=f"Give shares between 0 and 1, at least {FEWEST} companies and outcomes, rising sizes, and each"
                f" measure of {', '.join(MEASURES)} once at most.",
            )


def jurisdictions() -> tuple[str, ...]:
    """Those that have a policy, sorted."""
    return tuple(sorted(path.stem.upper() for path in POLICIES.glob("*.toml")))


@cache
def policy_of(jurisdiction: str) -> Policy:
    """The policy of a jurisdiction.

    Raises:
        NotFound: it has none.
    """
    if jurisdiction.upper() not in jurisdictions():
        raise NotFound(
            f"There is no fairness policy for {jurisdiction!r}.",
            remedy=f"Use one of: {', '.join(jurisdictions())}.",
            field="jurisdiction",
        )
    return read_policy(POLICIES / f"{jurisdiction.lower()}.toml")


def read_policy(path: Path) -> Policy:
    """A policy from a file.

    Raises:
        InvalidInput: it cannot be read, or is none.
    """
    try:
        given: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        made: dict[str, Any] = {
            "attributes": tuple(given["attributes"]),
            "sizes": Sizes(**given["sizes"]),
            "measures": tuple(Measure(**one) for one in given["measures"]),
        }
        return Policy(**{**given, **made})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput(
            f"{path.name} is no fairness policy: {error}", remedy=f"Begin with one of {POLICIES.name}."
        ) from error
