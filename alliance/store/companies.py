"""Companies, the identifiers they go by, and the names they are called."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import Connection, bindparam, select, union

from alliance.contracts.contract import REGISTRATION
from alliance.store.bulk import insert_rows
from alliance.store.entries import NO_LIMIT
from alliance.store.merges import Merges
from alliance.store.schema import company, company_name, identifier, submission

LONGEST_NAME = 500
"""Characters of a name that are kept to find its company by; a database's index holds no more."""

_PARAMETERS = 10_000
"""Values one statement may name; databases have a limit."""


@dataclass(frozen=True)
class CompanyEntry:
    """A company as a search finds it.

    Attributes:
        company_id: its id.
        names: what it is called, oldest first.
        identifiers: by scheme; the first of each.
        merged: other ids that mean it.
    """

    company_id: str
    names: tuple[str, ...]
    identifiers: Mapping[str, str]
    merged: tuple[str, ...] = ()


@dataclass(frozen=True)
class Met:
    """How an id came to be known.

    Attributes:
        company_id: the id.
        identifiers: ``scheme:value`` of each identifier under it, the one it was founded under first.
        names: what it alone is called, oldest first.
        no, submission_id, member, received_at: the submission that brought it.
    """

    company_id: str
    identifiers: tuple[str, ...]
    names: tuple[str, ...]
    no: int
    submission_id: str
    member: str
    received_at: datetime


def known_identifiers(
    connection: Connection, scheme: str, values: Iterable[str], watermark: int | None = None
) -> dict[str, str]:
    """Company id of each value that is known under the scheme, by a watermark if one is given."""
    found: dict[str, str] = {}
    for part in _parts(values):
        asked = {"scheme": scheme, "values": part, "watermark": NO_LIMIT if watermark is None else watermark}
        found.update((row.value, row.company_id) for row in connection.execute(_KNOWN, asked))
    return found


# Made once: to build a statement costs more than to run it.
_KNOWN = select(identifier.c.value, identifier.c.company_id).where(
    identifier.c.scheme == bindparam("scheme"),
    identifier.c.value.in_(bindparam("values", expanding=True)),
    identifier.c.submission_no <= bindparam("watermark"),
)
_MET = select(company.c.company_id).where(
    company.c.company_id.in_(bindparam("ids", expanding=True)), company.c.submission_no <= bindparam("watermark")
)
_NAMES = (
    select(company_name.c.company_id, company_name.c.name)
    .where(company_name.c.company_id.in_(bindparam("ids", expanding=True)))
    .order_by(company_name.c.submission_no, company_name.c.name)
)
_IDENTIFIERS = (
    select(identifier)
    .where(identifier.c.company_id.in_(bindparam("ids", expanding=True)))
    .order_by(identifier.c.scheme, identifier.c.value)
)


def registrations_of(connection: Connection, company_ids: Iterable[str]) -> dict[str, str]:
    """Registration number of each company that has one."""
    found: dict[str, str] = {}
    for part in _parts(company_ids):
        query = select(identifier.c.company_id, identifier.c.value).where(
            identifier.c.scheme == REGISTRATION, identifier.c.company_id.in_(part)
        )
        found.update((row.company_id, row.value) for row in connection.execute(query))
    return found


def insert_companies(connection: Connection, no: int, company_ids: Iterable[str]) -> None:
    """Append companies; one whose identifier was erased, and that is met again under it, is there already."""
    met: set[str] = set()
    ids = list(company_ids)
    for part in _parts(ids):
        met.update(connection.scalars(select(company.c.company_id).where(company.c.company_id.in_(part))))
    rows = [(company_id, no) for company_id in ids if company_id not in met]
    insert_rows(connection, company.name, ("company_id", "submission_no"), rows)


def insert_identifiers(connection: Connection, no: int, found: Iterable[tuple[str, str, str]]) -> None:
    """Append (scheme, value, company id); the caller has made sure that they are new."""
    rows = [(*one, no) for one in found]
    insert_rows(connection, identifier.name, ("scheme", "value", "company_id", "submission_no"), rows)


