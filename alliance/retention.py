"""How long what members gave may be kept: rules by jurisdiction and signal. Pure: no store, no clock."""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

EVENT = "event_at"
"""The day from which a rule counts, where it is that of the event and not one a field says."""


@dataclass(frozen=True)
class Retention:
    """A rule.

    Attributes:
        jurisdiction: of the members whose records it is for, ISO 3166 alpha-2.
        signals: what it is for.
        years: how long a record is kept.
        since: from which day: ``event_at``, or a field of the signals that is a day; without that day it is kept.
        source: where the rule comes from.
        status: how far the source says so, and how far it is read so here.
    """

    jurisdiction: str
    signals: tuple[str, ...]
    years: int
    since: str
    source: str
    status: str

    def last_day(self, since: date) -> date:
        """The last day on which something is kept.

        Source: 民法典 (Civil Code, 2020) Art. 201 and 202: a period of years does not count its first day and ends with
        the same day of the year; where the month lacks that day, with the month's last.
        """
        year = since.year + self.years
        return date(year, since.month, min(since.day, monthrange(year, since.month)[1]))


@dataclass(frozen=True)
class Said:
    """What a rule has to know of a record: whose word it is of which fact, and from which day it counts, if it says."""

    seq: int
    subject_id: str
    signal: str
    key: str
    member: str
    since: date | None


def overdue(said: Iterable[Said], rules: Mapping[str, Retention], today: date) -> Iterator[int]:
    """Records that are to go, by ``seq``.

    A member's last word on a fact decides of all that it said of it: else what it said first, that somebody holds an
    office, would stand again once its word that it ended is gone.

    Args:
        said: records, those of a subject, signal, key and member together, in the order they were said.
        rules: the rule for each signal's records.
        today: the day; what is kept to the day before is overdue.
    """
    for (_, signal, _, _), words in groupby(said, lambda one: (one.subject_id, one.signal, one.key, one.member)):
        of_fact = list(words)
        since = next((one.since for one in reversed(of_fact) if one.since is not None), None)
        if since is not None and rules[signal].last_day(since) < today:
            yield from (one.seq for one in of_fact)
