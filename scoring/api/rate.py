"""How often one may ask: a bucket of tokens for each name, filling over time. Of one process, bounded in memory."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from alliance.errors import AllianceError

_ROUNDING = 1e-6
"""Of a token, lost where seconds become tokens."""

MOST_BUCKETS = 10_000
"""Names remembered. Who has not asked for longest is forgotten first, with a bucket that has filled longest."""


@dataclass(frozen=True)
class Allowance:
    """What is left of a bucket.

    Attributes:
        allowed: whether there was a token to take.
        left: whole tokens left.
        wait: seconds until there is one again; 0 while there is.
        full: seconds until the bucket is full again, if nothing more is taken.
    """

    allowed: bool
    left: int
    wait: int
    full: int


class RateExceeded(AllianceError):
    """Asked more often than allowed.

    Attributes:
        wait: seconds after which to ask again.
    """

    code = "limit.rate"

    def __init__(self, message: str, wait: int) -> None:
        super().__init__(message, remedy=f"Ask again in {wait} s; a portfolio is a batch.")
        self.wait = wait


class Buckets:
    """Buckets of one size; not for threads: one event loop asks.

    Args:
        per_minute: tokens that flow into each bucket.
        burst: tokens it holds, and starts with.
        clock: seconds that only grow.
    """

    def __init__(self, per_minute: int, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute, self.burst = per_minute, burst
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> Allowance:
        """Take a token of a name's bucket, if there is one."""
        now = self._clock()
        held, since = self._kept.pop(name, (float(self.burst), now))
        held = min(self.burst, held + (now - since) * self.per_minute / 60)
        allowed = held > 1 - _ROUNDING
        held = max(0.0, held - allowed)
        self._kept[name] = (held, now)
        if len(self._kept) > MOST_BUCKETS:
            self._kept.popitem(last=False)
        wait, full = (math.ceil(max(0.0, want - held) * 60 / self.per_minute) for want in (1, self.burst))
        return Allowance(allowed, int(held), wait, full)

    def __len__(self) -> int:
        return len(self._kept)