def insert_names(connection: Connection, no: int, names: pl.DataFrame) -> None:
    """Append names (columns ``company_id``, ``name``) that their companies are not yet called."""
    names = names.drop_nulls().with_columns(pl.col("name").str.head(LONGEST_NAME)).unique().sort("company_id", "name")
    known = set(_names_of(connection, names["company_id"].unique().to_list()))
    rows = [(*one, no) for one in names.iter_rows() if one not in known]
    insert_rows(connection, company_name.name, ("company_id", "name", "submission_no"), rows)


def _names_of(connection: Connection, company_ids: Sequence[str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for part in _parts(company_ids):
        found += [(row.company_id, row.name) for row in connection.execute(_NAMES, {"ids": part})]
    return found


def company_ids(connection: Connection, watermark: int, merges: Merges) -> list[str]:
    """Every company met by the watermark, sorted; ids that mean another are left out."""
    met = select(company.c.company_id).where(company.c.submission_no <= watermark)
    every = connection.scalars(met.order_by(company.c.company_id))
    return [company_id for company_id in every if company_id not in merges.into]


def find_companies(connection: Connection, references: Sequence[str], watermark: int, merges: Merges) -> dict[str, str]:
    """Company id of each reference known by the watermark; references that mean no company are left out.

    A reference is a company id, a registration number, or ``namespace:id``.
    """
    asked = {reference: _identifier(reference) for reference in references if _storable(reference)}
    by_scheme: dict[str, set[str]] = {}
    for scheme, value in asked.values():
        by_scheme.setdefault(scheme, set()).add(value)
    own: set[str] = set()
    for part in _parts(asked):
        own.update(connection.scalars(_MET, {"ids": part, "watermark": watermark}))
    found: dict[tuple[str, str], str] = {}
    for scheme, values in by_scheme.items():
        known = known_identifiers(connection, scheme, sorted(values), watermark)
        found.update(((scheme, value), company_id) for value, company_id in known.items())
    meant = {reference: reference if reference in own else found.get(pair) for reference, pair in asked.items()}
    return {reference: merges.company(company_id) for reference, company_id in meant.items() if company_id}


def schemes_given(connection: Connection, member: str, schemes: Iterable[str]) -> set[str]:
    """Those of some schemes under which a member has given an identifier."""
    own = select(submission.c.no).where(submission.c.member == member)
    return {
        scheme
        for scheme in schemes
        if connection.scalar(
            select(identifier.c.value)
            .where(identifier.c.scheme == scheme, identifier.c.submission_no.in_(own))
            .limit(1)
        )
        is not None
    }


def scheme_of(reference: str) -> str:
    """The scheme of the identifier a reference would be; a company id has none of its own."""
    return _identifier(reference)[0]


def _storable(text: str) -> bool:
    """Whether a database can hold the text at all: neither zero nor half a character is in it."""
    return "\0" not in text and text.encode(errors="ignore").decode() == text


def _identifier(reference: str) -> tuple[str, str]:
    """The scheme and value a reference names; a bare one is a registration number."""
    scheme, named, value = reference.partition(":")  # a namespace holds no colon; a member's own id may
    return (scheme, value) if named else (REGISTRATION, reference.upper())


def _parts(values: Iterable[str]) -> list[list[str]]:
    every = list(values)
    return [every[start : start + _PARAMETERS] for start in range(0, len(every), _PARAMETERS)]


def search_companies(
    connection: Connection, text: str, limit: int, merges: Merges, member: str | None = None
) -> list[CompanyEntry]:
    """Companies whose name holds the text, or whose id or identifier starts with it; by company id.

    Args:
        member: of members' own ids, only this one's are searched; all by default.
    """
    if not _storable(text):
        return []
    pattern = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    by_name = select(company_name.c.company_id).where(company_name.c.name.ilike(f"%{pattern}%", escape="\\"))
    by_value = select(identifier.c.company_id).where(identifier.c.value.ilike(f"{pattern}%", escape="\\"))
    if member is not None:
        own = select(submission.c.no).where(submission.c.member == member)
        by_value = by_value.where((identifier.c.scheme == REGISTRATION) | identifier.c.submission_no.in_(own))
    by_id = select(company.c.company_id).where(company.c.company_id.like(f"{pattern}%", escape="\\"))
    found = union(by_name, by_value, by_id).subquery()
    # One company may be found by several of its ids, so more are read than are given.
    enough = limit + len(merges.into)
    ids = connection.scalars(select(found.c.company_id).order_by(found.c.company_id).limit(enough))
    companies = sorted({merges.company(company_id) for company_id in ids})
    return company_entries(connection, companies[:limit], merges)


def company_entries(connection: Connection, ids: Sequence[str], merges: Merges) -> list[CompanyEntry]:
    """Names (oldest first) and identifiers of companies, each with those of its merged ids, in the order given."""
    every = merges.ids(dict.fromkeys(ids))
    names: dict[str, dict[str, None]] = {}
    for company_id, name in _names_of(connection, every):
        names.setdefault(company_id, {})[name] = None
    identifiers: dict[str, dict[str, str]] = {}
    for part in _parts(every):
        for row in connection.execute(_IDENTIFIERS, {"ids": part}):
            identifiers.setdefault(row.company_id, {}).setdefault(row.scheme, row.value)

    def entry(company_id: str) -> CompanyEntry:
        own = (company_id, *merges.merged(company_id))
        called = dict.fromkeys(name for one in own for name in names.get(one, ()))
        known = {scheme: value for one in reversed(own) for scheme, value in identifiers.get(one, {}).items()}
        return CompanyEntry(company_id, tuple(called), dict(sorted(known.items())), own[1:])

    return [entry(company_id) for company_id in ids]


def select_companies(connection: Connection, watermark: int) -> pl.DataFrame:
    """Every id met by a watermark, by id: ``company_id``, ``submission_no``, ``registration_number`` (null if none)."""
    number = (
        (identifier.c.company_id == company.c.company_id)
        & (identifier.c.scheme == REGISTRATION)
        & (identifier.c.submission_no <= watermark)
    )
    query = select(company.c.company_id, company.c.submission_no, identifier.c.value).outerjoin(identifier, number)
    found = connection.execute(query.where(company.c.submission_no <= watermark).order_by(company.c.company_id))
    schema = {"company_id": pl.String, "submission_no": pl.Int64, "registration_number": pl.String}
    return pl.DataFrame([tuple(row) for row in found], schema=schema, orient="row")


def select_names(connection: Connection, watermark: int) -> pl.DataFrame:
    """What every id is called by a watermark: ``company_id``, ``name``."""
    query = select(company_name.c.company_id, company_name.c.name).where(company_name.c.submission_no <= watermark)
    schema = {"company_id": pl.String, "name": pl.String}
    return pl.DataFrame([tuple(row) for row in connection.execute(query)], schema=schema, orient="row")


def met(connection: Connection, ids: Sequence[str], watermark: int) -> list[Met]:
    """How each of some ids came to be known, and what it went by at a watermark, in the order given."""
    brought = select(company.c.company_id, submission).join(submission, submission.c.no == company.c.submission_no)
    rows = {row.company_id: row for row in connection.execute(brought.where(company.c.company_id.in_(ids)))}
    identifiers: dict[str, list[tuple[int, bool, str, str]]] = {}
    known = select(identifier).where(identifier.c.company_id.in_(ids), identifier.c.submission_no <= watermark)
    for row in connection.execute(known):
        # A company is founded under its number if it comes with one, else under a member's own id.
        place = (row.submission_no, row.scheme != REGISTRATION, row.scheme, row.value)
        identifiers.setdefault(row.company_id, []).append(place)
    names: dict[str, list[tuple[int, str]]] = {}
    called = select(company_name).where(company_name.c.company_id.in_(ids), company_name.c.submission_no <= watermark)
    for row in connection.execute(called):
        names.setdefault(row.company_id, []).append((row.submission_no, row.name))
    return [
        Met(
            company_id=one,
            identifiers=tuple(f"{scheme}:{value}" for _, _, scheme, value in sorted(identifiers.get(one, ()))),
            names=tuple(name for _, name in sorted(names.get(one, ()))),
            no=rows[one].no,
            submission_id=rows[one].submission_id,
            member=rows[one].member,
            received_at=rows[one].received_at,
        )
        for one in ids
    ]
