"""Probes catch planted leaks and are quiet where there is none."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from alliance.store import Store
from alliance.view import History
from experiments.datasets.dataset import Column, Dataset, Examination
from experiments.datasets.store import store_panel
from experiments.outcome import outcome_named
from experiments.panel import Panel, panel
from experiments.probes import (
    CLEAN,
    LEAK,
    UNDECIDED,
    WARNING,
    kept_apart,
    one_column_alone,
    planted_late,
    time_shuffled,
)
from experiments.splits import by_company
from experiments.training import Plan, training_history

PLAN = Plan(last=date(2023, 12, 31))


@pytest.fixture(scope="module")
def told(alliance: Path) -> History:
    store = Store(f"sqlite:///{alliance / 'alliance.db'}")
    found, _ = training_history(store)
    store.close()
    return found


@pytest.fixture(scope="module")
def made(told: History) -> Panel:
    return panel(told, [date(2022, 12, 31), date(2023, 6, 30)], outcome_named("default"), 12)


def test_the_read_path_hides_what_is_told_late(told, made):
    found = planted_late(told, made)
    assert found.says == CLEAN and "told in time it changes" in found.found


class Hindsight(History):
    """A history that lets what happened be seen whenever it was told."""

    def known(self, as_of, companies=None):
        rows = {
            name: frame.with_columns(pl.min_horizontal("known_at", "event_at").alias("known_at"))
            for name, frame in self.claims.frames.items()
        }
        return History(replace(self.claims, frames=rows), self.access, self.companies).known(as_of, companies)


def test_hindsight_is_caught(told, made, monkeypatch):
    monkeypatch.setattr("experiments.probes.History", Hindsight)
    found = planted_late(Hindsight(told.claims, told.access, told.companies), made)
    assert found.says == LEAK


def test_features_that_cannot_see_the_record_leave_it_undecided(told, made):
    blind = replace(made, features=tuple(one for one in made.features if one.name == "headcount_employees"))
    assert planted_late(told, blind).says == UNDECIDED


@pytest.fixture(scope="module")
def data(strategic) -> Dataset:
    """Risk follows what changes from day to day more than what stays."""
    return strategic(300, team_best_exits=-4.0)


def test_honest_data_are_clean(data):
    one = data.examination("")
    assert kept_apart(data, one).says == CLEAN
    assert one_column_alone(data).says == CLEAN
    assert time_shuffled(data, one).says == CLEAN


def with_column(data: Dataset, column: pl.Expr) -> Dataset:
    """The data with one column more, wherever their rows are."""

    def more(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.with_columns(column.alias("planted"))

    one = data.examination("")
    split = replace(one.splits[0], **{part: more(rows) for part, rows in vars(one.splits[0]).items()})
    return replace(data, frame=more(data.frame), columns=(*data.columns, Column("planted", "planted")),
                   examinations=(replace(one, splits=(split,)),))  # fmt: skip


def test_a_snapshot_taken_afterwards_is_noticed(data):
    """Whether the company ever has the outcome, told on all its days alike."""
    fallen = data.frame.filter(pl.col("label"))["company_id"].unique().implode()
    leaking = with_column(data, pl.col("company_id").is_in(fallen).cast(pl.Float64))
    only = leaking.with_columns([leaking.columns[-1]])
    assert time_shuffled(only, only.examination("")).says == WARNING


@pytest.mark.parametrize(
    "leak",
    [
        pl.col("label").cast(pl.Float64),
        -pl.col("label").cast(pl.Float64) + pl.col("round_last_age") / 10,
        pl.when(pl.col("label")).then(1.0),
        pl.when(pl.col("label")).then(pl.lit("charged off")).otherwise(pl.lit("repaid")),
    ],
    ids=["the label", "its opposite, blurred", "known only for outcomes", "a word"],
)
def test_a_column_that_tells_the_label_is_named(data, leak):
    found = one_column_alone(with_column(data, leak))
    assert found.says == WARNING and "planted" in found.found


def test_a_rare_word_does_not_tell_itself(data):
    ids = pl.col("company_id") + pl.col("as_of").cast(pl.String)
    assert one_column_alone(with_column(data, ids)).says == CLEAN


def test_tested_rows_that_are_taught_are_found(data):
    (split,) = data.examination("").splits
    sloppy = Examination("sloppy", "", (replace(split, taught=data.frame),))
    assert kept_apart(data, sloppy).says == LEAK
    halves = by_company(data.frame, np.arange(data.frame.height) % 2 == 0)
    by_lot = Examination(
        "by lot", "", (replace(halves, taught=data.frame.filter(pl.Series(np.arange(data.frame.height) % 2 == 1))),)
    )
    found = kept_apart(data, by_lot)
    assert found.says == LEAK and "0 test rows" in found.found, "outcomes of the same days are taught before their time"


def test_undated_rows_have_no_time_to_shuffle(data):
    one_day = replace(data, frame=data.frame.filter(pl.col("as_of") == data.frame["as_of"].max()))
    assert time_shuffled(one_day, data.examination("")).says == UNDECIDED


def test_a_store_s_panel_is_made_by_plan(told):
    assert store_panel(told, replace(PLAN, first=date(2023, 6, 30))).frame["as_of"].n_unique() == 3
