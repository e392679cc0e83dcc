"""A contract as this code uses it: what README.md of this folder describes, checked and typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from alliance.formats import Options
from alliance.signals import Field, Signal

REGISTRATION = "registration"
"""Scheme of registration numbers (unified social credit codes); every other scheme is a contract's namespace."""


class Role(StrEnum):
    """What kind of member gives the file."""

    INVESTOR = "investor"
    BANK = "bank"
    REGISTRY = "registry"
    PATENT_OFFICE = "patent_office"
    HR_PLATFORM = "hr_platform"
    INCUBATOR = "incubator"
    START_UP = "start_up"
    DATA_VENDOR = "data_vendor"
    PUBLIC_BODY = "public_body"


@dataclass(frozen=True)
class Received:
    """Known on the day of submission."""


@dataclass(frozen=True)
class KnownByColumn:
    """Back-fill: known ``lag_days`` after the date in a column."""

    column: str
    lag_days: int = 0
    formats: tuple[str, ...] = ()


@dataclass(frozen=True)
class KnownAfterEvent:
    """Back-fill: known ``lag_days`` after the event."""

    lag_days: int


@dataclass(frozen=True)
class Snapshot:
    """The file as a whole was known on a day."""

    on: date


Knowledge = Received | KnownByColumn | KnownAfterEvent | Snapshot


@dataclass(frozen=True)
class InList:
    """The cell is one of the words; ``negated``: it is none of them, or empty."""

    column: str
    words: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True)
class Present:
    """The cell is filled, or is empty."""

    column: str
    wanted: bool = True


@dataclass(frozen=True)
class Above:
    """The cell is a number above a bound."""

    column: str
    bound: float


Condition = InList | Present | Above
"""A condition on a column that a row must meet to give a record."""


@dataclass(frozen=True)
class Explode:
    """One record for each part of a cell."""

    column: str
    separator: str


@dataclass(frozen=True)
class ValueMap:
    """The member's words and the signal's; ``otherwise`` stands in for unknown words unless ``strict``."""

    words: Mapping[str, str | None]
    strict: bool = True
    otherwise: str | None = None


@dataclass(frozen=True)
class Currency:
    """Currency of an amount: a fixed code, or the column that names it."""

    code: str | None = None
    column: str | None = None


@dataclass(frozen=True, kw_only=True)
class FieldMapping:
    """How one field of a record is filled; see README.md for each part."""

    field: Field
    column: str | None = None
    constant: str | None = None
    required: bool = False
    formats: tuple[str, ...] = ()
    extract: str | None = None
    values: ValueMap | None = None
    grouping: str | None = None
    scale: float = 1.0
    units: tuple[tuple[str, float], ...] = ()
    currency: Currency | None = None
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None


@dataclass(frozen=True)
class Comparison:
    """A rule over two fields of one record; a row that breaks it is quarantined."""

    name: str
    left: str
    operator: str
    right: str


@dataclass(frozen=True)
class RecordMapping:
    """How a row becomes one record of a signal."""

    signal: Signal
    fields: tuple[FieldMapping, ...]
    when: tuple[Condition, ...] = ()
    explode: Explode | None = None
    quality: tuple[Comparison, ...] = ()


@dataclass(frozen=True)
class CompanyReference:
    """Where a row says which company it is about."""

    registration_column: str | None = None
    namespace: str | None = None
    id_column: str | None = None
    id_extract: str | None = None
    name_column: str | None = None


@dataclass(frozen=True, kw_only=True)
class Contract:
    """One member file, described.

    Attributes:
        id, version: the contract's own identity.
        member, role: who gives the file.
        path: glob of the files, relative to the contract.
        options: how to read them.
        company: which company a row is about.
        missing: words that mean "no value".
        knowledge: when a row's content was known to the alliance.
        rates: yuan per unit of each currency.
        records: the records each row becomes.
        source: the YAML text as given; ``sha256`` its digest.
    """

    id: str
    version: str
    member: str
    role: Role
    path: str
    options: Options
    company: CompanyReference
    knowledge: Knowledge
    records: tuple[RecordMapping, ...]
    missing: frozenset[str] = frozenset()
    rates: Mapping[str, float] = field(default_factory=dict)
    source: str = ""
    sha256: str = ""
