"""Why a fact is what it is: who says what of each field, what each word weighs, and which do not count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np

from alliance.corroboration.arrays import ClaimArrays, VoiceArrays, arrays_of, rules_of, starts_of
from alliance.corroboration.consensus import known_by
from alliance.corroboration.facts import Facts, contested_fields
from alliance.corroboration.kernel import agree, centre, voices, weight_of
from alliance.corroboration.reliability import Voices
from alliance.signals import SIGNALS, Signal
from alliance.signals.claims import Claims

Value = str | int | float | bool | date


class Standing(StrEnum):
    """How a claim stands to the value of a field."""

    AGREES = "agrees"
    DIFFERS = "differs"
    CORRECTED = "corrected"
    """The member has since said otherwise, or the same again."""
    COPIES = "copies"
    """The member repeats another's claims, whose voice counts once."""
    OUTDATED = "outdated"
    """News too old to be held against newer news; where it agrees with it, it still speaks for it."""
    EXCLUDED = "excluded"
    """A ruling took it out (``alliance.disputes``)."""


@dataclass(frozen=True)
class Said:
    """What a claim says of a field.

    Attributes:
        member, value: who says what.
        event_at, known_at: of when it is true, and since when it is known.
        submission_no, row: where it stands: the submission, and the row of the member's file.
        weight: share of all weight that spoke, 0 to 1; 0 where the claim does not count.
        standing: how it stands to the field's value.
        dispute: id of the dispute that is open about it or excluded it; empty for none.
    """

    member: str
    value: Value
    event_at: date
    known_at: date
    submission_no: int
    row: int
    weight: float
    standing: Standing
    dispute: str = ""


@dataclass(frozen=True)
class FieldEvidence:
    """A field of a fact.

    Attributes:
        field: its name.
        value: what the alliance holds true; ``None`` where nobody says, or where it is contested.
        agreement: share of the weight that agrees, 0 to 1; ``None`` where fewer than two voices fill it, and for texts.
        contested: whether no weighted majority stands.
        said: every claim that fills it, the weightiest first, the excluded last.
    """

    field: str
    value: Value | None
    agreement: float | None
    contested: bool
    said: tuple[Said, ...]


@dataclass(frozen=True)
class FactEvidence:
    """A fact with all that is said of it.

    Attributes:
        subject_id, signal, key: which fact.
        event_at, known_at, members, agreement: as ``FACT_COLUMNS`` has them.
        fields: the fields anybody fills, in the signal's order.
    """

    subject_id: str
    signal: str
    key: str
    event_at: date
    known_at: date
    members: int
    agreement: float | None
    fields: tuple[FieldEvidence, ...]


def evidence(claims: Claims, facts: Facts, learned: Voices) -> list[FactEvidence]:
    """All facts with who says what of them, by signal, subject and day.

    Args:
        claims: those the facts were made of.
        facts: what came of them.
        learned: what each member's word weighed.
    """
    found: list[FactEvidence] = []
    for signal in SIGNALS:
        frame = known_by(claims.frames[signal.name], facts.as_of)
        if frame.is_empty():
            continue
        arrays = arrays_of(signal, frame, starts_of(frame), learned.get(signal.name, {}))
        rows = frame.to_dicts()
        of_signal = [
            _fact(signal, fact, _Behind(signal, place, *arrays[:2], rows))
            for place, fact in enumerate(facts.frames[signal.name].iter_rows(named=True))
        ]
        found += sorted(of_signal, key=lambda one: (one.subject_id, one.event_at, one.key))
    return found


@dataclass(frozen=True)
class _Behind:
    """The claims behind one fact: ``fact`` is its place, ``rows`` are all claims of its signal as plain values."""

    signal: Signal
    fact: int
    claims: ClaimArrays
    members: VoiceArrays
    rows: Sequence[Mapping[str, Any]]

    @property
    def span(self) -> range:
        return range(int(self.claims.starts[self.fact]), int(self.claims.starts[self.fact + 1]))

    def root(self, row: int) -> int:
        return int(self.members.root[self.claims.member[row]])


def _fact(signal: Signal, fact: Mapping[str, Any], behind: _Behind) -> FactEvidence:
    contested = contested_fields(signal, fact["contested"])
    fields = (
        _field(behind, place, fact[field.name], contested=field.name in contested)
        for place, field in enumerate(signal.fields)
    )
    return FactEvidence(
        subject_id=fact["subject_id"],
        signal=signal.name,
        key=fact["key"],
        event_at=fact["event_at"],
        known_at=fact["known_at"],
        members=fact["members"],
        agreement=fact["agreement"],
        fields=tuple(field for field in fields if field is not None),
    )


def _field(behind: _Behind, place: int, value: Value | None, *, contested: bool) -> FieldEvidence | None:
    """What is said of a field; ``None`` if nothing is."""
    field, claims, rules = behind.signal.fields[place], behind.claims, rules_of(behind.signal)
    filled = [row for row in behind.span if not np.isnan(claims.values[row, place])]
    if not filled:
        return None
    rows = np.empty(len(behind.span), np.int64)
    found, news = voices(claims, behind.members, rules, behind.fact, place, rows)
    middle, speak, support, total = centre(claims, behind.members, rules, place, rows, found, news)
    heard = [
        row for at, row in enumerate(rows[:found].tolist()) if at < news or agree(claims, rules, place, middle, row)
    ]

    def agrees(row: int) -> bool:
        if not field.compared:
            return bool(behind.rows[row][field.name] == value)
        return value is not None and bool(agree(claims, rules, place, middle, row))

    said = [
        _said(behind, row, field.name, weight_of(claims, behind.members, row) / total if row in heard else 0.0,
              (Standing.AGREES if agrees(row) else Standing.DIFFERS) if row in heard else _unheard(behind, row, filled))
        for row in filled
    ]  # fmt: skip
    return FieldEvidence(
        field=field.name,
        value=value,
        agreement=support / total if field.compared and speak > 1 else None,
        contested=contested,
        said=tuple(sorted(said, key=lambda one: (-one.weight, one.member, one.known_at))),
    )


def _said(behind: _Behind, row: int, field: str, weight: float, standing: Standing) -> Said:
    claim = behind.rows[row]
    return Said(
        member=claim["member"],
        value=claim[field],
        event_at=claim["event_at"],
        known_at=claim["known_at"],
        submission_no=claim["submission_no"],
        row=claim["row"],
        weight=weight,
        standing=standing,
    )


def _unheard(behind: _Behind, row: int, filled: Sequence[int]) -> Standing:
    """Why a claim has no voice."""
    member = behind.claims.member
    if any(other > row and member[other] == member[row] for other in filled):
        return Standing.CORRECTED
    alike = any(member[other] != member[row] and behind.root(other) == behind.root(row) for other in filled)
    return Standing.COPIES if alike else Standing.OUTDATED
