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

COMPANIES, RUNS = 100, 7
PURPOSE = "loan_origination"
BANK = "bank-01"
RISE_LIMIT_MS = 1.0


def authorised_score(
    measured: Measured, folder: Path, *, companies: int = COMPANIES, runs: int = RUNS
) -> tuple[Comparison, Limit]:
    """The same companies scored for a bank under what every member granted, each field on its rung, and for the
    operator under one open grant; and by how much one score rises.
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
    store.close()
    ours, peer = (tuple(sum(pair[side] for pair in run) for run in pairs) for side in (0, 1))
    rise = statistics.median(granted - opened for run in pairs for granted, opened in run)
    found = Comparison("authorised score", f"{companies} companies, one by one", ours, peer,
                       "the same score under one open grant", None)  # fmt: skip
    named = "rise of a score under a charter's grants over one open grant, median of pairs"
    return found, Limit(named, 1_000 * rise, "ms", RISE_LIMIT_MS)


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
