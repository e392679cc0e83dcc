"""What the store holds of a company or a person: the rows that an erasure is to reach, wherever they are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Table, or_, select

from alliance.contracts.contract import REGISTRATION
from alliance.store.erasures import Cut
from alliance.store.mentions import Terms, escaped, in_json, quarantined_of
from alliance.store.schema import (
    company_name,
    decision,
    dispute,
    disputed_claim,
    identifier,
    identity_case,
    identity_verdict,
    merge,
    quarantine,
    record,
    ruling,
)
from alliance.store.schema_overrides import decision_override, override_ruling
from alliance.store.schema_rights import aggregate_answer
from alliance.store.schema_shadow import shadow_score

PERSON = "person_role"
"""The signal that is about people; the first part of its key, and its field of that name, says who."""
PERSON_KEY = "person_key"

_KEYS = 5_000

ERASED_FAULT = {
    "field": "", "rule": "erased", "remedy": "Nothing is left to mend: the row was erased.", "value": "",
}  # fmt: skip
"""The one fault of a quarantined row that was erased, so that a retry leaves it where it is."""


@dataclass(frozen=True)
class Doomed:
    """A record to be erased, as far as other rows speak of it."""

    seq: int
    submission_no: int
    subject_id: str
    signal: str
    key: str


_DOOMED = tuple(record.c[name] for name in ("seq", "submission_no", "subject_id", "signal", "key"))


def of_company(connection: Connection, ids: Sequence[str], no: int) -> list[Cut]:
    """All that is held of a company, given all ids that mean it; ``no`` is the erasure's.

    Its registration number stays, so that what comes later is known to be of it, and that it was erased can be shown.
    """
    records = _doomed(connection, record.c.subject_id.in_(ids))
    names = _rows(connection, company_name, company_name.c.company_id.in_(ids))
    known = _rows(connection, identifier, identifier.c.company_id.in_(ids))
    own = [row for row in known if row["scheme"] != REGISTRATION]
    terms = Terms.of_company([(row["scheme"], row["value"]) for row in known], [row["name"] for row in names])
    about = decision.c.company_id.in_(ids)
    decisions = connection.scalars(select(decision.c.decision_id).where(about, _not_erased())).all()
    return [
        *of_records(connection, records, ids),
        _deleted("names", company_name, names, "submission_no"),
        _deleted("members' own ids", identifier, own, "submission_no"),
        _quarantined(connection, terms),
        _decisions(decisions, no),
        _shadows(connection, decision.c.company_id.in_(ids)),
        *_overrides(connection, _overrides_of(connection, decisions), no),
        *_links(connection, ids),
    ]


def of_person(connection: Connection, person: str, no: int) -> list[Cut]:
    """All that is held of a person, in all companies, by the pseudonym members give; ``no`` is the erasure's."""
    said = record.c.payload.like(f"%{escaped(in_json(person))}%", escape="\\")
    query = select(*_DOOMED, record.c.payload).where(record.c.signal == PERSON, said)
    records = [
        Doomed(*row) for *row, payload in connection.execute(query) if orjson.loads(payload)[PERSON_KEY] == person
    ]
    decisions = _decisions_naming(connection, person)
    terms = Terms(words=frozenset({person}))
    overrides = {*_overrides_of(connection, decisions), *_overrides_naming(connection, terms)}
    return [
        *of_records(connection, records),
        _quarantined(connection, terms),
        _decisions(decisions, no),
        _shadows(connection, decision.c.decision_id.in_(decisions)),
        *_overrides(connection, sorted(overrides), no),
    ]


def of_records(connection: Connection, doomed: Sequence[Doomed], companies: Sequence[str] = ()) -> list[Cut]:
    """Records, with what was said of them: disputes none of whose claims are left, and facts that figures rested on.

    Args:
        companies: companies of which all is erased, known or not by a record.
    """
    by_signal: dict[str, list[Doomed]] = {}
    for one in doomed:
        by_signal.setdefault(one.signal, []).append(one)
    cuts = [
        Cut(f"records of {signal}", record, {(one.seq,): None for one in some}, _entries(some))
        for signal, some in sorted(by_signal.items())
    ]
    return [*cuts, *_disputes(connection, doomed, companies), _answers(connection, doomed, companies)]


