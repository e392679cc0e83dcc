"""Companies, the identifiers they go by, and the names they are called."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection, insert, select, union

from alliance.contracts.contract import REGISTRATION
from alliance.store.schema import company, company_name, identifier

LONGEST_NAME = 500
"""Characters of a name that are kept to find its company by; a database's index holds no more."""

_PARAMETERS = 10_000
"""Values one statement may name; databases have a limit."""


@dataclass(frozen=True)
class CompanyEntry:
    """A company as a search finds it: id, names, identifiers by scheme."""

    company_id: str
    names: tuple[str, ...]
    identifiers: Mapping[str, str]


def known_identifiers(
    connection: Connection, scheme: str, values: Iterable[str], watermark: int | None = None
) -> dict[str, str]:
    """Company id of each value that is known under the scheme, by a watermark if one is given."""
    found: dict[str, str] = {}
    for part in _parts(values):
        query = select(identifier.c.value, identifier.c.company_id).where(
            identifier.c.scheme == scheme, identifier.c.value.in_(part)
        )
        if watermark is not None:
            query = query.where(identifier.c.submission_no <= watermark)
        found.update((row.value, row.company_id) for row in connection.execute(query))
    return found


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
    rows = [{"company_id": company_id, "submission_no": no} for company_id in company_ids]
    if rows:
        connection.execute(insert(company), rows)


def insert_identifiers(connection: Connection, no: int, found: Iterable[tuple[str, str, str]]) -> None:
    """Append (scheme, value, company id); the caller has made sure that they are new."""
    rows = [{"scheme": s, "value": v, "company_id": c, "submission_no": no} for s, v, c in found]
    if rows:
        connection.execute(insert(identifier), rows)


def insert_names(connection: Connection, no: int, names: pl.DataFrame) -> None:
    """Append names (columns ``company_id``, ``name``) that their companies are not yet called."""
    names = names.drop_nulls().with_columns(pl.col("name").str.head(LONGEST_NAME)).unique().sort("company_id", "name")
    known = set(_names_of(connection, names["company_id"].unique().to_list()))
    rows = [
        {"company_id": company_id, "name": name, "submission_no": no}
        for company_id, name in names.iter_rows()
        if (company_id, name) not in known
    ]
    if rows:
        connection.execute(insert(company_name), rows)


def _names_of(connection: Connection, company_ids: Sequence[str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for part in _parts(company_ids):
        query = (
            select(company_name.c.company_id, company_name.c.name)
            .where(company_name.c.company_id.in_(part))
            .order_by(company_name.c.submission_no, company_name.c.name)
        )
        found += [(row.company_id, row.name) for row in connection.execute(query)]
    return found


def company_ids(connection: Connection) -> list[str]:
    """Every company, sorted."""
    return list(connection.scalars(select(company.c.company_id).order_by(company.c.company_id)))


def find_companies(connection: Connection, references: Sequence[str], watermark: int) -> dict[str, str]:
    """Company id of each reference known by the watermark; references that mean no company are left out.

    A reference is a company id, a registration number, or ``namespace:id``.
    """
    asked = {reference: _identifier(reference) for reference in references if _storable(reference)}
    by_scheme: dict[str, set[str]] = {}
    for scheme, value in asked.values():
        by_scheme.setdefault(scheme, set()).add(value)
    own: set[str] = set()
    for part in _parts(asked):
        ids = select(company.c.company_id).where(company.c.company_id.in_(part), company.c.submission_no <= watermark)
        own.update(connection.scalars(ids))
    found: dict[tuple[str, str], str] = {}
    for scheme, values in by_scheme.items():
        known = known_identifiers(connection, scheme, sorted(values), watermark)
        found.update(((scheme, value), company_id) for value, company_id in known.items())
    meant = {reference: reference if reference in own else found.get(pair) for reference, pair in asked.items()}
    return {reference: company_id for reference, company_id in meant.items() if company_id}


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


def search_companies(connection: Connection, text: str, limit: int) -> list[CompanyEntry]:
    """Companies whose name holds the text, or whose id or identifier starts with it; by company id."""
    if not _storable(text):
        return []
    pattern = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    by_name = select(company_name.c.company_id).where(company_name.c.name.ilike(f"%{pattern}%", escape="\\"))
    by_value = select(identifier.c.company_id).where(identifier.c.value.ilike(f"{pattern}%", escape="\\"))
    by_id = select(company.c.company_id).where(company.c.company_id.like(f"{pattern}%", escape="\\"))
    found = union(by_name, by_value, by_id).subquery()
    ids = list(connection.scalars(select(found.c.company_id).order_by(found.c.company_id).limit(limit)))
    return company_entries(connection, ids)


def company_entries(connection: Connection, ids: Sequence[str]) -> list[CompanyEntry]:
    """Names (oldest first) and identifiers of companies, in the order given."""
    names: dict[str, list[str]] = {}
    for company_id, name in _names_of(connection, ids):
        names.setdefault(company_id, []).append(name)
    identifiers: dict[str, dict[str, str]] = {}
    for part in _parts(ids):
        query = select(identifier).where(identifier.c.company_id.in_(part))
        for row in connection.execute(query.order_by(identifier.c.scheme, identifier.c.value)):
            identifiers.setdefault(row.company_id, {}).setdefault(row.scheme, row.value)
    return [CompanyEntry(i, tuple(names.get(i, ())), identifiers.get(i, {})) for i in ids]
