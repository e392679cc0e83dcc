"""Features that speak of the same thing, so that a score's reasons count them once."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from alliance.errors import BundleError
from scoring.features.groups import GROUPS
from scoring.model.contract import ContractFeature
from scoring.model.scale import FloatArray


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


def groups_of(contract: Sequence[ContractFeature]) -> tuple[FeatureGroup, ...]:
    """The declared groups, as far as the contract has two or more of their features."""
    found = []
    for declared in GROUPS:
        features = tuple(feature.name for feature in contract if feature.name in declared.features)
        if len(features) > 1:
            found.append(FeatureGroup(name=declared.name, zh=declared.zh, en=declared.en, features=features))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class GroupColumns:
    """Which columns of a feature matrix are one reason.

    Attributes:
        groups: the declared groups, then ``None`` for each feature that stands alone (g).
        order: the columns (f), group by group.
        starts: where each group begins in ``order`` (g).
        members: columns of each group, filled up with f, which is no column (g, most features of a group).
    """

    groups: tuple[FeatureGroup | None, ...]
    order: NDArray[np.intp]
    starts: NDArray[np.intp]
    members: NDArray[np.intp]

    @classmethod
    def of(cls, contract: Sequence[ContractFeature], groups: Sequence[FeatureGroup]) -> Self:
        """The columns of the contract's features under disjoint groups."""
        place = {feature.name: column for column, feature in enumerate(contract)}
        grouped = {name for group in groups for name in group.features}
        columns = [[place[name] for name in group.features] for group in groups]
        columns += [[column] for name, column in place.items() if name not in grouped]
        sizes = [len(own) for own in columns]
        members = np.full((len(columns), max(sizes)), len(contract), dtype=np.intp)
        for row, own in enumerate(columns):
            members[row, : len(own)] = own
        alone: list[FeatureGroup | None] = [None] * (len(columns) - len(groups))
        return cls((*groups, *alone), np.concatenate(columns), np.cumsum([0, *sizes[:-1]]), members)

    def sums(self, values: FloatArray) -> FloatArray:
        """Sums by group (n, g) of values by feature (n, f), the same to the bit alone and in bulk."""
        return np.add.reduceat(np.take(values, self.order, axis=1), self.starts, axis=1)

    def most(self, values: FloatArray) -> FloatArray:
        """Greatest by group (n, g) of values by feature (n, f)."""
        return np.maximum.reduceat(np.take(values, self.order, axis=1), self.starts, axis=1)
