"""Overrides made, ruled and read. An override stands beside the model's result; the decision itself never changes.

Above the policy's limits it is pending until another person of the member approves it (four eyes). All is appended, as
entries of the ledger; what an override says goes when its company is erased.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from alliance.errors import Conflict, InvalidInput, NotFound, Refused
from alliance.store import Decision, Store
from alliance.store.decisions import find_decision
from alliance.store.effects import Along
from alliance.store.entries import EntryKind, append
from alliance.store.overrides import (
    Override,
    OverrideRuling,
    Overriding,
    State,
    find_override,
    insert_override,
    insert_override_ruling,
    override_id_for,
    overrides_of,
    select_overrides,
)
from alliance.store.store import no_decision
from scoring.model.certainty import Advice, Band
from scoring.model.scale import GRADES
from scoring.overrides.policy import Direction, OverridesPolicy

SAFETY = (Advice.DECLINE, Advice.REFER, Advice.APPROVE)
"""Outcomes in their order, from the most to the least risk seen."""


class SamePerson(Refused):
    """Who made an override cannot be the second person who approves it."""

    code = "overrides.same_person"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What an analyst wants beside a decision's result.

    Attributes:
        outcome: approve, refer or decline; ``None`` to leave it.
        grade: of the master scale; ``None`` to leave it.
        reason_code: of the policy's closed list.
        text: why, in words.
        exposure: whole yuan it is about; ``None`` where it is not told.
        person: who makes it.
    """

    outcome: Advice | None = None
    grade: str | None = None
    reason_code: str
    text: str
    exposure: int | None = None
    person: str


def override(
    store: Store, decision_id: str, wish: Wish, policy: OverridesPolicy, band: Band, *, along: Along | None = None
) -> Override:
    """Put an analyst's result beside a decision's, in force at once or pending.

    Args:
        band: the lender's band, which tells the model's outcome where the decision holds none of its own.
        along: what is to be stored with the override.

    Raises:
        NotFound: no such decision.
        Erased: what it said was erased.
        InvalidInput: nothing is overridden, outcome and grade go in opposite ways, or the reason is not of the list.
        Conflict: another override of the decision waits for a second person.
    """
    _refuse_blank(text=wish.text, person=wish.person)
    if wish.exposure is not None and wish.exposure < 0:
        raise InvalidInput("An exposure is no debt.", remedy="Give whole yuan from 0 on.", field="exposure")
    with store.writing() as connection:
        found = find_decision(connection, decision_id)
        if found is None:
            raise no_decision(decision_id)
        said = judged(found.whole(), wish, band)
        direction = Direction(said.direction)
        policy.reason(wish.reason_code, direction)
        for one in overrides_of(connection, [decision_id]):
            if one.state is State.PENDING:
                raise Conflict(
                    f"Override {one.override_id} of this decision waits for a second person.",
                    remedy="Have it approved or rejected first.",
                    override=one.override_id,
                )
        entry = append(connection, EntryKind.OVERRIDE, found.member, store.clock())
        made = Override(
            override_id=override_id_for(entry.no, decision_id), no=entry.no, made_at=entry.made_at,
            member=found.member, person=wish.person, decision_id=decision_id, said=said,
            second=policy.four_eyes.needed(
                direction, notches=said.notches, steps=said.steps, exposure=said.exposure
            ),
        )  # fmt: skip
        insert_override(connection, made)
        if along:
            along(connection, made.override_id)
    return made


