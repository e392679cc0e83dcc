"""The simplest rule of corroboration: of each field of a fact, the latest claim that fills it."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from alliance.corroboration.facts import Facts, no_facts
from alliance.plans import collected
from alliance.signals import SIGNALS, Signal
from alliance.signals.claims import Claims


def corroborate(claims: Claims, companies: Sequence[str], as_of: date) -> Facts:
    """Facts as known by the end of ``as_of``: claims known later, or of later events, are not looked at.

    Within a fact (claims of one subject with one key) each field takes its latest non-null value, by ``known_at``, then
    submission, then row; ``members`` counts the members that claim the fact.
    """
    frames: dict[str, pl.DataFrame] = {signal.name: no_facts(signal) for signal in SIGNALS}
    given = [signal for signal in SIGNALS if not claims.frames[signal.name].is_empty()]
    frames |= collected({signal.name: _facts(signal, claims.frames[signal.name].lazy(), as_of) for signal in given})
    return Facts(as_of=as_of, companies=tuple(sorted(companies)), frames=frames, watermark=claims.watermark)


def _facts(signal: Signal, claims: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    return (
        claims.filter(pl.col("known_at") <= as_of, pl.col("event_at") <= as_of)
        .sort("known_at", "submission_no", "row", maintain_order=True)
        .group_by("subject_id", "key", maintain_order=True)
        .agg(
            pl.col("event_at", "known_at").last(),
            pl.col("member").n_unique().alias("members"),
            pl.col(list(signal.schema)).drop_nulls().last(),
        )
        .sort("subject_id", "event_at", "key")
    )
