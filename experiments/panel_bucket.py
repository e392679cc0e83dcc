"""The panel's rows of one exported bucket of companies: what a worker does, with what it needs and no more."""

from dataclasses import dataclass
from datetime import date

from alliance.export import Bucket, read_bucket
from experiments.outcome import outcome_named
from experiments.panel import panel
from scoring.engines.frames import to_bytes


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a bucket's rows are to be: the arguments of ``panel`` that all buckets share."""

    days: tuple[date, ...]
    outcome: str
    horizon_months: int
    data_cut: date


def rows_of(asked: Asked, bucket: Bucket) -> bytes:
    """The rows of a bucket's companies, by day, then company; what a worker does."""
    made = panel(
        read_bucket(bucket), asked.days, outcome_named(asked.outcome), asked.horizon_months, data_cut=asked.data_cut
    )
    return to_bytes(made.frame)
