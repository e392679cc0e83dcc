"""What a signal is: a declaration from which checks, schemas, decoding, wording and docs all follow."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import polars as pl


class Pillar(StrEnum):
    """A family of signals. Technology, team, business model and venture are the strategic, non-financial ones."""

    COMPANY = "company"
    TECHNOLOGY = "technology"
    TEAM = "team"
    BUSINESS_MODEL = "business_model"
    VENTURE = "venture"
    FINANCIAL = "financial"
    ENVIRONMENT = "environment"
    OUTCOME = "outcome"


PILLAR_NAMES: dict[Pillar, tuple[str, str]] = {
    Pillar.COMPANY: ("企业概况", "company"),
    Pillar.TECHNOLOGY: ("技术", "technology"),
    Pillar.TEAM: ("团队", "team"),
    Pillar.BUSINESS_MODEL: ("商业模式", "business model"),
    Pillar.VENTURE: ("创投进展", "venture progress"),
    Pillar.FINANCIAL: ("财务", "financials"),
    Pillar.ENVIRONMENT: ("环境与设备", "environment and equipment"),
    Pillar.OUTCOME: ("信用记录", "credit history"),
}
"""Chinese and English name of each pillar, as shown to an analyst."""


class FieldType(StrEnum):
    """Type of a field's value, after a contract has converted it."""

    TEXT = "text"
    CATEGORY = "category"
    INTEGER = "integer"
    NUMBER = "number"
    SHARE = "share"
    MONEY = "money"
    DATE = "date"
    FLAG = "flag"


class Sensitivity(StrEnum):
    """How freely a value may travel, before any grant is looked at."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    PERSONAL = "personal"


class Subject(StrEnum):
    """What a record is about."""

    COMPANY = "company"
    SECTOR = "sector"


class Grain(StrEnum):
    """How coarsely a key field is compared: two dates of one month are one key under ``MONTH``."""

    EXACT = "exact"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


DTYPES: dict[FieldType, pl.DataType] = {
    FieldType.TEXT: pl.String(),
    FieldType.CATEGORY: pl.String(),
    FieldType.INTEGER: pl.Int64(),
    FieldType.NUMBER: pl.Float64(),
    FieldType.SHARE: pl.Float64(),
    FieldType.MONEY: pl.Int64(),
    FieldType.DATE: pl.Date(),
    FieldType.FLAG: pl.Boolean(),
}
"""Column type of each field type. Money is whole yuan in an integer, so that sums are exact in any order."""


@dataclass(frozen=True)
class Tolerance:
    """How far two members' values may lie apart and still say the same.

    Attributes:
        relative: share of the larger of the two, by size.
        absolute: in the field's unit (days for a date); the wider of both counts.
    """

    relative: float = 0.0
    absolute: float = 0.0


EXACT = Tolerance()

ESTIMATE = Tolerance(relative=0.25)
"""Amounts members estimate: two honest estimates, each 8 per cent off, lie closer in 99 of 100 cases."""
COUNTED = Tolerance(relative=0.25, absolute=1.0)
"""Small counts are one off as soon as they are counted on another day."""
PROPORTION = Tolerance(absolute=0.1)
MONTH_APART = Tolerance(absolute=31.0)
"""Dates: signed, announced and registered lie within a month."""

NEWEST = 0
"""``lasts`` of a day of observation that is not in the key: the newest is the fact's."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One value of a record.

    Attributes:
        name: snake_case name, unique within the signal.
        type: what kind of value; decides the column type.
        zh, en: short description in Chinese and English, without unit.
        unit: unit of the value (``CNY``, ``people``, ``days`` ...), empty for none.
        sensitivity: how freely the value may travel.
        values: the closed list of a category.
        minimum, maximum: inclusive bounds of a number; outside is a fault, not an outlier.
        required: a record without it is no record.
        tolerance: how far two members' values may lie apart and still agree; texts are not compared at all, since
            spellings differ: the latest known stands.
        lasts: days for which a claim speaks of the present; an older one is outdated by a newer, not against it.
            ``None`` where what was true of the fact stays true.
        kept_contested: whether the value most weight agrees with is used although it is contested; else it is used as
            missing. For what a company must not gain by having contested.
    """

    name: str
    type: FieldType
    zh: str
    en: str
    unit: str = ""
    sensitivity: Sensitivity = Sensitivity.INTERNAL
    values: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    required: bool = False
    tolerance: Tolerance = EXACT
    lasts: int | None = None
    kept_contested: bool = False

    @property
    def compared(self) -> bool:
        """Whether members' values are held against each other."""
        return self.type is not FieldType.TEXT

    @property
    def dtype(self) -> pl.DataType:
        return DTYPES[self.type]


@dataclass(frozen=True)
class KeyPart:
    """A field of the key, and how coarsely it is compared."""

    field: str
    grain: Grain = Grain.EXACT


