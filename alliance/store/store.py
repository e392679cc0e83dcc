"""The store as the rest of the house sees it: short transactions over the tables."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import polars as pl
from sqlalchemy import Connection

from alliance.corroboration.reliability import Reliabilities
from alliance.errors import NotFound
from alliance.policy import Policy
from alliance.rights import Access, AccessRequest, RightsState
from alliance.rights.decided import Decided
from alliance.signals.claims import Claims
from alliance.store import changes, companies, decisions, entries, ledger, refusals, submissions
from alliance.store.companies import CompanyEntry
from alliance.store.decisions import Asked, Decision
from alliance.store.disputes import Dispute, Rulings, last_ruling, select_disputes, select_rulings
from alliance.store.effects import Along
from alliance.store.engine import connect, reading, writing
from alliance.store.erasures import last_erasure
from alliance.store.kept import Kept, KeptAt
from alliance.store.ledger import Appended
from alliance.store.merges import Merges, last_merge, select_merges
from alliance.store.recording import Recording, insert_recordings
from alliance.store.records import select_claims
from alliance.store.refusals import Refused
from alliance.store.reliability import last_learned, select_reliability
from alliance.store.rights import Granted, last_given, last_of_rights, select_given, select_granted
from alliance.store.submissions import Receipt


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class _Snapshot:
    connection: Connection
    watermark: int | None = None


class Store:
    """An append-only, bitemporal store, but for erasures; every method raises ``StoreError`` when the database fails.

    Args:
        url: SQLAlchemy URL; SQLite or PostgreSQL.
        clock: what time it is; by it grants and consents begin and end.
        policy: what the alliance has agreed on; by default what the environment names.
    """

    def __init__(self, url: str, *, clock: Callable[[], datetime] = _now, policy: Policy | None = None) -> None:
        self.clock = clock
        self.policy = policy or Policy.from_environment()
        self.engine = connect(url)
        self._held: ContextVar[_Snapshot | None] = ContextVar("snapshot", default=None)
        self._granted_by_entry = Kept[Granted]()
        self._given_by_entry = Kept[dict[str, dict[str, datetime]]]()
        self._rights_by_parts = Kept[Decided]()
        self._rights_by_entry = Kept[Decided]()
        self._merges_by_entry = Kept[Merges]()
        self._learned_by_entry = Kept[Reliabilities]()
        self._rulings_by_entry = Kept[Rulings]()
        self._meant = KeptAt[str, str]()
        self._entries = KeptAt[str, CompanyEntry]()
        self._given_schemes = KeptAt[tuple[str, str], bool]()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction of the one writer (intake's door); the entries it makes get their leaves in the ledger."""
        with writing(self.engine) as connection:
            yield connection
            ledger.enter_entries(connection)

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection to read by: that of the snapshot the caller is in, or one of its own."""
        held = self._held.get()
        return reading(self.engine) if held is None else nullcontext(held.connection)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let all reads within, of this thread or task, share one connection; on SQLite they see one state.

        A read has a price before it does anything, and one score needs some ten. What is read within may be told of a
        moment ago when it ends: whoever writes by it asks again under the writer's lock (``record_decisions``). The
        watermark is read once.
        """
        with self.reading() as connection:
            token = self._held.set(_Snapshot(connection))
            try:
                yield
            finally:
                self._held.reset(token)

    def close(self) -> None:
        self.engine.dispose()

    @property
    def embedded(self) -> bool:
        """Whether the database is in this process, so that a small read takes microseconds and waits for nobody."""
        return self.engine.dialect.name == "sqlite"

    def watermark(self) -> int:
        """Number of the last entry; everything up to it is committed, and nothing of it will change."""
        with self.reading() as connection:
            return self._mark(connection)

    def _mark(self, connection: Connection) -> int:
        """The watermark as a connection sees it: in a snapshot, as it was when first asked for."""
        held = self._held.get()
        if held is None or held.connection is not connection:
            return entries.watermark(connection)
        if held.watermark is None:
            held.watermark = entries.watermark(connection)
        return held.watermark

    def ledger_size(self) -> int:
        """Leaves of the ledger: one for each entry and each decision."""
        with self.reading() as connection:
            return ledger.size(connection)

    def merges(self, watermark: int | None = None) -> Merges:
        """Which ids mean which company, by a watermark (default: now)."""
        with self.reading() as connection:
            return self._merges(connection, self._mark(connection) if watermark is None else watermark)

    def reliabilities(self, watermark: int | None = None) -> Reliabilities:
        """How far members are to be believed, as learned up to a watermark (default: now)."""
        with self.reading() as connection:
            mark = self._mark(connection) if watermark is None else watermark
            last = last_learned(connection, mark)
            return self._learned_by_entry.get(last, lambda: Reliabilities(select_reliability(connection, last)))

    def rulings(self, watermark: int) -> Rulings:
        """What was excluded by a watermark, by the companies of that watermark."""
        with self.reading() as connection:
            merges, ruled = last_merge(connection, watermark), last_ruling(connection, watermark)
            return self._rulings_by_entry.get(
                max(merges, ruled),
                lambda: select_rulings(connection, ruled, self._merges(connection, merges)),
                erasure=last_erasure(connection),
            )

    def disputes(self, companies: Sequence[str] | None = None, *, watermark: int | None = None) -> list[Dispute]:
        """Disputes about some companies or all, as they stood by a watermark (default: now), oldest first.

        ``company_id`` is the company of that watermark.
        """
        with self.reading() as connection:
            mark = self._mark(connection) if watermark is None else watermark
            merges = self._merges(connection, mark)
            found = select_disputes(connection, mark, None if companies is None else merges.ids(companies))
        return [replace(one, company_id=merges.company(one.company_id)) for one in found]

    def rights(self) -> RightsState:
        """Members, grants and consents as of the last entry, whoever reads as of when."""
        with self.reading() as connection:
            return self._rights(connection).state

    def access(self, request: AccessRequest) -> Access:
        """What a request is allowed now, by this store's clock and its last entry.

        Raises:
            InvalidInput: the purpose is not known.
        """
        with self.reading() as connection:
            return self.access_within(connection, request)

    def access_within(self, connection: Connection, request: AccessRequest) -> Access:
        """As ``access``, within a transaction: in a writer's, nobody changes rights until it ends."""
        return self._rights(connection).access(request, self.clock())

    def _rights(self, connection: Connection) -> Decided:
        """One scalar is asked for unless something was entered since."""
        mark = self._mark(connection)
        return self._rights_by_entry.get(mark, lambda: self._rights_of_parts(connection, mark))

    def _rights_of_parts(self, connection: Connection, mark: int) -> Decided:
        """What entries of other kinds leave as it was stays, with what was decided by it."""
        parts = (last_of_rights(connection), last_given(connection), last_merge(connection, mark))

        def state() -> Decided:
            granted = self._granted_by_entry.get(parts[0], lambda: select_granted(connection))
            given = self._given_by_entry.get(parts[1], lambda: select_given(connection))
            alike = self._merges(connection, parts[2]).alike()
            return Decided(RightsState(rules=self.policy.rights, **vars(granted), given=given, alike=alike))

        return self._rights_by_parts.get(parts, state)

    def record_refusal(self, refused: Refused) -> None:
        """Keep that somebody was refused; returns only when it is durable."""
        with self.writing() as connection:
            refusals.insert_refusal(connection, refused)

    def refusals(self) -> list[Refused]:
        """Who was refused what, oldest first."""
        with self.reading() as connection:
            return refusals.select_refusals(connection)

    def _merges(self, connection: Connection, watermark: int) -> Merges:
        last = last_merge(connection, watermark)
        return self._merges_by_entry.get(last, lambda: select_merges(connection, last))

    def claims(
        self, subjects: Sequence[str] | None = None, *, known_by: date | None = None, watermark: int | None = None
    ) -> Claims:
        """Claims about some subjects or all, as of a day and a watermark (default: now)."""
        with self.reading() as connection:
            mark = self._mark(connection) if watermark is None else watermark
            return select_claims(connection, mark, self._merges(connection, mark), subjects, known_by)

    def changed(self, company: str, after: int, up_to: int) -> bool:
        """Whether claims about a company, or how they are taken, can have changed between two watermarks."""
        with self.reading() as connection:
            return changes.changed(connection, self._merges(connection, after).ids([company]), after, up_to)

    def receipt(self, submission_id: str) -> Receipt:
        """The receipt of a submission; ``NotFound`` if there is none."""
        with self.reading() as connection:
            found = submissions.find_receipt(connection, submission_id)
        if found is None:
            raise no_submission(submission_id)
        return found

    def receipts(self) -> list[Receipt]:
        with self.reading() as connection:
            return submissions.all_receipts(connection)

    def quarantined(self, receipt: Receipt) -> pl.DataFrame:
        """Quarantined rows of a submission: ``row``, ``content`` (JSON), ``faults`` (JSON)."""
        with self.reading() as connection:
            return submissions.select_quarantine(connection, receipt.no)

    def contract_versions(self, watermark: int) -> list[str]:
        with self.reading() as connection:
            return submissions.contract_versions(connection, watermark)

    def company_ids(self, watermark: int | None = None) -> list[str]:
        """Every company by a watermark (default: now), sorted."""
        with self.reading() as connection:
            mark = self._mark(connection) if watermark is None else watermark
            return companies.company_ids(connection, mark, self._merges(connection, mark))

    def company(self, reference: str) -> CompanyEntry:
        """The company meant by an id, a registration number, or ``namespace:id``.

        Raises:
            NotFound: none is; says what was searched.
        """
        found = self.find_companies([reference])
        if reference not in found:
            raise no_company(reference)
        return self.companies([found[reference]])[0]

    def find_companies(self, references: Sequence[str], watermark: int | None = None) -> dict[str, str]:
        """Company id of each reference that means a company, by a watermark (default: now)."""
        with self.reading() as connection:
            mark = self._mark(connection) if watermark is None else watermark
            return self._meant.get(
                mark,
                references,
                lambda new: companies.find_companies(connection, new, mark, self._merges(connection, mark)),
            )

    def companies(self, ids: Sequence[str]) -> list[CompanyEntry]:
        """Names and identifiers of companies, in the order given."""
        with self.reading() as connection:
            mark = self._mark(connection)

            def read(new: list[str]) -> dict[str, CompanyEntry]:
                return dict(
                    zip(new, companies.company_entries(connection, new, self._merges(connection, mark)), strict=True)
                )

            found = self._entries.get(mark, ids, read)
        return [found[one] for one in ids]

    def schemes_given(self, member: str, schemes: Iterable[str]) -> set[str]:
        """Those of some schemes under which a member has given an identifier."""
        with self.reading() as connection:

            def read(new: list[tuple[str, str]]) -> dict[tuple[str, str], bool]:
                given = companies.schemes_given(connection, member, [scheme for _, scheme in new])
                return {key: key[1] in given for key in new}

            found = self._given_schemes.get(self._mark(connection), [(member, scheme) for scheme in schemes], read)
        return {scheme for (_, scheme), given in found.items() if given}

    def search(self, text: str, limit: int = 20, *, member: str | None = None) -> list[CompanyEntry]:
        """Companies whose name holds the text, or whose id or identifier starts with it.

        Args:
            member: of members' own ids, only this one's are searched; all by default.
        """
        with self.reading() as connection:
            merges = self._merges(connection, self._mark(connection))
            return companies.search_companies(connection, text, limit, merges, member)

    def last_of_rights(self) -> int:
        """Number of the last entry that changed who may read what; 0 if there is none."""
        with self.reading() as connection:
            return last_of_rights(connection)

    @contextmanager
    def recording(self, several: Sequence[Recording]) -> Iterator[tuple[Connection, Appended]]:
        """A transaction of the one writer in which decisions are stored, with their leaves in the ledger.

        Yields:
            The transaction, to add to it what belongs to it, and the leaves; it ends, durable, on leaving. Then each
            ``Recording`` says what became of it.
        """
        with writing(self.engine) as connection:
            new = insert_recordings(connection, several)
            yield connection, ledger.enter_decisions(connection, new)

    def record_decisions(
        self, made: Sequence[Decision], along: Along | None = None, *, rights: int | None = None
    ) -> bool:
        """Store decisions, their leaves in the ledger, and what is to be stored along with each, in one transaction.

        Args:
            rights: the last entry on rights they were made by (``last_of_rights``); if there is another by now nothing
                is stored.

        Returns:
            Whether they are stored; only when all of it is durable.
        """
        one = Recording(made, along, rights)
        with self.recording([one]):
            pass
        return bool(one.stored)

    def asked(self, member: str, company_ids: Sequence[str]) -> dict[str, set[Asked]]:
        """What a member has asked of some companies today (UTC), by company."""
        today = self.clock().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        with self.reading() as connection:
            return decisions.asked_since(connection, member, company_ids, today)

    def decision(self, decision_id: str) -> Decision:
        with self.reading() as connection:
            found = decisions.find_decision(connection, decision_id)
        if found is None:
            raise no_decision(decision_id)
        return found

    def decisions_under(self, grant_id: str) -> list[Decision]:
        """Decisions that relied on a grant, oldest first."""
        with self.reading() as connection:
            return decisions.decisions_under(connection, grant_id)

    def decisions_about(self, company_ids: Sequence[str], *, seen: int = 0) -> list[Decision]:
        """Decisions on some companies that could see an entry, oldest first."""
        with self.reading() as connection:
            return decisions.decisions_about(connection, company_ids, seen=seen)


def no_decision(decision_id: str) -> NotFound:
    return NotFound(f"There is no decision {decision_id!r}.", decision=decision_id)


def no_submission(submission_id: str) -> NotFound:
    return NotFound(f"There is no submission {submission_id!r}.", remedy="List them: alliance submissions.")


def no_company(reference: str) -> NotFound:
    """The error of a reference that means no company; says what was searched."""
    return NotFound(
        f"There is no company {reference!r}; searched company ids, registration numbers and members' own ids.",
        remedy="Look it up by name: GET /v1/companies?q=..., or alliance companies.",
        company=reference,
    )
