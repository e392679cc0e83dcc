"""Learn from agreement how reliable each member is, and which members only repeat what others say."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import polars as pl
from scipy.stats import beta

from alliance.corroboration.arrays import arrays_of, rules_of, starts_of
from alliance.corroboration.consensus import known_by
from alliance.corroboration.copies import copied
from alliance.corroboration.reliability import (
    PRIOR,
    PRIOR_CLAIMS,
    PRIOR_SPREAD,
    RELIABILITY_SCHEMA,
    voice,
)
from alliance.corroboration.trust_kernel import cells_of, discover
from alliance.signals import SIGNALS, Signal
from alliance.signals.claims import Claims

DECIMALS = 6
"""Places a reliability is kept to. The last bits of sums hang on the order of facts, which hangs on the order of
submissions; what is kept must not."""

INTERVAL = (0.05, 0.95)
"""The interval of a reliability holds it in nine of ten cases."""


def learn(claims: Claims, as_of: date) -> pl.DataFrame:
    """Reliability of every member and signal from the claims known by the end of a day.

    First the members are found that repeat others (``copies``): they have no voice of their own. Then each signal is
    learned by itself (``trust_kernel``): a member may know rounds well and cash badly. Values that nobody else tells of
    teach nothing; the fewer were checked, the nearer a reliability stays to the prior.

    Returns:
        ``RELIABILITY_SCHEMA`` with ``no`` null, by member and signal; every member that claims anything of a signal.
    """
    known = {signal: known_by(claims.frames[signal.name], as_of) for signal in SIGNALS}
    known = {signal: frame for signal, frame in known.items() if not frame.is_empty()}
    original = copied(known)
    parts = [_learned(signal, frame, original) for signal, frame in known.items()]
    columns = pl.lit(None, pl.Int64).alias("no"), pl.lit(as_of, pl.Date).alias("as_of")
    empty = pl.DataFrame(schema=RELIABILITY_SCHEMA)
    return pl.concat([empty, *(part.with_columns(columns).select(*RELIABILITY_SCHEMA) for part in parts)])


def _learned(signal: Signal, frame: pl.DataFrame, original: Mapping[str, str]) -> pl.DataFrame:
    voices = {member: voice(root, PRIOR, PRIOR_SPREAD) for member, root in original.items()}
    claims, members, names = arrays_of(signal, frame, starts_of(frame), voices)
    rules = rules_of(signal)
    starts, field_of, behind = cells_of(claims, members, rules)
    values = claims.values[behind, np.repeat(field_of, np.diff(starts))]
    heard = members.root[claims.member[behind]]
    right, spread, held, checked = discover(values, heard, starts, field_of, rules, len(names))
    wins = PRIOR_CLAIMS * PRIOR + held
    losses = PRIOR_CLAIMS * (1.0 - PRIOR) + np.maximum(checked - held, 0.0)
    low, high = (beta.ppf(share, wins, losses) for share in INTERVAL)
    learned = pl.DataFrame(
        {"root": names, "reliability": right, "low": low, "high": high, "spread": spread, "checked": checked}
    ).with_columns(pl.col("reliability", "low", "high", "spread").round(DECIMALS))
    given = pl.DataFrame({"member": frame["member"].unique().sort()})
    roots = pl.col("member").replace(dict(original)) if original else pl.col("member")
    # A copy is worth what its original is: they are one voice.
    return given.with_columns(roots.alias("root")).join(learned, on="root", how="left", maintain_order="left").select(
        "member",
        pl.lit(signal.name).alias("signal"),
        "reliability", "low", "high", pl.col("checked").cast(pl.Int64), "spread",
        pl.when(pl.col("root") != pl.col("member")).then("root").alias("copies"),
    )  # fmt: skip
