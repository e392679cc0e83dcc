"""Overrides of a store's decisions as a table for a validation report."""

from datetime import date

from alliance.store import Store
from experiments.listing import Listing
from scoring.overrides import OverridesPolicy
from scoring.overrides.render import HEADS, NUMBERS, cells
from scoring.overrides.report import report


def overrides_listing(store: Store, as_of: date, policy: OverridesPolicy | None = None) -> Listing:
    """How often results were overridden, by reason, direction, member and outcome, and how such cases ended.

    Endings are read as of a day through each member's own rights (``scoring.overrides.report``).

    Args:
        policy: the closed list of reasons, and below how many cases nothing is said; by default the environment's.

    Raises:
        InvalidInput: the day is in the future.
    """
    lines = report(store, policy or OverridesPolicy.from_environment(), as_of=as_of)
    return Listing(f"Overrides as of {as_of}", HEADS, tuple(map(cells, lines)), NUMBERS)
