"""A request to a recorded decision: rights, facts, features, score, record. Every edge that scores goes this way."""

import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from secrets import token_hex
from typing import Any

import polars as pl
from stdnum.cn import uscc

from alliance.contracts.contract import REGISTRATION
from alliance.corroboration import Facts
from alliance.errors import AllianceError, InvalidInput, NotFound, Refused
from alliance.identity import company_id_for
from alliance.inline import inline_claims
from alliance.rights import AccessRequest, Right
from alliance.signals.claims import Claims
from alliance.store import Decision, Store, no_company
from alliance.store.effects import Along
from alliance.view import View
from scoring.disclosed import disclosed
from scoring.features import feature_frame, feature_named
from scoring.model import Bundle
from scoring.probing import Probing
from scoring.replayed import Replay
from scoring.result import Score
from scoring.score import score
from scoring.shadow import Shadow, rested_on

DECISION = "dec_"
"""How the id of every decision begins."""


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


class Scorer:
    """Scores companies of a store by one model and records every score.

    Args:
        store: where facts come from and decisions go.
        bundle: the model.
        today: the store's clock; no score is of a later day.
        shadow: a challenger that scores beside it, once decisions are recorded.

    Raises:
        InvalidInput: the challenger foresees another outcome.
    """

    def __init__(
        self, store: Store, bundle: Bundle, *, today: Callable[[], date] | None = None, shadow: Shadow | None = None
    ) -> None:
        if shadow is not None:
            shadow.require_alike(bundle)
        self.store = store
        self.bundle = bundle
        self.shadow = shadow
        self._features = [feature_named(name) for name in bundle.names]
        self.today = today or (lambda: store.clock().date())

    def succeeded_by(self, bundle: Bundle) -> "Scorer":
        """The scorer of another model on the same store; a challenger that foresees something else is left behind."""
        shadow = self.shadow if self.shadow is not None and self.shadow.bundle.outcome == bundle.outcome else None
        return Scorer(self.store, bundle, today=self.today, shadow=shadow)

    def decide(self, request: ScoreRequest, *, along: Along | None = None) -> Decision:
        """Score one company and record it.

        Args:
            along: what is to be stored with the decision.

        Raises:
            NotFound: the company is not known; says what was searched.
            InvalidInput: as-of day, purpose, outcome or a record cannot be used.
            Refused: nothing may be read for this member and purpose.
            StoreError: the decision could not be recorded, so there is none.
        """
        made = self.decide_many([request], along=along)[0]
        if isinstance(made, AllianceError):
            raise made
        return made

    def decide_many(
        self,
        requests: Sequence[ScoreRequest],
        *,
        watermark: int | None = None,
        ids: Sequence[str] | None = None,
        threads: int = 1,
        along: Along | None = None,
    ) -> list[Decision | AllianceError]:
        """Score many companies; one that cannot be scored gives its error in its place, and the others go on.

        All decisions are from the same watermark and are recorded in one transaction, in which rights are still those
        they were made by: where a grant was revoked meanwhile, all is made anew without it.

        Args:
            watermark: last submission to see; ``None`` for the last there is.
            ids: the decisions' ids, so that the same work done again records nothing twice; random by default.
            threads: threads to score with; the scores do not depend on it.
            along: what is to be stored with each decision.

        Raises:
            StoreError: the store could not be read, or the decisions could not be recorded, so there are none.
        """
        ids = _random_ids(len(requests)) if ids is None else ids
        while True:
            with self.store.snapshot():
                mark = self.store.watermark() if watermark is None else watermark
                rights = self.store.last_of_rights()
                results, facts = self._decided(requests, mark, ids, threads)
            made = [one for one in results if isinstance(one, Decision)]
            if self.store.record_decisions(made, along, rights=rights):
                if self.shadow is not None and self.shadow.bundle.sha256 != self.bundle.sha256:
                    self.shadow.offer(rested_on(results, facts))
                return results

    def _decided(
        self, requests: Sequence[ScoreRequest], mark: int, ids: Sequence[str], threads: int
    ) -> tuple[list[Decision | AllianceError], dict[tuple[int, ...], Facts]]:
        """Decisions that are not recorded yet, and the facts they rest on, by the places of those that share them."""
        known = self.store.find_companies([request.company for request in requests], mark)
        probing = Probing(self.store)
        results: dict[int, Decision | AllianceError] = {}
        rested: dict[tuple[int, ...], Facts] = {}
        groups: dict[Hashable, dict[int, str]] = {}
        for place, request in enumerate(requests):
            alone = place if request.records else None
            try:
                self._check(request)
                company_id = _company_id(request, known)
            except (InvalidInput, NotFound) as error:
                results[place] = error
            else:
                groups.setdefault((request.as_of, request.member, request.purpose, alone), {})[place] = company_id
        for group in groups.values():
            made, facts = self._decide_alike(requests, group, mark, ids, threads)
            results |= made
            results |= probing.refused({place: results[place] for place in group})
            if facts is not None:
                rested[tuple(group)] = facts
        return [results[place] for place in range(len(requests))], rested

    def replay(self, decision_id: str) -> Replay:
        """Make a decision again from the same inputs as known then.

        Rights are those of now: what was revoked since is not read again.

        Raises:
            NotFound: no such decision.
            Erased: what it said was erased.
            Refused: nothing may be read any more.
        """
        made = self.store.decision(decision_id).whole()
        again = self.again([made])[decision_id]
        if isinstance(again, AllianceError):
            raise again
        return Replay.of(made, again)

    def again(self, made: Sequence[Decision]) -> dict[str, Score | AllianceError]:
        """Scores of decisions computed again, each up to its watermark, by its id; nothing is recorded.

        Rights are those of now; where nothing may be read there is an error.

        Args:
            made: decisions of which nothing was erased.
        """
        alike: dict[Hashable, list[Decision]] = {}
        for one in made:
            alone = one.decision_id if one.inline_records else None
            alike.setdefault((one.as_of, one.member, one.purpose, one.watermark, alone), []).append(one)
        found: dict[str, Score | AllianceError] = {}
        for some in alike.values():
            found |= self._again(some)
        return found

    def _again(self, alike: Sequence[Decision]) -> dict[str, Score | AllianceError]:
        """As ``again``, for decisions of one day, member, purpose and watermark."""
        companies = sorted({made.company_id for made in alike})
        try:
            scores = self._scores(self._facts(alike[0], companies))
        except Refused as error:
            return {made.decision_id: error for made in alike}
        return {made.decision_id: scores[made.company_id] for made in alike}

    def facts(self, made: Decision) -> Facts:
        """The facts a decision rests on, as known then, by the rights of now.

        Raises:
            Refused: nothing may be read any more.
        """
        return self._facts(made, [made.company_id])

    def _facts(self, made: Decision, companies: Sequence[str]) -> Facts:
        """As ``facts``, of several companies decided alike."""
        view = View(self.store, AccessRequest(made.member, made.purpose, Right.SCORES))
        inline = _inline(made.inline_records, made.company_id, made.member, made.as_of, made.watermark)
        return view.facts(companies, made.as_of, watermark=made.watermark, inline=inline)

    def features(self, facts: Facts) -> pl.DataFrame:
        """The features the model asks for, of the companies of some facts."""
        return feature_frame(facts, self._features)

    def _check(self, request: ScoreRequest) -> None:
        today = self.today()
        if request.as_of > today:
            raise InvalidInput(
                f"{request.as_of} is in the future.", remedy=f"Ask as of {today} or earlier.", field="as_of"
            )
        if request.outcome not in (None, self.bundle.outcome.name):
            raise InvalidInput(
                f"The model foresees {self.bundle.outcome.name!r}, not {request.outcome!r}.",
                remedy="Ask for its outcome, or load another model.", field="outcome",
            )  # fmt: skip

    def _decide_alike(
        self, requests: Sequence[ScoreRequest], group: Mapping[int, str], mark: int, ids: Sequence[str], threads: int
    ) -> tuple[dict[int, Decision | AllianceError], Facts | None]:
        """Decisions by place on requests of one day, member and purpose (``group``: place to company id); their facts.

        Where nothing may be read there are none, but an error in each place.
        """
        first = requests[next(iter(group))]
        try:
            view = View(self.store, AccessRequest(first.member, first.purpose, Right.SCORES))
            inline = _inline(first.records, next(iter(group.values())), first.member, first.as_of, mark)
            facts = view.facts(sorted(set(group.values())), first.as_of, watermark=mark, inline=inline)
            scores = self._scores(facts, threads)
        except (InvalidInput, NotFound, Refused) as error:
            return dict.fromkeys(group, error), None
        return {
            place: self._decision(ids[place], requests[place], view, scores[company_id])
            for place, company_id in group.items()
        }, facts

    def _scores(self, facts: Facts, threads: int = 1) -> dict[str, Score]:
        """Scores of the companies of some facts, by company id, told as far as the requester may see."""
        features, contested = self.features(facts), facts.contested()
        made = score(
            self.bundle, features, as_of=facts.as_of, watermark=facts.watermark, contested=contested, threads=threads
        )
        return {one.company_id: disclosed(one, facts.rungs.get(one.company_id, {})) for one in made}

    def _decision(self, decision_id: str, request: ScoreRequest, view: View, result: Score) -> Decision:
        return Decision(
            decision_id=decision_id,
            decided_at=self.store.clock(),
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


def decision_id(work: str) -> str:
    """The id of the decision that a piece of work, described without doubt, comes to: the same every time."""
    return DECISION + hashlib.sha256(work.encode()).hexdigest()[:24]


def _company_id(request: ScoreRequest, known: Mapping[str, str]) -> str:
    if request.company in known:
        return known[request.company]
    number = request.company.upper()
    if request.records and uscc.is_valid(number):
        return company_id_for(REGISTRATION, number)
    raise no_company(request.company)


def _inline(
    records: Sequence[Mapping[str, Any]], company_id: str, member: str, as_of: date, watermark: int
) -> Claims | None:
    if not records:
        return None
    return inline_claims(records, subject=company_id, member=member, as_of=as_of, watermark=watermark)


def _random_ids(number: int) -> list[str]:
    return [DECISION + token_hex(12) for _ in range(number)]
