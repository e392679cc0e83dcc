"""What was read of the store by an entry, kept in memory: the store is append-only, so it never goes stale."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

What = TypeVar("What")

STATES = 4
"""States kept: the latest, and those that replays ask for."""


class Kept(Generic[What]):
    """The last few states, by the entry or entries that made them. Threads may share them: all are replaced at once."""

    def __init__(self) -> None:
        self._states: dict[Hashable, What] = {}

    def get(self, entry: Hashable, read: Callable[[], What]) -> What:
        """The state made by an entry, read if it is not kept."""
        found = self._states.get(entry)
        if found is None:
            found = read()
            self._states = dict([*list(self._states.items())[1 - STATES :], (entry, found)])
        return found
