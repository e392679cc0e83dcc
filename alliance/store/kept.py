"""What was read of the store by an entry, kept in memory: it is append-only, so only an erasure makes it stale."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Generic, TypeVar

What = TypeVar("What")
Key = TypeVar("Key", bound=Hashable)

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


MOST_ANSWERS = 10_000
"""Answers kept at a watermark, some kB each."""


class KeptAt(Generic[Key, What]):
    """Answers at the watermark last asked at; when another is asked at, they are forgotten. Threads may share them."""

    def __init__(self) -> None:
        self._at: tuple[int, dict[Key, What]] = (0, {})

    def get(self, mark: int, keys: Iterable[Key], read: Callable[[list[Key]], Mapping[Key, What]]) -> dict[Key, What]:
        """The answers to some keys, those that are not kept read together; keys without an answer are left out."""
        at, answers = self._at
        if at != mark or len(answers) > MOST_ANSWERS:
            answers = {}
            self._at = (mark, answers)
        wanted = list(dict.fromkeys(keys))
        if missing := [key for key in wanted if key not in answers]:
            answers |= read(missing)
        return {key: answers[key] for key in wanted if key in answers}
