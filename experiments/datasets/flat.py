"""Flat tables of the field: read from a folder, numbers and categories told apart, examined in folds."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from alliance.errors import NotFound
from experiments.datasets.dataset import Column, Examination
from experiments.splits import by_company, company_folds

FOLDS = 5

UNDATED = date(1970, 1, 1)
"""Day of every row of a table that has no dates; nothing depends on it."""


def read_table(data: Path, path: str) -> pl.DataFrame:
    """A Parquet table of the folder of data sets.

    Raises:
        NotFound: it is not there.
    """
    file = data / path
    if not file.is_file():
        raise NotFound(f"There is no {path}.", remedy="Name the folder of the data sets: --data DIR.", folder=str(data))
    return pl.read_parquet(file)


def number(name: str) -> pl.Expr:
    """A column of text as numbers; what is no number is unknown."""
    value = pl.col(name).cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then(value).alias(name)


def word(name: str) -> pl.Expr:
    """A column of text as a category; empty is unknown."""
    return pl.col(name).cast(pl.String).replace("", None)


def labelled(
    rows: pl.DataFrame, columns: Sequence[Column], label: pl.Expr, *, case: pl.Expr, as_of: pl.Expr | None = None
) -> pl.DataFrame:
    """A data set's frame: rows with a label, in the order of their cases.

    Args:
        case: whose row it is; becomes ``company_id``.
        as_of: the day looked from; without it the rows are undated.
    """
    day = pl.lit(UNDATED, pl.Date) if as_of is None else as_of
    made = rows.select(
        case.cast(pl.String).alias("company_id"),
        day.alias("as_of"),
        *(column.name for column in columns),
        label.cast(pl.Boolean).alias("label"),
    )
    return made.drop_nulls(["label", "as_of"]).sort("as_of", "company_id", maintain_order=True)


def in_folds(frame: pl.DataFrame, folds: int = FOLDS) -> Examination:
    """Each row foretold by models that saw nothing of its company: so many folds, the same for every model."""
    fold = company_folds(frame["company_id"], folds)
    return Examination(
        name="folds",
        how=f"{folds} folds by case: each is foretold by models taught on the others",
        splits=tuple(by_company(frame, fold == place) for place in range(folds)),
    )
