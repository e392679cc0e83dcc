"""Records given with a request, used for that request alone: the same checks as a member's file, nothing stored."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from alliance.contracts.contract import (
    CompanyReference,
    Contract,
    FieldMapping,
    KnownAfterEvent,
    RecordMapping,
    Role,
)
from alliance.contracts.mapping import map_batch
from alliance.errors import InvalidInput
from alliance.formats import Batch, Options
from alliance.signals import SIGNALS, Signal, Subject, signal_named
from alliance.signals.claims import Claims, no_claims, ordered

MOST_RECORDS = 500
"""Records one request may carry; more is a member's file, and goes through intake."""

INLINE_ROW = 10**9
"""Row number inline records count from, so that on the same day they come after what the store holds."""


def inline_claims(
    records: Sequence[Mapping[str, Any]], *, subject: str, member: str, as_of: date, watermark: int
) -> Claims:
    """Claims of ``member`` about one company, known on the day their event became true.

    Args:
        records: each ``{"signal": name, "fields": {field: value}}``, values as JSON Schema of the signal has them.
        subject: company id the claims are about.
        as_of: the day the score is of; events after it are a fault.
        watermark: number the claims carry, not below the store's.

    Raises:
        InvalidInput: a record is not sound; names the record (from 0), the field and the remedy.
        NotFound: a record names a signal there is not.
    """
    if len(records) > MOST_RECORDS:
        raise InvalidInput(
            f"A request may carry {MOST_RECORDS} records.", remedy="Submit them as a file.", field="records"
        )
    frames = {signal.name: no_claims(signal) for signal in SIGNALS}
    by_signal: dict[str, list[int]] = {}
    for place, record in enumerate(records):
        by_signal.setdefault(_signal(record, place).name, []).append(place)
    for name, places in by_signal.items():
        signal = signal_named(name)
        frame = _records(signal, [(place, records[place]) for place in places], member, as_of)
        claims = frame.select(
            pl.lit(subject).alias("subject_id"),
            "key",
            pl.lit(member).alias("member"),
            "event_at",
            "known_at",
            pl.lit(watermark, pl.Int64).alias("submission_no"),
            (pl.col("_row") + INLINE_ROW).alias("row"),
            *signal.schema,
        )
        frames[name] = ordered(signal, claims)
    return Claims(frames, watermark)


def _signal(record: Mapping[str, Any], place: int) -> Signal:
    signal = signal_named(str(record.get("signal")))
    if signal.subject is not Subject.COMPANY:
        raise InvalidInput(
            f"{signal.name} is not about a company.", remedy="Leave it out.", record=place, field="signal"
        )
    return signal


def _records(
    signal: Signal, numbered: Sequence[tuple[int, Mapping[str, Any]]], member: str, as_of: date
) -> pl.DataFrame:
    """Records of one signal, each with its place in the request, checked as a file's rows are."""
    cells = [_cells(signal, record.get("fields"), place) for place, record in numbered]
    columns = [pl.Series(field.name, [row.get(field.name) for row in cells], pl.String) for field in signal.fields]
    rows = pl.Series("_row", [place for place, _ in numbered], pl.Int64)
    company = pl.Series("_company", ["the applicant"] * len(cells), pl.String)
    mapped = map_batch(_contract(signal, member), Batch(pl.DataFrame([rows, company, *columns])), as_of)
    if mapped.faults:
        first = min(mapped.faults, key=lambda fault: fault.row)
        raise InvalidInput(
            f"{first.field} of {signal.name} breaks the rule {first.rule!r}.",
            remedy=first.remedy, record=first.row, field=first.field,
        )  # fmt: skip
    return mapped.records[0].frame


def _cells(signal: Signal, fields: object, place: int) -> dict[str, str | None]:
    """A record's values as a file would hold them."""
    if not isinstance(fields, Mapping):
        raise InvalidInput("A record needs fields.", remedy='Give "fields": {...}.', record=place, field="fields")
    if unknown := sorted(set(map(str, fields)) - set(signal.schema)):
        raise InvalidInput(
            f"{signal.name} has no field {', '.join(unknown)}.",
            remedy=f"Use some of {', '.join(signal.schema)}.", record=place, field=unknown[0],
        )  # fmt: skip
    return {str(name): _cell(value, signal, place, str(name)) for name, value in fields.items()}


def _cell(value: object, signal: Signal, place: int, name: str) -> str | None:
    """A JSON value as a file would write it."""
    match value:
        case None:
            return None
        case str() if _is_text(value):
            return value.strip() or None
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
    raise InvalidInput(
        f"{name} of {signal.name} is no text, number, flag or null.", remedy="Give one.", record=place, field=name
    )


def _is_text(value: str) -> bool:
    """Whether a string is text that can be kept: neither half a character nor zero."""
    return "\0" not in value and value.encode("utf-8", "ignore").decode() == value


def _contract(signal: Signal, member: str) -> Contract:
    """The contract of records that already have the signal's own fields and units."""
    return Contract(
        id=f"inline.{signal.name}",
        version="1",
        member=member,
        role=Role.START_UP,
        path="",
        options=Options(format="json"),
        company=CompanyReference(namespace="inline", id_column="_company"),
        knowledge=KnownAfterEvent(0),
        records=(RecordMapping(signal, tuple(FieldMapping(field=f, column=f.name) for f in signal.fields)),),
    )
