"""The decision itself: a pure function of grants, consents, charter, request and clock.

Deny by default: what no grant allows cannot be read. Several grants unite; for each field the best rung counts.
"""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime

from alliance.rights.access import OWN, SUBJECT, Access, AccessRequest, Clause, Reason, Refusal, granted_terms
from alliance.rights.charter import Standing, standing
from alliance.rights.grant import Grant, Member, Right, Scope
from alliance.rights.ladder import Disclosure
from alliance.rights.state import RightsState
from alliance.signals import SIGNALS, Signal, Subject

Clauses = dict[tuple[str, str], list[Clause]]


def decide(state: RightsState, request: AccessRequest, at: datetime) -> Access:
    """What a request is allowed at a moment; the same whatever the order of grants, members and consents.

    A grant allows something if it is in force, for the member, the purpose and the right, and lets nothing cross a
    border without a legal basis. Signals lost under the charter, and companies that do not consent where they must,
    are left out of it. Which companies it is limited to does not concern the signals of sectors. A company that asks
    about itself reads what is told of it, whoever tells it, and nothing else (征信业管理条例 (2013), Art. 17).

    Raises:
        InvalidInput: the purpose is not in the closed list.
    """
    state.rules.check_purpose(request.purpose)
    if request.about:
        return Access(request, (SUBJECT,), {}, (), None)
    own = (OWN,) if request.member in state.given else ()
    member = state.members.get(request.member)
    if member is None:
        return Access(request, own, {}, (Refusal(Reason.NOT_A_MEMBER),), None)
    lost = standing(state.rules.charter, member, state.given.get(member.member_id, {}), at)
    consenting = state.consenting(request.purpose, at)
    meant = [one for one in state.grants if one.giver != member.member_id and member.is_meant(one.receiver)]
    clauses: Clauses = {}
    refusals, applied = [], []
    for grant in sorted(meant, key=lambda one: (one.no, one.grant_id)):
        if (reason := _why_not(grant, state.members, member, request, at)) is not None:
            refusals.append(Refusal(reason, grant.grant_id))
            continue
        refused, allowed = _clauses(grant, request.right, lost, consenting, state)
        refusals += refused
        applied += [grant.grant_id] * bool(allowed)
        for name, clause in allowed.items():
            clauses.setdefault((grant.giver, name), []).append(clause)
    return Access(
        request,
        (*own, *applied),
        {place: tuple(some) for place, some in clauses.items()},
        tuple(refusals) if meant else (Refusal(Reason.NO_GRANT),),
        _until(state, lost, at),
    )


def _why_not(
    grant: Grant, members: Mapping[str, Member], member: Member, request: AccessRequest, at: datetime
) -> Reason | None:
    """Why a grant meant for a member allows nothing of what is asked; ``None`` if it may."""
    checks = (
        (Reason.REVOKED, grant.revoked_at is None),
        (Reason.NOT_YET, grant.valid_from is None or grant.valid_from <= at),
        (Reason.EXPIRED, grant.valid_until is None or at < grant.valid_until),
        (Reason.PURPOSE, request.purpose in grant.purposes),
        (Reason.RIGHT, grant.rung(request.right) > Disclosure.NONE),
        (Reason.BORDER, stays_lawful(grant, members.get(grant.giver), member)),
    )
    return next((reason for reason, holds in checks if not holds), None)


def stays_lawful(grant: Grant, giver: Member | None, receiver: Member) -> bool:
    """Whether the receiver is where the grant may be used, and, if that is abroad, a legal basis is named.

    Source: 数据安全法 (Data Security Law, 2021), Art. 31 and 36; 数据出境安全评估办法 (2022).
    """
    if giver is None:
        return False
    place = grant.jurisdiction or giver.jurisdiction
    return receiver.jurisdiction == place and (place == giver.jurisdiction or bool(grant.legal_basis.strip()))


def _clauses(
    grant: Grant, right: Right, lost: Standing, consenting: Mapping[str, frozenset[str]], state: RightsState
) -> tuple[list[Refusal], dict[str, Clause]]:
    """What a grant that applies allows, by signal, and what of it is refused."""
    allowed: dict[str, Clause] = {}
    lapsed, unconsented = [], []
    listed = None if isinstance(grant.companies, Scope) else state.ids(grant.companies)
    for signal in SIGNALS:
        terms = granted_terms(grant.grant_id, grant.fields, grant.rung(right), signal.name)
        if terms is None:
            continue
        if signal.name in lost.lost:
            lapsed.append(signal.name)
            continue
        companies = _companies(grant, signal, listed, consenting, state)
        if companies is not None and not companies:
            unconsented.append(signal.name)
            continue
        allowed[signal.name] = Clause(grant.grant_id, terms, companies)
    refused = ((Reason.LAPSED, lapsed), (Reason.NO_CONSENT, unconsented))
    return [Refusal(reason, grant.grant_id, tuple(names)) for reason, names in refused if names], allowed


def _companies(
    grant: Grant, signal: Signal, listed: frozenset[str] | None, consenting: Mapping[str, frozenset[str]],
    state: RightsState,
) -> frozenset[str] | None:  # fmt: skip
    """Ids of the companies a grant allows a signal of; ``None`` for all."""
    if signal.subject is not Subject.COMPANY:
        return None
    if grant.companies is Scope.CONSENTED:
        return consenting[signal.name]
    if signal.name not in state.rules.consent_required:
        return listed
    return consenting[signal.name] if listed is None else consenting[signal.name] & listed


def _until(state: RightsState, lost: Standing, at: datetime) -> datetime | None:
    """The next moment at which a grant, a consent or a read begins or ends."""
    place = bisect_right(state.boundaries, at)
    later = [*state.boundaries[place : place + 1], *([] if lost.until is None else [lost.until])]
    return min(later, default=None)
