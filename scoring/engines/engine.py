"""What an engine is, and the one that is always there."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

Piece = TypeVar("Piece")

Work = Callable[[Piece], bytes]
"""What is done with a piece: a function of a module, or a ``functools.partial`` of one, that a worker can import. Piece
and arguments are small and pickled: where the data lie, not the data. What comes of it are bytes, as of a frame
(``frames.to_bytes``)."""


class Engine(Protocol):
    """Does work piece by piece."""

    def mapped(self, work: Work[Piece], pieces: Iterable[Piece]) -> Iterator[bytes]:
        """What comes of each piece, in their order.

        Pieces are asked for a few ahead of what is yielded, never all at once: with as much held as a few make, any
        number can be done.
        """


class Local(AbstractContextManager["Local"]):
    """One piece after the other, in this process."""

    def __exit__(self, *_: object) -> None:
        return None

    def mapped(self, work: Work[Piece], pieces: Iterable[Piece]) -> Iterator[bytes]:
        return map(work, pieces)
