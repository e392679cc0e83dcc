"""The ladder: rungs nest, a pillar that carries nothing gets no uplift, a planted one is found."""

import itertools
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from alliance.errors import InvalidInput
from alliance.signals import Pillar
from experiments.datasets.dataset import Column, Dataset
from experiments.ladder.climb import Ladder, climb
from experiments.ladder.report import ladder_study
from experiments.ladder.rungs import ALL, ladder_rungs, without_pillars
from experiments.ladder.verdict import HARM, NONE, UPLIFT, Verdict, verdicts
from experiments.metrics import Estimate
from experiments.peers import lightgbm
from experiments.train import RECIPE
from scoring.features import FEATURES

QUICK = partial(lightgbm.fit, recipe=replace(RECIPE, learning_rate=0.15, patience=15, feature_fraction=1.0))
"""Fewer, larger steps: as good on five columns, and quicker."""

COLUMNS = tuple(map(Column.of, FEATURES))


def climbed(dataset: Dataset) -> Ladder:
    return climb(dataset, dataset.examination(""), fit=QUICK, replicates=400)


def test_rungs_nest_and_end_with_all():
    rungs = ladder_rungs(COLUMNS)
    assert [rung.name for rung in rungs] == [
        "financials only", "+ technology", "+ team", "+ business model", "+ venture progress", ALL,
    ]  # fmt: skip
    for below, above in itertools.pairwise(rungs):
        assert set(below.columns) < set(above.columns)
        if above.added:
            assert {column.pillar for column in set(above.columns) - set(below.columns)} == {above.added}
    assert rungs[-1].columns == COLUMNS
    assert {column.pillar for column in rungs[0].columns} == {Pillar.FINANCIAL}


def test_one_pillar_is_left_out_at_a_time():
    left_out = without_pillars(COLUMNS)
    assert [rung.left_out for rung in left_out] == list(Pillar)
    for rung in left_out:
        assert {column.pillar for column in COLUMNS} - {column.pillar for column in rung.columns} == {rung.left_out}


def test_data_without_pillars_have_no_ladder():
    with pytest.raises(InvalidInput, match="pillars"):
        ladder_rungs([Column("a", "a"), Column("b", "b")])


@pytest.fixture(scope="module")
def planted(strategic) -> tuple[Dataset, Ladder]:
    """Risk follows financials, team and, most, venture; technology and business model carry nothing."""
    made = strategic(statement_leverage=1.5, team_best_exits=-3.0, round_last_age=4.0)
    return made, climbed(made)


def test_planted_pillars_are_found_and_empty_ones_are_not(planted):
    said = {verdict.pillar: verdict for verdict in verdicts(planted[1])}
    assert {pillar: verdict.says for pillar, verdict in said.items()} == {
        Pillar.TECHNOLOGY: NONE, Pillar.TEAM: UPLIFT, Pillar.BUSINESS_MODEL: NONE, Pillar.VENTURE: UPLIFT,
    }  # fmt: skip
    assert said[Pillar.VENTURE].step.value > said[Pillar.TEAM].step.value > 0.03
    assert not said[Pillar.VENTURE].replaceable


def test_baselines_and_members_are_in_the_table(planted, strategic):
    dataset, ladder = planted
    one = dataset.examination("")
    blind = [replace(split, **{part: rows.with_columns(round_last_age=None) for part, rows in vars(split).items()})
             for split in one.splits]  # fmt: skip
    blind = [replace(split, **{part: rows.cast({"round_last_age": one.tested.schema["round_last_age"]})
                               for part, rows in vars(split).items()}) for split in blind]  # fmt: skip
    found = climb(dataset, one, members={"vc-1": replace(one, splits=tuple(blind))}, fit=QUICK, replicates=400)
    assert found.members == ("without vc-1",)
    lost = found.draws.one(found.top, "without vc-1").gains["auc"]
    assert lost.low > 0, "without the member that alone tells of rounds the model is worse"
    assert {"days since the last round", "best single number"} <= set(found.baselines)
    for name in (*(rung.name for rung in found.rungs), *found.baselines):
        assert np.array_equal(found.pd[name], ladder.pd[name]), "the same seed gives the same figures"
    card = ladder_study(dataset, found).card()
    assert all(name in card for name in found.draws.values) and "no uplift shown" in card and "simulated" in card


def test_where_nothing_carries_anything_no_uplift_is_shown(strategic):
    """Chance alone may show one in twenty ladders an uplift, as ``FAMILY`` says: of six at most one does."""
    ladders = [[verdict.says for verdict in verdicts(climbed(strategic(200, seed)))] for seed in range(11, 17)]
    assert sum(UPLIFT in said for said in ladders) <= 1
    assert sum(said.count(NONE) for said in ladders) >= 20, "of 24 verdicts"


def test_what_two_pillars_tell_alike_can_be_made_up_for(strategic):
    made = strategic(team_best_exits=-4.0)
    twin = made.frame["team_best_exits"]
    copied = replace(made, frame=made.frame.with_columns(twin.alias("round_last_age")))
    parts = [
        replace(
            split, **{part: rows.with_columns(round_last_age="team_best_exits") for part, rows in vars(split).items()}
        )
        for split in made.examination("").splits
    ]
    columns = tuple(replace(column, direction=COLUMNS[0].direction) for column in made.columns)
    copied = replace(copied, columns=columns,
                     examinations=(replace(made.examination(""), splits=tuple(parts)),))  # fmt: skip
    said = {verdict.pillar: verdict for verdict in verdicts(climbed(copied))}
    assert said[Pillar.TEAM].says == UPLIFT and said[Pillar.TEAM].replaceable
    assert said[Pillar.VENTURE].says == NONE


STEPS = (
    (Estimate(0.02, 0.01, 0.03), Estimate(0.02, 0.01, 0.03), UPLIFT, ")."),
    (Estimate(0.02, 0.01, 0.03), Estimate(0.0, -0.01, 0.03), UPLIFT, "make up for it"),
    (Estimate(0.0, -0.01, 0.03), Estimate(0.0, -0.01, 0.03), NONE, ")."),
    (Estimate(0.0, -0.01, 0.03), Estimate(0.02, 0.01, 0.03), NONE, "worse without it"),
    (Estimate(-0.02, -0.03, -0.01), Estimate(0.0, -0.01, 0.03), HARM, ")."),
)


@pytest.mark.parametrize(("step", "missed", "says", "word"), STEPS)
def test_words_follow_from_intervals(step, missed, says, word):
    said = Verdict(Pillar.TEAM, step, step, missed, 0.9875)
    assert said.says == says and said.sentence().startswith(f"team: {says}") and word in said.sentence()
    assert f"step {step.value:+.4f} ({step.low:+.4f} to {step.high:+.4f})" in said.sentence()


def test_an_uplift_that_only_one_look_would_show_is_told_as_such():
    step, alone = Estimate(0.01, -0.001, 0.02), Estimate(0.01, 0.001, 0.019)
    said = Verdict(Pillar.TEAM, step, alone, step, 0.9875)
    assert said.says == NONE and "several looks" in said.sentence()
