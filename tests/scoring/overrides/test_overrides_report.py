"""How overridden cases ended: only what a member may see, only when the horizon is over, nothing said of a few."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.errors import InvalidInput
from alliance.store import Decision, Store
from experiments.overrides import overrides_listing
from scoring import overrides
from scoring.model.certainty import Advice, Band
from scoring.overrides import OverridesPolicy, Wish
from scoring.overrides.report import Line, Verdict, jeffreys, judge, report

POLICY = OverridesPolicy.from_environment({})
BAND = Band(0.02, 0.16)
MADE, END = date(2025, 1, 31), date(2026, 1, 31)
DAY = date(2026, 6, 30)

EVENTS = {"credit_event": {"kind": "kind", "happened_on": "day"}}
REPORTS = {"repayment_status": {"facility_no": "no", "observed_on": "day", "days_past_due": "late"}}


@pytest.fixture
def told(closed: Store, toy: Any, write: Callable[..., Any], tmp_path: Path) -> Store:
    """Companies c0 to c5, scored by `bank` and ended in every way; all but the last tell it to `bank`."""
    rows = [(0, "default", "2025-06-30"), (1, "repaid", "2025-09-30"), (2, "default", "2026-02-15"),
            (3, "default", "2025-01-15"), (6, "default", "2025-06-30")]  # fmt: skip
    events = [
        {"code": toy.numbers[place], "id": f"b{place}", "name": "X", "kind": kind, "day": day}
        for place, kind, day in rows
    ]
    reports = [
        {"code": toy.numbers[place], "id": f"b{place}", "name": "X", "no": "1", "day": day, "late": 0}
        for place, day in ((2, "2026-02-01"), (4, "2025-12-31"), (6, "2026-02-01"))
    ]
    for member, own in (("bank", range(6)), ("other", (6,))):
        among = {toy.numbers[place] for place in own}
        for name, records, some in (("events", EVENTS, events), ("reports", REPORTS, reports)):
            file = [one for one in some if one["code"] in among]
            write(tmp_path, f"{name}-{member}", member=member, role="bank", records=records, rows=file).submit(closed)
    return closed


def overridden(store: Store, place: int, *, member: str = "bank", outcome: Advice = Advice.APPROVE, **more: Any) -> str:
    made = Decision(
        decision_id=f"dec_{member}_{place}", decided_at=datetime(2025, 1, 31, tzinfo=UTC),
        company_id=store.company(f"hr:c{place}").company_id, as_of=MADE, member=member, purpose="loan_origination",
        grants=(), watermark=1, bundle_sha256="0" * 64, inline_records=(),
        result={"pd": 0.05, "grade": "B", "outcome": "default", "horizon_months": 12},
    )  # fmt: skip
    store.record_decisions([made])
    given = {"reason_code": "policy", "text": "So it is.", "person": "anna", "exposure": 1, **more}
    return overrides.override(store, made.decision_id, Wish(outcome=outcome, **given), POLICY, BAND).override_id


def line(lines: list[Line], by: str, name: str) -> Line:
    [found] = [one for one in lines if (one.by, one.name) == (by, name)]
    return found


def test_endings_count_when_they_are_known(told: Store) -> None:
    for place in range(7):
        overridden(told, place)
    found = line(report(told, POLICY, as_of=DAY), "all", "all")
    # c0 defaulted in time; c1 repaid; c2 defaulted after its horizon, and still paid at its end. Of c3, which defaulted
    # before, c4, whose reports end too soon, c5, of which nothing is told, and c6, whose bank tells nobody, none knows.
    assert (found.in_force, found.decisions, found.followed, found.came) == (7, 7, 3, 1)
    assert found.expected == pytest.approx(0.05) and found.rate == 1
    assert (found.low, found.high) == pytest.approx(jeffreys(1, 3, 0.9))
    assert found.verdict is Verdict.INSUFFICIENT
    before = line(report(told, POLICY, as_of=date(2026, 1, 30)), "all", "all")
    assert (before.followed, before.came, before.low) == (0, 0, None)


def test_groups(told: Store) -> None:
    overridden(told, 0)
    overridden(told, 1, outcome=Advice.DECLINE, reason_code="integrity")
    overridden(told, 2, exposure=9_000_000)
    rejected = overridden(told, 3, exposure=9_000_000, reason_code="collateral")
    overrides.rule(told, rejected, approved=False, person="otto", reason="No.")
    overridden(told, 0, member="hr", reason_code="collateral")
    lines = report(told, POLICY, as_of=DAY)
    assert [(one.by, one.name, one.in_force, one.pending, one.rejected, one.decisions) for one in lines] == [
        ("all", "all", 3, 1, 1, 5),
        ("reason", "collateral", 1, 0, 1, 5), ("reason", "integrity", 1, 0, 0, 5), ("reason", "policy", 1, 1, 0, 5),
        ("direction", "downgrade", 1, 0, 0, 5), ("direction", "upgrade", 2, 1, 1, 5),
        ("member", "bank", 2, 1, 1, 4), ("member", "hr", 1, 0, 0, 1),
        ("outcome", "approve", 2, 1, 1, 5), ("outcome", "decline", 1, 0, 0, 5),
    ]  # fmt: skip
    assert line(lines, "member", "hr").followed == 0  # it may not see how the bank's loan ended
    own = report(told, POLICY, as_of=DAY, member="hr")
    assert {(one.in_force, one.decisions) for one in own} == {(1, 1)}
    listed = overrides_listing(told, DAY, POLICY).markdown()
    assert "insufficient evidence" in listed and "企业" not in listed and "co_" not in listed
    with pytest.raises(InvalidInput, match="future"):
        report(told, POLICY, as_of=date(2200, 1, 1))


def test_the_last_in_force_is_what_counts(told: Store) -> None:
    overridden(told, 0)
    later = Wish(outcome=Advice.DECLINE, reason_code="integrity", text="News.", person="otto")
    overrides.override(told, "dec_bank_0", later, POLICY, BAND)
    lines = report(told, POLICY, as_of=DAY)
    assert line(lines, "all", "all").in_force == 1 and line(lines, "direction", "downgrade").came == 1
    assert line(lines, "direction", "upgrade").in_force == 0


@pytest.mark.parametrize(
    ("came", "followed", "low", "high"),
    [(0, 10, 0.0, 0.217), (1, 10, 0.011, 0.381), (5, 10, 0.224, 0.776), (10, 10, 0.783, 1.0)],
)
def test_intervals(came: int, followed: int, low: float, high: float) -> None:
    """Limits at 95 per cent, as Brown, Cai and DasGupta (2001) have them."""
    assert jeffreys(came, followed, 0.95) == pytest.approx((low, high), abs=1e-3)


@given(st.integers(1, 500), st.floats(0, 1), st.floats(0.001, 0.999))
def test_a_verdict_needs_cases_and_a_miss(followed: int, share: float, expected: float) -> None:
    came = round(share * followed)
    low, high = jeffreys(came, followed, POLICY.level)
    assert 0 <= low <= came / followed <= high <= 1
    found = judge(expected, came, followed, POLICY)
    if followed < POLICY.least:
        assert found is Verdict.INSUFFICIENT
        assert judge(expected, came, followed, replace(POLICY, least=1)) is not Verdict.INSUFFICIENT
    else:
        worse, better = expected < low, expected > high
        assert found is (Verdict.WORSE if worse else Verdict.BETTER if better else Verdict.AS_EXPECTED)
