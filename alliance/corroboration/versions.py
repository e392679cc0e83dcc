"""Facts of many days from one walk over the claims: a fact is made anew only when what is known of it changes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

import numpy as np
import polars as pl

from alliance.corroboration.arrays import Ints, starts_of
from alliance.corroboration.consensus import alone, together
from alliance.corroboration.facts import fact_schema
from alliance.corroboration.reliability import Voice
from alliance.signals import Signal

FROM, UNTIL = "from", "until"
"""Places, among the days, of the first on which a version of a fact holds, and of the first on which it no longer
does."""


def versions(
    signal: Signal, frame: pl.DataFrame, days: Sequence[date], voices: Sequence[Mapping[str, Voice]]
) -> pl.DataFrame:
    """Every version of a signal's facts that holds on one of some days.

    On each day the versions that hold are the facts that ``corroborate`` makes of the claims as known by it.

    Args:
        frame: the signal's claims, in their order.
        days: in order of time, each once.
        voices: what members' words weigh on each of the days.

    Returns:
        ``fact_schema``, ``FROM``, ``UNTIL``; by subject, day of the event and key.
    """
    told = frame.select(pl.max_horizontal("known_at", "event_at")).to_series().to_physical().to_numpy()
    seen_from = np.searchsorted(np.array(days, "datetime64[D]").astype(np.int64), told)
    visible = pl.Series(seen_from < len(days))
    frame, first = frame.filter(visible), seen_from[visible.to_numpy()]
    if frame.is_empty():
        return pl.DataFrame(schema={**fact_schema(signal), FROM: pl.UInt32, UNTIL: pl.UInt32})
    sizes = np.diff(starts_of(frame))
    fact = np.repeat(np.arange(len(sizes)), sizes)
    single = np.repeat(sizes == 1, sizes)
    parts = [_held(alone(signal, frame.filter(pl.Series(single))), first[single], len(days), fact[single])]
    several, of_day, of_fact = frame.filter(pl.Series(~single)), first[~single], fact[~single]
    if not several.is_empty():
        for start, end in _epochs(voices):
            claims, begins, at, until = _told(of_fact, np.maximum(of_day, start), end)
            if len(claims):
                made = together(signal, several[claims], begins, voices[start])
                parts.append(_held(made, at, until, of_fact[claims[begins[:-1]]]))
    # Claims stand by subject and key, so facts of one subject on one day do by their numbers.
    subject = frame["subject_id"].rle_id().to_numpy()[np.concatenate(([0], np.cumsum(sizes)[:-1]))]
    every = pl.concat(parts)
    order = np.lexsort((every["_fact"], every["event_at"].to_physical(), subject[every["_fact"]]))
    return every.drop("_fact")[order]


def holding(made: pl.DataFrame, place: int) -> pl.DataFrame:
    """The facts of one of the days, in the order of the versions."""
    return made.filter(pl.col(FROM) <= place, pl.col(UNTIL) > place).drop(FROM, UNTIL)


def _held(facts: pl.DataFrame, start: Ints, end: Ints | int, number: Ints) -> pl.DataFrame:
    spans = {FROM: start, UNTIL: np.broadcast_to(end, len(start)), "_fact": number}
    return facts.with_columns(pl.Series(name, values.astype(np.uint32)) for name, values in spans.items())


def _epochs(voices: Sequence[Mapping[str, Voice]]) -> Iterator[tuple[int, int]]:
    """Runs of days on which members' words weigh the same: the first, and the first after."""
    for _, run in groupby(range(len(voices)), key=lambda place: tuple(sorted(voices[place].items()))):
        places = list(run)
        yield places[0], places[-1] + 1


def _told(fact: Ints, first: Ints, end: int) -> tuple[Ints, Ints, Ints, Ints]:
    """The claims of each version of each fact up to, and without, a day.

    Args:
        fact: number of each claim's fact, ascending.
        first: place of the first day that sees each claim.

    Returns:
        Places of the claims, version by version, each version's in their order; where each version's begin, and their
        number; the day it holds from; the day it holds until.
    """
    seen = np.flatnonzero(first < end)
    made, version = np.unique(fact[seen] * (end + 1) + first[seen], return_inverse=True)
    of_fact, start = made // (end + 1), made % (end + 1)
    last = np.searchsorted(of_fact, of_fact, side="right")  # behind the last version of the same fact
    often = last[version] - version  # a claim is of the version it brings, and of all later ones
    of_version = np.repeat(version, often) + _counted(often)
    order = np.argsort(of_version, kind="stable")
    begins = np.searchsorted(of_version[order], np.arange(len(made) + 1))
    follows = np.append(of_fact[1:] == of_fact[:-1], False)
    until = np.where(follows, np.roll(start, -1), end) if len(made) else start
    return np.repeat(seen, often)[order], begins, start, until


def _counted(often: Ints) -> Ints:
    """0, 1, 2 ... up to each number, one run after the other."""
    return np.arange(often.sum()) - np.repeat(np.cumsum(often) - often, often)
