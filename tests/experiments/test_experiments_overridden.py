"""Overrides counted by quarter, for those who watch a model."""

from datetime import UTC, date, datetime

from alliance.store import Decision, Store
from alliance.store.entries import EntryKind, append
from alliance.store.overrides import Override, Overriding, insert_override
from experiments.monitoring.overridden import OVERRIDDEN, overridden
from experiments.monitoring.rates import Rate

JUNE, SEPTEMBER, DECEMBER = date(2024, 6, 30), date(2024, 9, 30), date(2024, 12, 31)
SAID = Overriding(
    model_outcome="refer", model_grade="BB", model_pd=0.03, outcome="approve", grade=None, direction="upgrade",
    notches=0, steps=1, exposure=1_000_000, reason_code="collateral", text="A deposit.",
)  # fmt: skip


def decided(number: int, as_of: date, bundle: str = "a") -> Decision:
    return Decision(
        decision_id=f"dec_{number}", decided_at=datetime(2025, 1, 1, tzinfo=UTC), company_id=f"co_{number}",
        as_of=as_of, member="bank", purpose="loan_origination", grants=(), watermark=1, bundle_sha256=64 * bundle,
        inline_records=(), result={"points": 600.0},
    )  # fmt: skip


def override(store: Store, number: int, *, second: bool) -> None:
    with store.writing() as connection:
        entry = append(connection, EntryKind.OVERRIDE, "bank")
        made = Override(
            override_id=f"ovr_{number}", no=entry.no, made_at=entry.made_at, member="bank", person="key:1",
            decision_id=f"dec_{number}", second=second, said=SAID,
        )  # fmt: skip
        insert_override(connection, made)


def test_a_quarter_counts_its_own_days_and_what_is_in_force(store: Store) -> None:
    days = [date(2024, 3, 31), date(2024, 4, 1), JUNE, date(2024, 7, 1), SEPTEMBER]
    store.record_decisions([decided(number, day) for number, day in enumerate(days)] + [decided(9, JUNE, "b")])
    for number, second in ((1, False), (2, True), (3, False), (9, False)):
        override(store, number, second=second)
    assert overridden(store, 64 * "a", [JUNE, SEPTEMBER, DECEMBER]) == [
        Rate(OVERRIDDEN, JUNE, 1, 2),  # dec_2's waits for a second person; dec_9 is another model's
        Rate(OVERRIDDEN, SEPTEMBER, 1, 2),
    ]
