"""Learn how far members are to be believed, from a store's own claims, and keep it beside them."""

from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import polars as pl

from alliance.corroboration.learning import learn
from alliance.store import Store
from alliance.store.entries import EntryKind, append
from alliance.store.reliability import insert_reliability

Progress = Callable[[int], None]
"""Told how many more days have been learned."""


@dataclass(frozen=True)
class Learned:
    """What was learned.

    Attributes:
        no: the entry it was stored under; 0 when there was nothing to learn.
        days: the days it was learned as of.
        latest: reliabilities as of the last of them (``RELIABILITY_SCHEMA``).
    """

    no: int
    days: Sequence[date]
    latest: pl.DataFrame


def learn_reliabilities(
    store: Store, days: Sequence[date], *, author: str = "alliance", progress: Progress | None = None
) -> Learned:
    """Learn every member's reliability as of some days and store it under one entry.

    What is learned as of a day rests on claims known by then alone, so facts as of a day never profit from what came
    after. A day may be learned again, when back-fill has come in since: later readers take the later word, decisions
    made before keep theirs.
    """
    claims = store.claims()
    found = []
    for day in sorted(set(days)):
        found.append(learn(claims, day))
        if progress:
            progress(1)
    if not found:
        return Learned(0, (), pl.DataFrame())
    with store.writing() as connection:
        entry = append(connection, EntryKind.RELIABILITY, author)
        insert_reliability(connection, entry.no, pl.concat(found))
    return Learned(entry.no, sorted(set(days)), found[-1])


def days_to_learn(store: Store, since: date | None = None, until: date | None = None) -> list[date]:
    """The quarter ends not learned yet, from the first claim (or ``since``) to today (or ``until``), and that last day.

    Quarterly, since a member's habits change slowly; the last day, so that what came in since counts at once.
    """
    last = until or datetime.now(UTC).date()
    learned = store.reliabilities().days
    first = since or first_known(store)
    if first is None:
        return []
    ends = [
        date(year, month, monthrange(year, month)[1])
        for year in range(first.year, last.year + 1)
        for month in (3, 6, 9, 12)
    ]
    begin = max([first, *learned[-1:]])
    return sorted({day for day in ends if begin <= day <= last and day not in learned} | {last})


def first_known(store: Store) -> date | None:
    """The first day anything was known; ``None`` in an empty store."""
    days = [frame["known_at"].min() for frame in store.claims().frames.values() if not frame.is_empty()]
    return min((day for day in days if isinstance(day, date)), default=None)
