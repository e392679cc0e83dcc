"""Rows in quarantine that name a company or a person. Nobody has resolved them, so they are found by their words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import orjson
from sqlalchemy import Connection, String, or_, select

from alliance.contracts import parse_contract
from alliance.contracts.contract import REGISTRATION, CompanyReference
from alliance.store.schema import contract, quarantine, submission

_TERMS = 200
"""Words looked for in one statement; SQLite allows a condition only so deep."""


@dataclass(frozen=True)
class Terms:
    """Words by which a row is known to be of somebody.

    Attributes:
        words: what tells alone wherever it stands: registration numbers, a person's pseudonym.
        names: what a company is called; a cell is to be the whole name.
        own_ids: members' own ids by namespace; only the column that the file's contract names holds such.
    """

    words: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    own_ids: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of_company(cls, identifiers: Sequence[tuple[str, str]], names: Sequence[str]) -> "Terms":
        """The terms of a company, from its identifiers by scheme, and its names."""
        own: dict[str, frozenset[str]] = {}
        for scheme, value in identifiers:
            own[scheme] = own.get(scheme, frozenset()) | {value}
        return cls(own.pop(REGISTRATION, frozenset()), frozenset(map(str.casefold, names)), own)

    @property
    def every(self) -> list[str]:
        """All of them, for a first look."""
        return sorted({*self.words, *self.names, *(one for some in self.own_ids.values() for one in some)})

    @cached_property
    def _words(self) -> re.Pattern[str]:
        any_of = "|".join(map(re.escape, sorted(self.words))) or "(?!)"
        return re.compile(rf"(?<!\w)(?:{any_of})(?!\w)", re.IGNORECASE)

    def said_in(self, text: str) -> bool:
        """Whether a text holds one of the words that tell alone."""
        return self._words.search(text) is not None

    def named_in(self, cells: Mapping[str, str], told: Sequence[str], company: CompanyReference) -> bool:
        """Whether a row is of whom they are of.

        Args:
            cells: the row as read, by column.
            told: what its faults tell of it.
            company: where the contract says that a row names its company.
        """
        texts = [text.strip() for text in (*cells.values(), *told)]
        if any(map(self.said_in, texts)) or not self.names.isdisjoint(map(str.casefold, texts)):
            return True
        own = self.own_ids.get(company.namespace or "", frozenset())
        return (cells.get(company.id_column or "") or "").strip() in own


def quarantined_of(connection: Connection, terms: Terms) -> Iterator[tuple[int, int]]:
    """Submission and row of every quarantined row that names somebody."""
    looked = terms.every
    found = dict.fromkeys(
        place for start in range(0, len(looked), _TERMS) for place in _named(connection, terms, looked[start:][:_TERMS])
    )
    yield from found


def _named(connection: Connection, terms: Terms, looked: Sequence[str]) -> Iterator[tuple[int, int]]:
    likes = [
        column.cast(String).ilike(f"%{escaped(in_json(one))}%", escape="\\")
        for one in looked
        for column in (quarantine.c.content, quarantine.c.faults)
    ]
    joined = quarantine.join(submission, submission.c.no == quarantine.c.submission_no)
    columns = (*quarantine.c, submission.c.contract_sha256)
    companies: dict[str, CompanyReference] = {}
    for no, row, content, faults, sha256 in connection.execute(select(*columns).select_from(joined).where(or_(*likes))):
        if sha256 not in companies:
            companies[sha256] = _company_of(connection, sha256)
        cells = {name: cell for name, cell in orjson.loads(content or "{}").items() if isinstance(cell, str)}
        if terms.named_in(cells, [fault["value"] for fault in orjson.loads(faults)], companies[sha256]):
            yield no, row


def _company_of(connection: Connection, sha256: str) -> CompanyReference:
    source = connection.scalar(select(contract.c.source).where(contract.c.sha256 == sha256))
    return parse_contract(str(source)).company


def in_json(text: str) -> str:
    """A text as it stands between the quotes of JSON."""
    return orjson.dumps(text).decode()[1:-1]


def escaped(text: str) -> str:
    """A text to be looked for by LIKE as it is, with a backslash as the escape."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
