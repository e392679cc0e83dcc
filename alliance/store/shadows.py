"""Shadow scores: what a challenger would have said, beside the decision that was made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from alliance.store.decisions import Decision, decisions_where, insert_new
from alliance.store.schema import decision
from alliance.store.schema_shadow import shadow_score


@dataclass(frozen=True, kw_only=True)
class ShadowScore:
    """What a challenger would have said where a decision was made.

    Attributes:
        decision_id: the decision beside which it was made, from the same facts.
        bundle_sha256: the challenger.
        scored_at: when, UTC.
        log_odds, pd, points, grade: its score.
    """

    decision_id: str
    bundle_sha256: str
    scored_at: datetime
    log_odds: float
    pd: float
    points: float
    grade: str


def insert_shadows(connection: Connection, made: Sequence[ShadowScore]) -> None:
    """Append shadow scores, but for those of decisions that are not there or were erased meanwhile.

    The caller holds the writer's lock, so that no erasure comes between.
    """
    found = decisions_where(connection, decision.c.decision_id.in_([one.decision_id for one in made]))
    whole = {one.decision_id for one in found if one.erased is None}
    if rows := [vars(one) for one in made if one.decision_id in whole]:
        connection.execute(insert_new(connection, shadow_score), rows)


def select_shadows(
    connection: Connection, bundle_sha256: str, since: datetime | None = None
) -> list[tuple[Decision, ShadowScore]]:
    """The shadow scores of a challenger, each with its decision, oldest decision first.

    Args:
        since: only beside decisions made at this moment or later.
    """
    own = select(shadow_score).where(shadow_score.c.bundle_sha256 == bundle_sha256)
    shadows = {row.decision_id: ShadowScore(**row._mapping) for row in connection.execute(own)}
    which: list[ColumnElement[bool]] = [decision.c.decision_id.in_(select(own.subquery().c.decision_id))]
    which += [] if since is None else [decision.c.decided_at >= since]
    return [(made, shadows[made.decision_id]) for made in decisions_where(connection, *which)]
