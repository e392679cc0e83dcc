"""An expert scorecard read from its file: indicators, the points each earns, weights by stage. Nothing is learnt."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from alliance.errors import InvalidInput
from experiments.metrics import Floats

AGE = "company_age"
"""Tells the stage; unknown is the first one."""

YEAR = 365.25

ORIGINS = ("reported", "nearest", "ours")


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """What a form asks for, and what the answer is worth.

    Attributes:
        name, kind: what it is, and the kind whose weight it shares evenly with the kind's other indicators.
        feature: the feature that answers it.
        none, full: values that earn no points and all of them; between them in proportion, beyond them no more.
            With ``full`` below ``none`` less is better.
        log: whether the proportion is taken of logarithms.
        origin: how far the indicator is the published one; one of ``ORIGINS``.
    """

    name: str
    kind: str
    feature: str
    none: float
    full: float
    origin: str
    log: bool = False

    def __post_init__(self) -> None:
        if self.none == self.full or self.origin not in ORIGINS or (self.log and min(self.none, self.full) <= 0):
            raise InvalidInput(
                f"The indicator {self.name!r} cannot be scored.",
                remedy=f"Let none and full differ (positive with log), and origin be one of {', '.join(ORIGINS)}.",
                field=self.name,
            )

    def share(self, values: Floats) -> Floats:
        """Share of the points that values earn (n), 0 to 1. Unknown earns none: who shows nothing is given nothing."""
        low, high = (float(np.log(end)) if self.log else end for end in (self.none, self.full))
        told = np.log(np.maximum(values, 1e-300)) if self.log else values
        return np.nan_to_num(np.clip((told - low) / (high - low), 0.0, 1.0), nan=0.0)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Weights of the kinds of indicators for companies up to some age.

    Attributes:
        until_years: age at which the stage ends; never, if infinite.
        weights: points a company can earn by kind.
    """

    name: str
    weights: Mapping[str, float] = field(hash=False)
    until_years: float = float("inf")


@dataclass(frozen=True, kw_only=True)
class Scorecard:
    """A scorecard of experts.

    Attributes:
        name, version, status, source, read_on: what the file says of itself.
        stages: by age, the youngest first; the last one has no end.
        indicators: what is asked.
    """

    name: str
    version: int
    status: str
    source: str
    read_on: str
    stages: tuple[Stage, ...]
    indicators: tuple[Indicator, ...]

    def __post_init__(self) -> None:
        kinds = {indicator.kind for indicator in self.indicators}
        if not self.stages or any(set(stage.weights) != kinds for stage in self.stages):
            raise InvalidInput(
                f"The stages of {self.name} do not weigh the kinds {', '.join(sorted(kinds))}.",
                remedy="Give each stage one weight for each kind of indicator, and no other.",
            )
        if self.stages[-1].until_years != float("inf"):
            raise InvalidInput(f"The last stage of {self.name} ends.", remedy="Leave its until_years out.")

    @cached_property
    def features(self) -> tuple[str, ...]:
        """Names of the features the indicators are answered by."""
        return tuple(indicator.feature for indicator in self.indicators)

    def points(self, rows: pl.DataFrame) -> Floats:
        """Points of companies (n): 0 to the sum of their stage's weights. Columns that are not there are unknown."""
        stage = self._stages(rows)
        found = np.zeros(rows.height)
        for indicator in self.indicators:
            weights = np.array([one.weights[indicator.kind] for one in self.stages]) / self._asked(indicator.kind)
            found += weights[stage] * indicator.share(_values(rows, indicator.feature))
        return found

    def _asked(self, kind: str) -> int:
        return sum(indicator.kind == kind for indicator in self.indicators)

    def _stages(self, rows: pl.DataFrame) -> np.ndarray[Any, np.dtype[np.intp]]:
        years = np.nan_to_num(_values(rows, AGE), nan=0.0) / YEAR
        return np.searchsorted([stage.until_years for stage in self.stages[:-1]], years, side="right")

    def answered(self, names: Sequence[str]) -> int:
        """How many of the indicators some columns can answer."""
        return sum(feature in names for feature in self.features)


def _values(rows: pl.DataFrame, name: str) -> Floats:
    if name not in rows.columns:
        return np.full(rows.height, np.nan)
    return rows[name].cast(pl.Float64).to_numpy()


def load_scorecard(file: Path) -> Scorecard:
    """A scorecard from its file.

    Raises:
        InvalidInput: the file is not one; the message says what is wrong with it.
    """
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
        card = dict(told["card"])
        card["read_on"] = str(card["read_on"])
        return Scorecard(
            **card,
            stages=tuple(Stage(**stage) for stage in told["stage"]),
            indicators=tuple(Indicator(**indicator) for indicator in told["indicator"]),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise InvalidInput(
            f"{file.name} is no scorecard: {error}", remedy="Compare it with innovation_points_v1.toml.", file=file.name
        ) from error


CARDS: tuple[Path, ...] = tuple(
    Path(__file__).with_name(f"{name}.toml") for name in ("innovation_points_v1", "innovation_points_v2")
)
"""The scorecards shipped."""
