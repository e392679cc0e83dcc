"""How far a member is to be believed: its reliability by signal, as learned by a day, and the weight of its voice.

A reliability is the chance that a value the member claims holds. It is learned from agreement (``learning``), kept with
the day it was learned as of, and never changed: facts as of a day rest on what could be learned by that day.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import polars as pl

PRIOR = 0.8
"""Reliability of a member of whom nothing is known yet: most members tell the truth most of the time."""
PRIOR_CLAIMS = 10.0
"""Checked values that weigh as much as the prior."""
PRIOR_SPREAD = 0.3
"""Typical distance from the truth, in tolerances, of a member whose exactness is not known yet."""

LEAST_WEIGHT = 0.05
"""Even a member that is mostly wrong is heard where it is the only one."""
LEAST_SPREAD = 0.1
"""No measure is so exact that it alone decides a mean."""

RELIABILITY_SCHEMA: dict[str, pl.DataType] = {
    "no": pl.Int64(),
    "as_of": pl.Date(),
    "member": pl.String(),
    "signal": pl.String(),
    "reliability": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "checked": pl.Int64(),
    "spread": pl.Float64(),
    "copies": pl.String(),
}
"""Reliabilities: ``low`` to ``high`` is the interval that holds it in nine of ten cases; ``checked`` counts the values
that another independent member claims, too; ``spread`` is the typical distance from the truth in tolerances; ``copies``
is the member whose claims it repeats. ``no`` is the entry they were stored under."""


class Voice(NamedTuple):
    """What a member's claims of a signal weigh.

    Attributes:
        root: whose voice it is: the member's own, unless it repeats another's claims.
        weight: log-odds of being right, the weight by which votes come nearest the truth (Nitzan and Paroush, 1982).
        precision: by which measures that agree are averaged: one by the square of their spread.
    """

    root: str
    weight: float
    precision: float


def voice(root: str, reliability: float, spread: float) -> Voice:
    held = min(max(reliability, 0.01), 0.99)
    return Voice(
        root=root,
        # In thousandths: sums of them are exact, so that no order of adding decides a vote.
        weight=round(max(math.log(held / (1.0 - held)), LEAST_WEIGHT) * 1000.0),
        precision=1.0 / max(spread, LEAST_SPREAD) ** 2,
    )


def newcomer(member: str) -> Voice:
    """The voice of a member of whom nothing has been learned."""
    return voice(member, PRIOR, PRIOR_SPREAD)


Voices = Mapping[str, Mapping[str, Voice]]
"""Voices by signal and member; who is not in it is a newcomer."""


class Reliabilities:
    """All reliabilities stored up to a watermark.

    Args:
        frame: ``RELIABILITY_SCHEMA``, any order.
    """

    def __init__(self, frame: pl.DataFrame) -> None:
        # Nothing is asked of an empty frame: there is one at import, which is to start no threads.
        if not frame.is_empty():
            frame = frame.sort("as_of", "no").unique(["as_of", "member", "signal"], keep="last", maintain_order=True)
        self.frame = frame
        self.days: list[date] = sorted(set(frame["as_of"]))
        self._voices: dict[date, Voices] = {}

    def as_of(self, day: date) -> pl.DataFrame:
        """The reliabilities last learned as of the day or before it; of no rows if nothing was."""
        place = bisect_right(self.days, day)
        return self.frame.filter(pl.col("as_of") == self.days[place - 1]) if place else self.frame.clear()

    def voices(self, day: date) -> Voices:
        """The voices of all members of whom anything was learned by a day."""
        place = bisect_right(self.days, day)
        if not place:
            return {}
        learned = self.days[place - 1]
        if learned not in self._voices:
            self._voices[learned] = _voices(self.as_of(learned))
        return self._voices[learned]


def _voices(table: pl.DataFrame) -> Voices:
    found: dict[str, dict[str, Voice]] = {}
    rows = table.select("signal", "member", "copies", "reliability", "spread").iter_rows()
    for signal, member, copies, reliability, spread in rows:
        found.setdefault(signal, {})[member] = voice(copies or member, reliability, spread)
    return found


NOTHING_LEARNED = Reliabilities(pl.DataFrame(schema=RELIABILITY_SCHEMA))
