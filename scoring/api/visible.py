"""What of the alliance a caller sees: its own things, or all. What it does not see is answered as if it were not."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from alliance import disputes, grants
from alliance.callers import Caller, Scope
from alliance.contracts.contract import REGISTRATION
from alliance.ledger import LedgerReceipt
from alliance.notary import Notary, not_in_ledger
from alliance.rights import Consent, Grant, Member
from alliance.store import CompanyEntry, Decision, Receipt, Store, no_company, no_decision, no_submission
from alliance.store.companies import scheme_of
from alliance.store.disputes import Dispute
from alliance.store.overrides import Override
from scoring import overrides


def decision(caller: Caller, store: Store, decision_id: str, scope: Scope = Scope.DECISIONS_READ) -> Decision:
    """A decision the caller's member asked for, or any for who sees all by a scope; ``NotFound`` else."""
    made = store.decision(decision_id)
    if not caller.sees(scope, made.member):
        raise no_decision(decision_id)
    return made


def override(caller: Caller, store: Store, override_id: str, scope: Scope) -> Override:
    """An override of a decision of the caller's member, or any for who sees all by a scope; ``NotFound`` else."""
    found = overrides.find(store, override_id)
    if not caller.sees(scope, found.member):
        raise overrides.no_override(override_id)
    return found


def decisions(caller: Caller, made: Iterable[Decision]) -> tuple[Decision, ...]:
    """Those of some decisions that the caller sees."""
    return tuple(one for one in made if caller.sees(Scope.DECISIONS_READ, one.member))


def receipt(caller: Caller, store: Store, submission_id: str) -> Receipt:
    """A submission of the caller's member, or any for who sees all; ``NotFound`` else."""
    found = store.receipt(submission_id)
    if not caller.sees(Scope.SUBMISSIONS_READ, found.member):
        raise no_submission(submission_id)
    return found


def dispute(caller: Caller, store: Store, dispute_id: str) -> Dispute:
    """A dispute the caller is a party to, or any for who sees all; ``NotFound`` else."""
    found = disputes.find(store, dispute_id)
    if not party(caller, store, found):
        raise disputes.no_dispute(dispute_id)
    return found


def party(caller: Caller, store: Store, found: Dispute) -> bool:
    """Whether the caller sees a dispute: it raised it, a claim of its own is disputed, or it is about its company."""
    if caller.sees_all(Scope.DISPUTES_READ) or found.concerns(caller.member):
        return True
    return caller.company is not None and found.company_id == _own_company(caller, store)


def grant(caller: Caller, store: Store, grant_id: str, scope: Scope) -> Grant:
    """A grant given by or to the caller's member, or any for who sees all by a scope; ``NotFound`` else."""
    found = grants.find(store, grant_id)
    if not concerned(caller, store.rights().members.get(caller.member), found, scope):
        raise grants.no_grant(grant_id)
    return found


def concerned(caller: Caller, member: Member | None, found: Grant, scope: Scope) -> bool:
    """Whether a caller sees a grant by a scope: its member, if it is one, gave it or is meant by it."""
    return caller.sees(scope, found.giver) or (
        scope in caller.scopes and member is not None and member.is_meant(found.receiver)
    )


def consent(caller: Caller, store: Store, consent_id: str, scope: Scope) -> Consent:
    """A consent the caller's member obtained, or any for who sees all by a scope; ``NotFound`` else."""
    found = grants.find_consent(store, consent_id)
    if not caller.sees(scope, found.obtained_by):
        raise grants.no_consent(consent_id)
    return found


def opened(caller: Caller, notary: Notary, reference: str) -> LedgerReceipt:
    """The opened receipt of what the caller's member recorded, or of anything for who sees all; ``NotFound`` else."""
    found = notary.opened(reference)
    author = notary.author(reference) if found.opening is None else found.opening.author
    own = author == caller.member and caller.company is None
    if not own and not caller.sees_all(Scope.LEDGER_OPEN):
        raise not_in_ledger(reference)
    return found


def company(caller: Caller, store: Store, reference: str) -> CompanyEntry:
    """The company a reference means, as the caller may know it.

    Raises:
        NotFound: none does, or the caller speaks for another company, or the reference is another member's own id: that
            this member knows a company is not for others to find out.
    """
    if hidden(caller, store, [reference]):
        raise no_company(reference)
    found = store.company(reference)
    if caller.company is not None and found.company_id != _own_company(caller, store):
        raise no_company(reference)
    return entries(caller, store, [found])[0]


def hidden(caller: Caller, store: Store, references: Sequence[str]) -> set[str]:
    """Those of some references that are other members' own ids."""
    if caller.sees_all(Scope.COMPANIES_READ):
        return set()
    schemes = {reference: scheme_of(reference) for reference in references}
    own = _own_schemes(caller, store, schemes.values())
    return {reference for reference, scheme in schemes.items() if scheme not in own}


def entries(caller: Caller, store: Store, found: Sequence[CompanyEntry]) -> list[CompanyEntry]:
    """Companies without the ids that other members know them by."""
    if caller.sees_all(Scope.COMPANIES_READ):
        return list(found)
    own = _own_schemes(caller, store, (scheme for one in found for scheme in one.identifiers))
    return [
        replace(one, identifiers={scheme: value for scheme, value in one.identifiers.items() if scheme in own})
        for one in found
    ]


def search(caller: Caller, store: Store, text: str, limit: int) -> list[CompanyEntry]:
    """Companies a search finds, though not by other members' ids; for a caller that speaks for a company, that one."""
    if caller.company is not None:
        own = company(caller, store, caller.company)
        called = (own.company_id, *own.names, *own.identifiers.values())
        return [own] if any(text.casefold() in name.casefold() for name in called) else []
    member = None if caller.sees_all(Scope.COMPANIES_READ) else caller.member
    return entries(caller, store, store.search(text, limit, member=member))


def _own_schemes(caller: Caller, store: Store, schemes: Iterable[str]) -> set[str]:
    """Of some schemes, the registration and those the caller's member has given ids under."""
    asked = set(schemes) - {REGISTRATION}
    if not asked:
        return {REGISTRATION}
    return {REGISTRATION, *store.schemes_given(caller.member, asked)}


def _own_company(caller: Caller, store: Store) -> str | None:
    """The company that the id of the caller's company means today."""
    assert caller.company is not None
    return store.find_companies([caller.company]).get(caller.company)
