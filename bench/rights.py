"""What rights cost: a score under a whole charter's grants, against the same score under one open grant."""

import sqlite3
import statistics
import time
from contextlib import closing
from pathlib import Path

from alliance.grants import give
from alliance.store import Store
from bench.alliance import AS_OF, DATABASE, Measured
from bench.measure import Comparison, Limit, compare
from experiments.own_study import OPERATOR_MEMBER
from scoring.decide import Scorer, ScoreRequest
from seeds.charter import OPERATOR_ITSELF, grants

COMPANIES = 100
PURPOSE = "loan_origination"
BANK = "bank-01"
RISE_LIMIT_MS = 1.0


def authorised_score(measured: Measured, folder: Path) -> tuple[Comparison, Limit]:
    """The same companies scored for a bank under what every member granted, each field on its rung, and for the
    operator under one open grant; and by how much the median of one score rises.
    """
    with closing(sqlite3.connect(folder / DATABASE)) as source, closing(sqlite3.connect(folder / "charter.db")) as copy:
        source.backup(copy)
    store = Store(f"sqlite:///{folder / 'charter.db'}")
    giving = [member for member in store.rights().members.values() if member.member_id != OPERATOR_MEMBER]
    to_others = [one for member in giving for one in grants(member) if one.receiver != OPERATOR_ITSELF]
    give(store, to_others, author=OPERATOR_MEMBER)
    bank, operator = Scorer(store, measured.scorer.bundle), measured.scorer
    asked = measured.borrowers[:COMPANIES]
    rises = []

    def timed(scorer: Scorer, member: str) -> list[float]:
        seconds = []
        for company in asked:
            started = time.perf_counter()
            scorer.decide(ScoreRequest(company=company, as_of=AS_OF, member=member, purpose=PURPOSE))
            seconds.append(time.perf_counter() - started)
        return seconds

    def ours(_: int) -> None:
        rises.append(timed(bank, BANK))

    def peer(_: int) -> None:
        rises.append(timed(operator, OPERATOR_MEMBER))

    found = compare("authorised score", ours, peer, unit=f"{COMPANIES} companies, one by one",
                    peer_name="the same score under one open grant")  # fmt: skip
    store.close()
    granted, opened = (statistics.median(second for run in rises[2 + side :: 2] for second in run) for side in (0, 1))
    return found, Limit("median of a score: rise under a charter's grants over one open grant",
                        1_000 * (granted - opened), "ms", RISE_LIMIT_MS)  # fmt: skip
