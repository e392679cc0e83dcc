"""Which company ids mean which company. A merge moves no record: reads follow it, and stop when it is undone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import orjson
import polars as pl
from sqlalchemy import Connection, bindparam, func, insert, select

from alliance.store.driver import number
from alliance.store.schema import merge


@dataclass(frozen=True)
class Merge:
    """An id that from an entry on means another company; ``into_id`` is ``None`` where it stands for itself again.

    Attributes:
        no: number of the entry.
        company_id, into_id: the id, and the company it means.
        reason: in words.
        evidence: comparisons that speak for it (``comparison``, ``level``, ``bits``).
    """

    no: int
    company_id: str
    into_id: str | None
    reason: str
    evidence: Sequence[Mapping[str, object]] = ()


@dataclass(frozen=True)
class Merges:
    """The merges in force by a watermark: each merged id, and the company it was merged into."""

    into: Mapping[str, str]

    def company(self, company_id: str) -> str:
        """The company an id means: itself, unless merged."""
        while company_id in self.into:
            company_id = self.into[company_id]
        return company_id

    @cached_property
    def _groups(self) -> dict[str, tuple[str, ...]]:
        groups: dict[str, list[str]] = {}
        for company_id in sorted(self.into):
            groups.setdefault(self.company(company_id), []).append(company_id)
        return {company: tuple(merged) for company, merged in groups.items()}

    def merged(self, company: str) -> tuple[str, ...]:
        """The other ids that mean the company, sorted."""
        return self._groups.get(company, ())

    def alike(self) -> dict[str, tuple[str, ...]]:
        """For every id of a company that has several, the others."""
        groups = [(company, *merged) for company, merged in self._groups.items()]
        return {one: tuple(other for other in group if other != one) for group in groups for one in group}

    def ids(self, companies: Iterable[str]) -> list[str]:
        """All ids that mean one of the companies."""
        return [one for company in companies for one in (company, *self.merged(company))]

    def without(self, company_id: str) -> "Merges":
        """The merges as they would be if the id stood for itself."""
        return Merges({one: into for one, into in self.into.items() if one != company_id})

    def followed(self, frame: pl.DataFrame, column: str) -> pl.DataFrame:
        """The frame with every id of a column replaced by the company it means."""
        if not self.into:
            return frame
        companies = {company_id: self.company(company_id) for company_id in self.into}
        return frame.with_columns(pl.col(column).replace(companies))


_LAST = select(func.max(merge.c.no)).where(merge.c.no <= bindparam("watermark"))  # made once


def last_merge(connection: Connection, watermark: int) -> int:
    """Number of the last entry with a merge, up to the watermark; merges up to there are all there are."""
    return number(connection, _LAST, watermark=watermark)


def select_merges(connection: Connection, watermark: int) -> Merges:
    """The merges in force by a watermark: the last word on each id."""
    words = select(merge.c.company_id, merge.c.into_id).where(merge.c.no <= watermark).order_by(merge.c.no)
    last = {row.company_id: row.into_id for row in connection.execute(words)}
    return Merges({company_id: into for company_id, into in last.items() if into is not None})


def insert_merges(connection: Connection, made: Sequence[Merge]) -> None:
    """Append merges; the caller has made sure that none goes in a circle."""
    rows = [{**vars(one), "evidence": orjson.dumps(list(one.evidence)).decode()} for one in made]
    if rows:
        connection.execute(insert(merge), rows)


def merge_history(connection: Connection, ids: Sequence[str], watermark: int) -> list[Merge]:
    """All that was ever said of what some ids mean, oldest first."""
    query = select(merge).where(merge.c.company_id.in_(ids) | merge.c.into_id.in_(ids), merge.c.no <= watermark)
    found = connection.execute(query.order_by(merge.c.no, merge.c.company_id))
    return [Merge(**{**row._mapping, "evidence": orjson.loads(row.evidence)}) for row in found]


def spoken_of(connection: Connection, watermark: int) -> set[str]:
    """The ids of which a merge or a split has ever spoken, by a watermark."""
    words = connection.execute(select(merge.c.company_id, merge.c.into_id).where(merge.c.no <= watermark))
    return {company_id for word in words for company_id in word if company_id is not None}


def ever_meant(connection: Connection, ids: Iterable[str], watermark: int) -> set[str]:
    """Every company that some ids have meant at any time up to a watermark, themselves included."""
    meant, more = set(ids), set(ids)
    while more:
        words = merge_history(connection, sorted(more), watermark)
        more = {word.into_id for word in words if word.company_id in more and word.into_id} - meant
        meant |= more
    return meant
