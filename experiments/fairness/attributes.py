"""Which groups companies are of, by what was known on the row's day; places and sizes are no inputs of the model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from alliance.corroboration.facts import Facts
from experiments.datasets.flat import number, read_table, word
from experiments.datasets.german_credit import TABLE as GERMAN
from experiments.datasets.taiwan_default import TABLE as TAIWAN
from experiments.fairness.policy import Sizes

Grouping = Callable[[Facts, Sizes], pl.DataFrame]
"""Facts as of a day -> ``subject_id`` and ``group`` (String) of the companies it is known of."""


def _profile(field: str) -> Grouping:
    def of(facts: Facts, _: Sizes) -> pl.DataFrame:
        return _latest(facts.frames["company_profile"], pl.col(field))

    return of


def _stage(facts: Facts, _: Sizes) -> pl.DataFrame:
    """The stage of the last round."""
    return _latest(facts.frames["funding_round"], pl.col("stage"))


def _size(facts: Facts, sizes: Sizes) -> pl.DataFrame:
    """The size by the last headcount."""
    return _latest(facts.frames["headcount"], sized(pl.col("employees"), sizes))


def sized(employees: pl.Expr, sizes: Sizes) -> pl.Expr:
    """Size by number of employees; unknown stays so."""
    bands = pl.when(employees >= sizes.large).then(pl.lit("large")).when(employees >= sizes.medium)
    small = bands.then(pl.lit("medium")).when(employees >= sizes.small).then(pl.lit("small"))
    return small.when(employees >= 0).then(pl.lit("micro"))


def _latest(frame: pl.DataFrame, group: pl.Expr) -> pl.DataFrame:
    """The group of each company by its last fact that tells it."""
    told = frame.select("subject_id", "event_at", group.cast(pl.String).alias("group")).drop_nulls("group")
    return (
        told.sort("event_at", maintain_order=True)
        .group_by("subject_id", maintain_order=True)
        .agg(pl.col("group").last())
    )


GROUPINGS: Mapping[str, Grouping] = {
    "region": _profile("region"),
    "stage": _stage,
    "sector": _profile("sector"),
    "size": _size,
}
"""By what companies of a store can be grouped."""


def groups_on(facts: Facts, companies: pl.Series, attributes: tuple[str, ...], sizes: Sizes) -> pl.DataFrame:
    """One row a company, in the order given: ``company_id``, then its group by each attribute, null for unknown.

    Raises:
        KeyError: an attribute is none of ``GROUPINGS``.
    """
    made = pl.DataFrame({"company_id": companies})
    for attribute in attributes:
        found = GROUPINGS[attribute](facts, sizes).rename({"subject_id": "company_id", "group": attribute})
        made = made.join(found, on="company_id", how="left", maintain_order="left")
    return made


@dataclass(frozen=True)
class FlatGroups:
    """Groups of a flat table.

    Attributes:
        dataset: its name.
        table: the file of the folder of data sets that tells them, and ``case``, its column of row ids; empty where the
            data set's own columns do.
        groups: by attribute, an expression that gives the group.
        source: why these.
    """

    dataset: str
    groups: tuple[tuple[str, pl.Expr], ...]
    source: str
    table: str = ""
    case: str = ""


_GERMAN_AGE = pl.when(number("age_in_years") > 25).then(pl.lit("over 25")).otherwise(pl.lit("25 and under"))
_TAIWAN_AGE = pl.when(number("AGE") > 25).then(pl.lit("over 25")).otherwise(pl.lit("25 and under"))

FLAT: tuple[FlatGroups, ...] = (
    FlatGroups(
        dataset="sba_7a",
        groups=(
            ("region", pl.col("State")),
            ("sector", pl.col("sector")),
            ("surroundings", pl.col("UrbanRural").replace({"1": "urban", "2": "rural"})),
            ("stage", pl.when(pl.col("new_business") == 1).then(pl.lit("new")).otherwise(pl.lit("existing"))),
        ),
        source="columns of the loans; state, surroundings and sector are inputs of that model, too",
    ),
    FlatGroups(
        dataset="german_credit",
        groups=(("sex", word("personal_status_and_sex").str.split(" ").list.first()), ("age", _GERMAN_AGE)),
        source="people; sex is no input of that model, age is. 25 years: Kamiran and Calders (2009)",
        table=GERMAN,
    ),
    FlatGroups(
        dataset="taiwan_default",
        groups=(("sex", word("GENDER").replace({"1": "male", "2": "female"})), ("age", _TAIWAN_AGE)),
        source="people; neither is an input of that model",
        table=TAIWAN,
        case="ID",
    ),
)
"""Data sets other than a store that tell groups."""


def flat_groups(given: FlatGroups, tested: pl.DataFrame, data: Path) -> dict[str, list[str | None]]:
    """By attribute, the group of each row of a flat table (n), null for unknown."""
    expressions = [group.cast(pl.String).alias(name) for name, group in given.groups]
    if not given.table:
        found = tested.select(expressions)
    else:
        table = read_table(data, given.table).with_row_index("row")
        case = pl.col(given.case or "row").cast(pl.String).alias("company_id")
        found = tested.select("company_id").join(
            table.select(case, *expressions), on="company_id", how="left", maintain_order="left"
        )
    return {name: found[name].to_list() for name, _ in given.groups}
