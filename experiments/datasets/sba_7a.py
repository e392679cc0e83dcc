"""Small-business loans guaranteed by the US Small Business Administration, program 7(a), with their real outcome.

A flat table, not a member's submission: what foretells here (a new business, the programme, the guaranteed share, the
line of credit, the lender's state) has no signal in a catalogue made for sci-tech start-ups, and each loan is looked at
on its own day of approval, once; a store would keep the amount, the staff and the place, and lose the rest.
"""

from datetime import date
from pathlib import Path

import polars as pl

from experiments.datasets.dataset import Column, Dataset, Examination
from experiments.datasets.flat import in_folds, labelled, number, read_table, word
from experiments.splits import by_company
from scoring.features import Direction

TABLE = "sba_7a/national_head22k.parquet"

FIRST_APPROVAL = date(1997, 1, 1)
"""Of the 320 older loans on file 292 were charged off: they were kept because they were."""

LATER_VINTAGE = date(2005, 1, 1)
"""Out of vintage: loans approved before this day teach, those approved since examine."""

ABOUT = (
    "SBA 7(a): loans to small US businesses approved from 1997 to 2006, and whether they were charged off by 2014"
    " (public domain in origin; as published by Li, Mickel and Taylor 2018; the first 22,427 rows of that file by loan"
    " number, so neither a random sample nor a base rate). Left out, since known only afterwards: the term (cut when a"
    " loan is charged off), disbursement, balance, charge-off date and amount."
)

NUMBERS = (
    Column("GrAppv", "amount approved"),
    Column("guaranteed_share", "share guaranteed"),
    Column("NoEmp", "employees"),
    Column("amount_per_head", "amount per employee"),
    Column("CreateJob", "jobs to be created"),
    Column("RetainedJob", "jobs retained"),
    Column("new_business", "a new business"),
    Column("franchise", "a franchise"),
    Column("low_doc", "low-documentation programme"),
    Column("lender_in_state", "lender of the same state", Direction.FREE),
)
WORDS = (
    Column("sector", "sector, NAICS"),
    Column("UrbanRural", "urban or rural"),
    Column("RevLineCr", "revolving line of credit"),
    Column("State", "state"),
)
COLUMNS = (*NUMBERS, *WORDS)


def sba_7a(data: Path) -> Dataset:
    """The loans, each looked at on the day of its approval; rows of one borrower are no independent witnesses."""
    table = read_table(data, TABLE)
    whole = table.with_columns(*map(number, ("GrAppv", "SBA_Appv", "NoEmp", "CreateJob", "RetainedJob")))
    read = whole.with_columns(
        (pl.col("SBA_Appv") / pl.col("GrAppv")).alias("guaranteed_share"),
        pl.when(pl.col("NoEmp") > 0).then(pl.col("GrAppv") / pl.col("NoEmp")).alias("amount_per_head"),
        _flag(pl.col("NewExist") == "2").alias("new_business"),
        _flag(~pl.col("FranchiseCode").is_in(["0", "1"])).alias("franchise"),
        _flag(pl.col("LowDoc") == "Y").alias("low_doc"),
        _flag(pl.col("State") == pl.col("BankState")).alias("lender_in_state"),
        pl.col("NAICS").str.slice(0, 2).replace("0", None).alias("sector"),
        word("UrbanRural").replace("0", None),
        pl.when(pl.col("RevLineCr").is_in(["Y", "N", "T", "0"])).then(pl.col("RevLineCr")).alias("RevLineCr"),
        word("State"),
        pl.col("ApprovalDate").str.to_date("%m/%d/%Y", strict=False).alias("approved"),
    )
    label = pl.col("MIS_Status").replace_strict({"CHGOFF": True, "P I F": False}, default=None, return_dtype=pl.Boolean)
    borrower = pl.concat_str("Name", "Zip", separator=" ", ignore_nulls=True)
    frame = labelled(read, COLUMNS, label, case=borrower, as_of=pl.col("approved"))
    frame = frame.filter(pl.col("as_of") >= FIRST_APPROVAL)
    return Dataset(
        name="sba_7a",
        about=ABOUT,
        frame=frame,
        columns=COLUMNS,
        horizon_months=0,
        examinations=(in_folds(frame), out_of_vintage(frame)),
    )


def out_of_vintage(frame: pl.DataFrame, since: date = LATER_VINTAGE) -> Examination:
    """Loans approved later, foretold from those before.

    The outcome of a loan takes years to be known, so this says how a ranking carries to later loans, not what a lender
    could have had on that day.
    """
    return Examination(
        name="out of vintage",
        how=f"loans approved since {since}, by those before; not all outcomes of the earlier were known on that day",
        splits=(by_company(frame, (frame["as_of"] >= since).to_numpy()),),
    )


def _flag(expression: pl.Expr) -> pl.Expr:
    return expression.cast(pl.Float64)
