"""What the scores of companies rest on: features, what is contested, and how far it may be told; kept while it holds.

To read and corroborate a company's claims and compute its features takes many times as long as to score it. So they
are kept, by rights and day, and used again as long as the store says that nothing of the company has changed since.
They are never staler than the store: each use asks it, in the snapshot the score is made in.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from alliance.rights import Access, AccessRequest
from alliance.signals.claims import Claims
from alliance.store import Store
from alliance.view import View
from scoring.model import Bundle
from scoring.told import Known, known_of

MOST_KEPT = 10_000
"""Companies kept, some 10 kB each."""

MOST_ACCESSES = 100
"""Members and purposes whose access is kept, as ``alliance.rights.decided`` does."""

MOST_AT_ONCE = 100
"""Companies of one request that are looked up and kept; a larger one is a job, which asks once."""


@dataclass(frozen=True, eq=False)
class _Kept:
    """A ``Known`` with the access it was read by, and the last watermark at which it was found to hold."""

    known: Known
    access: Access
    watermark: int


_Key = tuple[str, date, str, str]


class Knowledge:
    """Reads what scores by a model rest on; threads share it.

    Args:
        store: where claims are kept.
        bundle: the model.
    """

    def __init__(self, store: Store, bundle: Bundle) -> None:
        self._store, self._bundle = store, bundle
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._accesses: dict[AccessRequest, tuple[Access, Access]] = {}

    def of(
        self, view: View, companies: Sequence[str], as_of: date, watermark: int, *, inline: Claims | None = None
    ) -> dict[str, Known]:
        """What a view lets a score of each company rest on, as known by the end of a day; arguments as of ``View``.

        Raises:
            Refused: nothing may be read, and nothing is given with the request; it is recorded.
        """
        access = self._alike(view.decide(len(companies), inline=inline))
        if inline is not None or len(companies) > MOST_AT_ONCE:
            return known_of(self._bundle, view.read(access, companies, as_of, watermark=watermark, inline=inline))
        keys = {company: (company, as_of, view.request.member, view.request.purpose) for company in companies}
        found = {company: kept for company, key in keys.items() if (kept := self._good(key, access, watermark))}
        missing = [company for company in companies if company not in found]
        if missing:
            read = known_of(self._bundle, view.read(access, missing, as_of, watermark=watermark))
            for company, known in read.items():
                self._keep(keys[company], _Kept(known, access, watermark))
            found |= read
        return found

    def _alike(self, access: Access) -> Access:
        """The access itself, or one before it by which the same is read: a member's file changes no other's terms."""
        last, before = self._accesses.get(access.request, (None, access))
        if last is not access:
            before = before if before.clauses == access.clauses else access
            if len(self._accesses) >= MOST_ACCESSES:
                self._accesses = {}
            self._accesses[access.request] = access, before
        return before

    def _good(self, key: _Key, access: Access, watermark: int) -> Known | None:
        """What is kept under a key, if it was read by this access and still holds."""
        kept = self._kept.get(key)
        if kept is None or kept.access is not access or kept.watermark > watermark:
            return None
        if kept.watermark < watermark:
            if self._store.changed(key[0], kept.watermark, watermark):
                return None
            self._keep(key, _Kept(kept.known, access, watermark))
        return kept.known

    def _keep(self, key: _Key, kept: _Kept) -> None:
        self._kept.pop(key, None)  # so that it goes to the end; another thread may have dropped it meanwhile
        self._kept[key] = kept
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
