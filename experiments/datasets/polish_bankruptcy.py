"""Polish companies (Zieba, Tomczak and Tomczak, UCI): 64 ratios of a statement, and bankruptcy five years on."""

from pathlib import Path

import polars as pl

from experiments.datasets.dataset import Column, Dataset, Published
from experiments.datasets.flat import in_folds, labelled, number, read_table

TABLE = "polish_bankruptcy/year1.parquet"

ABOUT = (
    "Polish bankruptcy, first year: 64 ratios of 7,027 companies' statements, 271 of them bankrupt five years on"
    " (UCI, CC BY 4.0). Undated, and the same company may stand behind several rows without saying so."
)

COLUMNS = tuple(Column(f"Attr{place}", f"ratio {place}") for place in range(1, 65))

PUBLISHED = (
    Published(
        by="Zieba, Tomczak and Tomczak (2016), Expert Systems with Applications 58",
        said="AUC 0.959 in ten folds by boosted trees on synthetic features (EXGB), first year",
        verified=False,
    ),
)


def polish_bankruptcy(data: Path) -> Dataset:
    """The statements in five folds."""
    read = read_table(data, TABLE).with_row_index("case").with_columns(*(number(column.name) for column in COLUMNS))
    frame = labelled(read, COLUMNS, pl.col("class").cast(pl.String) == "1", case=pl.col("case"))
    return Dataset(
        name="polish_bankruptcy",
        about=ABOUT,
        frame=frame,
        columns=COLUMNS,
        horizon_months=0,
        examinations=(in_folds(frame),),
        published=PUBLISHED,
    )
