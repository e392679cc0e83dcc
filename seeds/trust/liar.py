"""Whether the member that lies is found, how soon, and whether the one that copies it is of any help to it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
from scipy.stats import beta

from alliance.corroboration import Reliabilities
from alliance.corroboration.learning import INTERVAL, learn
from alliance.corroboration.reliability import PRIOR, PRIOR_CLAIMS
from alliance.signals.claims import Claims

IN_TIME = 3
"""Quarters an alliance may take to find the liar."""


@dataclass(frozen=True)
class Planted:
    """The liar and its copier, as the simulator planted them."""

    liar: str
    copier: str

    @classmethod
    def of(cls, folder: Path) -> "Planted":
        """Those of a seed alliance's folder."""
        told = json.loads((folder / "truth" / "copier.json").read_text(encoding="utf-8"))
        return cls(liar=told["copies"], copier=told["member"])


@dataclass(frozen=True)
class Standing:
    """How a member stands among those that have a voice of their own.

    Attributes:
        rank: place by reliability, 1 for the least.
        members: how many are ranked.
        reliability, low, high: over all its signals, with the interval that holds it in nine of ten cases.
    """

    rank: int
    members: int
    reliability: float
    low: float
    high: float

    @property
    def found(self) -> bool:
        """Whether it is ranked last, and is surely worth less than a newcomer."""
        return self.rank == 1 and self.high < PRIOR


def pooled(learned: pl.DataFrame) -> pl.DataFrame:
    """Reliability of each member with a voice of its own over all its signals, the least first.

    What holds of the values checked is added up over signals; the prior counts once, as it does for one signal.

    Args:
        learned: reliabilities as of one day (``RELIABILITY_SCHEMA``).
    """
    checked = pl.col("checked").cast(pl.Float64)
    held = pl.col("reliability") * (PRIOR_CLAIMS + checked) - PRIOR_CLAIMS * PRIOR
    alone = learned.filter(pl.col("copies").is_null().all().over("member"))
    sums = alone.group_by("member").agg(held.sum().alias("held"), checked.sum())
    wins, losses = PRIOR_CLAIMS * PRIOR + sums["held"], PRIOR_CLAIMS * (1.0 - PRIOR) + sums["checked"] - sums["held"]
    low, high = (pl.Series(beta.ppf(share, wins, losses.clip(lower_bound=1e-9))) for share in INTERVAL)
    columns = (wins / (wins + losses)).alias("reliability"), low.alias("low"), high.alias("high")
    return sums.with_columns(*columns).sort("reliability", "member").select("member", "reliability", "low", "high")


def standing(learned: pl.DataFrame, member: str) -> Standing:
    """How a member stands by what was learned as of one day; the member must have a voice of its own."""
    ranked = pooled(learned)
    place = ranked["member"].index_of(member)
    assert place is not None
    row = ranked.row(place, named=True)
    return Standing(place + 1, ranked.height, row["reliability"], row["low"], row["high"])


def last_since(reliabilities: Reliabilities, member: str) -> date | None:
    """The day from which on the member was found at every day learned; ``None`` if it is not by the last."""
    since = None
    for day in reversed(reliabilities.days):
        learned = reliabilities.as_of(day)
        if member not in learned["member"] or not standing(learned, member).found:
            break
        since = day
    return since


def quarters_to_find(claims: Claims, member: str, ends: Sequence[date]) -> int | None:
    """Quarters an alliance needs to find a member when it begins with nothing; ``None`` if they do not do.

    Args:
        claims: all claims; those known before the first of the quarters are not looked at.
        ends: last days of quarters that follow each other, the first one being that before the alliance begins.
    """
    begun = Claims({name: rows.filter(pl.col("known_at") > ends[0]) for name, rows in claims.frames.items()}, 0)
    for number, day in enumerate(ends[1:], 1):
        learned = learn(begun, day)
        if member in learned["member"] and standing(learned, member).found:
            return number
    return None


def without(claims: Claims, member: str) -> Claims:
    """The claims of all other members."""
    frames = {name: rows.filter(pl.col("member") != member) for name, rows in claims.frames.items()}
    return Claims(frames, claims.watermark)
