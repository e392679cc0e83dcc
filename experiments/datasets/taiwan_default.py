"""Taiwan's credit-card clients of 2005 (Yeh and Lien, UCI): 30,000 people, 22 per cent in default next month."""

from pathlib import Path

import polars as pl

from experiments.datasets.dataset import Column, Dataset, Published
from experiments.datasets.flat import in_folds, labelled, number, read_table
from scoring.features import Direction

TABLE = "uci_taiwan_default/uci_credit_card.parquet"

ABOUT = (
    "Taiwan default: 30,000 credit-card clients of 2005 and whether they defaulted the month after (UCI, CC BY 4.0)."
    " Gender, marriage and age are left out."
)

MONTHS = (1, 2, 3, 4, 5, 6)
"""Months back from September 2005."""

COLUMNS = (
    Column("LIMIT_BAL", "credit limit", Direction.LOWERS_RISK),
    *(Column(f"PAY_{month if month > 1 else 0}", f"months in arrears, {month} back", Direction.RAISES_RISK)
      for month in MONTHS),
    *(Column(f"BILL_AMT{month}", f"bill, {month} back") for month in MONTHS),
    *(Column(f"PAY_AMT{month}", f"paid, {month} back", Direction.LOWERS_RISK) for month in MONTHS),
)  # fmt: skip

PUBLISHED = (
    Published(
        by="Yeh and Lien (2009), Expert Systems with Applications 36",
        said="area ratio of the lift curve 0.54 by neural networks, 0.44 by logistic regression (AUC 0.77 and 0.72)",
        verified=False,
    ),
)


def taiwan_default(data: Path) -> Dataset:
    """The clients in five folds."""
    read = read_table(data, TABLE).with_columns(*(number(column.name) for column in COLUMNS))
    label = pl.col("default.payment.next.month") == "1"
    frame = labelled(read, COLUMNS, label, case=pl.col("ID"))
    return Dataset(
        name="taiwan_default",
        about=ABOUT,
        frame=frame,
        columns=COLUMNS,
        horizon_months=0,
        examinations=(in_folds(frame),),
        published=PUBLISHED,
    )
