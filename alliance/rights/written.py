"""What an access allows, as plain JSON: for readers who have no store to ask."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from alliance.rights.access import Access, AccessRequest, Clause, Terms
from alliance.rights.grant import Right
from alliance.rights.ladder import Disclosure


def written(access: Access, companies: Collection[str]) -> list[dict[str, Any]]:
    """The clauses of an access as far as they are about some companies, in the order of names.

    Args:
        companies: ids; of a clause limited to companies only these are written.
    """
    about = frozenset(companies)
    return [
        {
            "giver": giver,
            "signal": signal,
            "grant": one.grant_id,
            "rungs": list(map(int, one.terms.rungs)),
            "grants": list(map(list, one.terms.grants)),
            "named": list(map(int, one.terms.named)),
            "companies": None if one.companies is None else sorted(one.companies & about),
        }
        for (giver, signal), clauses in sorted(access.clauses.items())
        for one in clauses
    ]


def read_access(request: Mapping[str, str], grants: Sequence[str], clauses: Sequence[Mapping[str, Any]]) -> Access:
    """The access that ``written`` wrote; refusals and the moment it ends are not in it.

    Args:
        request: member, purpose, right and about, as ``AccessRequest`` has them.
        grants: ids of every grant that allows something.
    """
    found: dict[tuple[str, str], list[Clause]] = {}
    for one in clauses:
        companies = one["companies"]
        terms = Terms(
            tuple(map(Disclosure, one["rungs"])),
            tuple(map(tuple, one["grants"])),
            tuple(map(Disclosure, one["named"])),
        )
        limit = None if companies is None else frozenset(companies)
        found.setdefault((one["giver"], one["signal"]), []).append(Clause(one["grant"], terms, limit))
    asked = AccessRequest(request["member"], request["purpose"], Right(request["right"]), request["about"])
    return Access(asked, tuple(grants), {of: tuple(some) for of, some in found.items()}, (), None)
