"""Two sides of a comparison, timed in turn, so that a drift of the machine's speed falls on both."""

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Comparison:
    """Seconds of both sides, run by run.

    Attributes:
        name: what is compared.
        unit: what one run does.
        ours, peer: seconds of each run; ``peer_name`` says who the peer is.
        aim: the ratio wanted, peer's seconds by ours; ``None`` where none was set.
        bound: what limits the figure now, and what would move it.
    """

    name: str
    unit: str
    ours: tuple[float, ...]
    peer: tuple[float, ...]
    peer_name: str
    aim: float | None
    bound: str = ""

    @property
    def ratios(self) -> list[float]:
        """The peer's seconds by ours, pair by pair, sorted: above 1 we are faster."""
        return sorted(theirs / own for own, theirs in zip(self.ours, self.peer, strict=True))

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)

    @property
    def reached(self) -> float:
        """Share of the aim: from 1 on it is reached; infinite where there is none."""
        return math.inf if self.aim is None else self.ratio / self.aim


def compare(
    name: str,
    ours: Callable[[int], object],
    peer: Callable[[int], object],
    *,
    unit: str,
    peer_name: str,
    aim: float | None = None,
    bound: str = "",
    runs: int = 7,
) -> Comparison:
    """Time both sides ``runs`` times in turn, after one run of each that does not count.

    Args:
        ours, peer: one run; told its number, so that it can work on something new each time.
    """
    seconds: tuple[list[float], list[float]] = ([], [])
    for number in range(runs + 1):
        for side, taken in zip((ours, peer), seconds, strict=True):
            started = time.perf_counter()
            side(number)
            taken.append(time.perf_counter() - started)
    return Comparison(name, unit, tuple(seconds[0][1:]), tuple(seconds[1][1:]), peer_name, aim, bound)


@dataclass(frozen=True)
class Limit:
    """A measured amount that is to stay below a limit; both in ``unit``. ``bound`` as of a comparison."""

    name: str
    measured: float
    unit: str
    limit: float
    bound: str = ""

    @property
    def reached(self) -> float:
        """Share of the aim: from 1 on it is reached."""
        return self.limit / self.measured if self.measured else math.inf


@dataclass(frozen=True)
class Rate:
    """Requests a second of a server, run by run, and how long its answers take.

    Attributes:
        name: who answers what.
        connections: open at a time, each with one request under way.
        per_second: answers a second of each run.
        p50, p99: milliseconds of each run.
    """

    name: str
    connections: int
    per_second: tuple[float, ...]
    p50: tuple[float, ...]
    p99: tuple[float, ...]


@dataclass
class Found:
    """What a part of the benchmarks found."""

    comparisons: list[Comparison] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)
    rates: list[Rate] = field(default_factory=list)

    def add(self, other: "Found") -> None:
        self.comparisons += other.comparisons
        self.limits += other.limits
        self.rates += other.rates


def timed(work: Callable[[], object], runs: int = 3) -> float:
    """Seconds of the median run."""
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)
