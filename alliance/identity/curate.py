"""People's words on who is who: cases decided, companies merged and split. All of it is appended, none of it undone."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from alliance.errors import Conflict, InvalidInput, NotFound
from alliance.store import Decision, Store, no_company
from alliance.store.cases import Case, find_case, insert_verdict, open_cases
from alliance.store.companies import find_companies, registrations_of
from alliance.store.entries import Entry, EntryKind, append, watermark
from alliance.store.merges import Merge, Merges, ever_meant, insert_merges, merge_history, select_merges


@dataclass(frozen=True)
class Change:
    """An id that from an entry on means another company than before.

    Attributes:
        no: number of the entry.
        company_id: the id.
        company: the company it means from here on; itself after a split.
        touched: earlier decisions that would be made from other records today, oldest first. They stay as they are and
            replay as they were made.
    """

    no: int
    company_id: str
    company: str
    touched: tuple[Decision, ...]


def review(store: Store) -> list[Case]:
    """Cases for people to decide, the likeliest first; those whose two ids mean one company by now are left out."""
    merges = store.merges()
    with store.reading() as connection:
        cases = open_cases(connection)
    return [case for case in cases if merges.company(case.company_id) != merges.company(case.candidate_id)]


def accept(store: Store, case_id: str, author: str, reason: str) -> Change:
    """Decide that a case's two are one company: the first comes to mean the second.

    All ids that mean the first go with it. Only where its company has another registration number than the candidate's,
    and so cannot be the same, does the case's own id leave that company for the candidate's.

    Raises:
        NotFound: no such case.
        Conflict: it is decided already, or the two are one company by now, or have different registration numbers.
        InvalidInput: no reason is given.
    """
    with store.writing() as connection:
        case, merges = _undecided(connection, case_id)
        moved, into = merges.company(case.company_id), merges.company(case.candidate_id)
        before = merges
        if len(_numbers(connection, merges.ids([moved, into]))) > 1:
            moved, merges = case.company_id, merges.without(case.company_id)
        _refuse_two_numbers(connection, merges.ids([moved, into]))
        entry = _spoken(connection, author, reason)
        insert_verdict(connection, entry, case_id, same=True, reason=reason)
        insert_merges(connection, [Merge(entry.no, moved, into, reason, case.evidence)])
    parted = _rested_on(store, moved, entry) if moved in before.into else []
    return _change(entry, moved, into, [*parted, *store.decisions_about(merges.ids([moved, into]))])


def reject(store: Store, case_id: str, author: str, reason: str) -> Case:
    """Decide that a case's two are different companies; the case as decided.

    Raises:
        NotFound: no such case.
        Conflict: it is decided already, or the two are one company by now.
        InvalidInput: no reason is given.
    """
    with store.writing() as connection:
        _undecided(connection, case_id)
        insert_verdict(connection, _spoken(connection, author, reason), case_id, same=False, reason=reason)
        return _case(connection, case_id)


def merge(store: Store, company: str, into: str, author: str, reason: str, *, despite_numbers: bool = False) -> Change:
    """Say that a company is another one, with all ids that mean it.

    Args:
        company, into: references as ``Store.find_companies`` understands them.
        despite_numbers: whether the two may have different registration numbers, as after a new registration.

    Raises:
        NotFound: a reference means no company.
        Conflict: the two are one company already, or have different registration numbers.
        InvalidInput: no reason is given.
    """
    with store.writing() as connection:
        merges = _merges(connection)
        found = find_companies(connection, [company, into], watermark(connection), merges)
        for reference in (company, into):
            if reference not in found:
                raise no_company(reference)
        moved, target = found[company], found[into]
        if moved == target:  # so a merge never goes in a circle: of two companies, neither means the other
            raise _one_already(company, into, moved)
        if not despite_numbers:
            _refuse_two_numbers(connection, merges.ids([moved, target]))
        entry = _spoken(connection, author, reason)
        insert_merges(connection, [Merge(entry.no, moved, target, reason)])
    return _change(entry, moved, target, store.decisions_about(merges.ids([moved, target])))


def split(store: Store, company: str, author: str, reason: str) -> Change:
    """Say that an id is a company of its own again, with all ids that mean it.

    Args:
        company: the id, or a number or member's own id that was met under it.

    Raises:
        NotFound: no such id.
        InvalidInput: the id is not merged into another, the message says which are; or no reason is given.
    """
    with store.writing() as connection:
        merges = _merges(connection)
        company_id = find_companies(connection, [company], watermark(connection), Merges({})).get(company)
        if company_id is None:
            raise no_company(company)
        if company_id not in merges.into:
            raise _not_merged(company_id, merges.merged(company_id))
        entry = _spoken(connection, author, reason)
        insert_merges(connection, [Merge(entry.no, company_id, None, reason)])
    return _change(entry, company_id, company_id, _rested_on(store, company_id, entry))


def _merges(connection: Connection) -> Merges:
    return select_merges(connection, watermark(connection))


def _spoken(connection: Connection, author: str, reason: str) -> Entry:
    """The entry of a person's word."""
    for name, given in (("author", author), ("reason", reason)):
        if not given.strip():
            raise InvalidInput(f"No {name} is given.", remedy=f"Say it: the {name} is kept for ever.", field=name)
    return append(connection, EntryKind.IDENTITY, author)


