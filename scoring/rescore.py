"""Score again what a change touched: new decisions beside the old, which stay and replay as they were made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from alliance import disputes
from alliance.errors import AllianceError, Conflict, InvalidInput
from alliance.store import Decision, Store
from scoring.decide import Scorer, ScoreRequest, decision_id


@dataclass(frozen=True)
class Rescored:
    """A score made again.

    Attributes:
        before: the latest of the decisions it stands for: those of one company, member and purpose.
        earlier: how many they are.
        after: the new decision, or why there is none.
    """

    before: Decision
    earlier: int
    after: Decision | AllianceError


def touched_by(store: Store, dispute_id: str, as_of: date) -> tuple[Decision, ...]:
    """Decisions that rest on what a dispute excluded, oldest first, without those erased; none if it was kept.

    Raises:
        NotFound: no such dispute.
        Conflict: it is not decided yet.
        InvalidInput: as of the day what was excluded still counts, so the scores would come out as before.
    """
    found = disputes.find(store, dispute_id)
    if found.ruling is None:
        remedy = "Decide it first: alliance dispute rule."
        raise Conflict(f"Dispute {dispute_id} is open, due {found.due_on}.", remedy=remedy, dispute=dispute_id)
    ruled = found.ruling.made_at.date()
    if as_of < ruled:
        raise InvalidInput(
            f"The ruling counts from {ruled} on; as of {as_of} nothing changes.",
            remedy=f"Score as of {ruled} or later.",
            field="as_of",
        )
    return tuple(one for one in disputes.touched(store, found) if one.erased is None)


def rescore(scorer: Scorer, touched: Sequence[Decision], as_of: date) -> list[Rescored]:
    """Decide once again for every company, member and purpose among some decisions, and record it.

    The records given with the latest request are used again. Called again on the same day with nothing new in the
    store, it records nothing twice.

    Args:
        touched: decisions, oldest first.
        as_of: the day whose knowledge is used.

    Raises:
        StoreError: the decisions could not be recorded, so there are none.
    """
    watermark = scorer.store.watermark()
    companies = scorer.store.find_companies([one.company_id for one in touched], watermark)
    alike: dict[tuple[str, str, str], list[Decision]] = {}
    for one in touched:
        company = companies.get(one.company_id, one.company_id)
        alike.setdefault((company, one.member, one.purpose), []).append(one)
    requests = [
        ScoreRequest(company=company, as_of=as_of, member=member, purpose=purpose, records=some[-1].inline_records)
        for (company, member, purpose), some in alike.items()
    ]
    ids = [
        decision_id(f"rescore:{'|'.join(one.decision_id for one in some)}:{as_of}:{watermark}:{scorer.bundle.sha256}")
        for some in alike.values()
    ]
    made = scorer.decide_many(requests, watermark=watermark, ids=ids)
    return [Rescored(some[-1], len(some), after) for some, after in zip(alike.values(), made, strict=True)]
