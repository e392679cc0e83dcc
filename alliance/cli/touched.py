"""The scores a change touches."""

from collections.abc import Sequence

from alliance.store import Decision
from alliance.terminal import out, table


def show_touched(touched: Sequence[Decision]) -> None:
    """Name every score that was made before a change and rests on what it changed, if there is one."""
    listing = table("scores made before", "decision", "made", "company", "as of", "member", "purpose")
    for made in touched:
        moment = f"{made.decided_at:%Y-%m-%d %H:%M}"
        listing.add_row(made.decision_id, moment, made.company_id, str(made.as_of), made.member, made.purpose)
    if touched:
        out.print(listing)
        out.print("They stay as they are, and replay as they were made.")
