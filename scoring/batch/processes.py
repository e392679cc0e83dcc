"""A run over companies on several cores: processes that score chunks, record their decisions and keep the parts.

Most of a decision is Python's own work, which threads would do in turn. A process has the store's URL and the model;
what it records is the same whichever process it is, since a decision's id follows from the run and the row.
"""

import gc
import multiprocessing
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Thread

import polars as pl

from alliance.errors import AllianceError
from alliance.policy import Policy
from alliance.store import Store
from scoring.batch.decided import Work
from scoring.batch.parts import Parts
from scoring.batch.runs import Job, Run
from scoring.decide import Scorer
from scoring.model import Bundle


@dataclass(frozen=True, kw_only=True)
class Share:
    """What every process of a run is told."""

    url: str
    policy: Policy
    bundle: Bundle
    today: date
    job: Job
    run: Run
    folder: Path

    @classmethod
    def of(cls, work: Work) -> "Share":
        scorer = work.scorer
        url = scorer.store.engine.url.render_as_string(hide_password=False)
        return cls(
            url=url, policy=scorer.store.policy, bundle=scorer.bundle, today=scorer.today(), job=work.job, run=work.run,
            folder=work.parts.folder,
        )  # fmt: skip

    def work(self) -> Work:
        """The same in a process of its own."""
        scorer = Scorer(Store(self.url, policy=self.policy), self.bundle, today=lambda: self.today)
        return Work(scorer, self.job, self.run, Parts(self.folder))


_own: list[Work] = []
"""The work of this process, if it is one of a run's."""


def parts_made(work: Work, chunks: Iterator[pl.DataFrame], done: int, *, processes: int) -> Iterator[pl.DataFrame]:
    """The parts of chunks, before which so many rows stand, in their order.

    Raises:
        StoreError: the store failed.
        AllianceError: a process was ended from outside.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])  # imported once for all, in memory too
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(Share.of(work),))
    waiting: deque[tuple[int, Future[int]]] = deque()
    try:
        for chunk in chunks:
            waiting.append((done, pool.submit(_score, chunk, done)))
            done += chunk.height
            if len(waiting) > processes:  # one more than can be worked on, so that no process waits
                yield _kept(work.parts, *waiting.popleft())
        while waiting:
            yield _kept(work.parts, *waiting.popleft())
    except BrokenProcessPool:
        raise AllianceError(
            "A process of the run was ended from outside, for want of memory perhaps.",
            remedy="Run it again: it goes on where it was. Fewer --threads need less memory.",
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _kept(parts: Parts, start: int, scored: Future[int]) -> pl.DataFrame:
    return parts.frame(start, start + scored.result())


def _begin(share: Share) -> None:
    """Make ready in a new process, which ends with the one that began it, however that ends."""
    Thread(target=_end_with_parent, daemon=True).start()
    _own.append(share.work())
    # A chunk makes very many objects, none in a circle: to look for circles among them would be for nothing.
    gc.freeze()
    gc.disable()


def _end_with_parent() -> None:
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)


def _score(chunk: pl.DataFrame, start: int) -> int:
    [work] = _own
    made = work.part(chunk, start)
    gc.collect()
    return made.height
