"""The only read door: rights, then the store as of a day, then corroboration, to facts."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from alliance.corroboration import NOTHING_LEARNED, FactEvidence, Facts, Reliabilities, corroborate, evidence
from alliance.rights import Access, AccessRequest, decide
from alliance.signals import SIGNALS, Subject
from alliance.signals.claims import Claims, ordered
from alliance.store import Store
from alliance.store.disputes import Dispute
from alliance.struck import marked, struck

_SECTOR_SIGNALS = tuple(signal.name for signal in SIGNALS if signal.subject is Subject.SECTOR)


class View:
    """What one member may see for one purpose.

    Args:
        store: where claims are kept.
        request: who asks, and for what.

    Raises:
        InvalidInput: the purpose is not known.
        Refused: no grant allows it.
    """

    def __init__(self, store: Store, request: AccessRequest) -> None:
        self._store = store
        self.access: Access = decide(request)

    def facts(
        self, companies: Sequence[str], as_of: date, *, watermark: int | None = None, inline: Claims | None = None
    ) -> Facts:
        """Facts of some companies as known by the end of a day.

        Args:
            companies: company ids.
            watermark: last submission to see; ``None`` for the last there is.
            inline: claims given with the request, for these facts alone.
        """
        claims = self._claims(companies, as_of, watermark, inline)
        voices = self._store.reliabilities(claims.watermark).voices(as_of)
        return corroborate(claims, companies, as_of, voices)

    def evidence(self, companies: Sequence[str], as_of: date, *, watermark: int | None = None) -> list[FactEvidence]:
        """The same facts with who says what of them; arguments as of ``facts``."""
        claims = self._claims(companies, as_of, watermark, None)
        voices = self._store.reliabilities(claims.watermark).voices(as_of)
        told = evidence(claims, corroborate(claims, companies, as_of, voices), voices)
        disputes = self._store.disputes(companies, watermark=claims.watermark)
        if not disputes:
            return told
        given = self._store.claims(list(companies), known_by=as_of, watermark=claims.watermark)
        return marked(told, given, disputes, as_of)

    def _claims(self, companies: Sequence[str], as_of: date, watermark: int | None, inline: Claims | None) -> Claims:
        """Claims that count about the companies and the climate of their sectors, as known by a day."""
        claims = self._store.claims(list(companies), known_by=as_of, watermark=watermark)
        claims = struck(claims, self._store.rulings(claims.watermark).about(companies), as_of)
        claims = claims if inline is None else merged(claims, inline)
        if sectors := sectors_of(claims):
            climate = self._store.claims(sectors, known_by=as_of, watermark=claims.watermark)
            claims = merged(claims, climate)
        return claims

    def history(self, *, watermark: int | None = None) -> "History":
        """Everything this view may see, read once, to take facts from as of many days."""
        claims = self._store.claims(watermark=watermark)
        ids, learned = self._store.company_ids(claims.watermark), self._store.reliabilities(claims.watermark)
        return History(claims, self.access, ids, learned, rulings=self._store.rulings(claims.watermark).about())


class History:
    """All claims of a view, held in memory; facts as of a day are cut from them.

    Attributes:
        claims: every claim up to the watermark, those excluded since among them.
        access: the rights under which they were read.
        companies: every company id, sorted.
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
        rulings: Sequence[Dispute] = (),
    ) -> None:
        self.claims = claims
        self.access = access
        self.companies = tuple(companies)
        self.reliabilities = reliabilities
        self.rulings = tuple(rulings)

    def facts(self, as_of: date, companies: Sequence[str] | None = None) -> Facts:
        """Facts as known by the end of a day, of some companies or all; equal to what ``View.facts`` gives."""
        subjects = self.companies if companies is None else companies
        return corroborate(self.known(as_of, companies), subjects, as_of, self.reliabilities.voices(as_of))

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
