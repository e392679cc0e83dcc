"""Which company each row is of, by numbers alone. A company keeps its id forever."""

import hashlib

import polars as pl
from sqlalchemy import Connection

from alliance.contracts.contract import REGISTRATION
from alliance.store.companies import (
    insert_companies,
    insert_identifiers,
    known_identifiers,
    registrations_of,
)


def company_id_for(scheme: str, value: str) -> str:
    """The id of a company first met under an identifier: the same in every store that meets it so."""
    return "co_" + hashlib.sha256(f"{scheme}:{value}".encode()).hexdigest()[:16]


def resolve(connection: Connection, no: int, references: pl.DataFrame, namespace: str | None) -> pl.DataFrame:
    """Company of each distinct reference; companies and identifiers met for the first time are stored.

    A row's registration number decides. A row without one is of the company that the same file, or else an earlier
    submission, ties to the member's own id; failing both it founds a company under that id.

    Args:
        no: number of the submission that brings the references.
        references: distinct ``_registration`` and ``_local``, one of them not null.
        namespace: scheme of ``_local``.

    Returns:
        The references with ``company_id``, in an order of their own.
    """
    references = references.sort("_local", "_registration", nulls_last=True)  # whatever the order of the file's rows
    ties = _ties(references)
    registrations = references["_registration"].drop_nulls().unique().to_list()
    locals_ = references["_local"].drop_nulls().unique().to_list()
    by_registration = known_identifiers(connection, REGISTRATION, registrations)
    by_local = known_identifiers(connection, namespace, locals_) if namespace else {}
    numbered = registrations_of(connection, sorted(set(by_local.values())))
    new: dict[tuple[str, str], str] = {}
    resolved = []
    for own, local in references.select("_registration", "_local").iter_rows():
        number = own or ties.get(local)
        known = by_registration.get(number) if number else by_local.get(local)
        if known is None and number and (held := by_local.get(local)) and held not in numbered:
            known = held  # the number of a company so far known by the member's id alone
        company_id = known or company_id_for(*((REGISTRATION, number) if number else (str(namespace), local)))
        if number:
            numbered.setdefault(company_id, number)
        if number and number not in by_registration:
            by_registration[number] = new[REGISTRATION, number] = company_id
        if local and namespace and local not in by_local:
            by_local[local] = new[namespace, local] = company_id
        resolved.append(company_id)
    _store(connection, no, new)
    return references.with_columns(pl.Series("company_id", resolved, pl.String))


def _ties(references: pl.DataFrame) -> dict[str, str]:
    """The registration number each of the member's ids comes with in this file; the smallest if there are several."""
    tied = references.drop_nulls(["_registration", "_local"])
    return dict(tied.group_by("_local").agg(pl.col("_registration").min()).iter_rows())


def _store(connection: Connection, no: int, new: dict[tuple[str, str], str]) -> None:
    """Keep new identifiers, and the companies that are met for the first time with them."""
    founded = {company_id for (scheme, value), company_id in new.items() if company_id == company_id_for(scheme, value)}
    insert_companies(connection, no, sorted(founded))
    insert_identifiers(connection, no, [(scheme, value, company_id) for (scheme, value), company_id in new.items()])
