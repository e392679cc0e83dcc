"""Features that speak of the same thing, so that a score's reasons count them once."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from alliance.errors import BundleError
from scoring.model.contract import ContractFeature


@dataclass(frozen=True, kw_only=True)
class FeatureGroup:
    """Features of one pillar that speak of the same thing.

    Attributes:
        name: snake_case, unique, no feature's name.
        zh, en: what they speak of, for an analyst.
        features: names of the features, two or more, in the model's order.
    """

    name: str
    zh: str
    en: str
    features: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """What ``as_dict`` wrote; ``TypeError`` or ``KeyError`` when it did not."""
        return cls(**{**plain, "features": tuple(plain["features"])})


def refuse_unsound(groups: Sequence[FeatureGroup], contract: Sequence[ContractFeature]) -> None:
    """Raise ``BundleError`` unless the groups are disjoint, each of two or more of the contract's features, all of one
    pillar, so that points by group add up to the pillars'."""
    pillars = {feature.name: feature.pillar for feature in contract}
    seen: set[str] = set()
    for group in groups:
        known = {pillars.get(name) for name in group.features}
        if len(group.features) < 2 or len(known) != 1 or None in known or seen & {*group.features}:
            raise BundleError(
                f"The group {group.name} is not sound: {', '.join(group.features)}.",
                remedy="Group two or more features of the model that have one pillar, each in one group only.",
            )
        seen |= {*group.features}
