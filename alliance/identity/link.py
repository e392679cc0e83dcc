"""Which newcomers are companies known before: the pass that follows intake, by likeness.

A pass speaks of newcomers alone. Two companies known before it are never joined by it, so that ids people have used do
not change by themselves; what it is not sure of becomes a case for people (``alliance.identity.curate``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import orjson
import polars as pl
from sqlalchemy import Connection, insert, select

from alliance.contracts.contract import REGISTRATION
from alliance.identity import linkage
from alliance.identity.profiles import Profiles, read_profiles
from alliance.store import Store, schema
from alliance.store.cases import Case, case_id_for, insert_cases, ruled_apart
from alliance.store.entries import EntryKind, append
from alliance.store.merges import Merge, insert_merges

MOST_DOUBTS = 3
"""Cases raised for a newcomer that is surely no known company; the likeliest ones."""


@dataclass(frozen=True)
class Linkage:
    """What a pass did.

    Attributes:
        no: its entry; ``None`` where there was nothing to compare.
        newcomers: companies compared with all others.
        linked: how many of them mean a company known before.
        cases: pairs sent to people.
    """

    no: int | None = None
    newcomers: int = 0
    linked: int = 0
    cases: int = 0


@dataclass(frozen=True)
class _Match:
    """A newcomer and a company it is like; ``evidence`` is JSON."""

    company_id: str
    candidate: str
    probability: float
    evidence: str


def link_newcomers(store: Store, *, now: datetime | None = None, author: str = "linkage") -> Linkage:
    """Compare the companies met since the last pass with all others; link those that are surely one known before.

    Comparing takes time, so it is done before the writer's lock is taken; if another pass, or a person, spoke
    meanwhile, it is done again. A second pass right after a first does nothing.

    Args:
        now: when the entry is made; the clock's now by default.
        author: who makes it.

    Raises:
        StoreError: the store failed; nothing is linked.
    """
    while True:
        watermark = store.watermark()
        merges = store.merges(watermark)
        with store.reading() as connection:
            profiles = read_profiles(connection, watermark, merges)
            apart = ruled_apart(connection, watermark)
        if profiles is None:
            return Linkage()
        judge = _Judge.of(profiles, ((merges.company(one), merges.company(other)) for one, other in apart))
        judge.hear(linkage.score_pairs(profiles.newcomers, profiles.known))
        with store.writing() as connection:
            if not _overtaken(connection, watermark):
                return _record(connection, judge, profiles, append(connection, EntryKind.LINKAGE, author, now).no)


@dataclass
class _Judge:
    """Decides of newcomers, one after the other; each is compared with those known and those that came before it.

    Attributes:
        turns: place of each newcomer.
        numbers: registration number of each company that has one, with those linked to it.
        apart: ids that people ruled to be other companies, by id.
        into: the company each newcomer linked so far means.
        links: what is sure.
        doubts: what people are to decide.
    """

    turns: dict[str, int]
    numbers: dict[str, str]
    apart: dict[str, set[str]]
    into: dict[str, str] = field(default_factory=dict)
    links: list[_Match] = field(default_factory=list)
    doubts: list[_Match] = field(default_factory=list)

    @classmethod
    def of(cls, profiles: Profiles, ruled: Iterable[tuple[str, str]]) -> "_Judge":
        every = pl.concat([profiles.known, profiles.newcomers]).select("company_id", "registration_number")
        apart: dict[str, set[str]] = {}
        for one, other in ruled:
            apart.setdefault(one, set()).add(other)
            apart.setdefault(other, set()).add(one)
        turns = {company_id: turn for turn, company_id in enumerate(profiles.newcomers["company_id"])}
        return cls(turns, dict(every.drop_nulls().iter_rows()), apart)

    def hear(self, pairs: pl.DataFrame) -> None:
        """Decide of every newcomer, in turn, from its scored pairs."""
        best_first = pairs.sort("probability", "candidate_id", descending=[True, False])
        likes: dict[str, list[_Match]] = {}
        for match in best_first.select("company_id", "candidate_id", "probability", "evidence").iter_rows():
            likes.setdefault(match[0], []).append(_Match(*match))
        link = linkage.thresholds().link
        for newcomer in self.turns:
            matches = self._possible(newcomer, likes.get(newcomer, ()))
            sure = [match for match in matches if match.probability >= link]
            if len(sure) == 1:
                self._join(sure[0])
            else:
                self.doubts += sure or matches[:MOST_DOUBTS]

    def _possible(self, newcomer: str, matches: Sequence[_Match]) -> list[_Match]:
        """The companies it may be, as they stand now, each by its likest id, best first."""
        found: dict[str, _Match] = {}
        others = {self.into.get(one, one) for one in self.apart.get(newcomer, ())}
        for match in matches:
            company = self.into.get(match.candidate, match.candidate)
            later = self.turns.get(match.candidate, -1) > self.turns[newcomer]
            two_numbers = newcomer in self.numbers and company in self.numbers
            if not (later or two_numbers or company in others):
                found.setdefault(company, _Match(newcomer, company, match.probability, match.evidence))
        return list(found.values())

    def _join(self, match: _Match) -> None:
        self.into[match.company_id] = match.candidate
        if match.company_id in self.numbers:
            self.numbers[match.candidate] = self.numbers[match.company_id]
        self.links.append(match)


def _overtaken(connection: Connection, watermark: int) -> bool:
    """Whether what was compared no longer holds: who is who was spoken of since, or a company learned its number."""
    kinds = (EntryKind.LINKAGE.value, EntryKind.IDENTITY.value)
    words = select(schema.entry.c.no).where(schema.entry.c.no > watermark, schema.entry.c.kind.in_(kinds))
    numbers = (
        select(schema.identifier.c.value)
        .join(schema.company, schema.company.c.company_id == schema.identifier.c.company_id)
        .where(
            schema.identifier.c.scheme == REGISTRATION,
            schema.identifier.c.submission_no > watermark,
            schema.company.c.submission_no <= watermark,
        )
    )
    return any(connection.execute(query.limit(1)).first() is not None for query in (words, numbers))


def _record(connection: Connection, judge: _Judge, profiles: Profiles, no: int) -> Linkage:
    connection.execute(insert(schema.linkage).values(no=no, covered=profiles.watermark))
    insert_merges(connection, [_merge(no, match) for match in judge.links])
    raised = insert_cases(connection, [_case(no, match) for match in judge.doubts])
    return Linkage(no, profiles.newcomers.height, len(judge.links), raised)


def _merge(no: int, match: _Match) -> Merge:
    reason = f"Alike, with a probability of {match.probability:.4f}."
    return Merge(no, match.company_id, match.candidate, reason, orjson.loads(match.evidence))


def _case(no: int, match: _Match) -> Case:
    pair = (match.company_id, match.candidate)
    return Case(case_id_for(*pair), no, *pair, match.probability, orjson.loads(match.evidence))