def _doomed(connection: Connection, which: ColumnElement[bool]) -> list[Doomed]:
    return [Doomed(*row) for row in connection.execute(select(*_DOOMED).where(which))]


def _entries(doomed: Iterable[Doomed]) -> frozenset[int]:
    return frozenset(one.submission_no for one in doomed)


def _rows(connection: Connection, table: Table, which: ColumnElement[bool]) -> list[Mapping[str, Any]]:
    return [dict(row._mapping) for row in connection.execute(select(table).where(which))]


def _deleted(what: str, table: Table, rows: Sequence[Mapping[str, Any]], brought_by: str) -> Cut:
    keys = {tuple(row[column.name] for column in table.primary_key): None for row in rows}
    return Cut(what, table, keys, frozenset(row[brought_by] for row in rows))


def _emptied(what: str, table: Table, rows: Sequence[Mapping[str, Any]], values: Mapping[str, Any]) -> Cut:
    """The rows whose values are not yet those they are to have."""
    left = [row for row in rows if any(row[name] != value for name, value in values.items())]
    keys = {tuple(row[column.name] for column in table.primary_key): values for row in left}
    return Cut(what, table, keys, frozenset(row["no"] for row in left))


def _quarantined(connection: Connection, terms: Terms) -> Cut:
    values = {"content": "", "faults": orjson.dumps([ERASED_FAULT]).decode()}
    places = list(quarantined_of(connection, terms))
    return Cut("quarantined rows", quarantine, dict.fromkeys(places, values), frozenset(no for no, _ in places))


def _decisions(ids: Sequence[str], no: int) -> Cut:
    values = {"inline_records": "[]", "features": None, "result": orjson.dumps({"erased": no}).decode()}
    return Cut("decisions", decision, {(one,): values for one in ids})


def _shadows(connection: Connection, beside: ColumnElement[bool]) -> Cut:
    """What challengers said beside some decisions; no entry brought it, and no leaf tells of it."""
    named = shadow_score.c.decision_id.in_(select(decision.c.decision_id).where(beside))
    keys = select(*shadow_score.primary_key).where(named)
    return Cut("shadow scores", shadow_score, {tuple(row): None for row in connection.execute(keys)})


def _overrides(connection: Connection, ids: Sequence[str], no: int) -> Iterator[Cut]:
    """What some overrides say, and what was ruled of them in words; that they were made, and by whom, stays."""
    found = _rows(connection, decision_override, decision_override.c.override_id.in_(ids))
    whole = [row for row in found if not row["said"].startswith('{"erased":')]
    yield _emptied("overrides", decision_override, whole, {"said": orjson.dumps({"erased": no}).decode()})
    ruled = _rows(connection, override_ruling, override_ruling.c.override_id.in_(ids))
    yield _emptied("rulings on overrides", override_ruling, ruled, {"reason": ""})


def _overrides_of(connection: Connection, decisions: Sequence[str]) -> list[str]:
    """Overrides of some decisions, by id."""
    made = decision_override.c
    return list(connection.scalars(select(made.override_id).where(made.decision_id.in_(decisions))))


def _overrides_naming(connection: Connection, terms: Terms) -> list[str]:
    """Overrides whose own words, or whose ruling's, name somebody, by id."""
    columns = (decision_override.c.override_id, decision_override.c.said, override_ruling.c.reason)
    ruled = override_ruling.c.override_id == decision_override.c.override_id
    query = select(*columns).select_from(decision_override.outerjoin(override_ruling, ruled))
    told = ((one, str(orjson.loads(said).get("text", "")), reason) for one, said, reason in connection.execute(query))
    return [one for one, text, reason in told if terms.said_in(text) or terms.said_in(reason or "")]


def _not_erased() -> ColumnElement[bool]:
    return decision.c.result.not_like('{"erased":%')


def _decisions_naming(connection: Connection, person: str) -> list[str]:
    """Decisions whose own records, or whose contested facts, are of a person."""
    in_key = person.replace("|", "/")  # as a key holds it: its parts are joined by the bar
    said = or_(
        *(
            column.like(f"%{escaped(in_json(text))}%", escape="\\")
            for column in (decision.c.inline_records, decision.c.result)
            for text in (person, in_key)
        )
    )
    query = select(decision.c.decision_id, decision.c.inline_records, decision.c.result).where(said, _not_erased())
    return [
        one
        for one, inline, result in connection.execute(query)
        if {person, in_key} & {*_inline_persons(orjson.loads(inline)), *_contested_persons(orjson.loads(result))}
    ]


