"""The scores a change touches, and the models."""

from collections.abc import Sequence

from alliance.grants import Revoked
from alliance.promotions import what_follows
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


def show_models(done: Revoked) -> None:
    """Name every model trained under a grant that was revoked, with what follows, in both languages."""
    for model in done.models:
        follows = what_follows(model, done.grant)
        out.print(follows.zh, soft_wrap=True)
        out.print(follows.en, style="bright_black", soft_wrap=True)
    out.print(f"Models trained under it: {len(done.models):,}.")
