"""Overrides of decisions, and what was ruled of them: appended, and read with the entries that brought them."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, func, insert, select

from alliance.errors import Erased
from alliance.store.schema import decision, entry
from alliance.store.schema_overrides import decision_override, override_ruling


class State(StrEnum):
    """How an override stands."""

    IN_FORCE = "in_force"
    PENDING = "pending"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class Overriding:
    """What an analyst puts beside a model's result.

    Attributes:
        model_outcome, model_grade, model_pd: the model's result, as it was recorded or follows from the lender's band.
        outcome, grade: the analyst's; ``None`` where the model's stands.
        direction: ``upgrade`` or ``downgrade``.
        notches: grades between the two grades; 0 where the grade stands.
        steps: steps between the two outcomes, of decline, refer, approve; 0 where the outcome stands.
        exposure: whole yuan the override is about; ``None`` where it was not told.
        reason_code: of the closed list of the policy.
        text: why, in the analyst's words.
    """

    model_outcome: str
    model_grade: str
    model_pd: float
    outcome: str | None
    grade: str | None
    direction: str
    notches: int
    steps: int
    exposure: int | None
    reason_code: str
    text: str


@dataclass(frozen=True, kw_only=True)
class OverrideRuling:
    """What a second person ruled: entry, when (UTC), who, whether it holds, and why."""

    no: int
    made_at: datetime
    person: str
    approved: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class Override:
    """An override of a decision. It stands beside the model's result, never in its place.

    Attributes:
        override_id: its id.
        no, made_at, member: the entry, when it was made (UTC) and for which member.
        person: who of the member made it.
        decision_id: the decision.
        second: whether it holds only once a second person approves.
        said: what it says; ``None`` once that was erased.
        ruling: what a second person ruled; ``None`` where none was needed, or until then.
    """

    override_id: str
    no: int
    made_at: datetime
    member: str
    person: str
    decision_id: str
    second: bool
    said: Overriding | None
    ruling: OverrideRuling | None = None

    @property
    def state(self) -> State:
        """Whether it holds, waits for a second person, or was rejected."""
        if self.ruling is not None:
            return State.IN_FORCE if self.ruling.approved else State.REJECTED
        return State.PENDING if self.second else State.IN_FORCE

    def whole(self) -> Overriding:
        """What it says; ``Erased`` if that is gone."""
        if self.said is None:
            raise Erased(
                f"What override {self.override_id} said was erased with its decision.",
                remedy="Its ledger receipt still proves that it was made.",
                override=self.override_id,
            )
        return self.said


def override_id_for(no: int, decision_id: str) -> str:
    return "ovr_" + hashlib.sha256(f"{no}:{decision_id}".encode()).hexdigest()[:12]


def insert_override(connection: Connection, made: Override) -> None:
    """Append an override; its entry has been made."""
    assert made.said is not None
    row = {column.name: getattr(made, column.name) for column in decision_override.c}
    connection.execute(insert(decision_override).values(row | {"said": orjson.dumps(asdict(made.said)).decode()}))


def insert_override_ruling(connection: Connection, override_id: str, made: OverrideRuling) -> None:
    """Append what was ruled of an override; its entry has been made."""
    row = {column.name: getattr(made, column.name, override_id) for column in override_ruling.c}
    connection.execute(insert(override_ruling).values(row))


def find_override(connection: Connection, override_id: str) -> Override | None:
    return next(iter(_read(connection, decision_override.c.override_id == override_id)), None)


def overrides_of(connection: Connection, decision_ids: Sequence[str]) -> list[Override]:
    """Overrides of some decisions, oldest first."""
    return _read(connection, decision_override.c.decision_id.in_(decision_ids))


def select_overrides(connection: Connection, member: str | None = None) -> list[Override]:
    """Overrides of a member's decisions or all, oldest first."""
    return _read(connection, *([] if member is None else [_MADE.c.author == member]))


def decisions_by_member(connection: Connection) -> dict[str, int]:
    """How many decisions each member has been given and may have overridden: those that were not erased."""
    whole = decision.c.result.not_like('{"erased":%')
    counted = select(decision.c.member, func.count()).where(whole).group_by(decision.c.member)
    return dict(tuple(row) for row in connection.execute(counted.order_by(decision.c.member)))


_MADE, _RULED = entry.alias("made"), entry.alias("ruled")


def _read(connection: Connection, *which: ColumnElement[bool]) -> list[Override]:
    joined = (
        decision_override.join(_MADE, _MADE.c.no == decision_override.c.no)
        .outerjoin(override_ruling, override_ruling.c.override_id == decision_override.c.override_id)
        .outerjoin(_RULED, _RULED.c.no == override_ruling.c.no)
    )
    made = (_MADE.c.made_at, _MADE.c.author.label("member"))
    named = [column.label(f"ruling_{column.name}") for column in override_ruling.c if column.name != "override_id"]
    query = select(*decision_override.c, *made, *named, _RULED.c.made_at.label("ruling_made_at")).select_from(joined)
    return [
        _override(dict(row._mapping))
        for row in connection.execute(query.where(*which).order_by(decision_override.c.no))
    ]


def _override(values: dict[str, Any]) -> Override:
    ruled = {name.removeprefix("ruling_"): values.pop(name) for name in list(values) if name.startswith("ruling_")}
    said = orjson.loads(values["said"])
    return Override(
        **values | {"said": None if "erased" in said else Overriding(**said)},
        ruling=None if ruled["no"] is None else OverrideRuling(**ruled),
    )
