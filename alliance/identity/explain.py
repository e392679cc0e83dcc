"""Why a company is who it is: its ids, how each was met, and every word that was said of what they mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from alliance.store import Store, no_company
from alliance.store import entries as log
from alliance.store.cases import Case, cases_of
from alliance.store.companies import Met, met
from alliance.store.merges import merge_history


@dataclass(frozen=True)
class Word:
    """What was said of an id: that from an entry on it means another company, or itself again.

    Attributes:
        no, made_at, author: the entry, when it was made (UTC) and by whom.
        company_id, into_id: the id, and the company it means; ``None`` where it stands for itself again.
        reason: in words.
        evidence: comparisons that speak for it (``comparison``, ``level``, ``bits``).
    """

    no: int
    made_at: datetime
    author: str
    company_id: str
    into_id: str | None
    reason: str
    evidence: Sequence[Mapping[str, object]]


@dataclass(frozen=True)
class Explanation:
    """A company as it stood at a watermark.

    Attributes:
        company_id: the company.
        watermark: the last entry seen.
        ids: all ids that mean it, its own first.
        words: all that was said of these ids and of those that left them, oldest first.
        cases: the cases about these ids, oldest first.
    """

    company_id: str
    watermark: int
    ids: tuple[Met, ...]
    words: tuple[Word, ...]
    cases: tuple[Case, ...]


def explain(store: Store, reference: str, *, watermark: int | None = None, at: datetime | None = None) -> Explanation:
    """Why the company a reference means is who it is, by a watermark or a moment (default: now).

    Args:
        reference: as ``Store.find_companies`` understands it.
        watermark, at: the last entry, and the last moment, to see.

    Raises:
        NotFound: the reference means no company, or did not yet.
    """
    with store.reading() as connection:
        mark = log.watermark(connection) if at is None else log.watermark_at(connection, at)
    if watermark is not None:
        mark = min(mark, watermark)
    company = store.find_companies([reference], mark).get(reference)
    if company is None:
        raise no_company(reference)
    ids = store.merges(mark).ids([company])
    with store.reading() as connection:
        return Explanation(
            company_id=company,
            watermark=mark,
            ids=tuple(met(connection, ids, mark)),
            words=tuple(_words(connection, ids, mark)),
            cases=tuple(cases_of(connection, ids, mark)),
        )


def _words(connection: Connection, ids: Sequence[str], watermark: int) -> list[Word]:
    """What was said of the ids, and of those that were once merged into them."""
    concerned = {*ids, *(word.company_id for word in merge_history(connection, ids, watermark))}
    history = merge_history(connection, sorted(concerned), watermark)
    said = [word for word in history if word.company_id in concerned]
    by_no = log.entries(connection, [word.no for word in said])
    return [Word(made_at=by_no[word.no].made_at, author=by_no[word.no].author, **vars(word)) for word in said]
