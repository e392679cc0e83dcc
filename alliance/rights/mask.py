"""An access applied to claims: before corroboration, for one company and in bulk alike."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from alliance.plans import collected
from alliance.rights.access import Access, Terms
from alliance.rights.ladder import Disclosure
from alliance.signals import SIGNALS, Signal
from alliance.signals.claims import Claims, no_claims

_GIVER = ("member",)
_GIVER_AND_COMPANY = ("member", "subject_id")


def masked(claims: Claims, access: Access, floor: Disclosure) -> Claims:
    """The claims an access lets be read where each value must be open to at least a rung.

    A value below the rung is null; a claim of which no field that a grant names is left is left out. The same object
    where nothing is withheld, and the same frames of the signals of which nothing is.

    Args:
        floor: ``RAW`` where values are handed out, ``AGGREGATE`` for figures of cohorts, ``SCORE_ONLY`` for scores.
    """
    changed: dict[str, pl.DataFrame] = {}
    plans: dict[str, pl.LazyFrame] = {}
    for signal in SIGNALS:
        frame = claims.frames[signal.name]
        if frame.is_empty():
            continue
        columns, terms = terms_of(signal, frame, access)
        kept = {of: _kept(one, floor) for of, one in terms.items()}
        patterns = set(kept.values())
        if patterns == {None}:
            changed[signal.name] = no_claims(signal)
        elif any(pattern is None or not all(pattern.kept) for pattern in patterns):
            plans[signal.name] = _withheld(signal, frame, columns, kept)
    if plans:
        changed |= collected(plans)
    return Claims({**claims.frames, **changed}, claims.watermark) if changed else claims


def terms_of(
    signal: Signal, frame: pl.DataFrame, access: Access
) -> tuple[tuple[str, ...], dict[tuple[str, ...], Terms | None]]:
    """The columns that terms depend on, and the terms by their values in the frame."""
    givers = [giver for (giver,) in _distinct(frame, _GIVER)]
    if not any(access.limited(giver, signal.name) for giver in givers):
        return _GIVER, {(giver,): access.terms(giver, signal.name, None) for giver in givers}
    pairs = _distinct(frame, _GIVER_AND_COMPANY)
    return _GIVER_AND_COMPANY, {(giver, one): access.terms(giver, signal.name, one) for giver, one in pairs}


def _distinct(frame: pl.DataFrame, columns: Sequence[str]) -> Iterable[tuple[str, ...]]:
    """The values of some columns, each once: by a set where a query would cost more."""
    if frame.height <= FEW:
        return set(zip(*(frame[name].to_list() for name in columns), strict=True))
    return frame.select(columns).unique().iter_rows()


FEW = 1_000
"""Claims that are quicker walked over than asked by a query."""


@dataclass(frozen=True)
class _Pattern:
    """By field of a signal: whether it is kept, and whether a claim is worth keeping for it alone."""

    kept: tuple[bool, ...]
    named: tuple[bool, ...]


def _kept(terms: Terms | None, floor: Disclosure) -> _Pattern | None:
    """What some terms keep; ``None`` for nothing."""
    if terms is None or max(terms.named) < floor:
        return None
    return _pattern(terms.rungs, terms.named, floor)


@lru_cache(maxsize=1_000)  # alike for most givers
def _pattern(rungs: tuple[Disclosure, ...], named: tuple[Disclosure, ...], floor: Disclosure) -> _Pattern:
    return _Pattern(tuple(rung >= floor for rung in rungs), tuple(rung >= floor for rung in named))


def _withheld(
    signal: Signal, frame: pl.DataFrame, columns: tuple[str, ...], kept: Mapping[tuple[str, ...], _Pattern | None]
) -> pl.LazyFrame:
    """A signal's claims without what their patterns do not keep."""
    places = {pattern: place for place, pattern in enumerate(dict.fromkeys(kept.values())) if pattern is not None}
    rows = [(*of, places[pattern]) for of, pattern in kept.items() if pattern is not None]
    of_claim = pl.LazyFrame(rows, {**dict.fromkeys(columns, pl.String), "pattern": pl.UInt32}, orient="row")
    joined = frame.lazy().join(of_claim, on=columns, how="inner", maintain_order="left")
    if all(all(pattern.kept) for pattern in places):  # all of a claim or nothing
        return joined.drop("pattern")
    here = pl.col("pattern")
    values, left = [], here.is_in([place for pattern, place in places.items() if all(pattern.kept)])
    for number, name in enumerate(signal.schema):
        keeping = [place for pattern, place in places.items() if pattern.kept[number]]
        naming = [place for pattern, place in places.items() if pattern.named[number]]
        values.append(pl.when(here.is_in(keeping)).then(pl.col(name)).alias(name))
        left |= here.is_in(naming) & pl.col(name).is_not_null()
    return joined.filter(left).with_columns(values).select(frame.columns)
