"""Who is who: newcomers linked, cases reviewed, companies merged, split and explained."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from alliance.cli.opened import Author, Database, Reason, opened
from alliance.cli.touched import show_touched
from alliance.identity import curate
from alliance.identity import explain as explained
from alliance.identity.link import Linkage, link_newcomers
from alliance.store import Store
from alliance.store.cases import Case
from alliance.terminal import PlainErrors, out, progress, table

identity = typer.Typer(cls=PlainErrors, no_args_is_help=True, help="Which companies are one, and who said so.")

Company = Annotated[str, typer.Argument(help="Company id, registration number, or namespace:id.")]
CaseId = Annotated[str, typer.Argument(help="Id of a case, as `review` lists it.")]


@identity.command()
def link(database: Database = None) -> None:
    """Compare the companies met since the last pass with all others, and link those that are surely one."""
    with opened(database) as store:
        made = linked(store)
    out.print(f"Newcomers compared: {made.newcomers:,}.")
    show_linkage(made)


def linked(store: Store) -> Linkage:
    """A pass of linkage, with a sign of life on a terminal: a first pass over many companies takes seconds."""
    with progress("comparing companies", None):
        return link_newcomers(store)


def show_linkage(made: Linkage) -> None:
    """Say what a pass changed, if anything."""
    if made.linked:
        out.print(f"Linked to companies known before: {made.linked:,}.")
    if made.cases:
        out.print(f"Pairs for a person to decide: {made.cases:,}; see alliance identity review.")


@identity.command()
def review(
    limit: Annotated[int, typer.Option(help="Cases shown at most.", min=1)] = 20, database: Database = None
) -> None:
    """List the cases that wait for a person, the likeliest first."""
    listing = table("cases", "case", "probability", "company", "may be", "evidence", right=("probability",))
    with opened(database) as store:
        cases = curate.review(store)
        called = _called(store, [one for case in cases[:limit] for one in (case.company_id, case.candidate_id)])
    for case in cases[:limit]:
        pair = (called[case.company_id], called[case.candidate_id])
        listing.add_row(case.case_id, _likeness(case), *pair, in_words(case.evidence))
    out.print(listing)
    out.print(f"{min(limit, len(cases)):,} of {len(cases):,} open cases shown.")


@identity.command()
def accept(case: CaseId, author: Author, reason: Reason, database: Database = None) -> None:
    """Decide that the two of a case are one company."""
    with opened(database) as store:
        show_change(curate.accept(store, case, author, reason))


@identity.command()
def reject(case: CaseId, author: Author, reason: Reason, database: Database = None) -> None:
    """Decide that the two of a case are different companies."""
    with opened(database) as store:
        decided = curate.reject(store, case, author, reason)
    out.print(f"{decided.company_id} and {decided.candidate_id} are two companies.")


@identity.command()
def merge(
    company: Company,
    into: Annotated[str, typer.Argument(help="The company it is, as id, number or namespace:id.")],
    *,
    author: Author,
    reason: Reason,
    despite_numbers: Annotated[bool, typer.Option(help="Merge even two registration numbers.")] = False,
    database: Database = None,
) -> None:
    """Say that a company is another one, with all ids that mean it."""
    with opened(database) as store:
        show_change(curate.merge(store, company, into, author, reason, despite_numbers=despite_numbers))


@identity.command()
def split(company: Company, author: Author, reason: Reason, database: Database = None) -> None:
    """Say that an id is a company of its own again."""
    with opened(database) as store:
        show_change(curate.split(store, company, author, reason))


def show_change(change: curate.Change) -> None:
    """What an id means now, and every score that was made while it meant something else."""
    out.print(_meaning(change.company_id, change.company, change.no))
    show_touched(change.touched)


@identity.command()
def explain(
    company: Company,
    watermark: Annotated[int | None, typer.Option(help="Number of the last entry to see.", min=0)] = None,
    at: Annotated[
        datetime | None,
        typer.Option(help="Moment to look at, UTC.", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]),
    ] = None,
    database: Database = None,
) -> None:
    """Show why a company is who it is: its ids, how each was met, what was said of them."""
    moment = None if at is None else at.replace(tzinfo=UTC)
    with opened(database) as store:
        show_explanation(explained.explain(store, company, watermark=watermark, at=moment))


def show_explanation(found: explained.Explanation) -> None:
    title = f"{found.company_id} as of entry {found.watermark}"
    ids = table(title, "id", "known as", "names", "first met in", "member", "day")
    for one in found.ids:
        known = ("\n".join(one.identifiers), "\n".join(one.names))
        ids.add_row(one.company_id, *known, one.submission_id, one.member, f"{one.received_at:%Y-%m-%d}")
    out.print(ids)
    if found.words:
        words = table("what was said", "entry", "made", "author", "meaning", "reason", "evidence", right=("entry",))
        for word in found.words:
            meaning = _meaning(word.company_id, word.into_id or word.company_id)
            said = (word.author, meaning, word.reason, in_words(word.evidence))
            words.add_row(str(word.no), _moment(word.made_at), *said)
        out.print(words)
    if found.cases:
        cases = table("cases", "case", "probability", "company", "may be", "decided", "reason", right=("probability",))
        for case in found.cases:
            decided = {None: "open", True: "one company", False: "two companies"}[case.same]
            pair = (case.company_id, case.candidate_id)
            cases.add_row(case.case_id, _likeness(case), *pair, decided, case.reason)
        out.print(cases)


def in_words(evidence: Sequence[Mapping[str, object]]) -> str:
    """Comparisons, one a line; a comparison without bits decides by itself."""
    return "\n".join(f"{one['comparison']}: {one['level']}{_bits(one['bits'])}" for one in evidence)


def _bits(bits: object) -> str:
    return f", {bits:+.1f} bits" if isinstance(bits, int | float) else ""


def _called(store: Store, ids: Sequence[str]) -> dict[str, str]:
    """Each id with the names of it alone or of the company it is, a line each."""
    return {entry.company_id: "\n".join([entry.company_id, *entry.names]) for entry in store.companies(ids)}


def _likeness(case: Case) -> str:
    return "" if case.probability is None else f"{case.probability:.3f}"


def _meaning(company_id: str, company: str, no: int | None = None) -> str:
    since = f"From entry {no} on " if no else ""
    return f"{since}{company_id} " + ("stands for itself." if company == company_id else f"means {company}.")


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"
