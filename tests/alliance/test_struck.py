"""Claims that rulings strike: exactly those they cover, from their day on."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.rights import AccessRequest
from alliance.signals import SIGNALS, signal_named
from alliance.signals.claims import Claims, claim_schema, no_claims, ordered
from alliance.store.disputes import Claimed, Dispute, Party, Ruling
from alliance.struck import struck

CASH = {"signal": "cash_position", "observed_on": "day", "cash": "cash", "monthly_burn": "burn"}
REQUEST = AccessRequest("harbour", "research")
SUBMITTED = datetime(2020, 1, 1, 12, tzinfo=UTC)
RAISED = datetime(2020, 2, 1, 23, tzinfo=UTC)
RULED = datetime(2020, 2, 10, 9, tzinfo=UTC)
THAT_DAY, DAY_BEFORE = date(2020, 2, 10), date(2020, 2, 9)

SIGNAL = signal_named("cash_position")
COMPANIES, KEYS = ("co_a", "co_b"), ("2019-Q1", "2019-Q2")


@st.composite
def excluding(draw: st.DrawFn) -> Dispute:
    """A dispute that excluded a claim or a fact, one day or the other."""
    no, places = draw(st.integers(1, 6)), st.tuples(st.integers(1, 6), st.integers(1, 3))
    claims = draw(st.lists(places, min_size=1, max_size=4, unique=True))
    return Dispute(
        dispute_id=f"dis_{no}", no=no, raised_at=RAISED, raised_by="x", on_behalf_of=Party.MEMBER, company_id="co_a",
        signal=SIGNAL.name, key=draw(st.sampled_from(KEYS)), field=None, submission_no=None, row=None, member=None,
        claims=tuple(Claimed("co_a", *claim, "m", THAT_DAY, THAT_DAY) for claim in claims), evidence="",
        due_on=THAT_DAY,
        ruling=Ruling(no + 1, RULED + timedelta(days=draw(st.integers(0, 1))), "x", draw(st.booleans()), ""),
    )  # fmt: skip


@given(st.lists(excluding(), max_size=6), st.sampled_from([DAY_BEFORE, THAT_DAY, THAT_DAY + timedelta(days=1)]))
@settings(deadline=None)
def test_what_is_left_is_what_no_ruling_covers(rulings: list[Dispute], as_of: date) -> None:
    every = [
        {"subject_id": COMPANIES[no % 2], "key": key, "submission_no": no, "row": row, "member": "m",
         "event_at": THAT_DAY, "known_at": THAT_DAY}
        for key, no, row in product(KEYS, range(1, 7), range(1, 4))
    ]  # fmt: skip
    frame = ordered(SIGNAL, pl.DataFrame([dict.fromkeys(SIGNAL.schema) | one for one in every], claim_schema(SIGNAL)))
    claims = Claims({signal.name: no_claims(signal) for signal in SIGNALS} | {SIGNAL.name: frame}, 7)
    left = struck(claims, rulings, as_of)
    expected = [
        row
        for row in frame.to_dicts()
        if not any(
            one.key == row["key"] and one.covers(row["submission_no"], row["row"]) and one.excludes(as_of)
            for one in rulings
        )
    ]
    assert left.frames[SIGNAL.name].to_dicts() == expected
    assert (left is claims) == (not any(one.excludes(as_of) for one in rulings))
