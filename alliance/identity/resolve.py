"""Which company each row is of, by numbers and members' own ids. A company keeps its id forever."""

import hashlib
from dataclasses import dataclass, field

import polars as pl
from sqlalchemy import Connection

from alliance.contracts.contract import REGISTRATION
from alliance.store.cases import Case, case_id_for, insert_cases
from alliance.store.companies import (
    insert_companies,
    insert_identifiers,
    known_identifiers,
    registrations_of,
)
from alliance.store.merges import Merges, select_merges


def company_id_for(scheme: str, value: str) -> str:
    """The id of a company first met under an identifier: the same in every store that meets it so."""
    return "co_" + hashlib.sha256(f"{scheme}:{value}".encode()).hexdigest()[:16]


def resolve(connection: Connection, no: int, references: pl.DataFrame, namespace: str | None) -> pl.DataFrame:
    """Company of each distinct reference; companies and identifiers met for the first time are stored.

    A row's registration number decides. A row without one is of the company that the same file, or else an earlier
    submission, ties to the member's own id; failing both it founds a company under that id, which linkage may then find
    to be another (``alliance.identity.link``). No company met before is moved: where a number speaks against what an
    earlier file or a likeness said, a case is raised for people to decide.

    Args:
        no: number of the submission that brings the references.
        references: distinct ``_registration`` and ``_local``, one of them not null.
        namespace: scheme of ``_local``.

    Returns:
        The references with ``company_id``, in an order of their own.
    """
    references = references.sort("_local", "_registration", nulls_last=True)  # whatever the order of the file's rows
    ties = _ties(references)
    known = _Known.read(connection, no, references, namespace)
    pairs = references.select("_registration", "_local").iter_rows()
    companies = [known.company_of(number or ties.get(local), local) for number, local in pairs]
    founded = {one for (scheme, value), one in known.new.items() if one == company_id_for(scheme, value)}
    insert_companies(connection, no, sorted(founded))
    insert_identifiers(connection, no, [(scheme, value, one) for (scheme, value), one in known.new.items()])
    insert_cases(connection, [_doubt(no, *doubt) for doubt in known.doubts])
    return references.with_columns(pl.Series("company_id", companies, pl.String))


@dataclass
class _Known:
    """Who is who, as known before a file and as it is read.

    Attributes:
        namespace: scheme of the member's own ids.
        merges: which ids mean which company.
        by_registration, by_local: company id of each number, of each of the member's ids.
        own_numbers: registration number of each company id that has one itself.
        numbers: registration number of each company, by any of its ids.
        new: identifiers met for the first time, by scheme and value.
        doubts: a company without a number of its own, the one whose number its member's id came with, id and number.
    """

    namespace: str | None
    merges: Merges
    by_registration: dict[str, str]
    by_local: dict[str, str]
    own_numbers: dict[str, str]
    numbers: dict[str, str]
    new: dict[tuple[str, str], str] = field(default_factory=dict)
    doubts: list[tuple[str, str, str, str]] = field(default_factory=list)

    @classmethod
    def read(cls, connection: Connection, no: int, references: pl.DataFrame, namespace: str | None) -> "_Known":
        merges = select_merges(connection, no)
        registrations = references["_registration"].drop_nulls().unique().to_list()
        locals_ = references["_local"].drop_nulls().unique().to_list()
        by_local = known_identifiers(connection, namespace, locals_) if namespace else {}
        companies = {merges.company(company_id) for company_id in by_local.values()}
        own = registrations_of(connection, sorted(merges.ids(companies)))
        return cls(
            namespace=namespace,
            merges=merges,
            by_registration=known_identifiers(connection, REGISTRATION, registrations),
            by_local=by_local,
            own_numbers=own,
            numbers={merges.company(company_id): number for company_id, number in own.items()},
        )

    def company_of(self, number: str | None, local: str | None) -> str:
        """The company a number, or else the member's own id, means; founded if neither is known."""
        held = self.by_local.get(local) if local else None
        known = self.by_registration.get(number) if number else held
        if known is None and number and held and self.merges.company(held) not in self.numbers:
            known = held  # the number of a company so far known by the member's id alone
        company_id = known or company_id_for(*((REGISTRATION, number) if number else (str(self.namespace), str(local))))
        parted = number and held and self.merges.company(held) != self.merges.company(company_id)
        if number and held and parted and held not in self.own_numbers:
            self.doubts.append((held, company_id, f"{self.namespace}:{local}", number))
        if number:
            self.numbers.setdefault(self.merges.company(company_id), number)
            self._learn(self.by_registration, REGISTRATION, number, company_id)
        if local and self.namespace:
            self._learn(self.by_local, self.namespace, local, company_id)
        return company_id

    def _learn(self, known: dict[str, str], scheme: str, value: str, company_id: str) -> None:
        if value not in known:
            known[value] = self.new[scheme, value] = company_id
            if scheme == REGISTRATION:
                self.own_numbers.setdefault(company_id, value)


def _doubt(no: int, held: str, company_id: str, own: str, number: str) -> Case:
    """That an id known without a number, or linked to a company by likeness, came with the number of another."""
    level = f"{own} came with the registration number {number} of the other"
    evidence = [{"comparison": "member's own id", "level": level, "bits": None}]
    return Case(case_id_for(held, company_id), no, held, company_id, None, evidence)


def _ties(references: pl.DataFrame) -> dict[str, str]:
    """The registration number each of the member's ids comes with in this file; the smallest if there are several."""
    tied = references.drop_nulls(["_registration", "_local"])
    return dict(tied.group_by("_local").agg(pl.col("_registration").min()).iter_rows())
