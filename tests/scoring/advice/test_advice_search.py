"""Every proposal scores as it says, keeps what cannot be changed, and no part of it would do."""

from collections.abc import Callable
from itertools import combinations, product

import numpy as np
import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scoring.advice.changes import CHANGES, Change
from scoring.advice.moved import moved, targets, touched
from scoring.advice.policy import shipped_policy
from scoring.advice.search import MOST_CHANGES, MOST_PROPOSALS, Proposal, search
from scoring.features import FEATURES_BY_NAME
from scoring.model import GRADES, Bundle, Calibration
from scoring.score import ID, ScoreTable, score_arrays

POLICY = shipped_policy()
FEW = tuple(change for change in CHANGES if change.name in ("burn_less", "collect_sooner", "pay_arrears", "keep_staff"))
Companies = Callable[[int, int], pl.DataFrame]


def scored(bundle: Bundle, frame: pl.DataFrame) -> ScoreTable:
    return score_arrays(bundle, frame.select(ID, *bundle.names))


def after(today: pl.DataFrame, proposal: Proposal, steps: tuple[int, ...] | None = None) -> pl.DataFrame:
    """The company after the proposal, or after so many steps of each of its changes."""
    changes = [move.change for move in proposal.moves]
    values = [np.array([value, *targets(one, POLICY.changes[one.name], value)])
              for one in changes if (value := today[one.feature][0]) is not None]  # fmt: skip
    return moved(today, changes, values, np.array([steps or tuple(move.steps for move in proposal.moves)]))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
@example(seed=2176)  # what is repaid there must first be collected: without that, cash would fall below nothing
def test_a_proposal_is_as_it_says(bundle: Bundle, companies: Companies, seed: int) -> None:
    today = companies(1, seed)
    now, found = scored(bundle, today), search(bundle, today)
    assert found.target == ("" if now.grades[0] == GRADES[0] else GRADES[GRADES.index(now.grades[0]) - 1])
    assert len(found.proposals) <= MOST_PROPOSALS and (found.best is None or not found.proposals)
    for one in found.proposals:
        assert GRADES.index(one.grade) <= GRADES.index(found.target)
        limit = bundle.scale.limits[GRADES.index(found.target)]
        assert one.pd is not None and one.pd < limit
        for steps in product(*(range(move.steps + 1) for move in one.moves)):
            if steps != tuple(move.steps for move in one.moves):
                would_be = after(today, one, steps)
                payable = (would_be["cash_balance"][0] or 0.0) >= 0  # else it is no change that could be made
                assert scored(bundle, would_be).pd[0] >= limit or not payable, "a part of it does"
    if found.best is not None:
        assert found.best.pd is not None and found.best.pd < now.pd[0]
        assert GRADES.index(found.best.grade) > GRADES.index(found.target)
    for one in (*found.proposals, *([found.best] if found.best else [])):
        follows_the_rules(bundle, today, one)


def follows_the_rules(bundle: Bundle, today: pl.DataFrame, proposal: Proposal) -> None:
    would_be = after(today, proposal)
    made = scored(bundle, would_be)
    assert (proposal.pd, proposal.points, proposal.grade) == (made.pd[0], made.points[0], made.grades[0])
    assert 1 <= len(proposal.moves) <= MOST_CHANGES
    reached = set().union(*(touched(move.change) for move in proposal.moves))
    kept = [name for name in today.columns if name not in reached]
    assert would_be.select(kept).equals(today.select(kept), null_equal=True)
    assert {"company_age", "round_last_age", "market_sentiment", "process_term_sheet_6m"} <= set(kept)
    cost = 0.0
    for move in proposal.moves:
        terms = POLICY.changes[move.change.name]
        assert move.before == today[move.change.feature][0]
        assert (move.after > move.before) is move.change.rises and terms.lowest <= move.after <= terms.highest
        assert 1 <= move.steps <= terms.most
        cost += move.steps * terms.cost
    assert proposal.cost == cost
    assert proposal.months == max(POLICY.changes[move.change.name].months for move in proposal.moves)
    if (cash := would_be["cash_balance"][0]) is not None:
        assert cash >= 0


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_there_is_none_cheaper_among_all_there_are(bundle: Bundle, companies: Companies, seed: int) -> None:
    today = companies(1, seed)
    found = search(bundle, today, allowed=FEW)
    costs, pds = everything(bundle, today, FEW)
    if not found.target:
        return
    limit = bundle.scale.limits[GRADES.index(found.target)]
    reaching = costs[pds < limit]
    if reaching.size:
        assert found.proposals and found.proposals[0].cost == reaching.min()
        assert [one.cost for one in found.proposals] == sorted(one.cost for one in found.proposals)
        named = [{move.change.name for move in one.moves} for one in found.proposals]
        assert not any(one <= other for one, other in combinations(named, 2))
    else:
        assert not found.proposals
        now = scored(bundle, today).pd[0]
        assert (found.best.pd if found.best else now) == min(pds.min(initial=now), now)


def everything(bundle: Bundle, today: pl.DataFrame, allowed: tuple[Change, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Cost and PD of all sets of steps of up to three changes, one by one."""
    able = [one for one in allowed if today[one.feature][0] is not None]
    values = [np.array([v := today[one.feature][0], *targets(one, POLICY.changes[one.name], v)]) for one in able]
    steps = [taken for taken in product(*(range(len(some)) for some in values))
             if 0 < np.count_nonzero(taken) <= MOST_CHANGES]  # fmt: skip
    if not steps:
        return np.empty(0), np.empty(0)
    prices = np.array([POLICY.changes[one.name].cost for one in able])
    table = np.array(steps)
    return table @ prices, scored(bundle, moved(today, able, values, table)).pd


def test_what_is_unknown_is_never_proposed(bundle: Bundle, companies: Companies) -> None:
    today = companies(1, 5)
    known = search(bundle, today).considered
    assert len(known) > 5
    blank = today.with_columns(pl.lit(None, pl.Float64).alias(one.feature) for one in CHANGES)
    found = search(bundle, blank)
    assert (found.considered, found.proposals, found.best) == ((), (), None) and found.target


def test_the_best_grade_wants_no_help(bundle: Bundle, companies: Companies) -> None:
    rows = companies(400, 2)
    best = rows.row(int(scored(bundle, rows).pd.argmin()), named=True)
    fields = {name: getattr(bundle, name) for name in bundle.__dataclass_fields__}
    easy = Bundle(**{**fields, "calibration": Calibration(1.1, -5.0)})
    today = pl.DataFrame([best], schema=rows.schema)
    assert scored(easy, today).grades == [GRADES[0]]
    assert (search(easy, today).target, search(easy, today).proposals) == ("", ())


def test_nothing_is_repaid_from_cash_that_is_not_there(bundle: Bundle, companies: Companies) -> None:
    [repay] = [change for change in CHANGES if change.name == "repay_from_cash"]
    today = companies(1, 3).with_columns(
        pl.lit(4e7).alias("credit_balance"), pl.lit(4.1e7).alias("credit_open_limit"), pl.lit(1e6).alias("cash_balance")
    )
    rich = today.with_columns(pl.lit(5e7).alias("cash_balance"))
    told = [search(bundle, one, allowed=[repay]) for one in (today, rich)]
    assert [one.considered for one in told] == [("repay_from_cash",)] * 2
    proposed = [[*one.proposals, *([one.best] if one.best else [])] for one in told]
    assert proposed[0] == [] and proposed[1] != []
    assert FEATURES_BY_NAME["credit_utilisation"].name in touched(repay)
