"""How often people did not take a model's word, quarter by quarter."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from alliance.store import Store
from alliance.store.overrides import State, select_overrides
from alliance.store.schema import decision
from experiments.monitoring.rates import Rate
from scoring.months import months_after

OVERRIDDEN = "overridden"


def overridden(store: Store, bundle_sha256: str, days: Sequence[date]) -> list[Rate]:
    """Of a model's decisions as of days of each quarter, those with an override in force by now.

    Quarters without a decision are left out. There is no rate of when the model was examined to hold these against, so
    they are shown, not judged.

    Args:
        days: last days of the quarters.
    """
    query = select(decision.c.decision_id, decision.c.as_of).where(decision.c.bundle_sha256 == bundle_sha256)
    with store.reading() as connection:
        of = {made.decision_id: made.as_of for made in connection.execute(query)}
        held = {one.decision_id for one in select_overrides(connection) if one.state is State.IN_FORCE}
    found = []
    for day in days:
        first = months_after(day.replace(day=1), -2)
        made = {one for one, as_of in of.items() if first <= as_of <= day}
        if made:
            found.append(Rate(OVERRIDDEN, day, len(made & held), len(made)))
    return found
