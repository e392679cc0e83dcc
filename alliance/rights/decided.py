"""Decisions on one state, each taken once and kept until the clock makes it another."""

from datetime import datetime

from alliance.rights.access import Access, AccessRequest
from alliance.rights.decision import decide
from alliance.rights.state import RightsState

MOST_KEPT = 100
"""Requests whose answers are kept, about a megabyte each in an alliance of two hundred; anybody may ask in any name."""


class Decided:
    """A state with what was decided by it. Threads may share it: at worst two decide the same."""

    def __init__(self, state: RightsState) -> None:
        self.state = state
        self._kept: dict[AccessRequest, tuple[datetime, Access]] = {}

    def access(self, request: AccessRequest, at: datetime) -> Access:
        """As ``decide`` has it, at once where it has been decided and still holds.

        Raises:
            InvalidInput: the purpose is not in the closed list.
        """
        since, kept = self._kept.get(request, (None, None))
        if since is not None and kept is not None and since <= at and (kept.until is None or at < kept.until):
            return kept
        found = decide(self.state, request, at)
        if len(self._kept) >= MOST_KEPT:
            self._kept = {}
        self._kept[request] = (at, found)
        return found
