"""What members say where the truth is known, by cell: a cell is a field of a fact that two or more of them fill."""

from datetime import date
from pathlib import Path

import polars as pl

from alliance.corroboration import Facts
from alliance.signals import FieldType, signal_named
from alliance.view import History
from seeds.true_facts import ESTIMATED

CELL = ("signal", "field", "subject_id", "key")


def cells(history: History, numbers: pl.DataFrame, folder: Path, as_of: date) -> pl.DataFrame:
    """A row for each member and cell, from what was known by the end of a day.

    Args:
        numbers: ``company`` and ``registration_number`` of each company that has one.
        folder: of the seed alliance.

    Returns:
        ``cell`` (its number), ``CELL``, ``member``, ``known_at``, ``value`` (its latest), ``truth``, ``consensus``
        (null where contested), ``relative`` and ``absolute`` (the field's tolerance), ``share`` (whether it is a
        proportion). Amounts that are truly nought are left out: no error is relative to them.
    """
    facts = history.facts(as_of)
    codes = numbers.rename({"company": "subject_id"})
    parts = []
    for signal, fields in ESTIMATED.items():
        truth = pl.read_parquet(folder / "truth" / "facts" / f"{signal}.parquet").join(codes, on="registration_number")
        claims = history.claims.frames[signal].filter(pl.col("known_at") <= as_of)
        parts += [_cells(signal, field, claims, facts, truth) for field in fields]
    every = pl.concat(parts).filter((pl.col("truth") != 0.0) | pl.col("share"))
    return every.with_columns(pl.struct(CELL).rank("dense").alias("cell"))


def _cells(signal: str, field: str, claims: pl.DataFrame, facts: Facts, truth: pl.DataFrame) -> pl.DataFrame:
    fact, declared = ["subject_id", "key"], signal_named(signal).field(field)

    def valued(frame: pl.DataFrame, name: str) -> pl.DataFrame:
        return frame.select(*fact, pl.col(field).cast(pl.Float64).alias(name))

    said = claims.select(*fact, "member", "known_at", pl.col(field).cast(pl.Float64).alias("value")).drop_nulls("value")
    latest = said.unique([*fact, "member"], keep="last", maintain_order=True)  # a member's claims stand by day known
    return (
        latest.filter(pl.len().over(fact) > 1)
        .join(valued(truth, "truth").drop_nulls(), on=fact)
        .join(valued(facts.frames[signal], "consensus"), on=fact, how="left")
        .with_columns(
            pl.lit(signal).alias("signal"),
            pl.lit(field).alias("field"),
            pl.lit(declared.tolerance.relative).alias("relative"),
            pl.lit(declared.tolerance.absolute).alias("absolute"),
            pl.lit(declared.type is FieldType.SHARE).alias("share"),
        )
    )


def apart(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Whether two values of a cell lie further apart than its tolerance."""
    width = pl.max_horizontal("absolute", pl.col("relative") * pl.max_horizontal(one.abs(), other.abs()))
    return (one - other).abs() > width
