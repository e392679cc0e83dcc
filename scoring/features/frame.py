"""Facts to a feature table: the one implementation, for one company and for all of them."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

import polars as pl

from alliance.corroboration.facts import Facts
from alliance.signals import SIGNALS, Pillar, Subject, signal_named
from scoring.features.catalogue import FEATURES, ROWS, feature_named, inputs
from scoring.features.declaration import ALL_FACTS, Feature, Rows

_OF_SECTORS = frozenset(signal.name for signal in SIGNALS if signal.subject is Subject.SECTOR)

_OF_ALL = ("key", "event_at", "known_at", "members", "agreement", "contested")
_PILLAR = pl.Enum([pillar.value for pillar in Pillar])
_PILLARS = {signal.name: pl.lit(signal.pillar.value, _PILLAR).alias("pillar") for signal in SIGNALS}

_NUMBER = "number of the subject"
FINITE = "every value is finite"
"""Working column; no feature can have this name."""


def feature_frame(facts: Facts, features: Sequence[Feature] = FEATURES) -> pl.DataFrame:
    """One row of features for every company of the facts.

    A company's row depends on its own facts and its sector's alone: not on other companies, not on the order of rows.
    Inputs of derived features are computed also when they are not asked for.

    Returns:
        ``company_id`` (String, sorted), then one Float64 column per feature in the order given. Null is unknown, and
        so is every feature of a signal of which there are no facts; there is no NaN and no infinity.

    Raises:
        NotFound: a feature's signal, or a derived feature's input, does not exist.
    """
    aggregations, derivations = _compiled(tuple(features))
    plan = pl.LazyFrame({"company_id": sorted(facts.companies)}, schema={"company_id": pl.String})
    plan = plan.join(_sectors(facts), on="company_id", how="left", maintain_order="left")
    for signal, values in aggregations.items():
        key = "sector" if signal in _OF_SECTORS else "company_id"
        frame = _all_facts(facts) if signal == ALL_FACTS else facts.frames[signal_named(signal).name]
        if frame.is_empty():
            plan = plan.with_columns(pl.lit(None, pl.Float64).alias(value.meta.output_name()) for value in values)
        else:
            in_time = facts.in_time and signal != ALL_FACTS
            aggregated = _aggregated(frame, ROWS.get(signal, {}), facts.as_of, values, in_time=in_time)
            plan = plan.join(aggregated.rename({"subject_id": key}), on=key, how="left", maintain_order="left")
    for value in derivations:
        plan = plan.with_columns(value)
    names = [feature.name for feature in features]
    plan = plan.select("company_id", *names, pl.sum_horizontal(names).is_finite().alias(FINITE))
    # One plan, since every query has a price; in memory, since only that engine keeps the order of rows in a group.
    frame = plan.collect(engine="in-memory", optimizations=pl.QueryOptFlags.none())
    # There is hardly ever anything to mend, and to look takes a tenth of the time of mending every column.
    return frame if frame.drop_in_place(FINITE).all() else frame.with_columns(_finite(name) for name in names)


def _finite(name: str) -> pl.Expr:
    """The column, with whatever is not a finite number made unknown."""
    return pl.when(pl.col(name).is_finite()).then(pl.col(name)).alias(name)


@lru_cache(maxsize=64)
def _compiled(features: tuple[Feature, ...]) -> tuple[dict[str, list[pl.Expr]], list[pl.Expr]]:
    """What to aggregate, by signal, and what to derive from it, in order: for the features and all their inputs."""
    aggregations: dict[str, list[pl.Expr]] = {}
    derivations: list[pl.Expr] = []
    for feature in _with_inputs(features):
        value = feature.expr.cast(pl.Float64).alias(feature.name)
        values = derivations if feature.signal is None else aggregations.setdefault(feature.signal, [])
        values.append(value)
    return aggregations, derivations


def _with_inputs(features: Sequence[Feature]) -> list[Feature]:
    """The features and all they are derived from, inputs first; one given stands before one listed."""
    given = {feature.name: feature for feature in features}
    needed: dict[str, Feature] = {}

    def need(feature: Feature) -> None:
        for name in inputs(feature):
            need(given.get(name) or feature_named(name))
        needed.setdefault(feature.name, feature)

    for feature in features:
        need(feature)
    return list(needed.values())


def _sectors(facts: Facts) -> pl.LazyFrame:
    """``company_id`` and ``sector``, by which the facts of sectors are joined."""
    profiles = facts.frames["company_profile"].lazy().sort("event_at", "key")
    return profiles.group_by(pl.col("subject_id").alias("company_id")).agg(pl.col("sector").last(ignore_nulls=True))


def _all_facts(facts: Facts) -> pl.DataFrame:
    """What is known of every fact of a company, whatever its signal."""
    found = [
        frame.select("subject_id", _PILLARS[signal.name], *_OF_ALL)
        for signal in SIGNALS
        if signal.name not in _OF_SECTORS and not (frame := facts.frames[signal.name]).is_empty()
    ]
    return pl.concat(found) if found else pl.DataFrame()


def _aggregated(
    frame: pl.DataFrame, rows: Rows, day: date, values: Sequence[pl.Expr], *, in_time: bool
) -> pl.LazyFrame:
    """One row per subject with facts: ``subject_id``, then the values."""
    as_of = pl.lit(day, pl.Date)
    age = (as_of - pl.col("event_at")).dt.total_days()
    if not in_time:
        ordered = frame.lazy().sort("event_at", "key").with_columns(as_of=as_of, age=age)
        return ordered.with_columns(**rows).group_by("subject_id").agg(values)
    # A subject's facts lie together, in order: numbered so that this is seen, they need no search.
    numbered = frame.lazy().with_columns(pl.col("subject_id").rle_id().set_sorted().alias(_NUMBER))
    ordered = numbered.with_columns(as_of=as_of, age=age).with_columns(**rows)
    return ordered.group_by(_NUMBER).agg(pl.col("subject_id").first(), *values).drop(_NUMBER)
