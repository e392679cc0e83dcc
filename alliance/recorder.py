"""Decisions of many threads, recorded together: whoever waits for the writer shares the next transaction.

To be durable a transaction waits for the disk, and there is one writer. So requests that come at the same time are
stored in one transaction, and the log's head is signed in it, too. Nobody is answered before that is durable.
"""

from collections import deque
from collections.abc import Sequence
from threading import Lock

from alliance.errors import StoreError
from alliance.notary import Notary
from alliance.store import Decision, Store
from alliance.store.effects import Along
from alliance.store.recording import Recording


class Recorder:
    """Records decisions in a store; threads share it.

    Args:
        store: the store.
        notary: signs the log's head as it is with the decisions, and keeps their receipts for whoever asks next;
            without one, heads are signed when receipts are first asked for.
    """

    def __init__(self, store: Store, notary: Notary | None = None) -> None:
        self._store, self._notary = store, notary
        self._waiting: deque[Recording] = deque()
        self._writer = Lock()

    def record(self, made: Sequence[Decision], along: Along | None = None, *, rights: int | None = None) -> bool:
        """As ``Store.record_decisions``, with all that wait."""
        if not made:
            return True
        mine = Recording(made, along, rights)
        self._waiting.append(mine)
        with self._writer:
            if mine.stored is None:  # else who had the writer before took it along
                self._record_all()
        if mine.error is not None:
            raise mine.error
        return bool(mine.stored)

    def _record_all(self) -> None:
        several = [self._waiting.popleft() for _ in range(len(self._waiting))]
        try:
            with self._store.recording(several) as (connection, appended):
                receipts = {} if self._notary is None else self._notary.seal(connection, appended)
        except BaseException as error:  # whatever it is: nothing is stored, and each of those who wait is told
            told = error if isinstance(error, Exception) else StoreError("Recording was interrupted.")
            for one in several:
                one.stored, one.error = False, one.error or told
            if told is not error:
                raise
        else:
            if self._notary is not None:
                self._notary.keep(receipts)
