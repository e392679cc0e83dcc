"""The rule corroboration is measured against: of each field of a fact, the claim known last wins, whoever made it."""

from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl

from alliance.corroboration import Facts, fact_schema
from alliance.signals import SIGNALS, Signal
from alliance.signals.claims import Claims
from alliance.view import History


class LatestClaims(History):
    """The claims of a history, made into facts by the simplest rule; nothing is ever contested."""

    @classmethod
    def of(cls, history: History) -> "LatestClaims":
        return cls(history.claims, history.access, history.companies, rulings=history.rulings)

    def facts(self, as_of: date, companies: Sequence[str] | None = None) -> Facts:
        """Facts as known by the end of a day."""
        subjects = self.companies if companies is None else companies
        return latest(self.known(as_of, companies), subjects, as_of)

    def over(self, days: Sequence[date]) -> Iterator[Facts]:
        """Facts as of many days, in order of time."""
        return map(self.facts, sorted(set(days)))


def latest(claims: Claims, companies: Sequence[str], as_of: date) -> Facts:
    """Facts of claims known by a day: within a fact each field takes its latest known value that is not null.

    Agreement is never measured: every member counts, copies too.
    """
    frames = {signal.name: _facts(signal, claims.frames[signal.name]) for signal in SIGNALS}
    return Facts(as_of=as_of, companies=tuple(sorted(companies)), frames=frames, watermark=claims.watermark)


def _facts(signal: Signal, claims: pl.DataFrame) -> pl.DataFrame:
    made = (
        claims.sort("known_at", "submission_no", "row")
        .group_by("subject_id", "key", maintain_order=True)
        .agg(
            pl.col("event_at", "known_at").last(),
            pl.col("member").n_unique().alias("members"),
            pl.lit(None, pl.Float64).alias("agreement"),
            pl.lit(0, pl.UInt32).alias("contested"),
            pl.col(list(signal.schema)).drop_nulls().last(),
        )
    )
    return made.select(*fact_schema(signal)).cast(pl.Schema(fact_schema(signal))).sort("subject_id", "key")
