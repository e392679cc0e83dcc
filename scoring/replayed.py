"""Decisions made again from what was known then, and what differs."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from alliance.corroboration import Facts
from alliance.errors import AllianceError, Conflict, InvalidInput, Refused
from alliance.inline import inline_claims
from alliance.rights import AccessRequest, Right
from alliance.signals.claims import Claims
from alliance.store import Decision, Store
from alliance.view import View
from scoring.model import Bundle
from scoring.ready import score_given
from scoring.result import Score
from scoring.told import told


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

    @classmethod
    def of(cls, made: Decision, again: Score) -> "Replay":
        """A decision held against its score as computed again."""
        then, now = made.result, again.as_dict()
        changed = {name: (then.get(name), now.get(name)) for name in {**then, **now} if then.get(name) != now.get(name)}
        return cls(made, again, not changed, changed)


class Replayer:
    """Makes decisions of a store again by a model, each up to its watermark; nothing is recorded.

    Args:
        store: where decisions and claims are.
        bundle: the model.
    """

    def __init__(self, store: Store, bundle: Bundle) -> None:
        self.store = store
        self.bundle = bundle

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
        found: dict[str, Score | AllianceError] = {}
        alike: dict[Hashable, list[Decision]] = {}
        for one in made:
            if one.features is not None:
                found[one.decision_id] = _ready_again(self.bundle, one)
                continue
            alone = one.decision_id if one.inline_records else None
            alike.setdefault((one.as_of, one.member, one.purpose, one.watermark, alone), []).append(one)
        for some in alike.values():
            found |= self._again(some)
        return found

    def _again(self, alike: Sequence[Decision]) -> dict[str, Score | AllianceError]:
        """As ``again``, for decisions of one day, member, purpose and watermark."""
        companies = sorted({made.company_id for made in alike})
        try:
            scores = told(self.bundle, self._facts(alike[0], companies))
        except Refused as error:
            return {made.decision_id: error for made in alike}
        return {made.decision_id: scores[made.company_id] for made in alike}

    def facts(self, made: Decision) -> Facts:
        """The facts a decision rests on, as known then, by the rights of now.

        Raises:
            Refused: nothing may be read any more.
            Conflict: it rests on none, but on features given with the request.
        """
        if made.features is not None:
            raise Conflict(
                f"Decision {made.decision_id} rests on features that were given with it, on no fact of the alliance.",
                remedy="Score the company by what the alliance knows of it, and ask about that decision.",
                decision=made.decision_id,
            )
        return self._facts(made, [made.company_id])

    def _facts(self, made: Decision, companies: Sequence[str]) -> Facts:
        """As ``facts``, of several companies decided alike."""
        view = View(self.store, AccessRequest(made.member, made.purpose, Right.SCORES))
        inline = inline_of(made.inline_records, made.company_id, made.member, made.as_of, made.watermark)
        return view.facts(companies, made.as_of, watermark=made.watermark, inline=inline)


def _ready_again(bundle: Bundle, made: Decision) -> Score | AllianceError:
    """A score from ready features by a model now; an error where it has other features."""
    try:
        return score_given(bundle, made)
    except InvalidInput as error:
        return error


def inline_of(
    records: Sequence[Mapping[str, Any]], company_id: str, member: str, as_of: date, watermark: int
) -> Claims | None:
    """Claims of the records given with a request; ``None`` where none were."""
    if not records:
        return None
    return inline_claims(records, subject=company_id, member=member, as_of=as_of, watermark=watermark)
