"""What was read of the store by an entry, kept in memory: it is append-only, so only an erasure makes it stale."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

What = TypeVar("What")

STATES = 4
"""States kept: the latest, and those that replays ask for."""


class Kept(Generic[What]):
    """The last few states, by the entry or entries that made them. Threads may share them: all are replaced at once.

    States that hold what an erasure may have taken are read for the last erasure, and those of an earlier one are
    dropped at the next read.
    """

    def __init__(self) -> None:
        self._states: dict[tuple[int, Hashable], What] = {}

    def get(self, entry: Hashable, read: Callable[[], What], *, erasure: int = 0) -> What:
        """The state made by an entry, read if it is not kept.

        Args:
            erasure: number of the last erasure, of what erasures reach.
        """
        found = self._states.get((erasure, entry))
        if found is None:
            found = read()
            fresh = [(key, state) for key, state in self._states.items() if key[0] == erasure]
            self._states = dict([*fresh[1 - STATES :], ((erasure, entry), found)])
        return found
