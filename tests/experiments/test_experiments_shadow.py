"""What is told of a challenger in the shadow, and of decisions made again: counts by hand, and nobody told of alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest

from alliance.signals import Pillar
from alliance.store import Decision, Store
from alliance.store.shadows import ShadowScore, insert_shadows
from alliance.view import History
from experiments.experiment import experiment
from experiments.panel import Panel
from experiments.replay import Again, movers_listing, moves_listing
from experiments.shadow import Pairs, agreement_listing, known_outcomes, pairs_of, shadow_report
from experiments.splits import out_of_time
from scoring.model import Bundle, ScoreScale
from scoring.result import PillarShare, Reason, Score

NOW = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def bundle(panel: Panel) -> Bundle:
    return experiment(panel, out_of_time(panel, 4), version="challenger").bundle


def score(company: str, points: float, as_of: date = date(2020, 1, 31)) -> Score:
    log_odds = (600 - points) / ScoreScale().points_per_log_odds - np.log(50)
    pd = float(1 / (1 + np.exp(-log_odds)))
    why = Reason(
        feature="cash_runway", pillar=Pillar.FINANCIAL, value=1.0, points=-9.0, zh="现金：1 个月", en="Cash: 1 month"
    )
    share = PillarShare(pillar=Pillar.FINANCIAL, log_odds=0.0, odds_multiplier=1.0, points=points - 600, coverage=1.0)
    return Score(
        company_id=company, as_of=as_of, outcome="default", horizon_months=6, pd=pd, log_odds=float(log_odds),
        base_log_odds=0.0, points=points, base_points=600.0, grade=ScoreScale().grades(np.array([pd]))[0],
        pillars=(share,), raises=(why,), lowers=(), coverage=1.0, model_version="0" * 64, data_watermark=1,
    )  # fmt: skip


def decided(place: int, points: float, as_of: date = date(2020, 1, 31), **more: Any) -> Decision:
    company = f"co_{place:03}"
    given = {"member": "bank", "purpose": "loan_origination", "grants": ("own",), "watermark": 1,
             "bundle_sha256": "0" * 64, "inline_records": ()} | more  # fmt: skip
    return Decision(decision_id=f"dec_{place:03}", decided_at=NOW, company_id=company, as_of=as_of,
                    result=score(company, points, as_of).as_dict(), **given)  # fmt: skip


def shadowed(made: Decision, points: float, sha256: str = "1" * 64) -> ShadowScore:
    told = score(made.company_id, points)
    return ShadowScore(decision_id=made.decision_id, bundle_sha256=sha256, scored_at=NOW, log_odds=told.log_odds,
                       pd=told.pd, points=points, grade=told.grade)  # fmt: skip


def test_agreement_by_hand() -> None:
    """Twenty points are one grade on this scale: eight companies stay, one moves by one grade, one by three."""
    pairs = []
    for place, moved in enumerate([0.0] * 8 + [20.0, -60.0]):
        made = decided(place, 560.0 + place)
        pairs.append((made, shadowed(made, 560.0 + place + moved)))
    rows = {row[0]: row[1] for row in agreement_listing(Pairs(tuple(pairs), revoked=0, others=0)).rows}
    assert rows["the same grade"] == "0.8000" and rows["another grade"] == "0.2000"
    assert rows["two grades or more"] == "0.1000"
    assert rows["points, challenger less champion"] == "-4.0000"


def test_outcomes_are_known_a_horizon_after(
    history: Callable[..., History], claim: Callable[..., Any], bundle: Bundle
) -> None:
    event = {"kind": "default", "key": "d"}
    told = history(
        claim("credit_event", "co_000", happened_on=date(2020, 3, 1), **event),
        claim("credit_event", "co_001", happened_on=date(2020, 9, 1), **event),
        claim("company_profile", "co_002", observed_on=date(2020, 12, 31)),
    )
    days = (date(2020, 1, 31), date(2020, 1, 31), date(2020, 1, 31), date(2020, 11, 30))
    made = [decided(place, 600.0, day) for place, day in enumerate(days)]
    known, labels = known_outcomes(told, bundle, [(one, shadowed(one, 600.0)) for one in made])
    assert [one.company_id for one, _ in known] == ["co_000", "co_001", "co_002"]
    assert labels == [True, False, False], "later than the horizon is no outcome"


def test_too_few_companies_are_not_told_of_and_others_are_left_out(store: Store, bundle: Bundle) -> None:
    made = [decided(place, 600.0 + place) for place in range(4)]
    later = [replace(decided(7, 600.0), decided_at=NOW.replace(day=2), bundle_sha256="2" * 64)]
    store.record_decisions([*made, *later])
    with store.writing() as connection:
        insert_shadows(connection, [shadowed(one, 610.0, bundle.sha256) for one in [*made, *later]])
    found = pairs_of(store, bundle, None)
    assert [one.decision_id for one, _ in found.kept] == ["dec_007"] and (found.others, found.revoked) == (4, 0)
    assert len(pairs_of(store, bundle, NOW.replace(year=2030)).kept) == 0
    told = shadow_report(store, bundle, None)
    assert len(told) == 2 and "Fewer than 5 companies" in str(told[1])
    more = [replace(decided(place, 600.0 + 7 * place), decided_at=NOW.replace(day=3)) for place in range(10, 18)]
    store.record_decisions(more)
    with store.writing() as connection:
        insert_shadows(connection, [shadowed(one, 610.0, bundle.sha256) for one in more])
    told = shadow_report(store, bundle, NOW.replace(day=3))
    assert "8 decisions on 8 companies" in str(told[0]) and "may not be read" in str(told[2])


def test_decisions_made_again_are_counted_and_the_farthest_named_first() -> None:
    again = [
        Again(decided(0, 560.0), score("co_000", 560.0)),
        Again(decided(1, 560.0), score("co_001", 540.0)),
        Again(decided(2, 560.0), score("co_002", 620.0)),
    ]
    counts = {row[0]: row[1] for row in moves_listing(again).rows}
    assert counts == {"the same to the last bit": "1", "the same grade": "1", "a better grade": "1",
                      "a worse grade": "1", "two grades or more": "1"}  # fmt: skip
    rows = movers_listing(again, 2).rows
    assert [row[0] for row in rows] == ["co_002", "co_001"]
    assert rows[1][3:5] == ("560 → 540", "-20.0") and "Cash: 1 month" in rows[1][6] and "-20.0" in rows[1][5]