@dataclass(frozen=True, kw_only=True, eq=False)  # one object a signal: identity is equality, and hashes fast
class Signal:
    """A record type: what members may claim about a subject.

    Attributes:
        name: snake_case name of the record type.
        pillar: the family it belongs to.
        zh, en: name in Chinese and English.
        fields: all values, in the order shown.
        key: what makes two claims of one subject claims of the same fact; empty means one fact per subject.
        event: the date field that says when the claim was true (the record's ``event_at``).
        subject: what a record is about; a sector record names its sector by the field ``sector``.
    """

    name: str
    pillar: Pillar
    zh: str
    en: str
    fields: tuple[Field, ...]
    key: tuple[KeyPart, ...]
    event: str
    subject: Subject = Subject.COMPANY

    def __post_init__(self) -> None:
        names = [field.name for field in self.fields]
        duplicates = {name for name in names if names.count(name) > 1}
        unknown = ({part.field for part in self.key} | {self.event}) - set(names)
        if duplicates or unknown:
            raise ValueError(f"signal {self.name}: duplicate fields {duplicates}, unknown key or event {unknown}")
        if self.field(self.event).type is not FieldType.DATE:
            raise ValueError(f"signal {self.name}: event field {self.event} is not a date")

    def field(self, name: str) -> Field:
        """The field of that name; ``KeyError`` when there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    @property
    def settled(self) -> frozenset[str]:
        """Fields of the key, and the event's date: claims of one fact are as good as alike in them; never contested."""
        return frozenset({part.field for part in self.key} | {self.event})

    @property
    def required(self) -> frozenset[str]:
        """Fields without which there is no record: those declared so, the key, the event date, the sector it is of."""
        declared = {field.name for field in self.fields if field.required}
        subject = {"sector"} if self.subject is Subject.SECTOR else set()
        return frozenset(declared | subject | {part.field for part in self.key} | {self.event})

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Column types of the payload, in field order."""
        return {field.name: field.dtype for field in self.fields}


def text(
    name: str, zh: str, en: str, *, sensitivity: Sensitivity = Sensitivity.INTERNAL, lasts: int | None = None
) -> Field:
    return Field(name=name, type=FieldType.TEXT, zh=zh, en=en, sensitivity=sensitivity, lasts=lasts)


def category(
    name: str, values: Iterable[str], zh: str, en: str, *,
    sensitivity: Sensitivity = Sensitivity.INTERNAL, lasts: int | None = None,
) -> Field:  # fmt: skip
    return Field(
        name=name, type=FieldType.CATEGORY, zh=zh, en=en, values=tuple(values), sensitivity=sensitivity, lasts=lasts
    )


def day(
    name: str, zh: str, en: str, *, sensitivity: Sensitivity = Sensitivity.INTERNAL, lasts: int | None = None
) -> Field:
    return Field(
        name=name, type=FieldType.DATE, zh=zh, en=en, sensitivity=sensitivity, tolerance=MONTH_APART, lasts=lasts
    )


def count(name: str, zh: str, en: str, unit: str, *, maximum: float | None = None, lasts: int | None = None) -> Field:
    """A whole number that cannot be negative."""
    return Field(
        name=name, type=FieldType.INTEGER, zh=zh, en=en, unit=unit, minimum=0, maximum=maximum, tolerance=COUNTED,
        lasts=lasts,
    )  # fmt: skip


def money(name: str, zh: str, en: str, *, negative: bool = False, lasts: int | None = None) -> Field:
    """An amount in whole yuan; confidential, since amounts are what firms guard most."""
    return Field(
        name=name, type=FieldType.MONEY, zh=zh, en=en, unit="CNY", tolerance=ESTIMATE, lasts=lasts,
        sensitivity=Sensitivity.CONFIDENTIAL, minimum=None if negative else 0,
    )  # fmt: skip


def share(name: str, zh: str, en: str, *, minimum: float = 0.0, lasts: int | None = None) -> Field:
    """A proportion; 0.25 means 25 per cent."""
    return Field(
        name=name, type=FieldType.SHARE, zh=zh, en=en, unit="1", tolerance=PROPORTION, lasts=lasts,
        sensitivity=Sensitivity.CONFIDENTIAL, minimum=minimum, maximum=1.0,
    )  # fmt: skip


def number(
    name: str, zh: str, en: str, unit: str, *, minimum: float | None = None, maximum: float | None = None
) -> Field:
    return Field(
        name=name, type=FieldType.NUMBER, zh=zh, en=en, unit=unit, minimum=minimum, maximum=maximum,
        tolerance=ESTIMATE, sensitivity=Sensitivity.CONFIDENTIAL,
    )  # fmt: skip


def flag(name: str, zh: str, en: str, *, lasts: int | None = None) -> Field:
    return Field(name=name, type=FieldType.FLAG, zh=zh, en=en, lasts=lasts)