def judged(made: Decision, wish: Wish, band: Band) -> Overriding:
    """What a wish comes to beside a decision: its direction, and how far it goes.

    Raises:
        InvalidInput: nothing is overridden, there is no such grade, or outcome and grade go in opposite ways.
    """
    outcome, grade = model_outcome(made, band), str(made.result["grade"])
    if wish.grade is not None and wish.grade not in GRADES:
        raise InvalidInput(
            f"There is no grade {wish.grade!r}.", remedy=f"Use one of {', '.join(GRADES)}.", field="grade"
        )
    notches = GRADES.index(grade) - GRADES.index(wish.grade or grade)
    steps = SAFETY.index(wish.outcome or outcome) - SAFETY.index(outcome)
    if notches == steps == 0:
        raise InvalidInput(
            f"Nothing is overridden: the model says {outcome.value}, {grade}.", remedy="Give another outcome or grade."
        )
    if notches * steps < 0:
        raise InvalidInput(
            f"Outcome and grade go in opposite ways from the model's {outcome.value}, {grade}.",
            remedy="Upgrade both, or downgrade both.",
        )
    return Overriding(
        model_outcome=outcome.value, model_grade=grade, model_pd=made.result["pd"],
        outcome=wish.outcome and wish.outcome.value, grade=wish.grade,
        direction=(Direction.UPGRADE if notches + steps > 0 else Direction.DOWNGRADE).value,
        notches=abs(notches), steps=abs(steps), exposure=wish.exposure,
        reason_code=wish.reason_code, text=wish.text,
    )  # fmt: skip


def model_outcome(made: Decision, band: Band) -> Advice:
    """What the model suggests: as the decision says, or else by a lender's band."""
    told = made.result.get("advice")
    return Advice(told) if told else band.advise(np.array([made.result["pd"]]))[0]


def rule(
    store: Store, override_id: str, *, approved: bool, person: str, reason: str, along: Along | None = None
) -> Override:
    """Approve or reject a pending override, once for all.

    Args:
        person: the second person; another than made it.
        along: what is to be stored with the ruling.

    Raises:
        NotFound: no such override.
        Erased: what it said was erased.
        Conflict: it does not wait for anybody.
        SamePerson: who made it cannot approve it, nor reject it.
        InvalidInput: no reason or person is given.
    """
    _refuse_blank(reason=reason, person=person)
    with store.writing() as connection:
        found = find_override(connection, override_id)
        if found is None:
            raise no_override(override_id)
        found.whole()
        if found.state is not State.PENDING:
            raise Conflict(
                f"Override {override_id} waits for nobody: it is {found.state.value.replace('_', ' ')}.",
                remedy="Override the decision anew.",
                override=override_id,
            )
        if found.person == person:
            raise SamePerson(
                "Who made an override cannot decide it.", remedy="Have a second person rule.", override=override_id
            )
        entry = append(connection, EntryKind.OVERRIDE_RULING, found.member, store.clock())
        ruled = OverrideRuling(no=entry.no, made_at=entry.made_at, person=person, approved=approved, reason=reason)
        insert_override_ruling(connection, override_id, ruled)
        if along:
            along(connection, override_id)
    return find(store, override_id)


def find(store: Store, override_id: str) -> Override:
    """An override as it stands; ``NotFound`` if there is none."""
    with store.reading() as connection:
        found = find_override(connection, override_id)
    if found is None:
        raise no_override(override_id)
    return found


def of_decision(store: Store, decision_ids: Sequence[str]) -> list[Override]:
    """Overrides of some decisions, oldest first. The last one in force is what the lender went by."""
    with store.reading() as connection:
        return overrides_of(connection, decision_ids)


def listed(store: Store, *, member: str | None = None, state: State | None = None) -> list[Override]:
    """Overrides of a member's decisions or all, oldest first, those that were erased left out.

    Args:
        state: only those that stand so.
    """
    with store.reading() as connection:
        found = select_overrides(connection, member)
    return [one for one in found if one.said is not None and state in (None, one.state)]


def no_override(override_id: str) -> NotFound:
    return NotFound(
        f"There is no override {override_id!r}.", remedy="List them: scoring overrides list.", override=override_id
    )


def _refuse_blank(**given: str) -> None:
    for name, words in given.items():
        if not words.strip():
            raise InvalidInput(f"No {name} is given.", remedy=f"Say it: the {name} is kept.", field=name)
