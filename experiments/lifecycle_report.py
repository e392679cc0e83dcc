"""A model's life on the console."""

from alliance.config import Settings
from alliance.store import Store
from alliance.terminal import out
from alliance.view import History
from experiments.gates.examined import Examined, in_the_way
from experiments.keep import Kept
from experiments.lifecycle import Crowned, examine, promote_version
from experiments.own_study import OPERATOR_MEMBER
from experiments.registry import Candidate


def show_kept(settings: Settings, kept: Kept) -> None:
    """Where a model was put, and what can be done with it."""
    out.print(f"run {kept.run_id} at {settings.tracking_uri}", highlight=False)
    if kept.champion:
        out.print(f"champion: version {kept.champion}, its bundle at {settings.home / 'bundle'}", highlight=False)
    if kept.challenger:
        out.print(
            f"challenger: version {kept.challenger}, its bundle at {settings.home / 'challenger'}", highlight=False
        )
        out.print(f"What the gates say of it: experiments gates {kept.challenger}", highlight=False)


def show_examined(found: Candidate, made: Examined) -> None:
    """The gates, and what they leave to be done."""
    out.print(made.about, highlight=False)
    out.print(made.listing().rich())
    shut = in_the_way(made.gated)
    excepted = "".join(f" --despite {gate}" for gate in shut)
    said = f"In the way: {', '.join(shut)}. A person may except them, for a reason" if shut else "All gates are passed"
    out.print(f"{said}: experiments promote {found.version} --author WHO --reason WHY{excepted}", highlight=False,
              soft_wrap=True)  # fmt: skip


def promote_if_open(settings: Settings, store: Store, history: History, version: str) -> None:
    """Ask the gates, and promote in the operator's name if all are passed; without exceptions, for nobody decides."""
    found, made = examine(settings, store, history, version)
    show_examined(found, made)
    if not in_the_way(made.gated):
        reason = f"passed every gate when it was trained, in run {found.run_id}"
        show_crowned(settings, promote_version(settings, store, version, author=OPERATOR_MEMBER, reason=reason))


def show_crowned(settings: Settings, made: Crowned) -> None:
    """Who is champion now."""
    promotion = made.promotion
    named = f"version {made.version}" if made.version else "no version in the registry"
    again = " again" if promotion.rollback else ""
    out.print(f"champion{again}: {named}, {promotion.version} ({promotion.bundle_sha256[:12]}), ledger entry"
              f" {promotion.no}, by {promotion.author}", highlight=False, soft_wrap=True)  # fmt: skip
    if promotion.despite:
        out.print(f"despite {', '.join(promotion.despite)}: {promotion.reason}", highlight=False, soft_wrap=True)
    out.print(f"its bundle at {settings.home / 'bundle'}: services take it over by themselves", highlight=False)