def _inline_persons(records: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    return (str(one["fields"].get(PERSON_KEY)).strip() for one in records if one["signal"] == PERSON)


def _contested_persons(result: Mapping[str, Any]) -> Iterator[str]:
    contested = [one["key"] for one in result.get("contested", ()) if one["signal"] == PERSON]
    return (key.rpartition("|")[0] for key in contested)


def _disputes(connection: Connection, doomed: Sequence[Doomed], companies: Sequence[str]) -> Iterator[Cut]:
    """Disputes that are about nothing any more, and what was ruled of them."""
    seqs = {one.seq for one in doomed}
    covered: dict[int, list[int]] = {}
    for part in _parts(sorted({one.submission_no for one in doomed})):
        for no, seq in connection.execute(_COVERED.where(disputed_claim.c.submission_no.in_(part))):
            covered.setdefault(no, []).append(seq)
    touched = sorted(no for no, some in covered.items() if not seqs.isdisjoint(some))
    left = {no for part in _parts(touched) for no, seq in connection.execute(
        _COVERED.where(disputed_claim.c.no.in_(part))) if seq not in seqs}  # fmt: skip
    about = dispute.c.no.in_([no for no in touched if no not in left]) | dispute.c.company_id.in_(companies)
    found = _rows(connection, dispute, about)
    yield _emptied("disputes", dispute, found, {"key": "", "evidence": ""})
    ruled = ruling.c.dispute_id.in_([row["dispute_id"] for row in found])
    yield _emptied("rulings", ruling, _rows(connection, ruling, ruled), {"reason": ""})


_COVERED = (
    select(disputed_claim.c.no, record.c.seq)
    .join(dispute, dispute.c.no == disputed_claim.c.no)
    .join(
        record,
        (record.c.submission_no == disputed_claim.c.submission_no)
        & (record.c.row == disputed_claim.c.row)
        & (record.c.signal == dispute.c.signal)
        & (record.c.key == dispute.c.key),
    )
)
"""Of each dispute the records that are left of the claims it covers."""


def _links(connection: Connection, ids: Sequence[str]) -> Iterator[Cut]:
    """What was said of who a company is; that its ids are one, or are not, stays."""
    spoken = merge.c.company_id.in_(ids) | merge.c.into_id.in_(ids)
    yield _emptied("links", merge, _rows(connection, merge, spoken), {"reason": "", "evidence": "[]"})
    raised = identity_case.c.company_id.in_(ids) | identity_case.c.candidate_id.in_(ids)
    cases = _rows(connection, identity_case, raised)
    yield _emptied("cases of identity", identity_case, cases, {"evidence": "[]"})
    decided = identity_verdict.c.case_id.in_([row["case_id"] for row in cases])
    verdicts = _rows(connection, identity_verdict, decided)
    yield _emptied("verdicts on identity", identity_verdict, verdicts, {"reason": ""})


def _answers(connection: Connection, doomed: Sequence[Doomed], companies: Sequence[str]) -> Cut:
    """Which facts figures rested on; of which companies they were stays, to guard against differences."""
    facts = {(one.signal, one.key) for one in doomed}
    changed: dict[tuple[Any, ...], dict[str, str]] = {}
    query = select(aggregate_answer.c.seq, aggregate_answer.c.field, aggregate_answer.c.contributions)
    for seq, field, text in connection.execute(query) if facts or companies else ():
        signal, told = field.partition(".")[0], orjson.loads(text)
        gone = {
            company for company, fact in told.items()
            if fact and (company in companies or (signal == PERSON and (signal, fact.rpartition("|")[0]) in facts))
        }  # fmt: skip
        if gone:
            left = {company: "" if company in gone else fact for company, fact in told.items()}
            changed[(seq,)] = {"contributions": orjson.dumps(left).decode()}
    return Cut("figures of cohorts", aggregate_answer, changed)


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (values[start : start + _KEYS] for start in range(0, len(values), _KEYS))
