"""A request to a recorded decision: rights, facts, features, score, record. Every edge that scores goes this way."""

import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from secrets import token_hex
from typing import Any

from stdnum.cn import uscc

from alliance.contracts.contract import REGISTRATION
from alliance.corroboration import Facts
from alliance.errors import AllianceError, InvalidInput, NotFound, Refused
from alliance.identity import company_id_for
from alliance.recorder import Recorder
from alliance.rights import Access, AccessRequest, Right
from alliance.store import Decision, Store, no_company
from alliance.store.effects import Along
from alliance.view import View
from scoring.known import Knowledge
from scoring.model import Bundle
from scoring.probing import Probing
from scoring.ready import ReadyRequest, score_ready
from scoring.replayed import Replayer, inline_of
from scoring.shadow import Shadow, rested_on
from scoring.told import known_of, scores_of

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


class Scorer(Replayer):
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
        super().__init__(store, bundle)
        self.shadow = shadow
        self.recorder = Recorder(store)
        """Records decisions; an edge that hands out receipts gives it another, which signs."""
        self._knowledge = Knowledge(store, bundle)
        self.today = today or (lambda: store.clock().date())

    def succeeded_by(self, bundle: Bundle) -> "Scorer":
        """The scorer of another model on the same store; a challenger that foresees something else is left behind."""
        shadow = self.shadow if self.shadow is not None and self.shadow.bundle.outcome == bundle.outcome else None
        after = Scorer(self.store, bundle, today=self.today, shadow=shadow)
        after.recorder = self.recorder
        return after

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
                rights = self.store.last_of_rights()  # first: what is read after it may be newer, but not older
                mark = self.store.watermark() if watermark is None else watermark
                results, facts = self._decided(requests, mark, ids, threads)
            made = [one for one in results if isinstance(one, Decision)]
            if self.recorder.record(made, along, rights=rights):
                if self.shadow is not None and self._shadowed:
                    self.shadow.offer(rested_on(results, facts))
                return results

    def decide_ready(self, request: ReadyRequest, *, along: Along | None = None) -> Decision:
        """Score one company by ready features and record it; no challenger scores beside it.

        Args:
            along: what is to be stored with the decision.

        Raises:
            NotFound: the company is neither known nor named by a registration number; says what was searched.
            InvalidInput: as-of day, purpose, outcome or a feature cannot be used.
            StoreError: the decision could not be recorded, so there is none.
        """
        self._check(request.as_of, request.outcome)
        self.store.policy.rights.check_purpose(request.purpose)
        with self.store.snapshot():
            mark = self.store.watermark()
            known = self.store.find_companies([request.company], mark)
        company_id = _company_id(request.company, known, founds=True)
        result = score_ready(self.bundle, company_id, request.features, as_of=request.as_of, watermark=mark)
        made = Decision(
            decision_id=_random_ids(1)[0],
            decided_at=self.store.clock(),
            company_id=company_id,
            as_of=request.as_of,
            member=request.member,
            purpose=request.purpose,
            grants=(),
            watermark=mark,
            bundle_sha256=self.bundle.sha256,
            inline_records=(),
            result=result.as_dict(),
            features=request.features,
        )
        self.recorder.record([made], along)
        return made

    def _decided(
        self, requests: Sequence[ScoreRequest], mark: int, ids: Sequence[str], threads: int
    ) -> tuple[list[Decision | AllianceError], dict[tuple[int, ...], Facts]]:
        """Decisions that are not recorded yet, and the facts they rest on, by the places of those that share them."""
        probing = Probing(self.store)
        errors, companies = self.placed(requests, mark)
        results: dict[int, Decision | AllianceError] = {**errors}
        rested: dict[tuple[int, ...], Facts] = {}
        groups: dict[Hashable, dict[int, str]] = {}
        for place, company_id in companies.items():
            request = requests[place]
            alone = place if request.records else None
            groups.setdefault((request.as_of, request.member, request.purpose, alone), {})[place] = company_id
        for group in groups.values():
            made, facts = self._decide_alike(requests, group, mark, ids, threads)
            results |= made
            results |= probing.refused({place: results[place] for place in group})
            if facts is not None:
                rested[tuple(group)] = facts
        return [results[place] for place in range(len(requests))], rested

    def placed(
        self, requests: Sequence[ScoreRequest], watermark: int
    ) -> tuple[dict[int, AllianceError], dict[int, str]]:
        """By place: why a request cannot be met at all, and the id of the company of each that can, by a watermark."""
        known = self.store.find_companies([request.company for request in requests], watermark)
        errors: dict[int, AllianceError] = {}
        companies: dict[int, str] = {}
        for place, request in enumerate(requests):
            try:
                self._check(request.as_of, request.outcome)
                companies[place] = _company_id(request.company, known, founds=bool(request.records))
            except (InvalidInput, NotFound) as error:
                errors[place] = error
        return errors, companies

    def _check(self, as_of: date, outcome: str | None) -> None:
        today = self.today()
        if as_of > today:
            raise InvalidInput(f"{as_of} is in the future.", remedy=f"Ask as of {today} or earlier.", field="as_of")
        if outcome not in (None, self.bundle.outcome.name):
            raise InvalidInput(
                f"The model foresees {self.bundle.outcome.name!r}, not {outcome!r}.",
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
            inline = inline_of(first.records, next(iter(group.values())), first.member, first.as_of, mark)
            companies = sorted(set(group.values()))
            if self._shadowed:
                facts = view.facts(companies, first.as_of, watermark=mark, inline=inline)
                known = known_of(self.bundle, facts)
            else:
                facts = None
                known = self._knowledge.of(view, companies, first.as_of, mark, inline=inline)
            scores = scores_of(self.bundle, known, as_of=first.as_of, watermark=mark, threads=threads)
        except (InvalidInput, NotFound, Refused) as error:
            return dict.fromkeys(group, error), None
        return {
            place: self.decision(ids[place], requests[place], view.access, scores[company_id].as_dict())
            for place, company_id in group.items()
        }, facts

    @property
    def _shadowed(self) -> bool:
        """Whether a challenger scores beside the model, from the same facts."""
        return self.shadow is not None and self.shadow.bundle.sha256 != self.bundle.sha256

    def decision(self, decision_id: str, request: ScoreRequest, access: Access, result: dict[str, Any]) -> Decision:
        """The decision that a score (``Score.as_dict``), made by an access, comes to; not recorded yet."""
        return Decision(
            decision_id=decision_id,
            decided_at=self.store.clock(),
            company_id=result["company_id"],
            as_of=request.as_of,
            member=request.member,
            purpose=request.purpose,
            grants=access.grants,
            watermark=result["data_watermark"],
            bundle_sha256=self.bundle.sha256,
            inline_records=[dict(record) for record in request.records],
            result=result,
        )


def decision_id(work: str) -> str:
    """The id of the decision that a piece of work, described without doubt, comes to: the same every time."""
    return DECISION + hashlib.sha256(work.encode()).hexdigest()[:24]


def _company_id(reference: str, known: Mapping[str, str], *, founds: bool) -> str:
    """The company that is meant; ``founds`` says whether a registration number nobody knows yet means one, too."""
    if reference in known:
        return known[reference]
    number = reference.upper()
    if founds and uscc.is_valid(number):
        return company_id_for(REGISTRATION, number)
    raise no_company(reference)


def _random_ids(number: int) -> list[str]:
    return [DECISION + token_hex(12) for _ in range(number)]