def _case(connection: Connection, case_id: str) -> Case:
    found = find_case(connection, case_id)
    if found is None:
        raise NotFound(
            f"There is no case {case_id!r}.", remedy="List the open ones: alliance identity review.", case=case_id
        )
    return found


def _undecided(connection: Connection, case_id: str) -> tuple[Case, Merges]:
    """A case that is still to be decided, and the merges in force."""
    case, merges = _case(connection, case_id), _merges(connection)
    if case.same is not None:
        said = "one company" if case.same else "two companies"
        remedy = "To change what holds, merge the companies or split one off."
        raise Conflict(f"Case {case_id} has been decided: {said}.", remedy=remedy, case=case_id)
    company = merges.company(case.company_id)
    if company == merges.company(case.candidate_id):
        raise _one_already(case.company_id, case.candidate_id, company)
    return case, merges


def _numbers(connection: Connection, ids: Sequence[str]) -> list[str]:
    return sorted(registrations_of(connection, ids).values())


def _refuse_two_numbers(connection: Connection, ids: Sequence[str]) -> None:
    """Refuse to make one company of ids with different registration numbers."""
    numbers = _numbers(connection, ids)
    if len(numbers) > 1:
        raise Conflict(
            f"They have different registration numbers: {', '.join(numbers)}.",
            remedy="If they are one company all the same, merge them despite their numbers.",
        )


def _one_already(company: str, into: str, meant: str) -> Conflict:
    return Conflict(
        f"{company} and {into} are one company already, {meant}.",
        remedy="See why: alliance identity explain; to part them, split one off.",
        company=meant,
    )


def _not_merged(company_id: str, merged: Sequence[str]) -> InvalidInput:
    remedy = f"These can be split off it: {', '.join(merged)}." if merged else "No other id means it either."
    return InvalidInput(f"{company_id} is not merged into another company.", remedy=remedy, company=company_id)


def _rested_on(store: Store, company_id: str, entry: Entry) -> list[Decision]:
    """Decisions on companies the id meant, made from its records too, since it was merged and before an entry."""
    with store.reading() as connection:
        meant = ever_meant(connection, [company_id], entry.no - 1)
        since = max(word.no for word in merge_history(connection, [company_id], entry.no - 1)
                    if word.company_id == company_id)  # fmt: skip
    made = store.decisions_about(sorted(meant - {company_id}), seen=since)
    return [one for one in made if store.merges(one.watermark).company(company_id) == one.company_id]


def _change(entry: Entry, company_id: str, into: str, decisions: Sequence[Decision]) -> Change:
    """The change an entry made; of the decisions those made before it."""
    earlier = {one.decision_id: one for one in decisions if one.watermark < entry.no and one.features is None}
    touched = sorted(earlier.values(), key=lambda one: (one.decided_at, one.decision_id))
    return Change(entry.no, company_id, into, tuple(touched))
