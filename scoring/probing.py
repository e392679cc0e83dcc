"""Many requests that differ a little could difference a withheld value out of the scores; so they are counted.

A request is another one if its as-of day or the records given with it differ from those already answered. Of a company
of which nothing is withheld a member may ask as often as it likes.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from alliance.errors import AllianceError, Refused
from alliance.store import Decision, Store
from alliance.store.decisions import Asked


class ProbingLimit(Refused):
    """More requests of one company in a day than leave its withheld values hidden."""

    code = "rights.probing"


class Probing:
    """What was asked today, kept for the requests of one call, which count one after the other."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._asked: dict[tuple[str, str], set[Asked]] = {}

    def refused(self, made: Mapping[int, Decision | AllianceError]) -> dict[int, ProbingLimit]:
        """Of decisions not recorded yet, by place, those that ask too much; the others count from now on.

        Args:
            made: decisions of one member.
        """
        withheld = {place: one for place, one in made.items() if isinstance(one, Decision) and one.result["withheld"]}
        self._read(withheld)
        most = self._store.policy.rights.probes
        refused = {}
        for place, one in withheld.items():
            asked, this = self._asked[one.member, one.company_id], Asked.of(one)
            if this not in asked and len(asked) >= most:
                refused[place] = _too_many(one, most)
            else:
                asked.add(this)
        return refused

    def _read(self, made: Mapping[int, Decision]) -> None:
        """Read what has been asked about companies not looked at yet."""
        new = [one for one in made.values() if (one.member, one.company_id) not in self._asked]
        if new:
            found = self._store.asked(new[0].member, [one.company_id for one in new])
            self._asked |= {(one.member, one.company_id): found.get(one.company_id, set()) for one in new}


def require_room(store: Store, made: Decision) -> None:
    """Raise ``ProbingLimit`` unless a decision of which values are withheld may be asked about once more.

    What is told about it beside the score counts as a question of its own: it is told on the day (UTC) of the decision
    alone, and while the day's questions, each counted twice, are within the limit.
    """
    if _day(made.decided_at) != _day(store.clock()):
        raise ProbingLimit(
            f"Of {made.company_id} values are withheld, so advice is given on the day of a decision alone.",
            remedy="Score the company again, and ask about that decision.",
            company=made.company_id,
        )
    most = store.policy.rights.probes
    asked = store.asked(made.member, [made.company_id]).get(made.company_id, set())
    if 2 * len(asked | {Asked.of(made)}) > most:
        raise _too_many(made, most // 2)


def _day(moment: datetime) -> date:
    """The day, UTC; SQLite gives back moments without their zone."""
    return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)).date()


def _too_many(made: Decision, most: int) -> ProbingLimit:
    return ProbingLimit(
        f"{made.member} has asked {most} different things about {made.company_id} today, of which values are withheld.",
        remedy="Ask again tomorrow, or ask its members for the values themselves.",
        company=made.company_id,
        limit=most,
    )
