"""A request to a recorded decision: rights, facts, features, score, record. Every edge that scores goes this way."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from secrets import token_hex
from typing import Any

import polars as pl
from stdnum.cn import uscc

from alliance.corroboration import Facts
from alliance.errors import AllianceError, InvalidInput, NotFound
from alliance.identity import company_id_for
from alliance.inline import inline_claims
from alliance.rights import AccessRequest
from alliance.signals.claims import Claims
from alliance.store import Decision, Store
from alliance.store.companies import REGISTRATION
from alliance.view import View
from scoring.features import feature_frame
from scoring.model import Bundle
from scoring.result import Score
from scoring.score import score


@dataclass(frozen=True, kw_only=True)
class ScoreRequest:
    """What is asked.

    Attributes:
        company: company id, registration number, or ``namespace:id``.
        as_of: the day whose knowledge is used.
        member, purpose: who asks, and for what.
        outcome: the outcome wanted; ``None`` for the model's own.
        records: records of the applicant, used for this score alone (see ``alliance.inline``). With them a company not
            yet known to the alliance can be scored by a valid registration number.
    """

    company: str
    as_of: date
    member: str
    purpose: str
    outcome: str | None = None
    records: Sequence[Mapping[str, Any]] = field(default=())


@dataclass(frozen=True)
class Replay:
    """A decision made again from what was known then.

    Attributes:
        decision: the decision as recorded.
        score: the score computed again, up to the decision's watermark, with the model now loaded.
        same: whether it is the same to the last bit.
        changed: what differs, by name: value then and value now.
    """

    decision: Decision
    score: Score
    same: bool
    changed: Mapping[str, tuple[Any, Any]]


class Scorer:
    """Scores companies of a store by one model and records every score.

    Args:
        store: where facts come from and decisions go.
        bundle: the model.
        today: the store's clock; no score is of a later day.
    """

    def __init__(self, store: Store, bundle: Bundle, *, today: Callable[[], date] | None = None) -> None:
        self.store = store
        self.bundle = bundle
        self._today = today or (lambda: datetime.now(UTC).date())

    def decide(self, request: ScoreRequest) -> Decision:
        """Score one company and record it.

        Raises:
            NotFound: the company is not known; says what was searched.
            InvalidInput: as-of day, purpose, outcome or a record cannot be used.
            StoreError: the decision could not be recorded, so there is none.
        """
        made = self._decide(request)
        self.store.record_decisions([made])
        return made

    def decide_many(self, requests: Sequence[ScoreRequest]) -> list[Decision | AllianceError]:
        """Score many companies; one that cannot be scored gives its error in its place, and the others go on.

        All decisions are recorded in one transaction; ``StoreError`` if they cannot be.
        """
        results: list[Decision | AllianceError | None] = [None] * len(requests)
        groups: dict[tuple[date, str, str], list[int]] = {}
        for place, request in enumerate(requests):
            try:
                if request.records:
                    results[place] = self._decide(request)
                else:
                    self._check(request)
                    groups.setdefault((request.as_of, request.member, request.purpose), []).append(place)
            except AllianceError as error:
                results[place] = error
        for places in groups.values():
            for place, result in zip(places, self._decide_alike([requests[p] for p in places]), strict=True):
                results[place] = result
        done = [result for result in results if result is not None]
        self.store.record_decisions([result for result in done if isinstance(result, Decision)])
        return done

    def replay(self, decision_id: str) -> Replay:
        """Make a decision again from the same inputs as known then.

        Raises:
            NotFound: no such decision.
        """
        made = self.store.decision(decision_id)
        request = AccessRequest(made.member, made.purpose)
        inline = self._inline(made.inline_records, made.company_id, made.member, made.as_of, made.watermark)
        view = View(self.store, request)
        again = self._scores(view, [made.company_id], made.as_of, made.watermark, inline)[0]
        changed = _differences(made.result, again.as_dict())
        return Replay(made, again, not changed, changed)

    def _check(self, request: ScoreRequest) -> None:
        today = self._today()
        if request.as_of > today:
            raise InvalidInput(
                f"{request.as_of} is in the future.", remedy=f"Ask as of {today} or earlier.", field="as_of"
            )
        if request.outcome not in (None, self.bundle.outcome.name):
            raise InvalidInput(
                f"The model foresees {self.bundle.outcome.name!r}, not {request.outcome!r}.",
                remedy="Ask for its outcome, or load another model.", field="outcome",
            )  # fmt: skip

    def _decide(self, request: ScoreRequest) -> Decision:
        self._check(request)
        view = View(self.store, AccessRequest(request.member, request.purpose))
        company_id = self._company_id(request)
        watermark = self.store.watermark()
        inline = self._inline(request.records, company_id, request.member, request.as_of, watermark)
        result = self._scores(view, [company_id], request.as_of, watermark, inline)[0]
        return self._decision(request, view, result)

    def _decide_alike(self, requests: Sequence[ScoreRequest]) -> list[Decision | AllianceError]:
        """Decisions on requests of one day, member and purpose, without inline records."""
        first = requests[0]
        ids: list[str | AllianceError] = []
        for request in requests:
            try:
                ids.append(self.store.company(request.company).company_id)
            except NotFound as error:
                ids.append(error)
        known = sorted({company_id for company_id in ids if isinstance(company_id, str)})
        try:
            view = View(self.store, AccessRequest(first.member, first.purpose))
            scores = {made.company_id: made for made in self._scores(view, known, first.as_of, None, None)}
        except AllianceError as error:
            return [error if isinstance(company_id, str) else company_id for company_id in ids]
        return [
            self._decision(request, view, scores[company_id]) if isinstance(company_id, str) else company_id
            for request, company_id in zip(requests, ids, strict=True)
        ]

    def _company_id(self, request: ScoreRequest) -> str:
        try:
            return self.store.company(request.company).company_id
        except NotFound:
            number = request.company.upper()
            if request.records and uscc.is_valid(number):
                return company_id_for(REGISTRATION, number)
            raise

    def _inline(
        self, records: Sequence[Mapping[str, Any]], company_id: str, member: str, as_of: date, watermark: int
    ) -> Claims | None:
        if not records:
            return None
        return inline_claims(records, subject=company_id, member=member, as_of=as_of, watermark=watermark)

    def _scores(
        self, view: View, companies: Sequence[str], as_of: date, watermark: int | None, inline: Claims | None
    ) -> list[Score]:
        """Scores of known companies, sorted by company id."""
        if not companies:
            return []
        facts = view.facts(companies, as_of, watermark=watermark, inline=inline)
        return score(self.bundle, self.features(facts), as_of=as_of, watermark=facts.watermark)

    def features(self, facts: Facts) -> pl.DataFrame:
        """The features the model asks for, of the companies of some facts."""
        return feature_frame(facts).select("company_id", *self.bundle.names)

    def _decision(self, request: ScoreRequest, view: View, result: Score) -> Decision:
        return Decision(
            decision_id="dec_" + token_hex(12),
            decided_at=datetime.now(UTC),
            company_id=result.company_id,
            as_of=request.as_of,
            member=request.member,
            purpose=request.purpose,
            grants=view.access.grants,
            watermark=result.data_watermark,
            bundle_sha256=self.bundle.sha256,
            inline_records=[dict(record) for record in request.records],
            result=result.as_dict(),
        )


def _differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {name: (then.get(name), now.get(name)) for name in {**then, **now} if then.get(name) != now.get(name)}
