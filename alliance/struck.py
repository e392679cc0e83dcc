"""What rulings do to claims, and disputes to what is told of them. Pure: no store, no clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

import polars as pl

from alliance.corroboration import FactEvidence, FieldEvidence, Said, Standing
from alliance.corroboration.consensus import known_by
from alliance.signals import SIGNALS, signal_named
from alliance.signals.claims import Claims
from alliance.store.disputes import Dispute

_CLAIM = ("key", "submission_no", "row")


class Excluding(Protocol):
    """What takes claims of a fact out of account."""

    @property
    def signal(self) -> str:
        """Signal of the fact."""

    @property
    def key(self) -> str:
        """Key of the fact."""

    @property
    def excluded_since(self) -> date | None:
        """The day (UTC) from which the claims do not count; ``None`` where they do."""

    def places(self) -> Sequence[tuple[int, int]]:
        """Submission and row of each claim."""


@dataclass(frozen=True)
class Exclusion:
    """What a ruling does to claims of a fact, without a word of the dispute."""

    signal: str
    key: str
    excluded_since: date
    claims: tuple[tuple[int, int], ...]

    def places(self) -> tuple[tuple[int, int], ...]:
        return self.claims


def exclusions(rulings: Iterable[Excluding], claims: Claims) -> list[Exclusion]:
    """What rulings do to some claims; those that do nothing to them are left out."""
    found = []
    for one in rulings:
        of_fact = claims.frames[one.signal].filter(pl.col("key") == one.key)
        held = set(of_fact.select("submission_no", "row").iter_rows())
        covered = tuple(place for place in one.places() if place in held)
        if covered and one.excluded_since is not None:
            found.append(Exclusion(one.signal, one.key, one.excluded_since, covered))
    return found


def struck(claims: Claims, rulings: Sequence[Excluding], as_of: date) -> Claims:
    """The claims without those excluded by the end of a day; the same object where none is.

    Args:
        rulings: disputes that excluded something (``Store.rulings``).
        as_of: a ruling counts from its own day (UTC) on.
    """
    by_signal: dict[str, list[Excluding]] = {}
    for one in rulings:
        ruled = one.excluded_since is not None and one.excluded_since <= as_of
        if ruled and not claims.frames[one.signal].is_empty():
            by_signal.setdefault(one.signal, []).append(one)
    if not by_signal:
        return claims
    left = {signal: _left(claims.frames[signal], some) for signal, some in by_signal.items()}
    return Claims({**claims.frames, **left}, claims.watermark)


def _left(frame: pl.DataFrame, excluding: Sequence[Excluding]) -> pl.DataFrame:
    """A signal's claims without those some disputes cover, in their order; whichever company they are about by now."""
    covered = [(one.key, *place) for one in excluding for place in one.places()]
    types = {name: frame.schema[name] for name in _CLAIM}
    return frame.join(pl.DataFrame(covered, types, orient="row"), on=_CLAIM, how="anti", maintain_order="left")


def marked(
    told: Sequence[FactEvidence], claims: Claims, disputes: Sequence[Dispute], as_of: date
) -> list[FactEvidence]:
    """Facts with the mark of what is disputed or excluded by the end of a day; what was kept bears none.

    Excluded claims are told with weight 0. A fact all of whose claims are excluded is told without a value.

    Args:
        told: facts made of the claims that count.
        claims: those the facts were made of, and the excluded.
        disputes: disputes about the facts' companies.

    Source: a mark while an objection is open, and none once it proved unfounded, are what Art. 25 of the Chinese
    Regulation on the Credit Reporting Industry (征信业管理条例, 2013) asks for.
    """
    by_fact: dict[tuple[str, str, str], list[Dispute]] = {}
    for one in (one for one in disputes if one.marks(as_of)):
        claimed = known_by(claims.frames[one.signal], as_of).filter(pl.col("key") == one.key)
        places = claimed.select("subject_id", "submission_no", "row").iter_rows()
        for subject in {subject: None for subject, no, row in places if one.covers(no, row)}:
            by_fact.setdefault((one.signal, subject, one.key), []).append(one)
    if not by_fact:
        return list(told)
    facts = {(fact.signal, fact.subject_id, fact.key): fact for fact in told}
    for fact, some in by_fact.items():
        signal, subject, key = fact
        of_fact = (pl.col("subject_id") == subject, pl.col("key") == key)
        if rows := known_by(claims.frames[signal], as_of).filter(*of_fact).to_dicts():
            facts[fact] = _marked(facts.get(fact) or _no_fact(signal, rows), rows, some, as_of)
    return sorted(facts.values(), key=lambda one: (_PLACES[one.signal], one.subject_id, one.event_at, one.key))


_PLACES = {signal.name: place for place, signal in enumerate(SIGNALS)}


def _no_fact(signal: str, rows: Sequence[Mapping[str, Any]]) -> FactEvidence:
    """A fact of which no claim is left."""
    return FactEvidence(
        subject_id=rows[-1]["subject_id"],
        signal=signal,
        key=rows[-1]["key"],
        event_at=rows[-1]["event_at"],
        known_at=max(row["known_at"] for row in rows),
        members=0,
        agreement=None,
        fields=(),
    )


def _marked(
    fact: FactEvidence, rows: Sequence[Mapping[str, Any]], disputes: Sequence[Dispute], as_of: date
) -> FactEvidence:
    """A fact with its marks, and with what was excluded of it."""
    excluding = [one for one in disputes if one.excludes(as_of)]
    opened = [one for one in disputes if not one.excludes(as_of)]
    told = {field.field: field for field in fact.fields}
    fields = []
    for name in signal_named(fact.signal).schema:
        against = [one for one in opened if one.field in (None, name)]
        field = told.get(name) or FieldEvidence(name, None, None, contested=False, said=())
        counted = [replace(one, dispute=_covering(against, one.submission_no, one.row)) for one in field.said]
        gone = [
            _excluded(row, name, ruled)
            for row in rows
            if row[name] is not None and (ruled := _covering(excluding, row["submission_no"], row["row"]))
        ]
        fields.append(replace(field, said=(*counted, *gone)))
    return replace(fact, fields=tuple(field for field in fields if field.said))


def _covering(disputes: Sequence[Dispute], submission_no: int | None, row: int | None) -> str:
    """Id of the last dispute that covers a claim; empty if none does."""
    if submission_no is None or row is None:
        return ""
    return next((one.dispute_id for one in reversed(disputes) if one.covers(submission_no, row)), "")


def _excluded(row: Mapping[str, Any], field: str, dispute: str) -> Said:
    return Said(
        member=row["member"],
        value=row[field],
        event_at=row["event_at"],
        known_at=row["known_at"],
        submission_no=row["submission_no"],
        row=row["row"],
        weight=0.0,
        standing=Standing.EXCLUDED,
        dispute=dispute,
    )
