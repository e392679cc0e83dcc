"""The only read door: rights, then the store as of a day, then corroboration, to facts."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Self

import polars as pl

from alliance.corroboration import NOTHING_LEARNED, FactEvidence, Facts, Reliabilities, corroborate, evidence
from alliance.corroboration.reliability import Voices
from alliance.corroboration.versions import holding, versions
from alliance.disclosed import disclosed
from alliance.rights import Access, AccessRequest, Disclosure, Reason, Right
from alliance.rights.held import RungsOf
from alliance.rights.mask import masked
from alliance.signals import SECTORS, SIGNALS, Subject, signal_named
from alliance.signals.claims import Claims, no_claims, ordered
from alliance.store import Store
from alliance.store.refusals import Refused
from alliance.struck import Excluding, marked, struck

_SECTOR_SIGNALS = tuple(signal.name for signal in SIGNALS if signal.subject is Subject.SECTOR)


class View:
    """What one member may see for one purpose, decided anew at every read: by the store's clock and its last entry.

    Rights are never those of a past watermark: what was revoked since is not read again, in a replay either. A request
    for scores reads whatever a score may be computed from; any other reads values that may be seen as they are, since
    its facts hand them out.

    Args:
        store: where claims are kept.
        request: who asks, and for what.

    Raises:
        InvalidInput: the purpose is not known.
    """

    def __init__(self, store: Store, request: AccessRequest) -> None:
        self._store = store
        self.request = request
        self.access: Access = store.access(request)
        """What the request was allowed at the last read."""

    @property
    def floor(self) -> Disclosure:
        """The rung a value needs to be read for this request."""
        return Disclosure.SCORE_ONLY if self.request.right is Right.SCORES else Disclosure.RAW

    def facts(
        self, companies: Sequence[str], as_of: date, *, watermark: int | None = None, inline: Claims | None = None
    ) -> Facts:
        """Facts of some companies as known by the end of a day.

        Args:
            companies: company ids.
            watermark: last submission to see; ``None`` for the last there is.
            inline: claims given with the request, for these facts alone; they are the requester's own.

        Raises:
            Refused: nothing may be read, and nothing is given with the request; it is recorded.
        """
        access = self.decide(len(companies), inline=inline)
        return self.read(access, companies, as_of, watermark=watermark, inline=inline)

    def read(
        self, access: Access, companies: Sequence[str], as_of: date, *,
        watermark: int | None = None, inline: Claims | None = None,
    ) -> Facts:  # fmt: skip
        """As ``facts``, by an access just decided (``decide``)."""
        seen, claims = self.claims(access, self.floor, companies, as_of, watermark=watermark, inline=inline)
        facts = corroborate(claims, companies, as_of, self._voices(claims, as_of))
        return replace(facts, rungs=RungsOf(seen, access, claims.frames["company_profile"]))

    def claims(
        self, access: Access, floor: Disclosure, companies: Sequence[str], as_of: date, *,
        watermark: int | None = None, inline: Claims | None = None,
    ) -> tuple[Claims, Claims]:  # fmt: skip
        """Claims that an access opens to a rung, without and with those given with the request; else as ``facts``.

        Those of the climate of the companies' sectors are among them.
        """
        seen = masked(self._counting(companies, as_of, watermark), access, floor)
        every = seen if inline is None else merged(seen, inline)
        if sectors := sectors_of(every):
            climate = self._store.claims(sectors, known_by=as_of, watermark=seen.watermark)
            climate = masked(climate, access, floor)
            seen, every = merged(seen, climate), merged(every, climate)
        return seen, every

    def evidence(self, companies: Sequence[str], as_of: date, *, watermark: int | None = None) -> list[FactEvidence]:
        """The facts a score would rest on, with who says what of them, as far as that may be seen.

        Arguments and errors as of ``facts``.
        """
        access, floor = self.decide(len(companies)), Disclosure.SCORE_ONLY
        claims, _ = self.claims(access, floor, companies, as_of, watermark=watermark)
        voices = self._voices(claims, as_of)
        told = evidence(claims, corroborate(claims, companies, as_of, voices), voices)
        disputes = self._store.disputes(companies, watermark=claims.watermark)
        if disputes:
            given = self._store.claims(list(companies), known_by=as_of, watermark=claims.watermark)
            told = marked(told, masked(given, access, floor), disputes, as_of)
        return disclosed(told, access)

    def history(self, *, watermark: int | None = None) -> "History":
        """Everything this view may see, read once, to take facts from as of many days.

        Raises:
            Refused: nothing may be read; it is recorded.
        """
        access = self.decide(None)
        claims = masked(self._store.claims(watermark=watermark), access, self.floor)
        ids, learned = self._store.company_ids(claims.watermark), self._store.reliabilities(claims.watermark)
        return History(claims, access, ids, learned, rulings=self._store.rulings(claims.watermark).about())

    def histories(
        self, parts: Iterable[Sequence[str]], *, watermark: int, known_by: date | None = None
    ) -> Iterator["History"]:
        """As ``history``, of some companies after others: rights are decided once, and one part is read at a time.

        Args:
            parts: company ids of each part.
            watermark: last submission to see.
            known_by: a day; claims known later, or of later events, are left out.

        Raises:
            Refused: nothing may be read; it is recorded.
        """
        access, store = self.decide(None), self._store
        learned, rulings = store.reliabilities(watermark), store.rulings(watermark)
        climate = masked(store.claims(SECTORS, known_by=known_by, watermark=watermark), access, self.floor).frames
        for companies in parts:
            claims = masked(store.claims(companies, known_by=known_by, watermark=watermark), access, self.floor)
            frames = {**claims.frames, **{name: climate[name] for name in _SECTOR_SIGNALS}}
            about = rulings.about(companies)
            yield History(Claims(frames, watermark), access, sorted(companies), learned, rulings=about)

    def decide(self, companies: int | None, *, inline: Claims | None = None) -> Access:
        """What the request is allowed now, by the store's clock and its last entry.

        Args:
            companies: how many are asked about; ``None`` for all. Kept with a refusal.
            inline: claims given with the request; with them there is something to read in any case.

        Raises:
            Refused: nothing may be read; it is recorded, as is that a border keeps part of it back.
        """
        self.access = self._store.access(self.request)
        refused = not self.access.anything and inline is None
        if refused or any(one.reason is Reason.BORDER for one in self.access.refusals):
            self._store.record_refusal(_refused(self._store, self.access, companies))
        if refused:
            self.access.require()
        return self.access

    def _voices(self, claims: Claims, as_of: date) -> Voices:
        return self._store.reliabilities(claims.watermark).voices(as_of)

    def _counting(self, companies: Sequence[str], as_of: date, watermark: int | None) -> Claims:
        """Claims about some companies that rulings let count, as known by a day."""
        claims = self._store.claims(list(companies), known_by=as_of, watermark=watermark)
        return struck(claims, self._store.rulings(claims.watermark).about(companies), as_of)


def _refused(store: Store, access: Access, companies: int | None) -> Refused:
    asked = access.request
    reasons = tuple(sorted({one.reason for one in access.refusals}))
    grants = tuple(sorted({one.grant_id for one in access.refusals if one.grant_id}))
    return Refused(store.clock(), asked.member, asked.purpose, asked.right, companies, reasons, grants)


class History:
    """All claims of a view, held in memory; facts as of a day are cut from them.

    Attributes:
        claims: every claim up to the watermark that may be read, those excluded since among them.
        access: the rights under which they were read.
        companies: every company id, or those of a part, sorted.
        reliabilities: how far members are to be believed, by day.
        rulings: the disputes that excluded claims.
    """

    def __init__(
        self,
        claims: Claims,
        access: Access,
        companies: Sequence[str],
        reliabilities: Reliabilities = NOTHING_LEARNED,
        *,
        rulings: Sequence[Excluding] = (),
    ) -> None:
        self.claims = claims
        self.access = access
        self.companies = tuple(companies)
        self.reliabilities = reliabilities
        self.rulings = tuple(rulings)

    def facts(self, as_of: date, companies: Sequence[str] | None = None) -> Facts:
        """Facts as known by the end of a day, of some companies or all; equal to what ``View.facts`` gives."""
        subjects = self.companies if companies is None else companies
        known = self.known(as_of, companies)
        facts = corroborate(known, subjects, as_of, self.reliabilities.voices(as_of))
        return replace(facts, rungs=RungsOf(known, self.access, known.frames["company_profile"]))

    def over(self, days: Sequence[date]) -> Iterator[Facts]:
        """Facts of all companies as of many days, each once and in order of time, equal to ``facts`` of each.

        A fact is made when what is known of it changes, not day by day. Frames are ``in_time``.
        """
        days = sorted(set(days))
        voices = [self.reliabilities.voices(day) for day in days]
        daily = {*_SECTOR_SIGNALS, *(one.signal for one in self.rulings)}
        made = {
            name: versions(signal_named(name), frame, days, [of_all.get(name, {}) for of_all in voices])
            for name, frame in self.claims.frames.items()
            if name not in daily and not frame.is_empty()
        }
        rest = self.only({*daily, "company_profile"})  # which tells the sectors
        for place, day in enumerate(days):
            known = rest.known(day)
            known = Claims({**known.frames, **{name: no_claims(signal_named(name)) for name in made}}, known.watermark)
            facts = corroborate(known, self.companies, day, voices[place])
            frames = {name: frame.sort("subject_id", "event_at", "key") for name, frame in facts.frames.items()}
            frames |= {name: holding(frame, place) for name, frame in made.items()}
            rungs = RungsOf(Claims(_AsOf(self, day), known.watermark), self.access)
            yield replace(facts, frames=frames, in_time=True, rungs=rungs)

    def only(self, signals: Collection[str]) -> Self:
        """The same history with the claims of some signals alone."""
        made = copy(self)
        frames = {signal.name: no_claims(signal) for signal in SIGNALS}
        frames |= {name: self.claims.frames[name] for name in signals}
        made.claims = Claims(frames, self.claims.watermark)
        return made

    def known(self, as_of: date, companies: Sequence[str] | None = None) -> Claims:
        """Claims that count by the end of a day, of some companies or all, and the climate of their sectors."""
        known = {
            name: frame.filter(pl.col("known_at") <= as_of, pl.col("event_at") <= as_of)
            for name, frame in self.claims.frames.items()
        }
        if companies is not None:
            known = {name: frame if name in _SECTOR_SIGNALS else _of(frame, companies) for name, frame in known.items()}
        known = dict(struck(Claims(known, self.claims.watermark), self.rulings, as_of).frames)
        sectors = sectors_of(Claims(known, self.claims.watermark))
        return Claims(known | {name: _of(known[name], sectors) for name in _SECTOR_SIGNALS}, self.claims.watermark)


class _AsOf(Mapping[str, pl.DataFrame]):
    """A history's claims as known by a day, cut from it when first asked for."""

    def __init__(self, history: History, as_of: date) -> None:
        self._history, self._as_of = history, as_of

    def __getitem__(self, signal: str) -> pl.DataFrame:
        return self._frames[signal]

    def __iter__(self) -> Iterator[str]:
        return iter(self._frames)

    def __len__(self) -> int:
        return len(self._frames)

    @cached_property
    def _frames(self) -> Mapping[str, pl.DataFrame]:
        return self._history.known(self._as_of).frames


def _of(frame: pl.DataFrame, subjects: Sequence[str]) -> pl.DataFrame:
    return frame.filter(pl.col("subject_id").is_in(pl.Series("subject_id", subjects, pl.String).implode()))


def sectors_of(claims: Claims) -> list[str]:
    """Sectors that any claim says a company is of, sorted."""
    return claims.frames["company_profile"]["sector"].drop_nulls().unique().sort().to_list()


def merged(claims: Claims, more: Claims) -> Claims:
    """Both sets of claims."""
    frames = dict(claims.frames)
    for signal in SIGNALS:
        if not (added := more.frames[signal.name]).is_empty():
            frames[signal.name] = ordered(signal, pl.concat([frames[signal.name], added]))
    return Claims(frames, claims.watermark)
