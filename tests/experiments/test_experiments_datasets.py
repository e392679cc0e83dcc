"""Flat tables read as the field's sets of data: what is unknown, what is left out, how they are examined."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from alliance.config import Settings
from alliance.errors import InvalidInput, NotFound
from experiments.datasets import sba_7a as sba
from experiments.datasets.catalogue import DATASETS, Where, dataset
from experiments.datasets.dataset import Column
from experiments.datasets.flat import in_folds, labelled, number, word
from experiments.training import Plan

KNOWN_AFTERWARDS = {"Term", "ChgOffDate", "ChgOffPrinGr", "BalanceGross", "DisbursementDate", "DisbursementGross",
                    "MIS_Status"}  # fmt: skip

LOAN = {"LoanNr_ChkDgt": "1", "Name": "ANN", "City": "A", "State": "CA", "Zip": "9", "Bank": "B", "BankState": "CA",
        "NAICS": "451120", "ApprovalDate": "2/28/1997", "ApprovalFY": "1997", "Term": "84", "NoEmp": "4",
        "NewExist": "2", "CreateJob": "0", "RetainedJob": "0", "FranchiseCode": "1", "UrbanRural": "0",
        "RevLineCr": "N", "LowDoc": "Y", "ChgOffDate": None, "DisbursementDate": "2/28/1999",
        "DisbursementGross": "60000", "MIS_Status": "P I F", "ChgOffPrinGr": "0", "GrAppv": "60000",
        "SBA_Appv": "48000"}  # fmt: skip


def where(data: Path | None) -> Where:
    return Where(settings=Settings.from_environment({}), database="sqlite://", plan=Plan(), data=data)


@pytest.fixture
def loans(tmp_path: Path) -> pl.DataFrame:
    """Loans of two vintages in the real file's shape, some of them damaged."""
    rows = [
        LOAN | {"LoanNr_ChkDgt": str(place), "Name": f"N{place}", "MIS_Status": ("P I F", "CHGOFF")[place % 3 == 0],
                "ApprovalDate": ("2/28/1997", "3/1/2005")[place % 2]}
        for place in range(80)
    ]  # fmt: skip
    rows += [
        LOAN | {"Name": "OLD", "ApprovalDate": "1/31/1980", "MIS_Status": "CHGOFF"},
        LOAN | {"Name": "UNTOLD", "MIS_Status": None},
        LOAN | {"Name": "ODD", "NAICS": "0", "RevLineCr": "`", "NoEmp": "0", "BankState": None},
    ]
    (tmp_path / "sba_7a").mkdir()
    pl.DataFrame(rows, infer_schema_length=None).write_parquet(tmp_path / sba.TABLE)
    return dataset("sba_7a", where(tmp_path)).frame


def test_loans_are_read_as_a_lender_saw_them(loans):
    assert loans.height == 81, "neither the older loan nor the one without an outcome"
    assert not KNOWN_AFTERWARDS & {column.name for column in sba.COLUMNS}
    odd = loans.row(by_predicate=pl.col("company_id") == "ODD 9", named=True)
    unknown = ("sector", "RevLineCr", "UrbanRural", "amount_per_head", "lender_in_state")
    assert all(odd[name] is None for name in unknown)
    first = loans.row(by_predicate=pl.col("company_id") == "N0 9", named=True)
    expected = {"as_of": date(1997, 2, 28), "guaranteed_share": 0.8, "amount_per_head": 15_000.0, "sector": "45",
                "new_business": 1.0, "franchise": 0.0, "low_doc": 1.0, "lender_in_state": 1.0,
                "label": True}  # fmt: skip
    assert {name: first[name] for name in expected} == expected


def test_later_loans_are_foretold_from_earlier_ones(loans):
    found = sba.out_of_vintage(loans)
    (split,) = found.splits
    assert split.taught["as_of"].max() < sba.LATER_VINTAGE <= split.test["as_of"].min()


def test_every_row_is_tested_once_and_never_taught_then(loans):
    found = in_folds(loans)
    assert found.tested.sort("company_id", "as_of").equals(loans.sort("company_id", "as_of"))
    for split in found.splits:
        assert not set(split.test["company_id"]) & set(split.taught["company_id"])


def test_numbers_and_words_that_are_none_are_unknown():
    rows = pl.DataFrame({"a": ["1", "x", "inf", None], "b": ["y", "", None, "z"], "bad": ["1", "0", "1", None]})
    read = rows.with_columns(number("a"), word("b"))
    assert read["a"].to_list() == [1.0, None, None, None] and read["b"].to_list() == ["y", None, None, "z"]
    columns = (Column("a", "a"), Column("b", "b"))
    made = labelled(read.with_row_index("case"), columns, pl.col("bad") == "1", case=pl.col("case"))
    assert made.columns == ["company_id", "as_of", "a", "b", "label"] and made["label"].to_list() == [True, False, True]


@pytest.mark.parametrize("name", [name for name, _ in DATASETS if name != "store"])
def test_what_is_not_there_is_named(name, tmp_path):
    with pytest.raises(NotFound, match=r"There is no .*\.(parquet|csv)"):
        dataset(name, Where(settings=Settings.from_environment({"ALLIANCE_HOME": str(tmp_path)}), database="sqlite://",
                            plan=Plan(), data=tmp_path))  # fmt: skip
    with pytest.raises(InvalidInput, match="No folder"):
        dataset(name, where(None))


def test_an_unknown_set_is_refused_with_the_known_ones():
    with pytest.raises(NotFound) as refused:
        dataset("mars", where(None))
    assert "sba_7a" in str(refused.value)


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "rows", "outcomes"),
    [
        ("sba_7a", 22_000, 4_400),
        ("german_credit", 1_000, 300),
        ("taiwan_default", 30_000, 6_636),
        ("polish_bankruptcy", 7_027, 271),
    ],
)
def test_the_real_tables(name, rows, outcomes, data_dir):
    found = dataset(name, where(data_dir))
    assert (found.frame.height, found.frame["label"].sum()) == (rows, outcomes)
    assert all(found.frame[column.name].null_count() < rows for column in found.columns)
