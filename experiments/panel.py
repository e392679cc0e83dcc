"""Companies x days: what was known of each company on each day, and whether the outcome came after it."""

import hashlib
from calendar import monthrange
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import polars as pl

from alliance.corroboration.facts import Facts
from alliance.errors import InvalidInput
from alliance.rights import Access
from alliance.view import History
from experiments.outcome import Outcome
from scoring.features import FEATURES, Feature, feature_frame
from scoring.months import months_after

LABEL, VINTAGE = "label", "vintage"

Progress = Callable[[int], None]
"""Told how many more days have been done."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Panel:
    """A table to learn from.

    Attributes:
        frame: one row per company at risk and day, by day, then company: ``company_id`` (String), ``as_of`` (Date), the
            features (Float64, null for unknown), ``label`` (Boolean: the outcome came within the horizon), ``vintage``
            (Int32: year of the first funding round known by then, null for none).
        features: the features, in order.
        outcome, horizon_months: what the label says.
        data_cut: labels are as known by this day.
        watermark: number of the last submission the facts can hold.
        access: the rights the facts were read under.
    """

    frame: pl.DataFrame
    features: tuple[Feature, ...]
    outcome: Outcome
    horizon_months: int
    data_cut: date
    watermark: int
    access: Access

    @property
    def names(self) -> list[str]:
        """Names of the features, in order."""
        return [feature.name for feature in self.features]

    @property
    def sha256(self) -> str:
        """Digest of the table's content, hexadecimal: equal tables have equal digests, whichever version wrote them."""
        return table_sha256(self.frame)


def table_sha256(frame: pl.DataFrame) -> str:
    """Digest of a table's names, kinds and values, hexadecimal."""
    digest = hashlib.sha256("\n".join(f"{name} {kind}" for name, kind in frame.schema.items()).encode())
    for column in frame:
        values = column.to_physical()
        if values.dtype == pl.String:
            digest.update("\n".join(values.fill_null("")).encode())
        else:
            digest.update(values.cast(pl.Float64).fill_null(float("nan")).to_numpy().tobytes())
    return digest.hexdigest()


def panel(
    history: History,
    dates: Sequence[date],
    outcome: Outcome,
    horizon_months: int,
    *,
    features: Sequence[Feature] = FEATURES,
    data_cut: date | None = None,
    progress: Progress | None = None,
) -> Panel:
    """Features and labels of every company at risk on every day.

    Features and the population see what was known by the end of the day. The label is whether an event of the outcome
    happened after the day and not later than ``horizon_months`` months after it, as known by the data cut. A company
    that leaves in another way within the horizon (is acquired, say) counts as one the outcome did not befall.

    Args:
        dates: the as-of days; each one's horizon must end by the data cut.
        data_cut: day by whose knowledge labels are told; by default the last day anything became known.
        progress: called with 1 after each day.

    Raises:
        InvalidInput: no days, or a day whose horizon ends after the data cut.
    """
    cut = data_cut or last_known(history)
    days = complete(dates, horizon_months, cut)
    events = events_of(history.only(("credit_event",)).facts(cut), outcome)
    parts = _in_turn(
        history.over(days),
        lambda facts: _labelled(facts, features, outcome, events, months_after(facts.as_of, horizon_months)),
    )
    return Panel(
        frame=pl.concat(_told(parts, progress)),
        features=tuple(features),
        outcome=outcome,
        horizon_months=horizon_months,
        data_cut=cut,
        watermark=history.claims.watermark,
        access=history.access,
    )


def _in_turn(days: Iterable[Facts], rows_of: Callable[[Facts], pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The rows of each day, in order; two days at a time, since one does not keep two processors busy."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        begun: deque[Future[pl.DataFrame]] = deque()
        for facts in days:
            begun.append(pool.submit(rows_of, facts))
            if len(begun) > 1:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()


def _told(parts: Iterable[pl.DataFrame], progress: Progress | None) -> Iterator[pl.DataFrame]:
    for part in parts:
        yield part
        if progress:
            progress(1)


def complete(dates: Sequence[date], horizon_months: int, cut: date) -> list[date]:
    """The as-of days in order; ``InvalidInput`` where there are none, or one's horizon ends after the data cut."""
    days = sorted(set(dates))
    late = [day for day in days if months_after(day, horizon_months) > cut]
    if late or not days:
        wrong = (
            f"{late[0]}'s horizon of {horizon_months} months ends after the data ({cut})" if late else "no days given"
        )
        raise InvalidInput(
            f"No panel: {wrong}.", remedy="Leave out days whose outcome cannot be known yet.", field="dates"
        )
    return days


def events_of(facts: Facts, outcome: Outcome) -> pl.DataFrame:
    """``company_id`` and ``event_at`` of every event of the outcome."""
    events = facts.frames["credit_event"].filter(pl.col("kind").is_in(outcome.kinds))
    return events.select(pl.col("subject_id").alias("company_id"), "event_at")


def _labelled(
    facts: Facts, features: Sequence[Feature], outcome: Outcome, events: pl.DataFrame, until: date
) -> pl.DataFrame:
    """The panel's rows of one day."""
    befallen = events.filter(pl.col("event_at") > facts.as_of, pl.col("event_at") <= until)["company_id"].unique()
    rounds = facts.frames["funding_round"].group_by(pl.col("subject_id").alias("company_id"))
    vintages = rounds.agg(pl.col("event_at").min().dt.year().cast(pl.Int32).alias(VINTAGE))
    at_risk = outcome.at_risk(facts)
    return (
        feature_frame(facts, features)
        .filter(pl.col("company_id").is_in(at_risk.implode()))
        .join(vintages, on="company_id", how="left", maintain_order="left")
        .with_columns(
            pl.lit(facts.as_of, pl.Date).alias("as_of"), pl.col("company_id").is_in(befallen.implode()).alias(LABEL)
        )
        .select("company_id", "as_of", *(feature.name for feature in features), LABEL, VINTAGE)
    )


def last_known(history: History) -> date:
    """The last day anything became known.

    Raises:
        InvalidInput: nothing is known at all.
    """
    days = [frame["known_at"].max() for frame in history.claims.frames.values()]
    found = [day for day in days if isinstance(day, date)]
    if not found:
        raise InvalidInput("There are no records to learn from.", remedy="Submit members' files first.")
    return max(found)


def quarter_ends(first: date, last: date) -> list[date]:
    """The last days of calendar quarters from ``first`` to ``last``, both included."""
    ends = [
        date(year, month, monthrange(year, month)[1])
        for year in range(first.year, last.year + 1)
        for month in (3, 6, 9, 12)
    ]
    return [day for day in ends if first <= day <= last]
