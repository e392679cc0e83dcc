"""Facts the alliance can trust, in figures: one table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.table import Table

from alliance.corroboration.learning import learn
from alliance.store import Store
from alliance.terminal import table
from alliance.view import History
from seeds.calendar import quarter_end, quarter_of
from seeds.parameters import WINDOW_START
from seeds.trust.cells import cells
from seeds.trust.errors import Error, errors, members
from seeds.trust.identifiers import identifiers, numbers
from seeds.trust.lasting import Lasting, lasting
from seeds.trust.liar import IN_TIME, Planted, Standing, last_since, quarters_to_find, standing, without
from seeds.trust.linked import Linked, linked

AIMS = (0.99, 0.97)
"""Precision and recall of linkage to be reached where no registration number settles it."""


@dataclass(frozen=True, kw_only=True)
class Trust:
    """What the simulator's truth says of the alliance's facts.

    Attributes:
        unsettled, all_ids: linkage of members' own ids, those that no number settled and all.
        ids: whether ids last.
        errors: of the consensus and of other rules.
        nearer: members nearer to the truth than the consensus, and the members there are (``errors.members``).
        planted: the liar and its copier.
        copies: whether the copier is known for one.
        liar, alone: how the liar stands, and how it would without its copier.
        since: day from which on it is found; ``None`` if it is not.
        quarters: what an alliance needs to find it that begins with nothing, of ``IN_TIME``; ``None`` if not in time.
    """

    unsettled: Linked
    all_ids: Linked
    ids: Lasting
    errors: Sequence[Error]
    nearer: tuple[int, int]
    planted: Planted
    copies: bool
    liar: Standing
    alone: Standing
    since: date | None
    quarters: int | None


def trust(store: Store, history: History, folder: Path, as_of: date) -> Trust:
    """Hold the alliance's facts as of a day against the truth.

    Args:
        history: of the store; reliabilities must be learned by the day.
        folder: of the seed alliance the store holds.
    """
    unsettled, all_ids = linked(store, folder)
    told = cells(history, numbers(identifiers(store)), folder, as_of)
    each = members(told)
    planted, learned = Planted.of(folder), history.reliabilities.as_of(as_of)
    begin = quarter_of(WINDOW_START)
    ends = [quarter_end(quarter) for quarter in range(begin - 1, begin + IN_TIME)]
    copied = learned.filter(learned["member"] == planted.copier)["copies"]
    return Trust(
        unsettled=unsettled,
        all_ids=all_ids,
        ids=lasting(store),
        errors=errors(told),
        nearer=(each.filter(each["mean"] < each["consensus"]).height, each.height),
        planted=planted,
        copies=not copied.is_empty() and (copied == planted.liar).all(),
        liar=standing(learned, planted.liar),
        alone=standing(learn(without(history.claims, planted.copier), as_of), planted.liar),
        since=last_since(history.reliabilities, planted.liar),
        quarters=quarters_to_find(history.claims, planted.liar, ends),
    )


def answers_table(found: Trust) -> Table:
    """Identity and reliability: what was asked, found and wanted."""
    listing = table("against the simulator's truth", "", "found", "wanted")
    for row in (*_identity(found), *_reliability(found)):
        listing.add_row(*row)
    return listing


def _identity(found: Trust) -> Iterator[tuple[str, str, str]]:
    wanted = " / ".join(f"{aim:.2f}" for aim in AIMS)
    for whose, links in (("that no number settles", found.unsettled), ("all of them", found.all_ids)):
        said = f"{links.precision:.4f} / {links.recall:.4f}, of {links.ids:,}"
        yield f"linkage of members' own ids, {whose}: precision / recall", said, wanted
    ids = found.ids
    kept = f"{ids.changed + ids.lost}, of {ids.identifiers:,}; {ids.merged:,} newcomers linked"
    yield f"ids changed or lost over {ids.passes} incremental submissions", kept, "0"


def _reliability(found: Trust) -> Iterator[tuple[str, str, str]]:
    liar, names = found.liar, found.planted
    said = f"{liar.reliability:.3f} ({liar.low:.3f} to {liar.high:.3f}), rank {liar.rank} of {liar.members} from below"
    yield f"reliability of the liar, {names.liar}", said, "ranked last"
    yield "... without its copier in the data", f"{found.alone.reliability:.3f}", "as much: a copy does not lift it"
    yield f"{names.copier} known for a copy of {names.liar}", "yes" if found.copies else "no", "yes"
    yield "liar ranked last since", str(found.since or "not ranked last"), ""
    nearer, of = found.nearer
    within = f"in quarter {found.quarters}" if found.quarters else f"not by quarter {IN_TIME}"
    yield "... by an alliance that begins with nothing", within, f"by quarter {IN_TIME}"
    yield "members nearer the truth than the consensus, on their own facts", f"{nearer} of {of}", ""


def errors_table(found: Trust) -> Table:
    """Errors of the rules, the consensus beside each on the same facts."""
    numbers_ = ("gives", "mean error", "median", "wrong", "consensus there", "wrong there")
    listing = table("values of facts two or more members tell of", "rule", *numbers_, right=numbers_)
    for one in found.errors:
        shares = (one.given, one.mean, one.median, one.wrong, one.consensus, one.consensus_wrong)
        listing.add_row(one.rule, *(f"{share:.2%}" for share in shares))
    return listing
