"""The study on real start-ups: contracts on a few rows, and the real files where they are."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from alliance.contracts import load_contract
from alliance.errors import NotFound
from alliance.intake import submit
from alliance.store import Store
from experiments.crunchbase import cohort
from experiments.crunchbase.cohort import END_OF_2014, MEMBER_2014, cohort_2013, history_2014, take_in
from experiments.crunchbase.study import (
    BASELINE,
    LATER_VINTAGE,
    LOOKED_FOR,
    PORTABLE,
    cross_validated,
    days_since_last_round,
    model,
    scores_2014,
)
from experiments.datasets.crunchbase import cohort_dataset
from experiments.metrics import Sample, auc
from experiments.own_study import open_to_operator
from experiments.probes import CLEAN, kept_apart, one_column_alone
from scoring.features import FEATURES, feature_frame

COMPANIES = (
    "permalink,name,category_code,status,country_code,state_code,city,founded_at,last_milestone_at\r"
    "/company/cafe-one,Caf\u00e9 One,software,operating,USA,CA,San Jose,2010-01-01,2012-01-01\r"
    "/company/late,Late,biotech,operating,USA,NY,Albany,2013-12-01,\r"
    "/company/gone,Gone,web,closed,USA,MA,Boston,2005-01-01,\r"
)
ROUNDS = (
    "company_permalink,company_name,funding_round_type,funded_at,raised_amount_usd\r"
    "/company/cafe-one,Caf\u00e9 One,angel,2011-01-01,1000000\r"
    "/company/cafe-one,Caf\u00e9 One,series-c+,2012-06-01,\r"
)
KINDS = ("seed", "venture", "equity_crowdfunding", "undisclosed", "convertible_note", "debt_financing", "angel",
         "grant", "private_equity", "post_ipo_equity", "post_ipo_debt", "secondary_market", "product_crowdfunding",
         "round_A", "round_B", "round_C", "round_D", "round_E", "round_F", "round_G", "round_H")  # fmt: skip


def wide(slug, first, last, rounds, status="operating", **amounts):
    own = {"permalink": f"/organization/{slug}", "name": slug, "homepage_url": None, " market ": " Biotechnology ",
           "status": status, "country_code": "CHN", "state_code": None, "city": "Beijing", "funding_rounds": rounds,
           "founded_at": "2010-01-01", "first_funding_at": first, "last_funding_at": last}  # fmt: skip
    return own | dict.fromkeys(KINDS, "0") | amounts


@pytest.fixture
def small(tmp_path):
    """A folder of a few rows in the real files' shapes."""
    for name in ("raw", "cb_links", "cb_2014"):
        (tmp_path / name).mkdir()
    (tmp_path / "raw/oct13_companies.csv").write_bytes(COMPANIES.encode("mac_roman"))
    (tmp_path / "raw/oct13_rounds.csv").write_bytes(ROUNDS.encode("mac_roman"))
    slugs = {"slug": ["cafe-one", "late", "gone", "new"]}
    status = {
        "status_2013_10": ["operating", "operating", "closed", None],
        "status_2014_12": ["closed", None, "closed", "operating"],
    }
    pl.DataFrame(slugs | status).write_parquet(tmp_path / "cb_links/status_panel.parquet")
    rows = [
        wide("new", "2011-01-01", "2014-01-01", "3", seed=" 17,50,000 ", venture="4000000", round_A="1000000"),
        wide("cafe-one", "2011-01-01", "2012-06-01", "2", status="closed", venture="9"),
        wide("damaged", "0001-05-14", "0001-05-14", "1"),
    ]
    pl.DataFrame(rows).write_parquet(tmp_path / "cb_2014/investments_vc.parquet")
    return tmp_path


@pytest.fixture
def store(sqlite_url):
    opened = Store(sqlite_url)
    yield opened
    opened.close()


def test_contracts_on_a_few_rows(small, store):
    receipts = take_in(store, small)
    assert [(receipt.rows, receipt.quarantined) for receipt in receipts] == [(3, 1), (2, 0), (4, 0), (4, 0), (3, 1)]
    assert take_in(store, small) == receipts
    frame = cohort_2013(store).frame
    assert frame.height == 1  # "late" has no later status, "gone" was closed, "new" was not known
    expected = {
        "label": True, "round_count": 2.0, "round_total_amount": 6_120_000.0, "round_stage": 6.0, "vintage": 2011,
        "round_last_age": 487.0, "place_california": 1.0, "company_digital": 1.0,
    }  # fmt: skip
    assert {name: frame[name][0] for name in expected} == expected
    assert store.company("crunchbase:cafe-one").names[0] == "Caf\u00e9 One"


