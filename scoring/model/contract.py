"""What a model expects of its features: kept in the bundle, compared with this code before the model is used."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from alliance.errors import BundleError
from alliance.signals import Pillar
from scoring.features import FEATURES_BY_NAME, contract
from scoring.features.declaration import Direction, Feature, Unit
from scoring.model.scale import FloatArray


@dataclass(frozen=True, kw_only=True)
class ContractFeature:
    """One column of the model's input, as it was when the model was trained.

    Attributes:
        name, pillar, zh, en, unit, window, direction: as the feature was declared.
        definition: SHA-256 of the feature's definition, hexadecimal.
    """

    name: str
    definition: str
    pillar: Pillar
    zh: str
    en: str
    unit: Unit
    window: str
    direction: Direction

    @classmethod
    def of(cls, feature: Feature) -> Self:
        """The contract for a feature as this code defines it."""
        return cls(
            name=feature.name,
            definition=contract(feature),
            pillar=feature.pillar,
            zh=feature.zh,
            en=feature.en,
            unit=feature.unit,
            window=feature.window,
            direction=feature.direction,
        )

    def as_dict(self) -> dict[str, Any]:
        return {name: str(value) for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Self:
        """What ``as_dict`` wrote; ``ValueError`` or ``TypeError`` when it did not."""
        return cls(
            **{
                **plain,
                "pillar": Pillar(plain["pillar"]),
                "unit": Unit(plain["unit"]),
                "direction": Direction(plain["direction"]),
            }
        )


@dataclass(frozen=True, eq=False)
class PillarColumns:
    """Which columns of a feature matrix belong to which pillar.

    Attributes:
        pillars: the pillars that have features (p), in the order of ``Pillar``.
        order: the columns (f), pillar by pillar.
        starts: where each pillar begins in ``order`` (p).
        sizes: number of features of each pillar (p).
    """

    pillars: tuple[Pillar, ...]
    order: NDArray[np.intp]
    starts: NDArray[np.intp]
    sizes: NDArray[np.intp]

    @classmethod
    def of(cls, features: Sequence[ContractFeature]) -> Self:
        """The columns of the contract's features."""
        pillars = list(Pillar)
        places = np.array([pillars.index(feature.pillar) for feature in features])
        order = np.argsort(places, kind="stable")
        found, starts, sizes = np.unique(places[order], return_index=True, return_counts=True)
        return cls(tuple(pillars[place] for place in found), order, starts, sizes)

    def places(self) -> NDArray[np.intp]:
        """The place of each column's pillar in ``pillars`` (f)."""
        places = np.empty_like(self.order)
        places[self.order] = np.repeat(np.arange(len(self.pillars)), self.sizes)
        return places

    def sums(self, values: FloatArray) -> FloatArray:
        """Sums by pillar (n, p) of values by feature (n, f).

        Each row is added up in the same order, whatever the other rows are: the bits are the same alone and in bulk.
        """
        gathered = np.take(values, self.order, axis=1)  # row by row in memory, unlike values[:, order]
        return np.add.reduceat(gathered, self.starts, axis=1)


def contract_of(features: Iterable[Feature]) -> tuple[ContractFeature, ...]:
    """The contract for these features, in this order."""
    return tuple(ContractFeature.of(feature) for feature in features)


def refuse_unknown(expected: Iterable[ContractFeature], known: Mapping[str, Feature] = FEATURES_BY_NAME) -> None:
    """Raise ``BundleError`` naming the features this code does not have, or defines differently."""
    expected = tuple(expected)
    missing = [feature.name for feature in expected if feature.name not in known]
    changed = [
        feature.name
        for feature in expected
        if feature.name in known and contract(known[feature.name]) != feature.definition
    ]
    if missing or changed:
        raise BundleError(
            f"The model was trained on features this code does not have ({_listed(missing)})"
            f" or defines differently ({_listed(changed)}).",
            remedy="Run the code version the model was trained with, or train the model again.",
        )


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"
