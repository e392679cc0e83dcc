"""Peers: PDs from the same rows, no look at what they are tested on, and plain words where one cannot take part."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from threadpoolctl import threadpool_limits

from experiments.datasets.dataset import Column, Dataset
from experiments.datasets.flat import in_folds
from experiments.datasets.german_credit import german_credit
from experiments.datasets.sba_7a import sba_7a
from experiments.peers import BASELINES, LIGHTGBM, PEERS, Lesson, Peer
from experiments.peers.compare import compared, foretold
from experiments.peers.encoding import Levels
from experiments.peers.report import peers_study, verdicts
from experiments.peers.single import BEST_SINGLE, DAYS_SINCE_LAST_ROUND, best_column
from experiments.peers.woe_scorecard import WOE_SCORECARD
from experiments.probes import CLEAN, one_column_alone
from scoring.features import Direction

COLUMNS = (
    Column("amount", "amount", Direction.RAISES_RISK),
    Column("round_last_age", "days since the last round", Direction.RAISES_RISK),
    Column("noise", "noise"),
    Column("never_known", "never known"),
    Column("sector", "sector"),
)


def made(rows: int = 900, seed: int = 2) -> Dataset:
    """Cases whose risk rises with the amount and in one sector; some of it unknown, one column never known."""
    draw = np.random.default_rng(seed)
    amount, waited = draw.lognormal(12, 1, rows), draw.uniform(0, 2_000, rows)
    sector = draw.choice(["web", "chips", "drugs"], rows)
    log_odds = -1.5 + (np.log(amount) - 12) + (sector == "drugs") * 1.5 + (waited - 1_000) / 1_500
    frame = pl.DataFrame(
        {
            "company_id": [f"c{place:04}" for place in range(rows)],
            "as_of": pl.Series([0] * rows).cast(pl.Date),
            "amount": pl.Series(np.where(draw.uniform(size=rows) < 0.1, np.nan, amount), nan_to_null=True),
            "round_last_age": pl.Series(np.where(draw.uniform(size=rows) < 0.1, np.nan, waited), nan_to_null=True),
            "noise": draw.normal(size=rows),
            "never_known": pl.Series([None] * rows, dtype=pl.Float64),
            "sector": pl.Series(np.where(draw.uniform(size=rows) < 0.05, None, sector), dtype=pl.String),
            "label": draw.uniform(size=rows) < 1 / (1 + np.exp(-log_odds)),
        }
    )
    return Dataset(name="made up", about="made up", frame=frame, columns=COLUMNS, horizon_months=0,
                   examinations=(in_folds(frame, 2),))  # fmt: skip


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def cases() -> Dataset:
    return made()


def usable(peer: Peer) -> Peer:
    if missing := peer.missing():
        pytest.skip(missing)
    return peer


LEARNERS = [peer for peer in PEERS if not peer.unfit(COLUMNS)]


@pytest.mark.parametrize("peer", LEARNERS, ids=lambda peer: peer.name)
def test_a_peer_gives_probabilities_and_sees_no_test_row(peer, cases):
    (split, *_) = cases.examinations[0].splits
    usable(peer)
    model = peer.fit(Lesson.of(split, cases.columns))
    pd = model(split.test)
    assert pd.shape == (split.test.height,) and ((pd >= 0) & (pd <= 1)).all()
    stranger = split.test.with_columns(pl.lit("never seen").alias("sector"), pl.lit(1e12).alias("amount"))
    assert np.isfinite(model(stranger)).all(), "neither a category nor a number it has not met stops it"
    turned = replace(split, test=split.test.with_columns(~pl.col("label"), pl.lit(0.0).alias("noise")))
    again = peer.fit(Lesson.of(turned, cases.columns))(split.test)
    assert np.array_equal(again, pd), "the same lesson gives the same model, whatever it is tested on"
    assert abs(pd.mean() - split.test["label"].mean()) < 0.1, "the level is about right"


def test_what_is_learnt_beats_what_is_not_and_all_are_asked_the_same(cases):
    found = compared(cases, cases.examinations[0], (*BASELINES, LIGHTGBM))
    assert (found.rows, found.outcomes) == (900, cases.frame["label"].sum())
    ours = found.measured[LIGHTGBM.name]
    assert ours.gains["auc"].value == 0.0 and ours.values["auc"].low > 0.65
    assert found.measured[BEST_SINGLE.name].gains["auc"].high < 0
    assert {name for name in found.skipped if name.startswith("innovation")} == {peer.name for peer in BASELINES[2:]}
    said = verdicts(found)
    assert any(line.startswith(f"folds: better than {BEST_SINGLE.name}") for line in said)
    study = peers_study(cases, [found])
    assert (
        study.metrics[f"folds.{BEST_SINGLE.name.replace(' ', '_')}.auc"]
        == found.measured[BEST_SINGLE.name].values["auc"]
    )
    assert all(name in study.card() for name in (*found.measured, *found.skipped))


def test_the_days_alone_rank_as_they_are_and_never_ranks_last(cases):
    told = foretold(cases.examinations[0], cases.columns, DAYS_SINCE_LAST_ROUND.fit)
    for split, pd in zip(cases.examinations[0].splits, np.split(told, [cases.examinations[0].splits[0].test.height]),
                         strict=True):  # fmt: skip
        waited = split.test["round_last_age"].fill_null(float("inf")).to_numpy()
        order = np.argsort(waited, kind="stable")
        assert (np.diff(pd[order]) >= 0).all()
        assert pd[np.isinf(waited)].min() > pd[~np.isinf(waited)].max()


def test_the_best_single_number_holds_to_its_direction(cases):
    (split, *_) = cases.examinations[0].splits
    column, sign = best_column(Lesson.of(split, cases.columns))
    assert (column.name, sign) == ("amount", 1)
    against = (Column("amount", "amount", Direction.LOWERS_RISK),)
    assert best_column(Lesson.of(split, against))[1] == -1


def test_what_is_not_installed_is_left_out_with_the_way_to_get_it(cases):
    absent = Peer(name="absent", how="", fit=LIGHTGBM.fit, needs="no_such_module_here")
    found = compared(cases, cases.examinations[0], (LIGHTGBM, absent))
    assert "pip install 'alliance-credit[evidence]'" in found.skipped["absent"] and "absent" not in found.measured


def test_categories_come_from_what_is_taught_alone(cases):
    (split, *_) = cases.examinations[0].splits
    levels = Levels.of(Lesson.of(split, cases.columns))
    assert set(levels.values["sector"]) == {"web", "chips", "drugs"}
    odd = split.test.head(2).with_columns(pl.Series("sector", ["mars", None]))
    flags = [column.name for column in levels.flags if column.name.startswith("sector_")]
    assert levels.flagged(odd).select(flags).to_numpy().sum() == 0.0
    assert levels.categorical(odd)["sector"].isna().all()


@pytest.mark.data
def test_better_than_the_scorecard_on_real_loans(data_dir):
    usable(WOE_SCORECARD)
    loans = sba_7a(data_dir)
    found = compared(loans, loans.examination("out of vintage"), (LIGHTGBM, WOE_SCORECARD))
    assert found.measured[WOE_SCORECARD.name].gains["auc"].high < 0
    assert 0.60 < found.measured[LIGHTGBM.name].values["auc"].value < 0.70, "much more would be a leak"


@pytest.mark.data
def test_german_credit_is_foretold_as_well_as_others_do(data_dir):
    loans = german_credit(data_dir)
    found = compared(loans, loans.examination("folds"), (LIGHTGBM, BEST_SINGLE))
    assert 0.76 < found.measured[LIGHTGBM.name].values["auc"].value < 0.83
    assert one_column_alone(loans).says == CLEAN