def test_the_wide_rows_of_2014(small, store):
    take_in(store, small)
    history = history_2014(store)
    frame = feature_frame(history.facts(END_OF_2014), FEATURES)
    row = frame.filter(pl.col("company_id") == store.company("crunchbase:new").company_id).row(0, named=True)
    expected = {
        "round_first_age": 1461.0, "round_last_age": 365.0, "round_total_amount": 5_750_000 * 6.2, "round_stage": 4.0,
        "company_biomedicine": 1.0, "round_first_delay": 365.0,
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected


def test_a_missing_file_is_named(tmp_path, store):
    with pytest.raises(NotFound, match="oct13_companies"):
        take_in(store, tmp_path)


@pytest.fixture(scope="module")
def real(data_dir, tmp_path_factory):
    """The store of the real files, and the cohort of 2013 as it was told before the last of them came in."""
    opened = Store(f"sqlite:///{tmp_path_factory.mktemp('crunchbase') / 'crunchbase.db'}")
    for name in cohort.CONTRACTS[:4]:
        contract = load_contract(Path(cohort.__file__).with_name(f"{name}.contract.yaml"))
        submit(opened, contract, data_dir / contract.path)
    open_to_operator(opened, "research")
    before = cohort_2013(opened)
    take_in(opened, data_dir)
    yield opened, before
    opened.close()


@pytest.fixture(scope="module")
def real_store(real):
    return real[0]


@pytest.fixture(scope="module")
def panel_2013(real_store):
    return cohort_2013(real_store)


@pytest.mark.data
def test_the_cohort_of_2013(real_store, panel_2013):
    counts = [(receipt.rows, receipt.quarantined) for receipt in real_store.receipts()]
    assert counts == [(17_727, 21), (31_679, 0), (49_187, 0), (49_187, 0), (49_438, 78)]
    frame = panel_2013.frame
    assert (frame.height, frame["label"].sum()) == (14_202, 898)
    alone = auc(Sample.of(frame["label"].to_numpy()), days_since_last_round(frame))
    assert 0.70 < alone.low < alone.high < 0.85


@pytest.mark.data
def test_the_later_export_is_in_no_feature_of_2013(real, panel_2013):
    _, before = real
    assert before.watermark < panel_2013.watermark
    assert panel_2013.frame.equals(before.frame)


@pytest.mark.data
def test_what_the_signals_tell(panel_2013):
    found = cross_validated(panel_2013, folds=2)
    assert found.auc[LOOKED_FOR].value < 0.88  # nearer 0.9 is leakage
    assert found.gain[LOOKED_FOR].low > 0
    assert found.auc[PORTABLE].value > found.auc[BASELINE].value > found.auc["amounts, age and place"].value


@pytest.mark.data
def test_the_later_cohort_is_scored(real_store, panel_2013):
    scores = scores_2014(real_store, model(panel_2013).bundle)
    operating = history_2014(real_store).claims.frames["company_profile"].filter(pl.col("status") == "operating")
    assert set(operating["member"]) == {MEMBER_2014}
    assert scores.height == operating["subject_id"].n_unique() > 41_000
    assert scores["slug"].n_unique() == scores.height
    assert np.isfinite(scores["pd"].to_numpy()).all()
    assert scores["reasons_zh"].str.len_chars().min() > 0
    assert scores["country"].n_unique() > 50


@pytest.mark.data
def test_the_cohort_as_a_set_of_data(panel_2013):
    made = cohort_dataset(panel_2013)
    assert not {column.name for column in made.columns} & {feature.name for feature in cohort.PLACE}
    folds, later = made.examination("folds"), made.examination("out of vintage")
    assert folds.tested.height == 14_202 and folds.tested["label"].sum() == 898
    assert later.tested["vintage"].min() == LATER_VINTAGE > later.splits[0].taught["vintage"].max()
    assert kept_apart(made, folds).says == CLEAN and one_column_alone(made).says == CLEAN
