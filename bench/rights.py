"""What rights cost: a score under a whole charter's grants, against the same score under one open grant."""

import sqlite3
import statistics
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from alliance.grants import give
from alliance.store import Store
from bench.alliance import AS_OF, DATABASE, Measured
from bench.measure import Comparison, Limit
from experiments.own_study import OPERATOR_MEMBER
from scoring.decide import Scorer, ScoreRequest
from seeds.charter import OPERATOR_ITSELF, grants

COMPANIES, RUNS, FIRST_RUNS = 100, 7, 3
PURPOSE = "loan_origination"
BANK = "bank-01"
RISE_LIMIT_MS = 1.0


def authorised_score(
    measured: Measured, folder: Path, *, companies: int = COMPANIES, runs: int = RUNS
) -> tuple[Comparison, list[Limit]]:
    """The same companies scored for a bank under what every member granted, each field on its rung, and for the
    operator under one open grant; and by how much one score rises: of companies asked for before, and for the first
    time, when nothing of them is kept yet.
    """
    with closing(sqlite3.connect(folder / DATABASE)) as source, closing(sqlite3.connect(folder / "charter.db")) as copy:
        source.backup(copy)
    store = Store(f"sqlite:///{folder / 'charter.db'}")
    giving = [member for member in store.rights().members.values() if member.member_id != OPERATOR_MEMBER]
    to_others = [one for member in giving for one in grants(member) if one.receiver != OPERATOR_ITSELF]
    give(store, to_others, author=OPERATOR_MEMBER)
    bank, operator = Scorer(store, measured.scorer.bundle), measured.scorer
    sides = ((bank, BANK), (operator, OPERATOR_MEMBER))
    asked = measured.borrowers[:companies]
    _, *pairs = ([_pair(sides, company, turn) for company in asked] for turn in range(runs + 1))
    first = [_pair(_forgetful(sides), company, turn) for turn in range(FIRST_RUNS) for company in asked]
    store.close()
    ours, peer = (tuple(sum(pair[side] for pair in run) for run in pairs) for side in (0, 1))
    found = Comparison("authorised score", f"{companies} companies, one by one", ours, peer,
                       "the same score under one open grant", None)  # fmt: skip
    return found, [_rise("unchanged", [pair for run in pairs for pair in run]), _rise("asked for first", first)]


def _forgetful(sides: Sequence[tuple[Scorer, str]]) -> list[tuple[Scorer, str]]:
    """Scorers of the same stores that have read nothing yet."""
    return [(Scorer(scorer.store, scorer.bundle), member) for scorer, member in sides]


def _rise(which: str, pairs: Sequence[tuple[float, float]]) -> Limit:
    rise = statistics.median(granted - opened for granted, opened in pairs)
    named = f"rise of a score under a charter's grants over one open grant, companies {which}: median of pairs"
    return Limit(named, 1_000 * rise, "ms", RISE_LIMIT_MS)


def _pair(sides: Sequence[tuple[Scorer, str]], company: str, turn: int) -> tuple[float, float]:
    """Seconds of a company's score under the charter and under the open grant; who is first alternates.

    One after the other, since the machine's speed drifts by more than the difference.
    """
    seconds = [0.0, 0.0]
    for side in (0, 1) if turn % 2 else (1, 0):
        scorer, member = sides[side]
        started = time.perf_counter()
        scorer.decide(ScoreRequest(company=company, as_of=AS_OF, member=member, purpose=PURPOSE))
        seconds[side] = time.perf_counter() - started
    return seconds[0], seconds[1]
