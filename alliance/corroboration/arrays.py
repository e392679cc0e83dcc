"""Claims of one signal as arrays: what the kernel walks over, fact by fact and member by member."""

from collections.abc import Mapping
from functools import cache
from math import isnan
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from alliance.corroboration.reliability import Voice, newcomer
from alliance.signals import Field, FieldType, Signal
from alliance.signals.claims import FACT

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TEXT, EXACT, DATE, MEASURE = 0, 1, 2, 3
"""How values of a field are held against each other: not at all; equal or not; near, one of them; near, their mean."""

FOREVER = np.inf

FEW = 1_000
"""Claims that are quicker walked over than asked by a query."""

_KINDS: Mapping[FieldType, int] = {
    FieldType.TEXT: TEXT,
    FieldType.CATEGORY: EXACT,
    FieldType.FLAG: EXACT,
    FieldType.DATE: DATE,
    FieldType.INTEGER: MEASURE,
    FieldType.NUMBER: MEASURE,
    FieldType.SHARE: MEASURE,
    FieldType.MONEY: MEASURE,
}

WHOLE = frozenset({FieldType.INTEGER, FieldType.MONEY})

WRONG_NUMBERS = 10.0
"""Ways to be wrong about a number or a date: two members who err rarely err alike."""


class Rules(NamedTuple):
    """The rules of a signal's fields, as arrays (one entry a field).

    Attributes:
        kinds: how values are held against each other.
        relative, absolute: tolerance.
        lasts: days for which a claim speaks of the present.
        wrong: ways to be wrong.
        settled: whether the field is the key's or the event's date: never contested, never counted as agreement.
        whole: whether a mean is rounded to a whole number.
        kept: whether a contested value is used all the same.
    """

    kinds: Ints
    relative: Floats
    absolute: Floats
    lasts: Floats
    wrong: Floats
    settled: NDArray[np.bool_]
    whole: NDArray[np.bool_]
    kept: NDArray[np.bool_]


@cache
def rules_of(signal: Signal) -> Rules:
    fields = signal.fields
    return Rules(
        kinds=np.array([_KINDS[field.type] for field in fields], np.int64),
        relative=np.array([field.tolerance.relative for field in fields]),
        absolute=np.array([field.tolerance.absolute for field in fields]),
        lasts=np.array([FOREVER if field.lasts is None else field.lasts for field in fields], np.float64),
        wrong=np.array([_wrong(field) for field in fields]),
        settled=np.array([field.name in signal.settled for field in fields]),
        whole=np.array([field.type in WHOLE for field in fields]),
        kept=np.array([field.kept_contested for field in fields]),
    )


def _wrong(field: Field) -> float:
    if field.type is FieldType.FLAG:
        return 1.0
    return max(len(field.values) - 1.0, 1.0) if field.values else WRONG_NUMBERS


def numbers(field: Field, values: pl.Series) -> Floats:
    """A field's values as floats: null is not a number, a category its place, a date its day, a text 1 if there is one.

    Series by Series, not by a query: for one company's handful of claims a query costs ten times what it does.
    """
    if len(values) > FEW and field.type in {FieldType.TEXT, FieldType.CATEGORY}:
        return _numbers_of_many(field, values)
    if field.type is FieldType.TEXT:
        return np.array([np.nan if value is None else 1.0 for value in values.to_list()])
    if field.type is FieldType.CATEGORY:
        places = _places(field)
        return np.array([places.get(value, np.nan) for value in values.to_list()], np.float64)
    return _days(values) if field.type is FieldType.DATE else values.cast(pl.Float64).to_numpy()


def _numbers_of_many(field: Field, values: pl.Series) -> Floats:
    if field.type is FieldType.TEXT:
        return np.where(values.is_null().to_numpy(), np.nan, 1.0)
    return values.cast(pl.Enum(field.values), strict=False).to_physical().cast(pl.Float64).to_numpy()


def _days(values: pl.Series) -> Floats:
    return values.cast(pl.Int32).cast(pl.Float64).to_numpy()


@cache
def _places(field: Field) -> dict[str, float]:
    return {value: float(place) for place, value in enumerate(field.values)}


def series(field: Field, values: Floats) -> pl.Series:
    """Floats as a field's values again; not for texts."""
    if field.type is FieldType.CATEGORY and len(values) > FEW:
        places = pl.Series(values, nan_to_null=True).cast(pl.UInt32)
        return pl.Series(field.name, field.values).gather(places)
    if field.type is FieldType.CATEGORY:
        words = [None if isnan(value) else field.values[int(value)] for value in values.tolist()]
        return pl.Series(field.name, words, dtype=pl.String)
    found = pl.Series(field.name, values, nan_to_null=True)
    return found.cast(pl.Int32).cast(pl.Date) if field.type is FieldType.DATE else found.cast(field.dtype)


class ClaimArrays(NamedTuple):
    """Claims of one signal, n of them of g facts, in the order of ``Claims``: by fact, member, day known.

    Attributes:
        starts: first claim of each fact, then n (g + 1).
        member: code of each claim's member (n).
        event, known: days of event and knowledge (n).
        values: values by field (n, f).
    """

    starts: Ints
    member: Ints
    event: Floats
    known: Floats
    values: Floats


class VoiceArrays(NamedTuple):
    """Members by code, in the order of their names.

    Attributes:
        root: code of the member whose voice it has: its own, unless it copies.
        weight: what the voice weighs.
        precision: how exact its measures are.
    """

    root: Ints
    weight: Floats
    precision: Floats


def starts_of(frame: pl.DataFrame) -> Ints:
    """First claim of each fact, then the number of claims."""
    fact = frame[FACT].to_numpy()
    changes = np.flatnonzero(fact[1:] != fact[:-1]) + 1
    return np.concatenate(([0], changes, [len(fact)])).astype(np.int64)


def arrays_of(
    signal: Signal, frame: pl.DataFrame, starts: Ints, voices: Mapping[str, Voice]
) -> tuple[ClaimArrays, VoiceArrays, list[str]]:
    """Arrays of a signal's claims, of the members, and the members' names.

    Args:
        starts: as ``starts_of`` gives them.
        voices: what is known of the members; of others nothing is.
    """
    given = frame["member"]
    known = {member: voices.get(member) or newcomer(member) for member in given.unique()}
    names = sorted({*known, *(voice.root for voice in known.values())})
    code = {name: number for number, name in enumerate(names)}
    every = [known.get(name) or voices.get(name) or newcomer(name) for name in names]
    claims = ClaimArrays(
        starts=starts,
        member=_codes(given, code),
        event=_days(frame["event_at"]),
        known=_days(frame["known_at"]),
        values=np.column_stack([numbers(field, frame[field.name]) for field in signal.fields]),
    )
    members = VoiceArrays(
        root=np.array([code.get(voice.root, number) for number, voice in enumerate(every)], np.int64),
        weight=np.array([voice.weight for voice in every]),
        precision=np.array([voice.precision for voice in every]),
    )
    return claims, members, names


def _codes(members: pl.Series, code: Mapping[str, int]) -> Ints:
    if len(members) <= FEW:
        return np.array([code[member] for member in members.to_list()], np.int64)
    return members.cast(pl.Enum(list(code))).to_physical().cast(pl.Int64).to_numpy()
