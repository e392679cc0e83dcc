"""The verdict follows from the intervals alone, as tables."""

import pytest

from experiments.coupling.interactions import Pair
from experiments.coupling.laboratory import Findings
from experiments.coupling.report import named, tables, verdict_table
from experiments.coupling.verdict import Decision, judge
from experiments.metrics import Estimate

TIMES, PLUS, OPEN = Decision.TIMES, Decision.PLUS, Decision.OPEN


def gain(sign):
    """An estimate above nought, below it, or neither."""
    return Estimate(0.01 * sign, 0.01 * sign - 0.005, 0.01 * sign + 0.005)


def findings(*, free=0, geometric=0, ces=0, over_bent=0, rho=0.5, together=False):
    low = 0.01 if together else -0.02
    pair = Pair("technology", "team", strength=0.1, excess=low + 0.03, low=low, high=low + 0.06)
    return Findings(
        rows=100, companies=50, outcomes=20, free_gain=gain(free),
        composite_gains={"bent sum": gain(0), "geometric mean": gain(geometric), "CES": gain(ces)},
        over_bent=gain(over_bent), rho=Estimate(rho, rho - 0.2, rho + 0.2), pillars=(pair,), features=(), steps=(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("seen", "answers", "decision"),
    [
        ({}, (OPEN, OPEN, OPEN), OPEN),
        ({"free": 1}, (TIMES, OPEN, OPEN), TIMES),
        ({"free": -1}, (PLUS, OPEN, OPEN), PLUS),
        ({"free": 1, "ces": 1, "over_bent": 1, "rho": 0.0, "together": True}, (TIMES, TIMES, TIMES), TIMES),
        ({"ces": 1}, (OPEN, OPEN, OPEN), OPEN),
        ({"ces": 1, "over_bent": 1, "rho": 2.0}, (OPEN, OPEN, OPEN), OPEN),
        ({"ces": 1, "over_bent": -1}, (OPEN, PLUS, OPEN), PLUS),
        ({"geometric": -1}, (OPEN, PLUS, OPEN), PLUS),
        ({"geometric": -1, "ces": 1}, (OPEN, OPEN, OPEN), OPEN),
        ({"free": -1, "geometric": -1}, (PLUS, PLUS, OPEN), PLUS),
        ({"together": True}, (OPEN, OPEN, TIMES), TIMES),
        ({"free": -1, "together": True}, (PLUS, OPEN, TIMES), OPEN),
        ({"free": 1, "geometric": -1, "together": True}, (TIMES, PLUS, TIMES), OPEN),
    ],
)
def test_what_is_decided(seen, answers, decision):
    verdict = judge(findings(**seen))
    assert tuple(answer.decision for answer in verdict.answers) == answers
    assert verdict.decision is decision


def test_why_nothing_is_decided_is_said():
    assert "no interval leaves nought" in judge(findings()).words
    assert "disagree" in judge(findings(free=-1, together=True)).words
    assert "not so that one that fails" in judge(findings(free=1, geometric=-1, together=True)).words


def test_it_can_be_shown_and_kept():
    found = findings(free=1)
    assert [listing.row_count for listing in tables(found)] == [6, 1, 0, 0]
    assert verdict_table(judge(found)).row_count == 3
    assert named(found)["pairs_of_pillars"] == 0 and named(found)["gain.free_trees"].low > 0
