"""A challenger scores beside the champion: from the same facts, after the decision, for nobody to decide by.

What it says is kept by itself and told of many decisions together (``experiments shadow``). It never comes between a
request and its answer: decisions are recorded first, then handed over to a thread of its own, and neither a full
queue, nor a challenger that fails, nor a store that is busy changes or delays one of them.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from queue import Empty, Full, Queue
from threading import Thread

from alliance.corroboration import Facts
from alliance.errors import InvalidInput
from alliance.store import Decision, Store
from alliance.store.shadows import ShadowScore, insert_shadows
from scoring.features import feature_frame, feature_named
from scoring.model import Bundle
from scoring.score import score_arrays

SHADOWED = ("loan_origination", "portfolio_monitoring")
"""Purposes of decisions beside which a challenger may score: those that the alliance's scores are for. To see whether
the next model serves a purpose belongs to that purpose, as long as nobody is told its score of a company: our own
choice. Facts read for research or settlement are used for these alone."""

MOST_WAITING = 64
"""Groups of decisions that wait for the challenger at most; each holds the facts of its companies. Our own choice."""

MOST_AT_ONCE = 16
"""Groups stored in one transaction at most, so that the writer's lock is held for moments."""

SECONDS_TO_END = 5.0
"""How long a service that ends waits for what is under way."""


@dataclass(frozen=True, eq=False)
class Rested:
    """Decisions on the facts they rest on, as these were masked for whoever asked.

    Attributes:
        facts: of the companies.
        purpose: for which they were read.
        decisions: by id of the decision the company.
    """

    facts: Facts
    purpose: str
    decisions: Mapping[str, str]


def rested_on(results: Sequence[object], facts: Mapping[tuple[int, ...], Facts]) -> list[Rested]:
    """The decisions among some results on their facts, which are by the places of the results that share them."""
    found = []
    for places, shared in facts.items():
        if made := [one for one in map(results.__getitem__, places) if isinstance(one, Decision)]:
            found.append(Rested(shared, made[0].purpose, {one.decision_id: one.company_id for one in made}))
    return found


@dataclass(frozen=True)
class Shadowed:
    """What became of decisions that were handed over.

    Attributes:
        scored, failed, dropped: how many were scored; were not, for ``error``; came when too many were waiting.
        error: why the challenger failed.
    """

    scored: int = 0
    failed: int = 0
    dropped: int = 0
    error: Exception | None = None


Told = Callable[[Shadowed], None]


class Shadow:
    """A challenger beside a champion.

    Args:
        store: where its scores go.
        bundle: the challenger.
        told: called, in any thread, with what became of decisions.
    """

    def __init__(self, store: Store, bundle: Bundle, *, told: Told = lambda _: None) -> None:
        self.bundle, self.told = bundle, told
        self._store = store
        self._features = [feature_named(name) for name in bundle.names]
        self._waiting: Queue[Rested | None] = Queue(MOST_WAITING)
        self._thread = Thread(target=self._work, name="shadow", daemon=True)
        self._thread.start()

    def require_alike(self, champion: Bundle) -> None:
        """Make sure that both foresee the same.

        Raises:
            InvalidInput: outcome or horizon differ, so the two scores could not be held against each other.
        """
        if self.bundle.outcome != champion.outcome:
            mine, other = self.bundle.outcome, champion.outcome
            raise InvalidInput(
                f"The challenger foresees {mine.name} within {mine.horizon_months} months, the champion {other.name}"
                f" within {other.horizon_months}.",
                remedy="Name a challenger that foresees what the champion does, or none: ALLIANCE_SHADOW.",
                field="shadow",
            )

    def offer(self, made: Sequence[Rested]) -> None:
        """Hand decisions over that have been recorded; returns at once, and raises nothing."""
        for one in made:
            if one.purpose not in SHADOWED or not one.decisions:
                continue
            try:
                self._waiting.put_nowait(one)
            except Full:
                self.told(Shadowed(dropped=len(one.decisions)))

    def settle(self) -> None:
        """Wait until all that was handed over has been dealt with."""
        self._waiting.join()

    def close(self) -> None:
        """Deal with what is waiting, for ``SECONDS_TO_END`` at most; what comes later is dropped."""
        with contextlib.suppress(Full):
            self._waiting.put(None, timeout=SECONDS_TO_END)
            self._thread.join(SECONDS_TO_END)

    def _work(self) -> None:
        going = True
        while going:
            taken = [self._waiting.get(), *self._more()]
            self._deal_with([one for one in taken if one is not None])
            for _ in taken:
                self._waiting.task_done()
            going = None not in taken

    def _more(self) -> list[Rested | None]:
        more: list[Rested | None] = []
        with contextlib.suppress(Empty):
            while len(more) < MOST_AT_ONCE - 1:
                more.append(self._waiting.get_nowait())
        return more

    def _deal_with(self, some: Sequence[Rested]) -> None:
        count = sum(len(one.decisions) for one in some)
        try:
            made = [score for one in some for score in self._scores(one)]
            with self._store.writing() as connection:
                insert_shadows(connection, made)
            self.told(Shadowed(scored=count))
        except Exception as error:  # whatever it is: no decision depends on it, and the next may go well
            self.told(Shadowed(failed=count, error=error))

    def _scores(self, one: Rested) -> list[ShadowScore]:
        found = score_arrays(self.bundle, feature_frame(one.facts, self._features))
        rows = {company: row for row, company in enumerate(found.company_ids)}
        now = self._store.clock()
        return [
            ShadowScore(
                decision_id=decision_id, bundle_sha256=self.bundle.sha256, scored_at=now,
                log_odds=float(found.log_odds[row]), pd=float(found.pd[row]), points=float(found.points[row]),
                grade=found.grades[row],
            )
            for decision_id, row in ((made, rows[company]) for made, company in one.decisions.items())
        ]  # fmt: skip
