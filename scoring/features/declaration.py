"""What a feature is: a named, documented expression over the facts of one signal, or over other features."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from alliance.signals import Pillar


class Direction(StrEnum):
    """How risk must move as the feature rises, other things equal; held by the trees as a monotone constraint."""

    RAISES_RISK = "raises_risk"
    LOWERS_RISK = "lowers_risk"
    FREE = "free"

    @property
    def constraint(self) -> int:
        """LightGBM's monotone constraint on the log-odds of default."""
        return {"raises_risk": 1, "lowers_risk": -1, "free": 0}[self.value]


class Unit(StrEnum):
    """Unit of a feature's value; decides how it is worded in a reason."""

    COUNT = "count"
    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"
    PEOPLE = "people"
    CNY = "CNY"
    SHARE = "share"
    RATIO = "ratio"
    LEVEL = "level"
    FLAG = "flag"


ALL_FACTS = "facts"
"""Stands for a signal where a feature is of all facts of a company, whatever their signal."""

Rows = Mapping[str, pl.Expr]
"""Row columns of a signal: name to an expression over one fact's columns, computed once for all that use it."""


@dataclass(frozen=True, kw_only=True, eq=False)  # expressions have no truth value to compare by
class Feature:
    """One input of the model.

    Attributes:
        name: snake_case, unique, starts with what it measures.
        pillar: the pillar its contribution counts for.
        signal: the record type it is computed from, or ``ALL_FACTS``; ``None`` when it is derived from other features.
        expr: with a signal, an aggregation over one company's facts of it, in order of ``event_at``, then ``key``, so
            that the last row is the latest. Columns: the signal's fields, ``event_at``, ``known_at``, ``members``,
            ``as_of`` (Date, the day looked from), ``age`` (whole days from ``event_at`` to it, never negative) and the
            signal's row columns, if any (``ROWS``). Of all facts the columns are ``pillar``, ``event_at``,
            ``known_at``, ``members``, ``agreement``, ``contested``, ``as_of``, ``age`` and the row columns.
            Without a signal, an expression over the columns of other features that stand earlier in the list.
            Sums are over integers only: they are exact in any order, so a company's row is the same alone and in bulk.
            The value is cast to Float64; one that is not a finite number is unknown.
        zh, en: what it is, for an analyst.
        unit: unit of the value.
        window: the span of time looked at, in words; empty for all that is known.
        direction: how risk must move as it rises.
    """

    name: str
    pillar: Pillar
    signal: str | None
    expr: pl.Expr
    zh: str
    en: str
    unit: Unit
    window: str = ""
    direction: Direction = Direction.FREE
