"""How far the values behind a company's facts may be seen, where that is less than all of them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType

import polars as pl

from alliance.rights.access import Access, Terms
from alliance.rights.ladder import Disclosure
from alliance.rights.mask import FEW, terms_of
from alliance.signals import SECTORS, SIGNALS, Signal, signal_named
from alliance.signals.claims import Claims


@dataclass(frozen=True)
class Held:
    """A value that may not be seen as it is.

    Attributes:
        rung: how much of it may be seen.
        grants: ids of the grants that let it be used, but no more seen than that.
    """

    rung: Disclosure
    grants: tuple[str, ...]


Rungs = Mapping[str, Mapping[str, Held]]
"""For a company the lowest rung of the claims that fill each ``signal.field``, those of its sectors among them, where
that is below raw."""

ALL_RAW: Rungs = MappingProxyType({})


def lowest(several: list[Held]) -> Held:
    """The lowest of some rungs, by all grants that hold values at it."""
    rung = min(one.rung for one in several)
    return Held(rung, tuple(sorted({grant for one in several if one.rung is rung for grant in one.grants})))


class RungsOf(Mapping[str, Mapping[str, Held]]):
    """The rungs of claims, found when first asked for: most reads hand out no value.

    Args:
        claims: those that may speak, masked (``masked``).
        access: the access they were read by.
        profiles: claims of company profiles, which tell the sectors; by default those among the claims.
    """

    def __init__(self, claims: Claims, access: Access, profiles: pl.DataFrame | None = None) -> None:
        self._claims, self._access, self._profiles = claims, access, profiles

    def __getitem__(self, company: str) -> Mapping[str, Held]:
        found: dict[str, list[Held]] = {}
        for signal, terms, filled in self._by_company[company]:
            for name, held in _held(signal, terms, filled):
                found.setdefault(name, []).append(held)
        return {name: lowest(several) for name, several in found.items()}

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_company)

    def __len__(self) -> int:
        return len(self._by_company)

    @cached_property
    def _by_company(self) -> dict[str, list[tuple[str, Terms, int]]]:
        """For each company with a value below raw: signal, terms, and the fields filled on these terms, as bits."""
        found: dict[str, list[tuple[str, Terms, int]]] = {}
        for signal in SIGNALS:
            frame = self._claims.frames[signal.name]
            if frame.is_empty():
                continue
            columns, terms = terms_of(signal, frame, self._access)
            if all(one is None or one.raw for one in terms.values()):
                continue
            for subject, giver, filled in _filled(signal, frame):
                one = terms[giver, subject] if len(columns) > 1 else terms[(giver,)]
                if one is not None and _held(signal.name, one, filled):
                    found.setdefault(subject, []).append((signal.name, one, filled))
        sectors = {subject: found.pop(subject) for subject in SECTORS if subject in found}
        if sectors:
            profiles = self._claims.frames["company_profile"] if self._profiles is None else self._profiles
            for company, sector in profiles.select("subject_id", "sector").unique().iter_rows():
                if sector in sectors:
                    found.setdefault(company, []).extend(sectors[sector])
        return found


def _filled(signal: Signal, frame: pl.DataFrame) -> Iterable[tuple[str, str, int]]:
    """By subject and giver the fields that some claim fills, as bits (the first field's is 1)."""
    fields = list(enumerate(signal.schema))
    if frame.height > FEW:
        bits = [pl.col(name).is_not_null().any().cast(pl.Int64) * (1 << place) for place, name in fields]
        return frame.group_by("subject_id", "member").agg(pl.sum_horizontal(bits).alias("filled")).iter_rows()
    found: dict[tuple[str, str], int] = {}
    bits_of = [(frame.get_column_index(name), 1 << place) for place, name in fields]
    subject_at, giver_at = frame.get_column_index("subject_id"), frame.get_column_index("member")
    for row in frame.rows():  # one call: each column asked by itself costs more than such a frame's rows
        of = row[subject_at], row[giver_at]
        found[of] = found.get(of, 0) | sum(bit for at, bit in bits_of if row[at] is not None)
    return [(subject, giver, filled) for (subject, giver), filled in found.items()]


@lru_cache(maxsize=10_000)  # few kinds of terms, and few ways to fill a record
def _held(signal: str, terms: Terms, filled: int) -> tuple[tuple[str, Held], ...]:
    """The fields filled on some terms that are below raw."""
    return tuple(
        (f"{signal}.{field}", Held(terms.rungs[place], terms.grants[place]))
        for place, field in enumerate(signal_named(signal).schema)
        if filled >> place & 1 and terms.rungs[place] < Disclosure.RAW
    )
